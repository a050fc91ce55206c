//! SEED-1 to SEED-10: where the source document and gen_statem differ.

use beamline::prelude::*;
use beamline_tests::both;

use crate::machines::{Ask, Puppet, Script, far, now_with, own, plays, seen, soon, zero};

#[test]
fn seed_001_the_plain_timeout_survives_no_event() {
    plays(
        "seed_001",
        &["go", "last"],
        |_, _, what, _| match what {
            "cast go" => keep_state().event_timeout(zero()).next_event(own("change")),
            "internal change" => next_state("b"),
            _ => keep_state(),
        },
        &["a cast go", "a internal change", "b cast last"],
    );
}

#[test]
fn seed_002_the_generic_one_has_a_name() {
    plays(
        "seed_002",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => next_state("b").timer("poll", soon().with("now")),
            _ => keep_state(),
        },
        &["a cast go", "b timer poll now"],
    );
}

#[test]
fn seed_004_another_state_cancels_the_state_timeout_and_does_not_restart_it() {
    plays(
        "seed_004",
        &["go", "last"],
        |_, _, what, _| match what {
            "cast go" => keep_state().state_timeout(zero()).next_event(own("change")),
            "internal change" => next_state("b").next_event(own("back")),
            "internal back" => next_state("a"),
            _ => keep_state(),
        },
        &[
            "a cast go",
            "a internal change",
            "b internal back",
            "a cast last",
        ],
    );
}

#[test]
fn seed_005_polling_is_for_a_timer_of_its_own() {
    plays(
        "seed_005",
        &["go"],
        |puppet, _, what, _| match what {
            "cast go" => keep_state().timer("poll", zero()).next_event(own("busy")),
            "timer poll" => {
                puppet.number += 1;
                match puppet.number {
                    3 => keep_state(),
                    _ => keep_state().timer("poll", zero()).next_event(own("busy")),
                }
            }
            _ => keep_state(),
        },
        &[
            "a cast go",
            "a internal busy",
            "a timer poll",
            "a internal busy",
            "a timer poll",
            "a internal busy",
            "a timer poll",
        ],
    );
}

#[test]
fn seed_006_three_timeouts_with_three_names() {
    plays(
        "seed_006",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => next_state("b")
                .event_timeout(now_with("inactive"))
                .state_timeout(now_with("in b"))
                .timer("survives", far())
                .timer("survives", zero()),
            "event inactive" => keep_state(),
            _ => keep_state(),
        },
        &[
            "a cast go",
            "b event inactive",
            "b state in b",
            "b timer survives",
        ],
    );
}

/// The document's agent: it postpones a second task while it works, and knows nothing to do about
/// it when it is complete.
fn agent(_: &mut Puppet, state: &'static str, _: &str, event: Event<Puppet>) -> Transition<Puppet> {
    match (state, event) {
        ("a", Event::Call(Ask("submit", caller))) => {
            next_state("processing").reply(caller, "accepted")
        }
        ("processing", event @ Event::Call(Ask("submit", _))) => postpone(event),
        ("processing", Event::Cast("result")) => next_state("complete"),
        (_, event) => unexpected(event),
    }
}

#[test]
fn seed_007_a_task_that_was_postponed_crashes_the_documents_agent() {
    both("seed_007", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(agent).start().await;
        let first = machine.call(|caller| Ask("submit", caller)).await;
        assert_eq!(first, Ok("accepted"));
        let second = machine.request(|caller| Ask("submit", caller)).await;
        machine.cast("result");
        assert!(matches!(second.receive().await, Err(CallError::Down(_))));
        let noted = seen(&mut mailbox, 4).await;
        assert_eq!(noted[3], "complete call submit");
    });
}
