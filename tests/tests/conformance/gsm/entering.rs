//! GSM-901 to GSM-916: entering states.

use beamline::prelude::*;
use beamline::sys;
use beamline_tests::{both, on_threads};

use crate::machines::{Ask, Puppet, Script, now_with, own, rest, seen};
use crate::servers::{boom, insist};

/// Goes to `b` by a cast of `go`, repeats by `repeat`.
fn walk(_: &mut Puppet, _: &'static str, what: &str, _: Event<Puppet>) -> Transition<Puppet> {
    match what {
        "cast go" => next_state("b"),
        "cast same" => next_state("a"),
        "cast repeat" => repeat_state(),
        _ => keep_state(),
    }
}

#[test]
fn gsm_901_a_machine_that_does_not_care_notices_nothing() {
    both("gsm_901", async || {
        let noted = Script::new(walk).play(&["go", "repeat"], 2).await;
        assert_eq!(noted, ["a cast go", "b cast repeat"]);
    });
}

#[test]
fn gsm_902_at_the_beginning_at_every_change_and_when_repeated() {
    both("gsm_902", async || {
        let script = Script::new(walk).enter(|_, _, _| Enter::done());
        let noted = script.play(&["repeat", "go"], 5).await;
        let expected = [
            "enter a>a",
            "a cast repeat",
            "enter a>a",
            "a cast go",
            "enter a>b",
        ];
        assert_eq!(noted, expected);
    });
}

#[test]
fn gsm_903_not_without_a_change() {
    both("gsm_903", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(walk).enter(|_, _, _| Enter::done());
        let machine = machine.start().await;
        machine.cast("same");
        machine.cast("keep");
        type Whole = (&'static str, Puppet);
        insist(|| sys::with_state(machine, |whole: &mut Whole| whole.0 = "c")).await?;
        insist(|| sys::suspend(machine)).await?;
        insist(|| sys::change_code(machine, "1", ())).await?;
        insist(|| sys::resume(machine)).await?;
        machine.cast("keep");
        let noted = seen(&mut mailbox, 4).await;
        assert_eq!(
            noted,
            ["enter a>a", "a cast same", "a cast keep", "c cast keep"]
        );
        Ok::<(), sys::SysError>(())
    });
}

#[test]
fn gsm_904_with_the_old_state_the_new_one_and_the_new_data() {
    both("gsm_904", async || {
        let script = Script::new(|puppet, _, _, _| {
            puppet.number += 1;
            next_state("b")
        });
        let script = script.enter(|puppet, _, _| {
            puppet.note(format!("number {}", puppet.number));
            Enter::done()
        });
        let noted = script.play(&["go"], 5).await;
        assert_eq!(
            noted,
            [
                "enter a>a",
                "number 0",
                "a cast go",
                "enter a>b",
                "number 1"
            ]
        );
    });
}

#[test]
fn gsm_905_both_states_are_the_same_at_first_and_when_repeated() {
    both("gsm_905", async || {
        let script = Script::new(walk).enter(|_, old, new| {
            assert_eq!(old, new);
            Enter::done()
        });
        let noted = script.play(&["repeat"], 3).await;
        assert_eq!(noted, ["enter a>a", "a cast repeat", "enter a>a"]);
    });
}

#[test]
fn gsm_906_entered_again_the_old_state_is_that_of_before() {
    both("gsm_906", async || {
        let script = Script::new(walk).enter(|puppet, old, new| {
            puppet.number += u64::from(old != new);
            match puppet.number {
                1 | 2 => Enter::again(),
                _ => Enter::done(),
            }
        });
        let noted = script.play(&["go"], 5).await;
        assert_eq!(
            noted[1..],
            ["a cast go", "enter a>b", "enter a>b", "enter a>b"]
        );
    });
}

