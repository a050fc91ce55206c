//! P-69 to P-82: what can be asked about a process.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{Ask, Reply, Stop, both, down, echo, idle};

/// What there is to know about a process that lives.
async fn seen(pid: Pid) -> ProcessInfo {
    info(pid)
        .await
        .unwrap_or_else(|| panic!("{pid} should be alive"))
}

#[test]
fn p_069_there_is_no_info_about_a_dead_process() {
    both("P-69", async || {
        let mut mailbox = mailbox();
        let child = idle();
        assert_eq!(seen(child).await.pid, child);
        assert_eq!(seen(me()).await.pid, me());
        let reference = monitor(child);
        send(child, Stop);
        down(&mut mailbox, reference).await;
        assert!(info(child).await.is_none());
    });
}

#[test]
fn p_070_signals_before_info_are_delivered_first() {
    both("P-70", async || {
        let child = idle();
        send(child, 1_u32);
        link(child);
        monitor(child);
        let before = seen(child).await;
        assert_eq!(before.message_queue_len, 1);
        assert_eq!(before.links, [me()]);
        assert_eq!(before.monitored_by, [me()]);
        unlink(child);
        assert!(seen(child).await.links.is_empty());

        let own = seen(me()).await.message_queue_len;
        send(me(), 1_u32);
        assert_eq!(seen(me()).await.message_queue_len, own + 1);
    });
}

#[test]
fn p_072_an_unnamed_process_has_no_name() {
    both("P-72", async || {
        let child = idle();
        assert_eq!(seen(child).await.name, None);
        register("p72", child).await.expect("the name is free");
        assert_eq!(seen(child).await.name.as_deref(), Some("p72"));
        unregister("p72").await.expect("the name is taken");
        assert_eq!(seen(child).await.name, None);
    });
}

#[test]
fn p_073_info_tells_what_the_process_tells_of_itself() {
    both("P-73", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let options = SpawnOptions::new()
            .priority(Priority::High)
            .label("worker")
            .link();
        let child = spawn_with(options, async move |mut mailbox: Mailbox| {
            trap_exit(true);
            local::put("key", "value");
            send(parent, seen(me()).await);
            mailbox.receive::<Stop>().await;
        })
        .expect("no limit is reached")
        .pid;
        let inside = mailbox.receive::<ProcessInfo>().await;
        let outside = seen(child).await;
        for view in [&inside, &outside] {
            assert_eq!(view.pid, child);
            assert_eq!(view.parent, Some(parent));
            assert_eq!(view.name, None);
            assert_eq!(view.label.as_deref(), Some("worker"));
            assert_eq!(view.links, [parent]);
            assert!(view.monitors.is_empty());
            assert!(view.monitored_by.is_empty());
            assert_eq!(view.message_queue_len, 0);
            assert_eq!(view.messages, [""; 0]);
            assert_eq!(view.locals, [("key".to_owned(), "\"value\"".to_owned())]);
            assert!(view.trap_exit);
            assert_eq!(view.priority, Priority::High);
            assert!(view.suspending.is_empty());
        }
    });
}

#[test]
fn p_074_links_and_monitors_are_listed_on_both_sides() {
    both("P-74", async || {
        let (linked, watched, named) = (idle(), idle(), idle());
        register("p74", named).await.expect("the name is free");
        link(linked);
        let first = monitor(watched);
        monitor(watched);
        monitor("p74").await;

        let own = seen(me()).await;
        assert_eq!(own.links, [linked]);
        let of_watched = own
            .monitors
            .iter()
            .filter(|&monitored| *monitored == watched)
            .count();
        assert_eq!(of_watched, 2, "one entry for each monitor");
        let of_name = own
            .monitors
            .iter()
            .filter(|monitored| is_named(monitored, "p74"))
            .count();
        assert_eq!(of_name, 1, "a monitor by name is listed by name");
        assert_eq!(own.monitors.len(), 3);

        assert_eq!(seen(linked).await.links, [me()]);
        assert_eq!(seen(watched).await.monitored_by, [me(), me()]);
        assert_eq!(seen(named).await.monitored_by, [me()]);

        demonitor(first);
        unlink(linked);
        assert_eq!(seen(watched).await.monitored_by, [me()]);
        assert!(seen(linked).await.links.is_empty());
        assert!(seen(me()).await.links.is_empty());
        assert_eq!(seen(me()).await.monitors.len(), 2);
    });
}

