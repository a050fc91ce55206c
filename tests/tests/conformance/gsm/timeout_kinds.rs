//! GSM-818 to GSM-833: what ends which timeout.

use std::time::Duration;

use beamline::prelude::*;
use beamline::sys;
use beamline_tests::both;

use crate::machines::{Puppet, Script, far, now_with, own, plays, rest, seen, soon, zero};
use crate::servers::insist;

/// A machine that is suspended, in `a` with a state timeout that ends soon; `change` leaves it.
async fn suspended() -> StateMachine<Puppet> {
    let script = Script::new(|_, _, what, _| match what {
        "cast go" => keep_state().state_timeout(soon()),
        "cast change" => next_state("b"),
        _ => keep_state(),
    });
    let machine = script.start().await;
    machine.cast("go");
    insist(|| sys::suspend(machine)).await.expect("it suspends");
    machine
}

#[test]
fn gsm_818_any_event_ends_the_event_timeout() {
    plays(
        "gsm_818",
        &["p", "go", "zero", "last"],
        |_, state, what, event| match (state, what) {
            ("a", "cast p") => postpone(event),
            // Ended by what is retried, by a timeout of another kind, and by a message.
            ("a", "cast go") => next_state("b").event_timeout(zero()),
            (_, "cast zero") => keep_state().timer("t", zero()).event_timeout(zero()),
            _ => keep_state(),
        },
        &[
            "a cast p",
            "a cast go",
            "b cast p",
            "b cast zero",
            "b timer t",
            "b cast last",
        ],
    );
    both("gsm_818", async || {
        let script = Script::new(|_, _, what, _| match what {
            "cast go" => keep_state().event_timeout(soon()),
            _ => keep_state(),
        });
        let noted = script.play(&["go", "next"], 2).await;
        let ended = noted.iter().position(|note| note == "a event");
        let next = noted.iter().position(|note| note == "a cast next");
        assert!(
            ended.is_none() || next.is_none() || ended < next,
            "{noted:?}"
        );
    });
}

#[test]
fn gsm_819_but_not_the_event_that_sets_it() {
    plays(
        "gsm_819",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => next_state("b").event_timeout(now_with("x")),
            _ => keep_state(),
        },
        &["a cast go", "b event x"],
    );
}

#[test]
fn gsm_820_what_is_queued_ends_it_at_once() {
    plays(
        "gsm_820",
        &["go", "last"],
        |_, _, what, _| match what {
            "cast go" => keep_state().event_timeout(zero()).next_event(own("i")),
            _ => keep_state(),
        },
        &["a cast go", "a internal i", "a cast last"],
    );
}

#[test]
fn gsm_821_system_messages_and_entering_do_not_end_it() {
    both("gsm_821", async || {
        let mut mailbox = mailbox();
        let script = Script::new(|_, _, what, _| match what {
            "cast go" => next_state("b").event_timeout(soon()),
            _ => keep_state(),
        });
        let machine = script.enter(|_, _, _| Enter::done()).start().await;
        machine.cast("go");
        type Whole = (&'static str, Puppet);
        let look = insist(|| sys::with_state(machine, |whole: &mut Whole| whole.1.number));
        assert_eq!(look.await, Ok(0));
        let noted = seen(&mut mailbox, 4).await;
        assert_eq!(noted, ["enter a>a", "a cast go", "enter a>b", "b event"]);
    });
}

#[test]
fn gsm_822_postponing_does_not_end_it() {
    plays(
        "gsm_822",
        &["go"],
        |_, _, what, event| match what {
            "cast go" => postpone(event).event_timeout(now_with("x")),
            _ => keep_state(),
        },
        &["a cast go", "a event x"],
    );
}

#[test]
fn gsm_823_among_those_of_no_time_only_the_first_place_keeps_it() {
    plays(
        "gsm_823",
        &["first", "second", "last"],
        |_, _, what, _| match what {
            "cast first" => keep_state().event_timeout(zero()).state_timeout(zero()),
            "cast second" => keep_state().state_timeout(zero()).event_timeout(zero()),
            _ => keep_state(),
        },
        &[
            "a cast first",
            "a event",
            "a state",
            "a cast second",
            "a state",
            "a cast last",
        ],
    );
}

#[test]
fn gsm_824_only_another_state_ends_the_state_timeout() {
    plays(
        "gsm_824",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state().state_timeout(soon()).next_event(own("i")),
            "state" => keep_state().state_timeout(far()).next_event(own("change")),
            "internal change" => next_state("b").timer("t", soon()),
            _ => keep_state(),
        },
        &[
            "a cast go",
            "a internal i",
            "a state",
            "a internal change",
            "b timer t",
        ],
    );
}

