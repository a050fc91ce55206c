//! GSM-301 to GSM-308, GSM-701 to GSM-703: where events come from, and in which order.

use beamline::prelude::*;
use beamline_tests::both;

use crate::machines::{Ask, Noted, Script, now_with, own, plays, seen, zero};

#[test]
fn gsm_301_every_sort_of_event_is_told_apart() {
    both("gsm_301", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(|_, _, what, event| match (what, event) {
            ("cast go", _) => keep_state()
                .next_event(own("i"))
                .state_timeout(zero())
                .timer("t", now_with("x"))
                .event_timeout(zero()),
            (_, Event::Call(Ask(_, caller))) => keep_state().reply(caller, "yes"),
            _ => keep_state(),
        });
        let machine = machine.start().await;
        machine.cast("go");
        let expected = ["a cast go", "a internal i", "a state", "a timer t x"];
        assert_eq!(seen(&mut mailbox, 4).await, expected);
        assert_eq!(machine.call(|caller| Ask("q", caller)).await, Ok("yes"));
        send(machine.pid(), 7u8);
        assert_eq!(seen(&mut mailbox, 2).await, ["a call q", "a info 7"]);
    });
}

#[test]
fn gsm_302_what_is_no_call_and_no_cast_is_info() {
    both("gsm_302", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(|_, _, _, _| keep_state()).traps().start().await;
        let reason = ExitReason::other("x");
        exit(machine.pid(), reason.clone());
        start_timer(machine.pid(), "foreign", std::time::Duration::ZERO);
        let noted = seen(&mut mailbox, 2).await;
        assert!(noted.iter().any(|note| note.starts_with("a info Exit")));
        assert!(
            noted
                .iter()
                .any(|note| note.starts_with("a info TimerFired"))
        );
        machine.stop().await
    });
}

#[test]
fn gsm_303_messages_wait_for_what_is_queued() {
    plays(
        "gsm_303",
        &["one", "two"],
        |_, _, what, _| match what {
            "cast one" => keep_state().next_event(own("i")).state_timeout(zero()),
            _ => keep_state(),
        },
        &["a cast one", "a internal i", "a state", "a cast two"],
    );
}

#[test]
fn gsm_304_inserted_then_postponed_then_queued_then_zero_then_messages() {
    plays(
        "gsm_304",
        &["first", "go", "last"],
        |_, state, what, event| match (state, what) {
            ("a", "cast first") => postpone(event),
            ("a", "cast go") => keep_state()
                .next_event(own("turn"))
                .next_event(own("queued")),
            ("a", "internal turn") => next_state("b")
                .state_timeout(zero())
                .timer("t", zero())
                .next_event(own("i1"))
                .next_event(own("i2")),
            _ => keep_state(),
        },
        &[
            "a cast first",
            "a cast go",
            "a internal turn",
            "b internal i1",
            "b internal i2",
            "b cast first",
            "b internal queued",
            "b state",
            "b timer t",
            "b cast last",
        ],
    );
}

#[test]
fn gsm_305_system_messages_wait_for_what_is_queued() {
    both("gsm_305", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(|puppet, _, what, _| {
            puppet.number += 1;
            match what {
                "cast go" => keep_state().next_event(own("i")).next_event(own("j")),
                _ => keep_state(),
            }
        });
        let machine = machine.start().await;
        machine.cast("go");
        type Whole = (&'static str, crate::machines::Puppet);
        let number = crate::servers::insist(|| {
            beamline::sys::with_state(machine, |whole: &mut Whole| whole.1.number)
        });
        assert_eq!(number.await, Ok(3));
        seen(&mut mailbox, 3).await;
    });
}

#[test]
fn gsm_306_timers_come_in_the_order_of_arrival() {
    both("gsm_306", async || {
        let mut mailbox = mailbox();
        // It does not look at its mailbox before the timer has fired and the message is there.
        let machine = Script::new(|_, _, what, _| match what {
            "cast go" => {
                send_after(me(), "sent", std::time::Duration::from_millis(4));
                keep_state().timer("t", crate::machines::soon())
            }
            _ => keep_state(),
        });
        let machine = machine.start().await;
        machine.cast("go");
        let noted = seen(&mut mailbox, 3).await;
        assert_eq!(noted[0], "a cast go");
        assert!(noted.contains(&"a timer t".to_string()));
        assert!(noted.contains(&"a info \"sent\"".to_string()));
    });
}

#[test]
fn gsm_308_an_inserted_event_may_be_of_any_sort() {
    both("gsm_308", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(|_, _, what, event| match (what, event) {
            // The call itself is inserted again, and timeouts that never ran.
            ("call q", event) if what == "call q" => keep_state()
                .state_timeout(crate::machines::far())
                .next_event(Event::StateTimeout(Some("made up")))
                .next_event(Event::Cast("c"))
                .next_event(again(event)),
            (_, Event::Call(Ask(_, caller))) => keep_state().reply(caller, "yes"),
            _ => keep_state(),
        });
        let machine = machine.start().await;
        assert_eq!(machine.call(|caller| Ask("q", caller)).await, Ok("yes"));
        let expected = ["a call q", "a state made up", "a cast c", "a call again"];
        assert_eq!(seen(&mut mailbox, 4).await, expected);
        Ok::<(), ExitReason>(())
    });
}

/// The same call under another word.
fn again(event: Event<crate::machines::Puppet>) -> Event<crate::machines::Puppet> {
    match event {
        Event::Call(Ask(_, caller)) => Event::Call(Ask("again", caller)),
        event => event,
    }
}

#[test]
fn gsm_701_inserted_events_come_in_their_order_and_first() {
    plays(
        "gsm_701",
        &["go", "last"],
        |_, _, what, _| match what {
            "cast go" => keep_state()
                .next_event(own("i"))
                .next_event(Event::Cast("j"))
                .next_event(own("k")),
            _ => keep_state(),
        },
        &[
            "a cast go",
            "a internal i",
            "a cast j",
            "a internal k",
            "a cast last",
        ],
    );
}

#[test]
fn gsm_702_what_an_inserted_event_inserts_comes_before_the_rest() {
    plays(
        "gsm_702",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => keep_state().next_event(own("i")).next_event(own("j")),
            "internal i" => keep_state().next_event(own("i1")).next_event(own("i2")),
            _ => keep_state(),
        },
        &[
            "a cast go",
            "a internal i",
            "a internal i1",
            "a internal i2",
            "a internal j",
        ],
    );
}

#[test]
fn gsm_703_inserted_events_are_handled_in_the_new_state() {
    plays(
        "gsm_703",
        &["go"],
        |_, _, what, _| match what {
            "cast go" => next_state("b").next_event(own("i")),
            _ => keep_state(),
        },
        &["a cast go", "b internal i"],
    );
}

#[test]
fn gsm_307_what_is_sent_is_never_internal() {
    both("gsm_307", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(|_, _, _, _| keep_state()).start().await;
        send(machine.pid(), "internal");
        assert_eq!(mailbox.receive::<Noted>().await.0, "a info \"internal\"");
    });
}
