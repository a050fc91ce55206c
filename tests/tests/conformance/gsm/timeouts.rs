//! GSM-801 to GSM-817: timeouts of all three kinds.

use std::time::Duration;

use beamline::prelude::*;
use beamline::sys;
use beamline_tests::both;

use crate::machines::{Script, far, now_with, own, plays, rest, seen, soon, zero};
use crate::servers::insist;

#[test]
fn gsm_801_there_are_three_kinds() {
    plays(
        "gsm_801",
        &["e", "s", "t"],
        |_, _, what, _| match what {
            "cast e" => keep_state().event_timeout(now_with("1")),
            "cast s" => keep_state().state_timeout(now_with("2")),
            "cast t" => keep_state()
                .timer("x", now_with("3"))
                .timer("y", now_with("4")),
            _ => keep_state(),
        },
        &[
            "a cast e",
            "a event 1",
            "a cast s",
            "a state 2",
            "a cast t",
            "a timer x 3",
            "a timer y 4",
        ],
    );
}

#[test]
fn gsm_802_with_a_content_or_without() {
    plays(
        "gsm_802",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state()
                .state_timeout(Duration::ZERO)
                .timer("t", Timeout::after(Duration::ZERO).with("c")),
            _ => keep_state(),
        },
        &["a cast go", "a state", "a timer t c"],
    );
}

#[test]
fn gsm_803_relative_absolute_and_never() {
    plays(
        "gsm_803",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state()
                .timer("never", Timeout::never())
                .timer("too long", Duration::MAX)
                .timer("absolute", now() + Duration::from_millis(1)),
            _ => keep_state(),
        },
        &["a cast go", "a timer absolute"],
    );
}

#[test]
fn gsm_805_the_last_action_for_a_timeout_counts() {
    plays(
        "gsm_805",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state()
                .state_timeout(now_with("x"))
                .timer("t", now_with("x"))
                .timer("t", Timeout::cancel())
                .state_timeout(now_with("y")),
            _ => keep_state(),
        },
        &["a cast go", "a state y"],
    );
}

#[test]
fn gsm_806_a_start_replaces_what_runs() {
    plays(
        "gsm_806",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state()
                .state_timeout(far().with("x"))
                .next_event(own("i")),
            "internal i" => keep_state().state_timeout(now_with("y")),
            _ => keep_state(),
        },
        &["a cast go", "a internal i", "a state y"],
    );
}

/// On threads the timer of one that is set anew again and again may be the first one's.
#[test]
fn gsm_806_set_anew_it_ends_once_and_no_earlier_than_the_last_one() {
    const TIME: Duration = Duration::from_millis(60);
    both("gsm_806", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(|_, _, what, _| match what {
            "cast touch" => keep_state().state_timeout(TIME),
            _ => keep_state(),
        });
        let machine = machine.start().await;
        let (mut last, mut ended) = (now(), false);
        for _ in 0..20 {
            last = now();
            machine.cast("touch");
            while seen(&mut mailbox, 1).await != ["a cast touch"] {}
            sleep(Duration::from_millis(5)).await;
            // It has, should this have taken too long.
            ended = !rest(&mut mailbox).await.is_empty();
        }
        if !ended {
            assert_eq!(seen(&mut mailbox, 1).await, ["a state"]);
        }
        assert!(now() >= last + TIME, "it has ended too early");
        sleep(TIME * 2).await;
        assert!(rest(&mut mailbox).await.is_empty(), "it has ended twice");
        machine.stop().await.expect("it stops");
    });
}

#[test]
fn gsm_807_cancel_and_infinity_both_cancel() {
    plays(
        "gsm_807",
        &["go", "last"],
        |_, _, what, _| match what {
            "cast go" => keep_state()
                .state_timeout(soon())
                .timer("t", soon())
                .next_event(own("i")),
            "internal i" => keep_state()
                .state_timeout(Timeout::cancel())
                .timer("t", Timeout::never())
                .timer("idle", Timeout::cancel()),
            _ => keep_state(),
        },
        &["a cast go", "a internal i", "a cast last"],
    );
}

/// The notes of a machine that has a state timeout, and meets this cast while its mailbox holds
/// the timeout already, if it arrived in time.
async fn overtaken(script: Script, cast: &'static str) -> Vec<String> {
    let mut mailbox = mailbox();
    let machine = script.start().await;
    machine.cast("go");
    insist(|| sys::suspend(machine)).await.expect("it suspends");
    machine.cast(cast);
    sleep(Duration::from_millis(6)).await;
    insist(|| sys::resume(machine)).await.expect("it resumes");
    machine.cast("last");
    machine.stop().await.expect("it stops");
    rest(&mut mailbox).await
}

