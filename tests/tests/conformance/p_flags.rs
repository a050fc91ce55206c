//! P-39 to P-44: the flags of a process.

use std::collections::BTreeSet;

use beamline::prelude::*;
use beamline_tests::{Stop, both, down, outcomes};

#[test]
fn p_039_setting_a_flag_returns_the_previous_value() {
    both("P-39", async || {
        assert!(!trap_exit(true));
        assert!(trap_exit(true));
        assert!(trap_exit(false));
        assert!(!trap_exit(false));
        assert_eq!(set_priority(Priority::High), Priority::Normal);
        assert_eq!(set_priority(Priority::Low), Priority::High);
        assert_eq!(set_priority(Priority::Normal), Priority::Low);
    });
}

#[test]
fn p_041_exits_are_not_trapped_by_default() {
    both("P-41", async || {
        let own = info(me()).await.expect("a running process has info");
        assert!(!own.trap_exit);
        trap_exit(true);
        let own = info(me()).await.expect("a running process has info");
        assert!(own.trap_exit);
    });
}

#[test]
fn p_042_trapping_counts_from_before_the_receipt() {
    both("P-42", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let (child, reference) = spawn_monitor(async move |mut mailbox: Mailbox| {
            trap_exit(true);
            send(parent, "trapping");
            mailbox.receive::<Exit>().await.reason
        });
        assert_eq!(mailbox.receive::<&'static str>().await, "trapping");
        exit(child, ExitReason::other("trapped"));
        assert_eq!(
            down(&mut mailbox, reference).await,
            ExitReason::other("trapped")
        );

        // The same with the flag off again.
        let (child, reference) = spawn_monitor(async move |mut mailbox: Mailbox| {
            trap_exit(true);
            trap_exit(false);
            send(parent, "not trapping");
            mailbox.receive::<Exit>().await;
            ExitReason::other("survived")
        });
        assert_eq!(mailbox.receive::<&'static str>().await, "not trapping");
        exit(child, ExitReason::other("fatal"));
        assert_eq!(
            down(&mut mailbox, reference).await,
            ExitReason::other("fatal")
        );
    });
}

#[test]
fn p_042_the_receipt_decides_and_not_the_sending() {
    // The signal is sent before the child has run at all, and yet it may find the flag set.
    let seen = outcomes("P-42 race", async || {
        let mut mailbox = mailbox();
        let (child, reference) = spawn_monitor(async |mut mailbox: Mailbox| {
            trap_exit(true);
            mailbox.receive::<Exit>().await;
            ExitReason::other("trapped")
        });
        exit(child, ExitReason::other("fatal"));
        let reason = down(&mut mailbox, reference).await;
        beamline_sim::outcome(reason.to_string());
    });
    let either = [ExitReason::other("trapped"), ExitReason::other("fatal")];
    assert_eq!(
        seen,
        BTreeSet::from(either.map(|reason| reason.to_string()))
    );
}

#[test]
fn p_043_ceasing_to_trap_keeps_the_exits_already_queued() {
    both("P-43", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        exit(me(), ExitReason::other("kept"));
        let own = info(me()).await.expect("a running process has info");
        assert_eq!(own.message_queue_len, 1);
        trap_exit(false);
        assert_eq!(
            mailbox.receive::<Exit>().await.reason,
            ExitReason::other("kept")
        );
    });
}

#[test]
fn p_044_there_are_three_priorities_for_programs() {
    both("P-44", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let child = spawn(async move |mut mailbox: Mailbox| {
            for priority in [Priority::Low, Priority::High, Priority::Normal] {
                set_priority(priority);
                send(parent, priority);
                mailbox.receive::<&'static str>().await;
            }
            mailbox.receive::<Stop>().await;
        });
        for expected in [Priority::Low, Priority::High, Priority::Normal] {
            assert_eq!(mailbox.receive::<Priority>().await, expected);
            let child_info = info(child).await.expect("it waits for the next step");
            assert_eq!(child_info.priority, expected);
            send(child, "next");
        }
    });
}
