//! Programs on supervisors, each of which gives some oracles something to judge.
//!
//! A tree stands below a process that does nothing, so that it is still there when the root has
//! ended and nothing more can happen.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use beamline::prelude::*;
use beamline::{DynamicSupervisorOptions, Strategy, SupervisorOptions};

use super::Body;

const SOON: Duration = Duration::from_millis(20);
const SECOND: Duration = Duration::from_secs(1);

/// What a worker is told to do.
#[derive(Debug, Clone, Copy)]
enum Do {
    Crash,
    End,
}

async fn work(name: &'static str, mut mailbox: Mailbox) -> Result<(), ExitReason> {
    let _ = register(name, me()).await;
    match mailbox.receive::<Do>().await {
        Do::Crash => Err(ExitReason::Timeout),
        Do::End => Ok(()),
    }
}

async fn tell(name: &'static str, what: Do) {
    let _ = send(name, what).await;
    sleep(SOON).await;
}

fn worker(name: &'static str) -> ChildSpec {
    ChildSpec::new(name, move || async move {
        Ok::<_, StartError>(spawn_link(move |mailbox| work(name, mailbox)))
    })
}

/// A worker that does not stop when it is asked to.
fn stubborn(name: &'static str) -> ChildSpec {
    ChildSpec::new(name, move || async move {
        Ok::<_, StartError>(spawn_link(async move |mailbox| {
            trap_exit(true);
            work(name, mailbox).await
        }))
    })
}

/// A worker whose starts fail from the second to the `last`.
fn fragile(name: &'static str, last: u32) -> ChildSpec {
    let starts = Arc::new(AtomicU32::new(0));
    ChildSpec::new(name, move || {
        let start = starts.fetch_add(1, Ordering::Relaxed) + 1;
        async move {
            match (2..=last).contains(&start) {
                true => Err(StartError::Failed(ExitReason::Timeout)),
                false => Ok(spawn_link(move |mailbox| work(name, mailbox))),
            }
        }
    })
}

/// Who keeps a tree: ends in order when it is told to.
async fn keeper(mut mailbox: Mailbox) -> Result<(), ExitReason> {
    mailbox.receive::<()>().await;
    Err(ExitReason::Shutdown)
}

/// Starts a supervisor below a process of its own; that process, and the supervisor.
async fn begin(options: SupervisorOptions) -> Option<(Pid, Supervisor)> {
    let root = me();
    let above = spawn(async move |mailbox| {
        let Ok(supervisor) = options.await else {
            return Ok(());
        };
        send(root, supervisor);
        keeper(mailbox).await
    });
    let supervisor = mailbox().receive_timeout::<Supervisor>(SECOND).await?;
    sleep(SOON).await;
    Some((above, supervisor))
}

async fn begin_dynamic(options: DynamicSupervisorOptions) -> Option<(Pid, DynamicSupervisor)> {
    let root = me();
    let above = spawn(async move |mailbox| {
        let Ok(supervisor) = options.await else {
            return Ok(());
        };
        send(root, supervisor);
        keeper(mailbox).await
    });
    let supervisor = mailbox()
        .receive_timeout::<DynamicSupervisor>(SECOND)
        .await?;
    Some((above, supervisor))
}

async fn tree(strategy: Strategy) {
    let children = [
        worker("a"),
        worker("b").restart(Restart::Transient),
        worker("c").restart(Restart::Temporary),
        worker("d"),
    ];
    let options = Supervisor::start_link(children).strategy(strategy);
    let Some((above, _)) = begin(options.max_restarts(10, SECOND * 5)).await else {
        return;
    };
    tell("b", Do::Crash).await;
    tell("d", Do::Crash).await;
    tell("c", Do::End).await;
    tell("b", Do::End).await;
    tell("a", Do::Crash).await;
    if random_range(0..2) == 0 {
        send(above, ());
    }
}

pub(crate) fn one_for_one() -> Body {
    Box::pin(tree(Strategy::OneForOne))
}

pub(crate) fn one_for_all() -> Body {
    Box::pin(tree(Strategy::OneForAll))
}

pub(crate) fn rest_for_one() -> Body {
    Box::pin(tree(Strategy::RestForOne))
}

/// Children that are added, stopped, started again, deleted and counted.
pub(crate) fn requests() -> Body {
    Box::pin(async {
        let Some((_, tree)) = begin(Supervisor::start_link([worker("a")])).await else {
            return;
        };
        let _ = tree.start_child(worker("b")).await;
        let _ = tree.start_child(worker("b")).await;
        let _ = tree.count_children().await;
        let _ = tree.which_children().await;
        let _ = tree.delete_child("b").await;
        let _ = tree.terminate_child("b").await;
        let _ = tree.restart_child("b").await;
        let _ = tree.terminate_child("b").await;
        let _ = tree.delete_child("b").await;
        let _ = tree.restart_child("b").await;
        let _ = tree.count_children().await;
    })
}

/// The second of three children cannot be started.
pub(crate) fn no_start() -> Body {
    Box::pin(async {
        let failed = ChildSpec::new("b", || async {
            Err::<Pid, _>(StartError::Failed(ExitReason::Timeout))
        });
        begin(Supervisor::start_link([worker("a"), failed, worker("c")])).await;
    })
}

