//! REG-13 to REG-26: global names and locks, as they are on one node.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use beamline::prelude::*;
use beamline::{Aborted, LockId, NameRefused, Retries};
use beamline_tests::{Stop, both, down, expect_nothing, idle};

use crate::servers::{Ask, Plan, Player, Tell};

mod locks;
mod names;

/// Names that are more than text.
type Names = Global<(&'static str, u32)>;

async fn names() -> Names {
    Names::start_link().await.expect("nothing is in its way")
}

/// Ends a process and waits until it is down.
async fn end(mailbox: &mut Mailbox, pid: Pid) {
    let watch = monitor(pid);
    exit(pid, ExitReason::Kill);
    down(mailbox, watch).await;
}

/// A process that is dead for certain.
async fn dead(mailbox: &mut Mailbox) -> Pid {
    let pid = idle();
    end(mailbox, pid).await;
    pid
}

/// Waits until so many names are left: the service hears of a death by and by.
async fn settles_at(names: &Names, count: usize) {
    while names.registered_names().await.len() != count {
        sleep(Duration::from_millis(1)).await;
    }
}
