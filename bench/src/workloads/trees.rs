//! W10, T1 and T2: crashes under a supervisor, trees of many children, and children that come.

use crate::measure::{Figures, Stopwatch};
use beamline::prelude::*;
use std::time::Duration;

/// Longer than any run.
const WINDOW: Duration = Duration::from_secs(3_600);

/// A server that tells whoever it is given that it runs.
struct Child;

/// It runs.
#[derive(Debug)]
struct Runs(Pid);

impl GenServer for Child {
    type Args = Option<Pid>;
    type Call = Never;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init(tells: Option<Pid>) -> Init<Self> {
        if let Some(pid) = tells {
            send(pid, Runs(me()));
        }
        Ok(Child.into())
    }
}

/// W10: the one child of a supervisor is killed as soon as it runs again.
pub(crate) async fn crash_and_restart(mut mailbox: Mailbox, n: u64) -> Figures {
    let supervisor = Supervisor::start_link([Child::child(Some(me()))])
        .max_restarts(usize::MAX - 1, Duration::from_secs(1))
        .await
        .expect("it starts");
    let Runs(mut child) = mailbox.receive().await;
    let watch = Stopwatch::start();
    for _ in 0..n {
        exit(child, ExitReason::Kill);
        Runs(child) = mailbox.receive().await;
    }
    let figures = watch.stop(n);
    supervisor.stop().await.expect("it runs");
    figures
}

/// T1: a supervisor starts so many children and stops them, one after another.
pub(crate) async fn tree(_: Mailbox, n: u64) -> Figures {
    let children = (0..n).map(|id| Child::child(None).id(format!("{id}")));
    let children: Vec<ChildSpec> = children.collect();
    let watch = Stopwatch::start();
    let supervisor = Supervisor::start_link(children).await.expect("it starts");
    let started = watch.stop(n);
    let watch = Stopwatch::start();
    supervisor.stop().await.expect("it runs");
    let stopped = watch.stop(n);
    started
        .with("stop_ns", stopped.ns())
        .with("stop_cpu_ns", stopped.cpu_ns())
}

/// T2: a dynamic supervisor is asked for one child after another.
pub(crate) async fn start_child(_: Mailbox, n: u64) -> Figures {
    let supervisor = DynamicSupervisor::start_link()
        .max_restarts(1, WINDOW)
        .await;
    let supervisor = supervisor.expect("it starts");
    let spec = Child::child(None);
    let watch = Stopwatch::start();
    for _ in 0..n {
        let started = supervisor.start_child(spec.clone()).await;
        started.expect("it starts");
    }
    let figures = watch.stop(n);
    supervisor.stop().await.expect("it runs");
    figures
}
