//! TMR-1 to TMR-22: timers.

use std::collections::BTreeSet;
use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{Stop, both, down, idle, outcomes, settle};

/// Far enough away that a test on threads is over before. In the simulator such a timer may still
/// fire, as it would on a machine that stops for that long.
const FAR: Duration = Duration::from_secs(3600);

/// Soon.
const SOON: Duration = Duration::from_millis(2);

#[test]
fn tmr_001_send_after_sends_after_the_delay() {
    both("TMR-1", async || {
        let mut mailbox = mailbox();
        let before = now();
        send_after(me(), "ping", SOON);
        assert_eq!(mailbox.receive::<&'static str>().await, "ping");
        assert!(now() - before >= SOON);
    });
}

#[test]
fn tmr_001_send_after_reaches_other_processes() {
    both("TMR-1 other", async || {
        let mut mailbox = mailbox();
        let (child, reference) = spawn_monitor(async |mut mailbox: Mailbox| {
            mailbox.receive::<Stop>().await;
            ExitReason::Shutdown
        });
        send_after(child, Stop, SOON);
        assert_eq!(down(&mut mailbox, reference).await, ExitReason::Shutdown);
    });
}

#[test]
fn tmr_002_start_timer_wraps_its_message() {
    both("TMR-2", async || {
        let mut mailbox = mailbox();
        let before = now();
        let timer = start_timer(me(), "payload", SOON);
        let fired = mailbox.receive::<TimerFired>().await;
        assert_eq!(fired.timer, timer);
        assert_eq!(fired.payload.peek::<&'static str>(), Some(&"payload"));
        assert!(now() - before >= SOON);
    });
}

#[test]
fn tmr_004_very_long_timers_are_accepted() {
    both("TMR-4", async || {
        for delay in [
            Duration::from_millis(1 << 33),
            Duration::from_secs(1 << 40),
            Duration::MAX,
        ] {
            let before = now();
            let timer = send_after(me(), "late", delay);
            if let Some(left) = read_timer(timer).await {
                assert!(left > FAR, "only {left:?} of {delay:?} left");
            }
            if cancel(timer).await.is_none() {
                assert!(now() - before >= delay, "it fired early");
            }
        }
    });
}

#[test]
fn tmr_005_send_at_takes_a_point_in_time() {
    both("TMR-5", async || {
        let mut mailbox = mailbox();
        let at = now() + SOON;
        send_at(me(), "ping", at);
        assert_eq!(mailbox.receive::<&'static str>().await, "ping");
        assert!(now() >= at);

        send_at(me(), "late", at);
        assert_eq!(mailbox.receive::<&'static str>().await, "late");
    });
}

#[test]
fn tmr_006_a_zero_timer_is_not_immediate() {
    both("TMR-6", async || {
        let mut mailbox = mailbox();
        send_after(me(), "timer", Duration::ZERO);
        send(me(), "sent after it");
        assert_eq!(mailbox.receive::<&'static str>().await, "sent after it");
        assert_eq!(mailbox.receive::<&'static str>().await, "timer");
    });
}

#[test]
fn tmr_007_no_timer_fires_before_its_time() {
    both("TMR-7", async || {
        let mut mailbox = mailbox();
        let before = now();
        for micros in [3_000_u64, 1_000, 0, 1_000, 1_700, 1] {
            send_after(
                me(),
                Duration::from_micros(micros),
                Duration::from_micros(micros),
            );
        }
        let mut delays = Vec::new();
        for _ in 0..6 {
            let delay = mailbox.receive::<Duration>().await;
            let passed = now() - before;
            assert!(passed >= delay, "{delay:?} fired after {passed:?}");
            delays.push(delay.as_micros());
        }
        delays.sort_unstable();
        assert_eq!(delays, [0, 1, 1_000, 1_000, 1_700, 3_000]);
    });
}

#[test]
fn tmr_007_equal_timers_fire_in_any_order() {
    let seen = outcomes("TMR-7 order", async || {
        let mut mailbox = mailbox();
        let at = now() + SOON;
        send_at(me(), "a", at);
        send_at(me(), "b", at);
        let first = mailbox.receive::<&'static str>().await;
        let second = mailbox.receive::<&'static str>().await;
        beamline_sim::outcome(format!("{first}{second}"));
    });
    assert_eq!(seen, BTreeSet::from(["ab".to_owned(), "ba".to_owned()]));
}

#[test]
fn tmr_008_timer_messages_are_not_ordered_with_the_creators_own() {
    let seen = outcomes("TMR-8", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let child = spawn(async move |mut mailbox: Mailbox| {
            let first = mailbox.receive::<&'static str>().await;
            mailbox.receive::<&'static str>().await;
            send(parent, first);
        });
        send_after(child, "timer", Duration::ZERO);
        send(child, "sent");
        beamline_sim::outcome(mailbox.receive::<&'static str>().await);
    });
    assert_eq!(
        seen,
        BTreeSet::from(["sent".to_owned(), "timer".to_owned()])
    );
}

#[test]
fn sig_011_answers_of_different_services_come_in_any_order() {
    let seen = outcomes("SIG-11", async || {
        let mut mailbox = mailbox();
        let (dead, reference) = spawn_monitor(async |_mailbox: Mailbox| ());
        down(&mut mailbox, reference).await;
        send_after(me(), "timer", Duration::ZERO);
        monitor(dead);
        let first = mailbox.receive_any().await;
        beamline_sim::outcome(if first.is::<Down>() { "down" } else { "timer" });
    });
    assert_eq!(
        seen,
        BTreeSet::from(["down".to_owned(), "timer".to_owned()])
    );
}

#[test]
fn tmr_010_a_name_is_looked_up_when_the_timer_fires() {
    both("TMR-10", async || {
        let mut mailbox = mailbox();
        let early = idle();
        register("tmr10", early).await.expect("the name is free");
        let timer = send_after("tmr10", "ping", SOON);
        unregister("tmr10").await.expect("the name is taken");
        register("tmr10", me())
            .await
            .expect("the name is free again");
        if read_timer(timer).await.is_some() {
            // It fires from now on only, so it finds the new owner.
            assert_eq!(mailbox.receive::<&'static str>().await, "ping");
            let early = info(early).await.expect("it waits for Stop");
            assert_eq!(early.message_queue_len, 0);
        }
    });
}

#[test]
fn tmr_010_a_message_for_a_missing_name_is_dropped() {
    both("TMR-10 missing", async || {
        let mut mailbox = mailbox();
        let timer = send_after("nobody", "lost", Duration::ZERO);
        start_timer(Name::from("nobody"), "lost", SOON);
        while read_timer(timer).await.is_some() {
            sleep(SOON).await;
        }
        settle().await;
        assert_eq!(
            mailbox
                .receive_timeout::<&'static str>(Duration::ZERO)
                .await,
            None
        );
    });
}

#[test]
fn tmr_011_the_timers_to_a_process_end_with_it() {
    both("TMR-11", async || {
        let mut mailbox = mailbox();
        let child = idle();
        let reference = monitor(child);
        let timers: Vec<Timer> = (0..20).map(|_| send_after(child, "late", FAR)).collect();
        exit(child, ExitReason::Kill);
        down(&mut mailbox, reference).await;
        for timer in timers {
            assert_eq!(read_timer(timer).await, None);
            assert_eq!(cancel(timer).await, None);
        }
        let after_death = send_after(child, "never", FAR);
        assert_eq!(
            read_timer(after_death).await,
            None,
            "a timer to a dead process runs"
        );
    });
}

#[test]
fn tmr_012_a_timer_outlives_its_creator() {
    both("TMR-12", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let (_, reference) = spawn_monitor(async move |_mailbox: Mailbox| {
            send_after(parent, "inherited", SOON);
        });
        down(&mut mailbox, reference).await;
        assert_eq!(mailbox.receive::<&'static str>().await, "inherited");
    });
}

#[test]
fn tmr_013_cancel_returns_what_was_left() {
    both("TMR-13", async || {
        let mut mailbox = mailbox();
        let timer = send_after(me(), "late", FAR);
        match cancel(timer).await {
            Some(left) => assert!(left > Duration::ZERO && left <= FAR, "{left:?} of {FAR:?}"),
            None => assert_eq!(mailbox.receive::<&'static str>().await, "late"),
        }
        assert_eq!(cancel(timer).await, None, "it was cancelled twice");

        let fired = send_after(me(), "fired", Duration::ZERO);
        mailbox.receive::<&'static str>().await;
        assert_eq!(cancel(fired).await, None, "it had fired");
    });
}

#[test]
fn tmr_014_cancel_takes_no_message_back() {
    both("TMR-14", async || {
        let mut mailbox = mailbox();
        let timer = send_after(me(), "fired", Duration::ZERO);
        while read_timer(timer).await.is_some() {
            sleep(Duration::from_micros(100)).await;
        }
        assert_eq!(cancel(timer).await, None);
        assert_eq!(mailbox.receive::<&'static str>().await, "fired");
        settle().await;
        assert_eq!(
            mailbox
                .receive_timeout::<&'static str>(Duration::ZERO)
                .await,
            None
        );
    });
}

#[test]
fn tmr_015_a_cancelled_timer_sends_nothing_and_any_other_sends_once() {
    both("TMR-15", async || {
        let mut mailbox = mailbox();
        let timer = send_after(me(), "ping", SOON);
        sleep(SOON).await;
        let cancelled = cancel(timer).await.is_some();
        if !cancelled {
            assert_eq!(mailbox.receive::<&'static str>().await, "ping");
        }
        settle().await;
        assert_eq!(
            mailbox
                .receive_timeout::<&'static str>(Duration::ZERO)
                .await,
            None
        );
    });
}

#[test]
fn tmr_018_reading_a_timer_does_not_disturb_it() {
    both("TMR-18", async || {
        let mut mailbox = mailbox();
        let before = now();
        let timer = send_after(me(), "ping", SOON);
        let mut last = SOON;
        while let Some(left) = read_timer(timer).await {
            assert!(left <= last, "{left:?} left after {last:?}");
            last = left;
            sleep(Duration::from_micros(500)).await;
        }
        assert_eq!(mailbox.receive::<&'static str>().await, "ping");
        assert!(now() - before >= SOON);
        assert_eq!(read_timer(timer).await, None);
    });
}

#[test]
fn tmr_019_any_process_can_read_and_cancel_a_timer() {
    both("TMR-19", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let timer = send_after(parent, "late", FAR);
        spawn(async move |_mailbox: Mailbox| {
            let left = read_timer(timer).await;
            send(parent, (left, cancel(timer).await));
        });
        let (left, cancelled) = mailbox
            .receive::<(Option<Duration>, Option<Duration>)>()
            .await;
        assert!(left.is_none_or(|left| left <= FAR));
        match cancelled {
            Some(left) => assert!(left <= FAR),
            None => assert_eq!(mailbox.receive::<&'static str>().await, "late"),
        }
        assert_eq!(read_timer(timer).await, None);
        assert_eq!(cancel(timer).await, None);
    });
}

#[test]
fn tmr_021_many_timers_at_one_instant_all_fire() {
    both("TMR-21", async || {
        let mut mailbox = mailbox();
        let at = now() + SOON;
        let timers: Vec<(u64, Timer)> = (0..150)
            .map(|number| (number, send_at(me(), number, at)))
            .collect();
        let mut expected = BTreeSet::new();
        for (number, timer) in timers {
            // Cancelled while others may be firing already.
            let cancelled = number % 3 == 0 && cancel(timer).await.is_some();
            if !cancelled {
                expected.insert(number);
            }
        }
        while !expected.is_empty() {
            let number = mailbox.receive::<u64>().await;
            assert!(
                expected.remove(&number),
                "{number} was cancelled, or came twice"
            );
        }
        settle().await;
        assert_eq!(mailbox.receive_timeout::<u64>(Duration::ZERO).await, None);
    });
}

#[test]
fn tmr_022_zero_timers_made_on_a_timeout_fire_in_a_later_round() {
    both("TMR-22", async || {
        let mut mailbox = mailbox();
        send_after(me(), 0_u64, Duration::ZERO);
        for expected in 0..30_u64 {
            assert_eq!(mailbox.receive::<u64>().await, expected);
            send_after(me(), expected + 1, Duration::ZERO);
            send(me(), "the round goes on");
            let next = mailbox.receive_any().await;
            assert!(
                next.is::<&'static str>(),
                "a timer fired within its own round: {next:?}"
            );
        }
    });
}