/// Children that are stopped in all ways, by a supervisor whose parent ends.
pub(crate) fn stops() -> Body {
    Box::pin(async {
        let children = [
            worker("a"),
            stubborn("b").shutdown(Duration::from_millis(100)),
            worker("c").shutdown(Shutdown::Brutal),
            worker("d").shutdown(Shutdown::Infinity),
        ];
        if let Some((above, _)) = begin(Supervisor::start_link(children)).await {
            send(above, ());
        }
    })
}

/// A child that may take as long as it likes, and does.
pub(crate) fn patience() -> Body {
    Box::pin(async {
        let child = stubborn("a").shutdown(Shutdown::Infinity);
        if let Some((above, _)) = begin(Supervisor::start_link([child])).await {
            send(above, ());
        }
    })
}

/// A supervisor that is killed.
pub(crate) fn killed() -> Body {
    Box::pin(async {
        let Some((_, tree)) = begin(Supervisor::start_link([worker("a")])).await else {
            return;
        };
        if let Some(pid) = tree.whereis().await {
            exit(pid, ExitReason::Kill);
        }
    })
}

/// A child that crashes at these times, in tenths of a second.
async fn crashes(restarts: usize, within: Duration, at: &[u64]) {
    let options = Supervisor::start_link([worker("a")]).max_restarts(restarts, within);
    if begin(options.exact_window()).await.is_none() {
        return;
    }
    let begun = now();
    for tenths in at {
        sleep(Duration::from_millis(tenths * 100).saturating_sub(begun.elapsed())).await;
        let _ = send("a", Do::Crash).await;
    }
    sleep(SOON).await;
}

/// Restarts that are as many as are allowed, and later ones.
pub(crate) fn spaced() -> Body {
    Box::pin(crashes(1, SECOND, &[0, 30, 60]))
}

/// One restart too many.
pub(crate) fn too_many() -> Body {
    Box::pin(crashes(1, SECOND * 5, &[0, 5]))
}

/// Two restarts in five seconds are allowed, and in the end there are three.
pub(crate) fn sliding() -> Body {
    Box::pin(crashes(2, SECOND * 5, &[0, 40, 60, 80]))
}

/// A stranger that is linked to the supervisor ends.
pub(crate) fn stranger() -> Body {
    Box::pin(async {
        let with_stranger = ChildSpec::new("b", || async {
            spawn_link(async |_| sleep(SOON).await);
            Ok::<_, StartError>(spawn_link(async |mailbox| work("b", mailbox).await))
        });
        begin(Supervisor::start_link([worker("a"), with_stranger])).await;
        sleep(SOON).await;
    })
}

/// A child whose restart fails once.
pub(crate) fn retried() -> Body {
    Box::pin(async {
        if begin(Supervisor::start_link([fragile("a", 2)]))
            .await
            .is_some()
        {
            tell("a", Do::Crash).await;
        }
    })
}

/// A child whose restart fails, and which is stopped before it is tried again.
pub(crate) fn retried_in_vain() -> Body {
    Box::pin(async {
        let Some((_, tree)) = begin(Supervisor::start_link([fragile("a", 3)])).await else {
            return;
        };
        let _ = send("a", Do::Crash).await;
        let _ = tree.terminate_child("a").await;
        sleep(SOON).await;
    })
}

/// A child whose restarts all fail.
pub(crate) fn hopeless() -> Body {
    Box::pin(async {
        let options = Supervisor::start_link([fragile("a", u32::MAX)]);
        if begin(options.max_restarts(1, SECOND * 5)).await.is_some() {
            tell("a", Do::Crash).await;
        }
    })
}

/// A significant child that ends, or is stopped on request.
pub(crate) fn significant() -> Body {
    Box::pin(async {
        let child = worker("a").restart(Restart::Transient).significant(true);
        let options = Supervisor::start_link([child, worker("b")]);
        let options = options.auto_shutdown(AutoShutdown::AnySignificant);
        let Some((_, tree)) = begin(options).await else {
            return;
        };
        match random_range(0..2) {
            0 => tell("a", Do::End).await,
            _ => {
                let _ = tree.terminate_child("a").await;
            }
        }
    })
}

/// A dynamic supervisor at its limit, which ends.
pub(crate) fn dynamic() -> Body {
    Box::pin(async {
        let options = DynamicSupervisor::start_link().max_children(2);
        let Some((above, tree)) = begin_dynamic(options).await else {
            return;
        };
        for name in ["a", "b", "c"] {
            let _ = tree.start_child(worker(name)).await;
        }
        tell("a", Do::Crash).await;
        let _ = tree.count_children().await;
        send(above, ());
    })
}

/// Two children end while their supervisor may be busy with the first.
pub(crate) fn two_ends() -> Body {
    Box::pin(async {
        if begin(Supervisor::start_link([worker("a"), worker("b")]))
            .await
            .is_some()
        {
            let _ = send("a", Do::Crash).await;
            let _ = send("b", Do::Crash).await;
            sleep(SOON).await;
        }
    })
}
