//! One leader at a time, and a resource that is used by one at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use beamline::prelude::*;
use beamline::{Aborted, LockId, Retries};
use beamline_sim::{Scenario, always, sometimes};

/// What has a name, and what can be locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Thing {
    Leader,
    Disk,
}

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("names::leader", leader)
            .about("candidates for a global name: one has it, and another takes over when it ends")
            .expects(["leader.last_first"])
            .no_leaks(),
        Scenario::new("names::transaction", transaction)
            .about("transactions under a global lock read and write without losing anything")
            .expects(["transaction.aborted", "transaction.obtained"])
            .no_leaks(),
    ]
}

/// The number of a candidate that has become the leader.
#[derive(Debug)]
struct Leads(u32);

/// Becomes the leader now or when whoever leads has ended, says so, and leads until it is killed.
async fn candidate(names: Global<Thing>, root: Pid, number: u32, mut mailbox: Mailbox) {
    while names.register_name(Thing::Leader, me()).await.is_err() {
        if let Some(leader) = names.whereis_name(&Thing::Leader).await {
            let watch = monitor(leader);
            mailbox
                .receive_where(|down: &Down| down.reference == watch)
                .await;
        }
    }
    send(root, Leads(number));
    std::future::pending().await
}

async fn leader() -> Result<(), ExitReason> {
    let (mut mailbox, root) = (mailbox(), me());
    let names = Global::<Thing>::start_link().await?;
    for number in 0..3 {
        let names = names.clone();
        spawn(async move |mailbox: Mailbox| candidate(names, root, number, mailbox).await);
    }
    let mut led = Vec::new();
    for term in 0..3 {
        let Leads(number) = mailbox.receive().await;
        always!("leader.once", !led.contains(&number), "{led:?}, {number}");
        sometimes!("leader.last_first", term == 0 && number == 2);
        led.push(number);
        let leader = names.whereis_name(&Thing::Leader).await;
        always!("leader.found", leader.is_some());
        let early = mailbox
            .receive_timeout::<Leads>(std::time::Duration::ZERO)
            .await;
        always!("leader.alone", early.is_none(), "{early:?} leads as well");
        if let Some(leader) = leader {
            exit(leader, ExitReason::Kill);
        }
    }
    Ok(())
}

async fn transaction() -> Result<(), ExitReason> {
    let names = Global::<Thing>::start_link().await?;
    let written = Arc::new(AtomicU32::new(0));
    let tasks = (0..2).map(|_| {
        let (names, written) = (names.clone(), Arc::clone(&written));
        Task::spawn(async move {
            let add = async {
                let read = written.load(Ordering::SeqCst);
                yield_now().await;
                written.store(read + 1, Ordering::SeqCst);
            };
            let disk = LockId::new(Thing::Disk);
            names.transaction(&disk, Retries::Forever, add).await
        })
    });
    let tasks: Vec<_> = tasks.collect();
    // Who does not want to wait may have to do without.
    let disk = LockId::new(Thing::Disk);
    let look = names.transaction(&disk, 0, async { written.load(Ordering::SeqCst) });
    match look.await {
        Ok(seen) => {
            always!("transaction.whole", seen <= 2, "{seen}");
            sometimes!("transaction.obtained", true);
        }
        Err(Aborted) => sometimes!("transaction.aborted", true),
    }
    for ended in Task::join_all(tasks, None).await? {
        always!("transaction.ran", ended.is_ok());
    }
    let total = written.load(Ordering::SeqCst);
    always!(
        "transaction.total",
        total == 2,
        "two additions make {total}"
    );
    Ok(())
}
