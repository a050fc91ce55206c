//! How a server may begin: with a timeout, not at all, or with a failure.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::starting", starting)
            .about("starts with a timeout, ignore and stop, and a taken name")
            .expects(["starting.idle", "starting.greeted_first"])
            .no_leaks(),
    ]
}

const PATIENCE: Duration = Duration::from_millis(3);

/// Says so when nobody has greeted it in time.
struct Door {
    watcher: Pid,
}

#[derive(Debug, Clone, Copy)]
enum Open {
    Patiently(Pid),
    NotToday,
    Broken,
}

#[derive(Debug)]
struct Greet(Caller<()>);

#[derive(Debug)]
struct Idle;

impl GenServer for Door {
    type Args = Open;
    type Call = Greet;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init(open: Open) -> Init<Self> {
        match open {
            Open::Patiently(watcher) => Ok(Ready::then(Door { watcher }, Next::Timeout(PATIENCE))),
            Open::NotToday => Err(Refusal::Ignore),
            Open::Broken => Err(Refusal::Stop(ExitReason::other("broken"))),
        }
    }

    async fn handle_call(&mut self, Greet(caller): Greet) -> Flow<Self> {
        caller.reply(());
        Ok(Next::Wait)
    }

    async fn handle_timeout(&mut self) -> Flow<Self> {
        send(self.watcher, Idle);
        Ok(Next::Wait)
    }
}

async fn starting() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    trap_exit(true);
    let begun = now();
    let refused = Door::start_link(Open::NotToday).name("door").await;
    always!(
        "starting.ignore",
        refused == Err(StartError::Ignore),
        "{refused:?}"
    );
    let broken = Door::start_link(Open::Broken).name("door").await;
    let failed = StartError::Failed(ExitReason::other("broken"));
    always!("starting.stop", broken == Err(failed), "{broken:?}");

    // Both have given the name back.
    let door = Door::start_link(Open::Patiently(me())).name("door").await?;
    let again = Door::start_link(Open::NotToday).name("door").await;
    let taken = StartError::AlreadyStarted(Some(door.pid()));
    always!("starting.taken", again == Err(taken), "{again:?}");

    door.call(Greet).no_timeout().await?;
    // What the server told before its answer has come before the answer.
    let idle = mailbox.receive_timeout::<Idle>(Duration::ZERO).await;
    sometimes!("starting.idle", idle.is_some());
    sometimes!("starting.greeted_first", idle.is_none());
    let early = idle.is_some() && begun.elapsed() < PATIENCE;
    always!("starting.not_early", !early, "after {:?}", begun.elapsed());
    door.stop().await?;
    let Exit { from, reason } = mailbox.receive().await;
    always!(
        "starting.end",
        from == door.pid() && reason.is_normal(),
        "{reason}"
    );
    Ok(())
}
