//! R1 and R2: looking up keys in a registry, and dispatching to all under one.

use super::collector::{Item, Sum, collector, sum};
use crate::measure::{Figures, Stopwatch};
use crate::shape;
use beamline::prelude::*;

/// How many keys R1 looks up in turn.
const KEYS: u64 = 1_000;

/// A message without content.
#[derive(Debug)]
struct Registered;

/// Waits until so many processes have registered.
async fn registered(mailbox: &mut Mailbox, processes: u64) {
    for _ in 0..processes {
        let Registered = mailbox.receive().await;
    }
}

/// R1: lookups in a unique registry of one partition.
pub(crate) async fn look_up(mut mailbox: Mailbox, n: u64) -> Figures {
    let (start, root) = (Registry::<u64>::unique().start_link(), me());
    let registry = start.await.expect("it starts");
    for key in 0..KEYS {
        let registry = registry.clone();
        spawn(async move |_: Mailbox| {
            registry.register(key, ()).await.expect("it is free");
            send(root, Registered);
            std::future::pending::<()>().await;
        });
    }
    registered(&mut mailbox, KEYS).await;
    let watch = Stopwatch::start();
    for number in 0..n {
        let found = registry.lookup(&(number % KEYS)).await;
        assert_eq!(found.len(), 1);
    }
    watch.stop(n)
}

/// R2: one publisher dispatches to its subscribers under one key, round after round.
pub(crate) async fn dispatch(mut mailbox: Mailbox, n: u64) -> Figures {
    let (start, root) = (Registry::<&str>::duplicate().start_link(), me());
    let registry = start.await.expect("it starts");
    let rounds = n / shape::SUBSCRIBERS;
    let done = collector(shape::SUBSCRIBERS);
    for _ in 0..shape::SUBSCRIBERS {
        let registry = registry.clone();
        spawn(async move |mut mailbox: Mailbox| {
            registry
                .register("topic", ())
                .await
                .expect("any number may");
            send(root, Registered);
            send(done, Item(sum(&mut mailbox, rounds).await));
            // Ended only with the program, so that the registry forgets nobody meanwhile.
            std::future::pending::<()>().await;
        });
    }
    registered(&mut mailbox, shape::SUBSCRIBERS).await;
    let watch = Stopwatch::start();
    for round in 0..rounds {
        let each = |entries: &[(Pid, ())]| {
            for (pid, ()) in entries {
                send(*pid, Item(round));
            }
        };
        registry.dispatch(&"topic", each).await;
    }
    let Sum(sum) = mailbox.receive().await;
    let figures = watch.stop(rounds * shape::SUBSCRIBERS);
    assert_eq!(sum, shape::SUBSCRIBERS * (rounds * (rounds - 1) / 2));
    figures
}
