//! GSM-601 to GSM-608: postponing.

use beamline::prelude::*;
use beamline::sys;
use beamline_tests::both;

use crate::machines::{Ask, Puppet, Script, now_with, own, plays, rest, seen, zero};
use crate::servers::{boom, insist};

#[test]
fn gsm_601_a_postponed_event_waits_for_the_next_state() {
    plays(
        "gsm_601",
        &["p", "keep", "go"],
        |_, state, what, event| match (state, what) {
            ("a", "cast p") => postpone(event),
            ("a", "cast go") => next_state("b"),
            _ => keep_state(),
        },
        &["a cast p", "a cast keep", "a cast go", "b cast p"],
    );
}

#[test]
fn gsm_602_retried_in_the_order_of_arrival_before_later_ones() {
    plays(
        "gsm_602",
        &["n1", "n2", "go", "n3"],
        |_, state, what, event| match (state, what) {
            ("a", "cast go") => next_state("b").next_event(own("i")),
            ("a", _) => postpone(event),
            _ => keep_state(),
        },
        &[
            "a cast n1",
            "a cast n2",
            "a cast go",
            "b internal i",
            "b cast n1",
            "b cast n2",
            "b cast n3",
        ],
    );
}

#[test]
fn gsm_603_an_event_may_be_postponed_and_change_the_state() {
    plays(
        "gsm_603",
        &["n1", "go"],
        |_, state, what, event| match (state, what) {
            ("a", "cast n1") => postpone(event),
            ("a", "cast go") => next_state("b").postpone(event),
            _ => keep_state(),
        },
        &["a cast n1", "a cast go", "b cast n1", "b cast go"],
    );
}

#[test]
fn gsm_604_a_change_while_retrying_keeps_the_order_of_arrival() {
    plays(
        "gsm_604",
        &["n1", "n2", "n3", "go", "n4"],
        |_, state, what, event| match (state, what) {
            ("a", "cast go") => next_state("b"),
            ("a", _) | ("b", "cast n1") => postpone(event),
            ("b", "cast n2") => next_state("c"),
            _ => keep_state(),
        },
        &[
            "a cast n1",
            "a cast n2",
            "a cast n3",
            "a cast go",
            "b cast n1",
            "b cast n2",
            "c cast n1",
            "c cast n3",
            "c cast n4",
        ],
    );
}

#[test]
fn gsm_605_without_another_state_nothing_is_retried() {
    both("gsm_605", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(|puppet, state, what, event| match (state, what) {
            ("a", "cast p") => postpone(event),
            (_, "cast repeat") => {
                puppet.number += 1;
                repeat_state()
            }
            ("b", "cast go") => next_state("c"),
            _ => keep_state(),
        });
        let machine = machine.start().await;
        machine.cast("p");
        machine.cast("repeat");
        type Whole = (&'static str, Puppet);
        let replaced = insist(|| sys::with_state(machine, |whole: &mut Whole| whole.0 = "b"));
        replaced.await?;
        machine.cast("go");
        let noted = seen(&mut mailbox, 4).await;
        assert_eq!(
            noted,
            ["a cast p", "a cast repeat", "b cast go", "c cast p"]
        );
        Ok::<(), sys::SysError>(())
    });
}

#[test]
fn gsm_606_any_event_may_be_postponed() {
    plays(
        "gsm_606",
        &["go"],
        |_, state, what, event| match (state, what) {
            ("a", "cast go") => keep_state()
                .next_event(own("i"))
                .state_timeout(now_with("x"))
                .timer("t", zero()),
            ("a", "timer t") => next_state("b"),
            ("a", _) => postpone(event),
            _ => keep_state(),
        },
        &[
            "a cast go",
            "a internal i",
            "a state x",
            "a timer t",
            "b internal i",
            "b state x",
        ],
    );
}

#[test]
fn gsm_607_a_postponed_call_ends_with_its_machine() {
    both("gsm_607", async || {
        let machine = Script::new(|_, _, what, event| match what {
            "cast end" => stop(boom()),
            _ => postpone(event),
        });
        let machine = machine.start().await;
        let request = machine.request(|caller| Ask("q", caller)).await;
        machine.cast("end");
        assert_eq!(request.receive().await, Err(CallError::Down(boom())));
    });
}

#[test]
fn gsm_608_a_postponed_event_is_never_lost() {
    plays(
        "gsm_608",
        &["p", "b", "c", "d"],
        |_, state, what, event| match (state, what) {
            ("d", _) => keep_state(),
            (_, "cast p") => postpone(event),
            (_, "cast b") => next_state("b"),
            (_, "cast c") => next_state("c"),
            _ => next_state("d"),
        },
        &[
            "a cast p", "a cast b", "b cast p", "b cast c", "c cast p", "c cast d", "d cast p",
        ],
    );
}

#[test]
fn gsm_1210_what_waits_is_lost_with_the_machine() {
    both("gsm_1210", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(|_, _, what, event| match what {
            "cast p" => postpone(event),
            "cast go" => keep_state()
                .next_event(own("end"))
                .next_event(own("never"))
                .timer("t", zero()),
            _ => stop(ExitReason::Shutdown),
        });
        let machine = machine.start().await;
        let watch = monitor(machine.pid());
        machine.cast("p");
        machine.cast("go");
        mailbox
            .receive_where(|down: &Down| down.reference == watch)
            .await;
        let noted = rest(&mut mailbox).await;
        assert_eq!(noted[..3], ["a cast p", "a cast go", "a internal end"]);
        assert_eq!(noted.len(), 4, "{noted:?}");
    });
}
