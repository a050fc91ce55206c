//! What a turn of a worker leaves alone.

use super::runtime::Runtime;
use crate::kernel::run::{THEIRS, when_parked_next};
use crate::process::{Mailbox, info, me, send, spawn_monitor};

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