#[test]
fn gsm_808_what_was_cancelled_is_not_delivered_though_it_was_there() {
    both("gsm_808", async || {
        let script = Script::new(|_, _, what, _| match what {
            "cast go" => keep_state().state_timeout(soon()).timer("t", soon()),
            "cast cancel" => keep_state()
                .state_timeout(Timeout::cancel())
                .timer("t", far().with("new")),
            _ => keep_state(),
        });
        let noted = overtaken(script, "cancel").await;
        let cancelled = noted.iter().position(|note| note == "a cast cancel");
        let after = &noted[cancelled.expect("it was cast")..];
        let late = ["a state", "a timer t"];
        assert!(
            !after.iter().any(|note| late.contains(&note.as_str())),
            "{noted:?}"
        );
        assert!(!noted.iter().any(|note| note.contains("info")), "{noted:?}");
    });
}

#[test]
fn gsm_809_an_update_changes_the_content_alone() {
    plays(
        "gsm_809",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state()
                .state_timeout(soon().with("x"))
                .next_event(own("i")),
            "internal i" => keep_state().state_timeout(Timeout::update("y")),
            _ => keep_state(),
        },
        &["a cast go", "a internal i", "a state y"],
    );
    both("gsm_809", async || {
        let script = Script::new(|_, _, what, _| match what {
            "cast go" => keep_state().timer("t", soon().with("x")),
            "cast update" => keep_state().timer("t", Timeout::update("y")),
            _ => keep_state(),
        });
        let noted = overtaken(script, "update").await;
        // Once with the content of the time, and again at once if it had ended before.
        let early = noted.iter().position(|note| note == "a timer t x");
        let update = noted.iter().position(|note| note == "a cast update");
        assert!(early.is_none_or(|early| Some(early) < update), "{noted:?}");
    });
}

#[test]
fn gsm_810_an_update_of_nothing_ends_at_once() {
    plays(
        "gsm_810",
        &["go", "last"],
        |_, _, what, _| match what {
            "cast go" => keep_state().timer("t", Timeout::update("y")),
            _ => keep_state(),
        },
        &["a cast go", "a timer t y", "a cast last"],
    );
}

#[test]
fn gsm_811_updates_of_what_this_event_ends_end_at_once() {
    plays(
        "gsm_811",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state()
                .state_timeout(far())
                .event_timeout(far())
                .next_event(own("i")),
            "internal i" => keep_state().event_timeout(Timeout::update("u")),
            "event u" => next_state("b").state_timeout(Timeout::update("s")),
            _ => keep_state(),
        },
        &["a cast go", "a internal i", "a event u", "b state s"],
    );
}

#[test]
fn gsm_812_a_timeout_of_no_time_is_no_message() {
    plays(
        "gsm_812",
        &["go", "last"],
        |_, _, what, _| match what {
            "cast go" => keep_state().timer("t", zero()),
            _ => keep_state(),
        },
        &["a cast go", "a timer t", "a cast last"],
    );
}

#[test]
fn gsm_813_those_of_no_time_end_in_the_order_of_their_last_mention() {
    plays(
        "gsm_813",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state().timer("old", zero()).next_event(own("i")),
            "internal i" => keep_state()
                .timer("x", zero())
                .timer("y", zero())
                .state_timeout(zero())
                .timer("x", now_with("again")),
            _ => keep_state(),
        },
        &[
            "a cast go",
            "a internal i",
            "a timer old",
            "a timer y",
            "a state",
            "a timer x again",
        ],
    );
}

#[test]
fn gsm_814_one_at_a_time_behind_what_is_queued() {
    plays(
        "gsm_814",
        &["go", "last"],
        |_, _, what, _| match what {
            "cast go" => keep_state().timer("x", zero()).timer("y", zero()),
            "timer x" => keep_state().next_event(own("i")),
            _ => keep_state(),
        },
        &[
            "a cast go",
            "a timer x",
            "a internal i",
            "a timer y",
            "a cast last",
        ],
    );
}

#[test]
fn gsm_815_set_to_no_time_again_it_goes_to_the_back() {
    plays(
        "gsm_815",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state()
                .timer("x", zero())
                .timer("y", zero())
                .next_event(own("i")),
            "internal i" => keep_state().timer("x", zero()),
            _ => keep_state(),
        },
        &["a cast go", "a internal i", "a timer y", "a timer x"],
    );
}

#[test]
fn gsm_816_a_waiting_one_may_be_set_to_a_time() {
    plays(
        "gsm_816",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state()
                .state_timeout(now_with("x"))
                .next_event(own("i")),
            "internal i" => keep_state()
                .state_timeout(soon().with("y"))
                .timer("t", zero()),
            _ => keep_state(),
        },
        &["a cast go", "a internal i", "a timer t", "a state y"],
    );
}

#[test]
fn gsm_817_a_waiting_one_is_cancelled_updated_and_left_behind() {
    plays(
        "gsm_817",
        &["go", "last"],
        |_, _, what, _| match what {
            "cast go" => keep_state()
                .state_timeout(zero())
                .timer("t", now_with("x"))
                .timer("u", zero())
                .next_event(own("i")),
            "internal i" => next_state("b")
                .timer("t", Timeout::update("y"))
                .timer("u", Timeout::cancel()),
            _ => keep_state(),
        },
        &["a cast go", "a internal i", "b timer t y", "b cast last"],
    );
}