#[test]
fn gsm_825_set_with_a_new_state_it_is_that_of_the_new_state() {
    plays(
        "gsm_825",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => next_state("b").state_timeout(soon()),
            _ => keep_state(),
        },
        &["a cast go", "b state"],
    );
}

#[test]
fn gsm_826_it_never_comes_in_another_state() {
    both("gsm_826", async || {
        let mut mailbox = mailbox();
        let machine = suspended().await;
        machine.cast("change");
        // By now its time is up, and the message waits behind the other one.
        sleep(Duration::from_millis(6)).await;
        insist(|| sys::resume(machine)).await.expect("it resumes");
        machine.stop().await.expect("it stops");
        let noted = rest(&mut mailbox).await;
        assert!(!noted.contains(&"b state".to_string()), "{noted:?}");
        assert!(noted.contains(&"a cast change".to_string()), "{noted:?}");
    });
}

#[test]
fn gsm_827_nothing_but_an_action_ends_a_timer() {
    plays(
        "gsm_827",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state().timer("t", soon()).next_event(own("i")),
            "internal i" => next_state("b").next_event(own("j")),
            _ => keep_state(),
        },
        &["a cast go", "a internal i", "b internal j", "b timer t"],
    );
}

#[test]
fn gsm_828_its_place_is_free_when_it_is_handled() {
    plays(
        "gsm_828",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state().state_timeout(now_with("1")),
            "state 1" => keep_state().state_timeout(now_with("2")),
            _ => keep_state(),
        },
        &["a cast go", "a state 1", "a state 2"],
    );
}

#[test]
fn gsm_829_a_time_that_has_passed_takes_time_all_the_same() {
    plays(
        "gsm_829",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state().timer("past", now()).timer("zero", zero()),
            _ => keep_state(),
        },
        &["a cast go", "a timer zero", "a timer past"],
    );
}

#[test]
fn gsm_830_timers_run_on_while_it_is_suspended() {
    both("gsm_830", async || {
        let mut mailbox = mailbox();
        let machine = suspended().await;
        let mut noted = rest(&mut mailbox).await;
        sleep(Duration::from_millis(6)).await;
        assert_eq!(rest(&mut mailbox).await, [""; 0]);
        insist(|| sys::resume(machine)).await.expect("it resumes");
        if noted.len() < 2 {
            noted.append(&mut seen(&mut mailbox, 1).await);
        }
        assert_eq!(noted, ["a cast go", "a state"]);
    });
}

#[test]
fn gsm_831_those_of_one_time_come_in_any_order() {
    both("gsm_831", async || {
        let script = Script::new(|_, _, what, _| match what {
            "cast go" => keep_state().timer("x", soon()).timer("y", soon()),
            _ => keep_state(),
        });
        let mut noted = script.play(&["go"], 3).await;
        noted.sort();
        assert_eq!(noted, ["a cast go", "a timer x", "a timer y"]);
    });
}

#[test]
fn gsm_832_timers_outlast_a_change_of_code() {
    both("gsm_832", async || {
        let mut mailbox = mailbox();
        let machine = suspended().await;
        insist(|| sys::change_code(machine, "1", ())).await?;
        insist(|| sys::resume(machine)).await?;
        assert_eq!(seen(&mut mailbox, 2).await, ["a cast go", "a state"]);
        Ok::<(), sys::SysError>(())
    });
}

#[test]
fn gsm_833_timers_end_with_the_machine() {
    both("gsm_833", async || {
        let script = Script::new(|_, _, what, _| match what {
            "cast go" => keep_state().state_timeout(soon()).next_event(own("end")),
            "internal end" => stop(ExitReason::Normal),
            _ => keep_state(),
        });
        let (_, noted) = script.end(&["go"]).await;
        sleep(Duration::from_millis(4)).await;
        assert_eq!(noted, ["a cast go", "a internal end", "terminate normal"]);
    });
}
