//! `register`, `whereis`, `unregister`, and a counter that is known by its name.

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::register", register_worker)
            .about("a name leads to a process until it is unregistered")
            .no_leaks(),
        Scenario::new("process::register_again", register_again)
            .about("a name is free once its owner is down")
            .no_leaks(),
        Scenario::new("process::named_counter", named_counter)
            .about("a counter that clients reach by name"),
    ]
}

#[derive(Debug)]
struct Hello(Pid);

#[derive(Debug)]
struct Got;

async fn work_once(mut mailbox: Mailbox) {
    let Hello(from) = mailbox.receive().await;
    send(from, Got);
}

async fn register_worker() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    let pid = spawn(work_once);
    register("my_worker", pid).await?;
    let found = whereis("my_worker").await;
    always!("register.found", found == Some(pid));

    let taken = register("my_worker", me()).await;
    let owner = match &taken {
        Err(RegisterError::Taken { by, .. }) => Some(*by),
        _ => None,
    };
    always!("register.unique", owner == Some(pid), "{taken:?}");

    unregister("my_worker").await?;
    let found = whereis("my_worker").await;
    always!("register.unregistered", found.is_none());
    let nobody = send("my_worker", Hello(me())).await;
    always!("register.no_destination", nobody.is_err());

    register("my_worker", pid).await?;
    send("my_worker", Hello(me())).await?;
    mailbox.receive::<Got>().await;
    Ok(())
}

async fn register_again() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    for _ in 0..2 {
        let (pid, reference) = spawn_monitor(work_once);
        register("my_worker", pid).await?;
        send("my_worker", Hello(me())).await?;
        mailbox.receive::<Got>().await;
        // The reply alone would not do: its sender still has the name until it is down.
        mailbox
            .receive_where(|down: &Down| down.reference == reference)
            .await;
        let found = whereis("my_worker").await;
        always!("register_again.free", found.is_none());
    }
    Ok(())
}

#[derive(Debug)]
enum Request {
    Increment,
    Get(Pid),
}

#[derive(Debug)]
struct Count(u64);

async fn count(mut mailbox: Mailbox) {
    let mut count = 0;
    loop {
        match mailbox.receive().await {
            Request::Increment => count += 1,
            Request::Get(caller) => send(caller, Count(count)),
        }
    }
}

async fn named_counter() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    let counter = spawn(count);
    register("counter", counter).await?;
    send("counter", Request::Increment).await?;
    send("counter", Request::Increment).await?;
    send("counter", Request::Get(me())).await?;
    let Count(count) = mailbox.receive().await;
    always!("named_counter.count", count == 2, "count is {count}");

    // By name or by pid, it is the same pair of processes, whose signals keep their order.
    send("counter", Request::Increment).await?;
    send(counter, Request::Get(me()));
    let Count(count) = mailbox.receive().await;
    always!("named_counter.one_order", count == 3, "count is {count}");
    Ok(())
}
