//! P-1 to P-18: how processes come into being.

use std::collections::BTreeSet;

use beamline::prelude::*;
use beamline_tests::{Stop, both, down, idle};

#[test]
fn p_001_spawn_returns_before_the_child_is_done() {
    both("P-1", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let child = spawn(async move |mut mailbox: Mailbox| {
            let word = mailbox.receive::<&'static str>().await;
            send(parent, word);
        });
        // The child cannot go on without this message, so a spawn that waited for it would hang.
        send(child, "go");
        assert_eq!(mailbox.receive::<&'static str>().await, "go");
    });
}

#[test]
fn p_002_a_child_inherits_nothing() {
    both("P-2", async || {
        let mut mailbox = mailbox();
        let parent = me();
        trap_exit(true);
        set_priority(Priority::High);
        set_label("parent");
        local::put("key", 1_u32);
        link(idle());
        monitor(idle());
        register("parent", parent).await.expect("the name is free");
        send(parent, "queued");

        spawn(async move |_mailbox: Mailbox| {
            let own = info(me()).await.expect("a running process has info");
            send(parent, own);
        });
        let child = mailbox.receive::<ProcessInfo>().await;
        assert!(!child.trap_exit);
        assert_eq!(child.priority, Priority::Normal);
        assert_eq!(child.name, None);
        assert_eq!(child.label, None);
        assert_eq!(child.locals, []);
        assert!(child.links.is_empty());
        assert!(child.monitors.is_empty());
        assert!(child.monitored_by.is_empty());
        assert_eq!(child.message_queue_len, 0);
    });
}

#[test]
fn p_005_a_returned_body_exits_normally() {
    both("P-5", async || {
        let mut mailbox = mailbox();
        let (_, unit) = spawn_monitor(async |_mailbox: Mailbox| ());
        assert_eq!(down(&mut mailbox, unit).await, ExitReason::Normal);
        let (_, ok) = spawn_monitor(async |_mailbox: Mailbox| Ok::<(), ExitReason>(()));
        assert_eq!(down(&mut mailbox, ok).await, ExitReason::Normal);
    });
}

#[test]
fn p_005_an_error_returned_is_the_exit_reason() {
    both("P-5 error", async || {
        let mut mailbox = mailbox();
        let (_, failed) =
            spawn_monitor(async |_mailbox: Mailbox| Err::<(), _>(ExitReason::other("spoilt")));
        assert_eq!(
            down(&mut mailbox, failed).await,
            ExitReason::other("spoilt")
        );
        let (_, stopped) = spawn_monitor(async |_mailbox: Mailbox| ExitReason::Shutdown);
        assert_eq!(down(&mut mailbox, stopped).await, ExitReason::Shutdown);
        let (_, error) = spawn_monitor(async |_mailbox: Mailbox| "x".parse::<u8>().map(|_| ()));
        let reason = down(&mut mailbox, error).await;
        assert!(matches!(reason, ExitReason::Error(_)), "{reason:?}");
    });
}

#[test]
fn p_006_spawn_link_reports_the_real_reason() {
    both("P-6", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let child = spawn_link(async |_mailbox: Mailbox| ExitReason::other("at once"));
        let exit = mailbox.receive::<Exit>().await;
        assert_eq!(exit.from, child);
        assert_eq!(exit.reason, ExitReason::other("at once"));
    });
}

#[test]
fn p_006_spawn_link_takes_an_untrapping_parent_along() {
    both("P-6 parent", async || {
        let mut mailbox = mailbox();
        let (_, parent) = spawn_monitor(async |mut mailbox: Mailbox| {
            spawn_link(async |_mailbox: Mailbox| ExitReason::other("at once"));
            mailbox.receive::<Stop>().await;
        });
        assert_eq!(
            down(&mut mailbox, parent).await,
            ExitReason::other("at once")
        );
    });
}

#[test]
fn p_007_spawn_monitor_reports_the_real_reason() {
    both("P-7", async || {
        let mut mailbox = mailbox();
        let (child, reference) =
            spawn_monitor(async |_mailbox: Mailbox| ExitReason::other("at once"));
        let down = mailbox.receive::<Down>().await;
        assert_eq!(down.reference, reference);
        assert_eq!(down.process, child);
        assert_eq!(down.reason, ExitReason::other("at once"));
    });
}

#[test]
fn p_008_spawn_options_take_effect() {
    both("P-8", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let options = SpawnOptions::new()
            .link()
            .monitor()
            .priority(Priority::Low)
            .label("optioned");
        let spawned = spawn_with(options, async |mut mailbox: Mailbox| {
            mailbox.receive::<Stop>().await;
            ExitReason::other("stopped")
        })
        .expect("no limit is reached");
        let reference = spawned.monitor.expect("a monitor was asked for");

        let child = info(spawned.pid).await.expect("it waits for Stop");
        assert_eq!(child.links, [me()]);
        assert_eq!(child.monitored_by, [me()]);
        assert_eq!(child.priority, Priority::Low);
        assert_eq!(child.label.as_deref(), Some("optioned"));

        send(spawned.pid, Stop);
        assert_eq!(
            down(&mut mailbox, reference).await,
            ExitReason::other("stopped")
        );
        assert_eq!(mailbox.receive::<Exit>().await.from, spawned.pid);
    });
}

#[test]
fn p_008_no_monitor_unless_asked_for() {
    both("P-8 plain", async || {
        let spawned = spawn_with(SpawnOptions::new(), async |mut mailbox: Mailbox| {
            mailbox.receive::<Stop>().await;
        })
        .expect("no limit is reached");
        assert_eq!(spawned.monitor, None);
        let child = info(spawned.pid).await.expect("it waits for Stop");
        assert!(child.links.is_empty());
        assert!(child.monitored_by.is_empty());
    });
}

#[test]
fn p_008_a_monitor_option_takes_options_of_its_own() {
    both("P-8 monitor options", async || {
        let mut mailbox = mailbox();
        let options = SpawnOptions::new().monitor_with(MonitorOptions::new().tag("worker"));
        let spawned = spawn_with(options, async |_mailbox: Mailbox| ExitReason::Shutdown)
            .expect("no limit is reached");
        let down = mailbox.receive::<Down>().await;
        assert_eq!(Some(down.reference), spawned.monitor);
        assert_eq!(down.tag.as_deref(), Some("worker"));
        assert_eq!(down.reason, ExitReason::Shutdown);
    });
}

#[test]
fn p_010_a_spawn_priority_holds_from_the_first_instruction() {
    both("P-10", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let options = SpawnOptions::new().priority(Priority::High);
        spawn_with(options, async move |_mailbox: Mailbox| {
            let first = set_priority(Priority::Normal);
            send(parent, first);
        })
        .expect("no limit is reached");
        assert_eq!(mailbox.receive::<Priority>().await, Priority::High);
    });
}

#[test]
fn p_018_a_pid_is_never_used_again() {
    both("P-18", async || {
        let mut mailbox = mailbox();
        let mut gone = BTreeSet::new();
        for _ in 0..60 {
            let (child, reference) = spawn_monitor(async |_mailbox: Mailbox| ());
            down(&mut mailbox, reference).await;
            assert!(gone.insert(child), "{child} was handed out twice");
        }
        let late = idle();
        assert!(!gone.contains(&late), "{late} was handed out twice");
        for pid in gone {
            send(pid, "stale");
            assert!(!alive(pid).await, "{pid} came back to life");
        }
        let late = info(late).await.expect("it waits for Stop");
        assert_eq!(
            late.message_queue_len, 0,
            "a stale pid reaches a new process"
        );
    });
}