/// Whether a monitor was made by this name.
fn is_named(monitored: &Monitored, expected: &str) -> bool {
    matches!(monitored, Monitored::Name(name) if &**name == expected)
}

#[test]
fn p_075_messages_are_listed_oldest_first() {
    both("P-75", async || {
        let child = idle();
        send(child, 1_u32);
        send(child, "two");
        send(child, Some(3_u32));
        let waiting = seen(child).await;
        assert_eq!(waiting.messages, ["1", "\"two\"", "Some(3)"]);
        assert_eq!(waiting.message_queue_len, 3);

        send(me(), 1_u32);
        send(me(), 2_u32);
        let own = seen(me()).await;
        assert_eq!(own.messages, ["1", "2"]);
        assert_eq!(own.message_queue_len, 2);
    });
}

#[test]
fn p_076_the_queue_length_counts_every_message_sent_before() {
    both("P-76", async || {
        let child = idle();
        for count in 1..=8 {
            send(child, "one more");
            assert_eq!(seen(child).await.message_queue_len, count);
        }
    });
}

#[test]
fn p_077_the_status_tells_running_from_waiting() {
    both("P-77", async || {
        assert_eq!(seen(me()).await.status, Status::Running);
        let child = idle();
        // It reaches its receive sooner or later, and from then on it waits.
        while seen(child).await.status != Status::Waiting {
            sleep(Duration::from_millis(1)).await;
        }
        // Having answered, it goes back to waiting.
        assert_eq!(seen(child).await.message_queue_len, 0);
        while seen(child).await.status != Status::Waiting {
            sleep(Duration::from_millis(1)).await;
        }
        suspend(child).await.expect("it is alive");
        assert_eq!(seen(child).await.status, Status::Suspended);
    });
}

#[test]
fn p_078_reductions_never_decrease() {
    both("P-78", async || {
        let mut mailbox = mailbox();
        let child = echo();
        let (mut own, mut other) = (0, 0);
        for number in 0..5 {
            send(child, Ask { from: me(), number });
            mailbox.receive::<Reply>().await;
            let (own_now, other_now) = (seen(me()).await.reductions, seen(child).await.reductions);
            assert!(own_now >= own && other_now >= other);
            (own, other) = (own_now, other_now);
        }
        assert!(own > 0 && other > 0, "work is not counted");
    });
}

#[test]
fn p_079_the_parent_is_the_process_that_spawned() {
    both("P-79", async || {
        let mut mailbox = mailbox();
        let root = me();
        assert_eq!(seen(root).await.parent, None);
        let child = spawn(async move |mut mailbox: Mailbox| {
            send(
                root,
                spawn(async |mut mailbox: Mailbox| {
                    mailbox.receive::<Stop>().await;
                }),
            );
            mailbox.receive::<Stop>().await;
        });
        let grandchild = mailbox.receive::<Pid>().await;
        assert_eq!(seen(child).await.parent, Some(root));
        assert_eq!(seen(grandchild).await.parent, Some(child));

        // It stays so when the parent is gone.
        let reference = monitor(child);
        send(child, Stop);
        down(&mut mailbox, reference).await;
        assert_eq!(seen(grandchild).await.parent, Some(child));
    });
}

#[test]
fn p_080_one_entry_of_the_dictionary_can_be_read() {
    both("P-80", async || {
        local::put("one", 1_u32);
        local::put("two", 2_u32);
        let own = seen(me()).await;
        let entry = |key: &str| {
            let found = own.locals.iter().find(|(name, _)| name == key);
            found.map(|(_, value)| value.clone())
        };
        assert_eq!(entry("two").as_deref(), Some("2"));
        assert_eq!(entry("three"), None);
    });
}

#[test]
fn p_082_an_exiting_process_has_no_info() {
    both("P-82", async || {
        let child = idle();
        exit(child, ExitReason::Kill);
        assert!(info(child).await.is_none());
        assert!(!alive(child).await);
    });
}
