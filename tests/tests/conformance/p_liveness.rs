//! P-19 to P-24: who a process is, and which processes there are.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{Stop, both, down, idle};

#[test]
fn p_019_me_is_the_pid_that_spawn_returned() {
    both("P-19", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let child = spawn(async move |_mailbox: Mailbox| {
            let first = me();
            yield_now().await;
            send(parent, (first, me()));
        });
        assert_eq!(mailbox.receive::<(Pid, Pid)>().await, (child, child));
        assert_eq!(me(), parent);
    });
}

#[test]
fn p_020_alive_is_true_until_the_end_and_false_after_it() {
    both("P-20", async || {
        let mut mailbox = mailbox();
        assert!(alive(me()).await);
        let child = idle();
        let reference = monitor(child);
        assert!(alive(child).await);
        send(child, Stop);
        down(&mut mailbox, reference).await;
        assert!(!alive(child).await);
    });
}

#[test]
fn p_021_signals_before_alive_are_delivered_first() {
    both("P-21", async || {
        let killed = idle();
        exit(killed, ExitReason::Kill);
        assert!(!alive(killed).await);

        let ended = idle();
        exit(ended, ExitReason::other("enough"));
        assert!(!alive(ended).await);
    });
}

#[test]
fn p_021_harmless_signals_leave_it_alive() {
    both("P-21 harmless", async || {
        let child = idle();
        exit(child, ExitReason::Normal);
        send(child, "one");
        assert!(alive(child).await);
        let child = info(child).await.expect("it waits for Stop");
        assert_eq!(child.message_queue_len, 1);
    });
}

#[test]
fn p_022_a_dead_pid_is_not_alive_whoever_took_its_place() {
    both("P-22", async || {
        let mut mailbox = mailbox();
        let (dead, reference) = spawn_monitor(async |_mailbox: Mailbox| ());
        down(&mut mailbox, reference).await;
        let successors: Vec<Pid> = (0..8).map(|_| idle()).collect();
        assert!(!alive(dead).await);
        for successor in successors {
            assert!(alive(successor).await);
        }
    });
}

#[test]
fn p_023_processes_lists_every_process_and_forgets_the_dead() {
    both("P-23", async || {
        let mut mailbox = mailbox();
        let child = idle();
        let listed = processes().await;
        assert!(listed.contains(&me()));
        assert!(listed.contains(&child));

        let reference = monitor(child);
        send(child, Stop);
        down(&mut mailbox, reference).await;
        // An exiting process may still be listed for a while, a dead one may not.
        while processes().await.contains(&child) {
            sleep(Duration::from_millis(1)).await;
        }
    });
}

#[test]
fn p_024_a_process_that_lasts_is_listed_exactly_once() {
    both("P-24", async || {
        let mut lasting: Vec<Pid> = (0..40).map(|_| idle()).collect();
        lasting.push(me());
        for _ in 0..20 {
            // These come and go while the list is made.
            spawn(async |_mailbox: Mailbox| yield_now().await);
        }
        let listed = processes().await;
        for pid in lasting {
            let times = listed.iter().filter(|&&other| other == pid).count();
            assert_eq!(times, 1, "{pid} is listed {times} times");
        }
    });
}