#[test]
fn gsm_907_after_the_answers_and_before_everything_else() {
    both("gsm_907", async || {
        let mut mailbox = mailbox();
        let script = Script::new(|_, state, _, event| match (state, event) {
            ("a", Event::Call(Ask("ask", caller))) => {
                next_state("b").reply(caller, "yes").next_event(own("i"))
            }
            ("a", event) => postpone(event),
            _ => keep_state(),
        });
        let machine = script
            .enter(|_, old, new| match old == new {
                true => Enter::done(),
                false => Enter::done().state_timeout(now_with("s")),
            })
            .start()
            .await;
        machine.cast("p");
        assert_eq!(machine.call(|caller| Ask("ask", caller)).await?, "yes");
        let noted = seen(&mut mailbox, 7).await;
        assert_eq!(
            noted[2..],
            [
                "a call ask",
                "enter a>b",
                "b internal i",
                "b cast p",
                "b state s"
            ]
        );
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_908_answers_timeouts_and_forgetting_are_allowed() {
    both("gsm_908", async || {
        let mut mailbox = mailbox();
        let script = Script::new(|puppet, state, _, event| match (state, event) {
            ("a", Event::Call(Ask("keep", caller))) => {
                puppet.kept.push(caller);
                keep_state()
            }
            ("a", event) => next_state("b").postpone(event),
            _ => keep_state(),
        });
        let script = script.enter(|puppet, _, _| match puppet.kept.pop() {
            Some(caller) => Enter::done()
                .reply(caller, "entered")
                .timer("t", now_with("x"))
                .hibernate()
                .forget_postponed(),
            None => Enter::done(),
        });
        let machine = script.start().await;
        let request = machine.request(|caller| Ask("keep", caller)).await;
        let forgotten = machine.request(|caller| Ask("forgotten", caller)).await;
        assert_eq!(request.receive().await, Ok("entered"));
        assert_eq!(forgotten.receive().await, Err(CallError::NoReply));
        machine.cast("last");
        let noted = seen(&mut mailbox, 6).await;
        assert_eq!(noted[3..], ["enter a>b", "b timer t x", "b cast last"]);
    });
}

#[test]
fn gsm_911_it_may_stop_the_machine_in_the_new_state() {
    both("gsm_911", async || {
        let script = Script::new(walk).enter(|puppet, old, new| match old == new {
            true => Enter::done(),
            false => {
                puppet.number = 9;
                Enter::stop(boom())
            }
        });
        let (reason, noted) = script.end(&["go"]).await;
        assert_eq!(reason, boom());
        assert!(noted[3].starts_with("terminate in b with 9"), "{noted:?}");
    });
}

#[test]
fn gsm_912_a_crash_while_entering_leaves_the_old_state() {
    both("gsm_912", async || {
        let script = Script::new(walk).enter(|_, old, new| match old == new {
            true => Enter::done(),
            false => Err(boom()),
        });
        let (reason, noted) = script.end(&["go"]).await;
        assert_eq!(reason, boom());
        assert!(noted[3].starts_with("terminate in a with 0"), "{noted:?}");
    });
}

#[test]
fn gsm_913_its_timeouts_take_the_place_of_the_events() {
    both("gsm_913", async || {
        let script = Script::new(|_, _, what, _| match what {
            "cast go" => next_state("b")
                .state_timeout(now_with("x"))
                .timer("t", now_with("x")),
            _ => keep_state(),
        });
        let script = script.enter(|_, old, new| match old == new {
            true => Enter::done(),
            false => Enter::done()
                .state_timeout(now_with("y"))
                .timer("t", Timeout::cancel()),
        });
        let noted = script.play(&["go"], 4).await;
        assert_eq!(noted[2..], ["enter a>b", "b state y"]);
    });
}

#[test]
fn gsm_914_it_is_no_event() {
    both("gsm_914", async || {
        let script = Script::new(|_, _, what, _| match what {
            "cast go" => next_state("b").event_timeout(now_with("x")),
            _ => keep_state(),
        });
        let noted = script.enter(|_, _, _| Enter::done()).play(&["go"], 4).await;
        assert_eq!(noted[2..], ["enter a>b", "b event x"]);
    });
}

#[test]
fn gsm_915_entering_again_for_ever_is_possible() {
    on_threads("gsm_915", &[1, 2], async || {
        let mut mailbox = mailbox();
        let script = Script::new(walk).enter(|_, _, _| Enter::again());
        let machine = script.start().await;
        let watch = monitor(machine.pid());
        seen(&mut mailbox, 5).await;
        exit(machine.pid(), ExitReason::Kill);
        let down = mailbox.receive_where(|down: &Down| down.reference == watch);
        assert_eq!(down.await.reason, ExitReason::Killed);
        rest(&mut mailbox).await;
    });
}

#[test]
fn gsm_503_the_last_value_of_the_whole_transition_counts() {
    both("gsm_503", async || {
        let script = Script::new(|_, state, what, event| match (state, what) {
            ("a", "cast go") => next_state("b").postpone(event).state_timeout(now_with("x")),
            _ => keep_state(),
        });
        let script = script.enter(|_, old, new| match old == new {
            true => Enter::done(),
            false => Enter::done()
                .forget_postponed()
                .state_timeout(now_with("y")),
        });
        let noted = script.play(&["go"], 4).await;
        assert_eq!(noted[1..], ["a cast go", "enter a>b", "b state y"]);
    });
}

#[test]
fn gsm_502_an_answer_is_sent_though_what_follows_fails() {
    both("gsm_502", async || {
        let script = Script::new(|_, _, _, event| match event {
            Event::Call(Ask(_, caller)) => next_state("b").reply(caller, "yes"),
            event => unexpected(event),
        });
        let machine = script.enter(|_, old, new| match old == new {
            true => Enter::done(),
            false => Err(boom()),
        });
        let machine = machine.start().await;
        assert_eq!(machine.call(|caller| Ask("q", caller)).await, Ok("yes"));
    });
}
