//! Programs on servers and tasks, each of which gives some oracles something to judge.

use std::time::Duration;

use beamline::prelude::*;
use beamline::{Global, PartitionSupervisor};

use super::Body;

const SOON: Duration = Duration::from_millis(20);

struct Counter(u32);

#[derive(Debug)]
enum Ask {
    Next(Caller<u32>),
    /// Asks the server to call itself.
    Yourself(Server<Counter>, Caller<u32>),
}

impl GenServer for Counter {
    type Args = ();
    type Call = Ask;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Counter(0).into())
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        match ask {
            Ask::Next(caller) => {
                self.0 += 1;
                caller.reply(self.0);
            }
            Ask::Yourself(server, caller) => {
                let _ = server.call(Ask::Next).no_timeout().await;
                caller.reply(0);
            }
        }
        Ok(Next::Wait)
    }
}

/// Calls that are answered, late, and to the dead, by a process that stays.
pub(crate) fn calls() -> Body {
    Box::pin(async {
        spawn(async |mut mailbox: Mailbox| {
            call_it().await;
            mailbox.receive::<()>().await;
        });
    })
}

async fn call_it() {
    let Ok(server) = Counter::start(()).await else {
        return;
    };
    let _ = server.call(Ask::Next).await;
    let _ = server.call(Ask::Next).timeout(Duration::ZERO).await;
    exit(server.pid(), ExitReason::Kill);
    let _ = server.call(Ask::Next).no_timeout().await;
}

/// A server is asked to call itself, while the root does not wait.
pub(crate) fn itself() -> Body {
    Box::pin(async {
        let Ok(server) = Counter::start(()).await else {
            return;
        };
        spawn(async move |_| {
            let _ = server
                .call(move |caller| Ask::Yourself(server, caller))
                .await;
        });
        sleep(SOON).await;
    })
}

/// Tasks whose results are taken late, and one whose owner is killed.
pub(crate) fn tasks() -> Body {
    Box::pin(async {
        let first = Task::spawn(async { 1u32 });
        let second = Task::spawn(async {
            sleep(SOON * 3).await;
            2u32
        });
        let _ = first.join(SOON).await;
        let _ = second.join(SOON).await;
        sleep(SOON * 3).await;
        let owner = spawn(async |_| {
            let task = Task::spawn(async {
                mailbox().receive::<()>().await;
            });
            let _ = task.join(None).await;
        });
        sleep(SOON).await;
        exit(owner, ExitReason::Kill);
    })
}

/// Two processes want one key, which is looked up.
pub(crate) fn keys() -> Body {
    Box::pin(async {
        let Ok(registry) = Registry::<u32, ()>::unique().start_link().await else {
            return;
        };
        for _ in 0..2 {
            let registry = registry.clone();
            spawn(async move |_| {
                let _ = registry.register(1, ()).await;
                sleep(SOON).await;
            });
        }
        sleep(SOON / 2).await;
        let _ = registry.whereis(&1).await;
        sleep(SOON).await;
        let _ = registry.whereis(&1).await;
    })
}

/// Two processes want one global name, which is looked up, given away and freed.
pub(crate) fn globals() -> Body {
    Box::pin(async {
        let Ok(names) = Global::<&str>::start_link().await else {
            return;
        };
        for _ in 0..2 {
            let names = names.clone();
            spawn(async move |_| {
                let _ = names.register_name("one", me()).await;
                sleep(SOON).await;
            });
        }
        sleep(SOON / 2).await;
        let _ = names.whereis_name(&"one").await;
        names.unregister_name(&"one").await;
        let _ = names.whereis_name(&"one").await;
        names.re_register_name("one", me()).await;
        let _ = names.whereis_name(&"one").await;
    })
}

/// A key is routed again and again.
pub(crate) fn partitions() -> Body {
    Box::pin(async {
        let started = PartitionSupervisor::start_link(DynamicSupervisor::child()).partitions(3);
        let Ok(partitions) = started.await else {
            return;
        };
        for _ in 0..4 {
            partitions.route("key").await;
        }
    })
}
