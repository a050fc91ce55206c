//! What a worker must leave alone: processes that it has parked, timers that it is to fire.

use std::time::Duration;

use super::runtime::Runtime;
use crate::kernel::pid::Pid;
use crate::kernel::run::{THEIRS, when_parked_next};
use crate::process::{Mailbox, info, me, now, send, send_after, send_at, spawn, spawn_monitor};

#[test]
fn a_parked_process_is_not_touched_by_the_turn_that_parked_it() {
    let runtime = Runtime::new().workers(1);
    let reason = runtime.run_with(async |mut mailbox: Mailbox| {
        let root = me();
        // Monitored, so that it has an extra part, in which its work is counted.
        let (child, _) = spawn_monitor(async move |mut mailbox: Mailbox| {
            when_parked_next();
            send(root, "parks");
            mailbox.receive::<u8>().await;
        });
        mailbox.receive::<&str>().await;
        let child = info(child).await.expect("it waits");
        assert_eq!(child.reductions, THEIRS);
    });
    assert!(reason.is_normal(), "{reason}");
}

/// Sets a timer when it is dropped.
#[derive(Debug)]
struct Winder(Pid);

impl Drop for Winder {
    fn drop(&mut self) {
        send_after(self.0, "wound", Duration::from_secs(3600));
    }
}

#[test]
fn a_timer_that_comes_up_is_not_lost_to_one_that_takes_its_place() {
    let runtime = Runtime::new().workers(1);
    let reason = runtime.run_with(async |mut mailbox: Mailbox| {
        let (gone, root) = (spawn(async |_| {}), me());
        let soon = now() + Duration::from_millis(5);
        for number in 0..20_u32 {
            send_at(root, number, soon);
            // To a process that is gone, so it is dropped when it comes up.
            send_at(gone, Winder(root), soon);
        }
        for _ in 0..20 {
            let came = mailbox
                .receive_timeout::<u32>(Duration::from_secs(60))
                .await;
            assert!(came.is_some(), "a timer was lost");
        }
    });
    assert!(reason.is_normal(), "{reason}");
}
