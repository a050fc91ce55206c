//! A unique registry: workers under keys with a value each, and metadata of the whole.

use beamline::RegistryEvent;
use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

type Workers = Registry<u32, &'static str>;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("names::unique", unique)
            .about("a unique registry in two partitions: values, metadata, a listener, a death")
            .expects(["unique.looked_up_dead", "unique.already_gone"])
            .no_leaks(),
    ]
}

/// A message without content.
#[derive(Debug)]
struct Go;

/// A worker that registers, changes its value, and works until it is told to go.
async fn work(workers: Workers, root: Pid, key: u32, mut mailbox: Mailbox) {
    let registered = workers.register(key, "idle").await;
    always!("unique.free", registered.is_ok(), "{registered:?}");
    let updated = workers.update_value(&key, |_| "busy").await;
    always!("unique.updated", updated == Some(("busy", "idle")));
    send(root, key);
    mailbox.receive::<Go>().await;
}

async fn unique() -> Result<(), ExitReason> {
    let (mut mailbox, root) = (mailbox(), me());
    register("listener", root).await?;
    let workers = Workers::unique().partitions(2).listener("listener");
    let workers = workers.start_link().await?;
    workers.put_meta("limit", 8_u32).await;
    let limit = workers.meta::<u32>("limit").await;
    always!("unique.metadata", limit == Some(8), "{limit:?}");
    let pids: [Pid; 3] = [1, 2, 3].map(|key| {
        let workers = workers.clone();
        spawn(async move |mailbox: Mailbox| work(workers, root, key, mailbox).await)
    });
    for _ in &pids {
        mailbox.receive::<u32>().await;
    }
    for _ in &pids {
        let heard = mailbox.receive::<RegistryEvent<u32, &'static str>>().await;
        let registered = matches!(heard, RegistryEvent::Registered { value: "idle", .. });
        always!("unique.heard", registered, "{heard:?}");
    }
    let busy = workers.count_select(|_, _, value| *value == "busy").await;
    always!("unique.all_busy", busy == 3, "{busy} are busy");
    let refused = workers.register(1, "second").await;
    always!("unique.refused", refused.is_err());

    let watch = monitor(pids[0]);
    send(pids[0], Go);
    mailbox
        .receive_where(|down: &Down| down.reference == watch)
        .await;
    // The registry hears of it by and by; who looks for the living never finds the dead.
    match workers.lookup(&1).await.first() {
        Some(_) => sometimes!("unique.looked_up_dead", true),
        None => sometimes!("unique.already_gone", true),
    }
    always!(
        "unique.only_the_living",
        workers.whereis(&1).await.is_none()
    );
    let taken_over = workers.register(1, "mine").await;
    always!("unique.taken_over", taken_over.is_ok(), "{taken_over:?}");
    always!("unique.own_key", workers.keys(root).await == [1]);
    for pid in &pids[1..] {
        send(*pid, Go);
    }
    Ok(())
}
