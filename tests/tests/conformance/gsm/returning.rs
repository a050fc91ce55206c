//! GSM-401 to GSM-409, GSM-501: what callbacks come to.

use beamline::prelude::*;
use beamline_tests::{both, down};

use crate::machines::{Ask, Puppet, Script, far, own, plays, seen, soon, zero};
use crate::servers::boom;

#[test]
fn gsm_401_the_same_state_as_next_keeps_it() {
    both("gsm_401", async || {
        let script = Script::new(|_, _, what, event| match what {
            "cast p" => postpone(event),
            "cast go" => keep_state().state_timeout(soon()).next_event(own("i")),
            "internal i" => next_state("a"),
            _ => keep_state(),
        });
        let noted = script
            .enter(|_, _, _| Enter::done())
            .play(&["p", "go"], 5)
            .await;
        assert_eq!(
            noted,
            [
                "enter a>a",
                "a cast p",
                "a cast go",
                "a internal i",
                "a state"
            ]
        );
    });
}

#[test]
fn gsm_402_keeping_the_state() {
    plays(
        "gsm_402",
        &["one", "two"],
        |puppet, _, what, _| {
            puppet.number += 1;
            match (what, puppet.number) {
                ("cast two", 2) => keep_state().next_event(own("second")),
                _ => keep_state(),
            }
        },
        &["a cast one", "a cast two", "a internal second"],
    );
}

#[test]
fn gsm_403_repeating_the_state_enters_it_again() {
    both("gsm_403", async || {
        let script = Script::new(|puppet, _, what, _| match what {
            "cast go" => {
                puppet.number = 3;
                repeat_state().next_event(own("i"))
            }
            _ => keep_state(),
        });
        let script = script.enter(|puppet, _, _| {
            puppet.note(format!("number {}", puppet.number));
            Enter::done()
        });
        let noted = script.play(&["go"], 6).await;
        assert_eq!(
            noted[2..],
            ["a cast go", "enter a>a", "number 3", "a internal i"]
        );
    });
}

#[test]
fn gsm_404_stopping_in_the_present_state() {
    both("gsm_404", async || {
        let script = Script::new(|puppet, _, what, _| match what {
            "cast go" => next_state("b"),
            _ => {
                puppet.number = 4;
                stop(boom())
            }
        });
        let (reason, noted) = script.end(&["go", "end"]).await;
        assert_eq!(reason, boom());
        assert!(noted[2].starts_with("terminate in b with 4"), "{noted:?}");
    });
}

#[test]
fn gsm_405_stopping_with_answers() {
    both("gsm_405", async || {
        let mut mailbox = mailbox();
        let script = Script::new(|puppet, _, _, event| match event {
            Event::Call(Ask("keep", caller)) => {
                puppet.kept.push(caller);
                keep_state()
            }
            Event::Call(Ask(_, caller)) => match puppet.kept.pop() {
                Some(kept) => stop(boom()).reply(kept, "one").reply(caller, "two"),
                None => stop(boom()),
            },
            _ => keep_state(),
        });
        let machine = script.start().await;
        let kept = machine.request(|caller| Ask("keep", caller)).await;
        assert_eq!(machine.call(|caller| Ask("end", caller)).await, Ok("two"));
        assert_eq!(kept.receive().await, Ok("one"));
        let noted = seen(&mut mailbox, 3).await;
        assert!(noted[2].starts_with("terminate in a"), "{noted:?}");
    });
}

#[test]
fn gsm_405_an_orderly_end_with_an_answer() {
    both("gsm_405 shutdown", async || {
        let script = Script::new(|_, _, _, event| match event {
            Event::Call(Ask(_, caller)) => stop(ExitReason::shutdown_with(7)).reply(caller, "ok"),
            _ => keep_state(),
        });
        let (machine, watch) = Puppet::start_monitor(script).await?;
        assert_eq!(machine.call(|caller| Ask("end", caller)).await, Ok("ok"));
        let reason = down(&mut mailbox(), watch).await;
        assert_eq!(reason, ExitReason::shutdown_with(7));
        let gone = machine.call(|caller| Ask("end", caller)).await;
        assert_eq!(gone, Err(CallError::NoProc));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_409_keeping_and_repeating_retry_nothing_and_cancel_no_state_timeout() {
    plays(
        "gsm_409",
        &["p", "go"],
        |_, _, what, event| match what {
            "cast p" => postpone(event),
            "cast go" => keep_state().state_timeout(soon()).next_event(own("repeat")),
            "internal repeat" => repeat_state().next_event(own("keep")),
            _ => keep_state(),
        },
        &[
            "a cast p",
            "a cast go",
            "a internal repeat",
            "a internal keep",
            "a state",
        ],
    );
}

#[test]
fn gsm_501_actions_are_done_in_their_order() {
    plays(
        "gsm_501",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state()
                .timer("cancelled", zero())
                .timer("cancelled", Timeout::cancel())
                .timer("set", Timeout::cancel())
                .timer("set", zero())
                .timer("late", far())
                .timer("late", zero()),
            _ => keep_state(),
        },
        &["a cast go", "a timer set", "a timer late"],
    );
}
