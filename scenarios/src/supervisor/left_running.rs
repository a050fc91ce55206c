//! Trees that go on when nobody looks at them any more: their runs are over when nothing more can
//! happen, and by then everything must be in order again.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

use super::member::{at_rest, pid_of};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("supervisor::reconnects", reconnects)
            .about("a connection is lost, and the first attempts to get another one are refused")
            .expects(["reconnects.restored"])
            .settles(),
        Scenario::new("supervisor::stopped_meanwhile", stopped_meanwhile)
            .about("a child is stopped while attempts to restart it fail")
            .expects(["stopped_meanwhile.stopped"])
            .settles(),
        Scenario::new("supervisor::helper", helper)
            .about("a start function leaves a helper linked to the supervisor, and that ends")
            .expects(["helper.gone"])
            .settles(),
    ]
}

/// Long enough for every attempt of a run to count.
const PERIOD: Duration = Duration::from_secs(3600);

/// What connections are made to; it refuses the next so many of them.
struct Database(u32);

#[derive(Debug)]
struct Connect(Caller<bool>);

#[derive(Debug)]
struct Refuse(u32);

impl GenServer for Database {
    type Args = ();
    type Call = Connect;
    type Cast = Refuse;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Database(0).into())
    }

    async fn handle_call(&mut self, Connect(caller): Connect) -> Flow<Self> {
        caller.reply(self.0 == 0);
        self.0 = self.0.saturating_sub(1);
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Refuse(times): Refuse) -> Flow<Self> {
        self.0 = times;
        Ok(Next::Wait)
    }
}

/// A connection, which is there or is not.
struct Connection;

impl GenServer for Connection {
    type Args = Server<Database>;
    type Call = Never;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init(database: Server<Database>) -> Init<Self> {
        match database.call(Connect).no_timeout().await? {
            true => Ok(Connection.into()),
            false => Err(Refusal::Stop(ExitReason::other("refused"))),
        }
    }
}

/// Starts a tree below a process that only keeps it.
async fn kept(children: Vec<ChildSpec>, restarts: usize) -> Supervisor {
    let root = me();
    spawn(async move |mut mailbox: Mailbox| {
        let options = Supervisor::start_link(children).max_restarts(restarts, PERIOD);
        send(root, options.await?);
        mailbox.receive::<()>().await;
        Ok::<_, ExitReason>(())
    });
    mailbox().receive::<Supervisor>().await
}

/// A database, and a tree with a connection to it, which is lost now; the next so many attempts to
/// get another one are refused.
async fn lost(refusals: u32, restarts: usize) -> Result<(Supervisor, Pid), ExitReason> {
    let database = Database::start(()).await?;
    let tree = kept(vec![Connection::child(database).id("connection")], restarts).await;
    let Some(first) = pid_of(&at_rest(&tree).await?, "connection") else {
        return Err(ExitReason::other("the connection does not run"));
    };
    database.cast(Refuse(refusals));
    // Answered after what was cast: from now on it refuses, once less.
    database.call(Connect).no_timeout().await?;
    exit(first, ExitReason::Kill);
    Ok((tree, first))
}

async fn reconnects() -> Result<(), ExitReason> {
    let (tree, first) = lost(3, 5).await?;
    let second = loop {
        let children = at_rest(&tree).await?;
        match pid_of(&children, "connection") {
            Some(pid) if pid != first => break pid,
            _ => yield_now().await,
        }
    };
    let counted = tree.count_children().await?;
    always!("reconnects.one", counted.active == 1, "{counted:?}");
    sometimes!("reconnects.restored", alive(second).await);
    Ok(())
}

async fn stopped_meanwhile() -> Result<(), ExitReason> {
    let (tree, _) = lost(9, 5).await?;
    // The tree may have given up.
    if tree.terminate_child("connection").await.is_err() {
        return Ok(());
    }
    let children = at_rest(&tree).await?;
    let runs = pid_of(&children, "connection");
    always!("stopped_meanwhile.stays", runs.is_none(), "{children:?}");
    sometimes!("stopped_meanwhile.stopped", runs.is_none());
    Ok(())
}

/// A worker that waits for work, and whose first load is fetched by a helper: the start function
/// runs in the supervisor, and so does the link.
fn loaded() -> ChildSpec {
    ChildSpec::new("worker", || async {
        let worker = spawn_link(async |mut mailbox: Mailbox| {
            loop {
                mailbox.receive::<&str>().await;
            }
        });
        spawn_link(async move |_| {
            let _ = register("helper", me()).await;
            send(worker, "the first load");
        });
        Ok::<_, StartError>(worker)
    })
}

async fn helper() -> Result<(), ExitReason> {
    let tree = kept(vec![loaded()], 1).await;
    let first = pid_of(&at_rest(&tree).await?, "worker");
    // A helper that is over has no name.
    while whereis("helper").await.is_some() {
        yield_now().await;
    }
    let second = pid_of(&at_rest(&tree).await?, "worker");
    always!("helper.harmless", first == second, "{first:?} {second:?}");
    sometimes!("helper.gone", whereis("helper").await.is_none());
    Ok(())
}
