//! A server that writes down what it has collected before it ends.
//!
//! It traps exits, so that it does so when its parent ends as well (GS-63).

use beamline::prelude::*;
use beamline_sim::{Scenario, always, reachable};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::terminate", terminate)
            .about("nothing is lost in an orderly end")
            .expects([
                "terminate.stopped",
                "terminate.orphaned",
                "terminate.crashed",
            ])
            .no_leaks(),
    ]
}

struct Buffer {
    disk: Pid,
    lines: Vec<u8>,
}

#[derive(Debug)]
enum Tell {
    Add(u8),
    Crash,
}

#[derive(Debug)]
struct Sync(Caller<()>);

/// What is written to the disk.
#[derive(Debug, PartialEq)]
struct Written(Vec<u8>);

impl GenServer for Buffer {
    type Args = Pid;
    type Call = Sync;
    type Cast = Tell;
    type Info = Message;
    type Continue = Never;

    async fn init(disk: Pid) -> Init<Self> {
        trap_exit(true);
        let lines = Vec::new();
        Ok(Buffer { disk, lines }.into())
    }

    async fn handle_call(&mut self, Sync(caller): Sync) -> Flow<Self> {
        caller.reply(());
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, tell: Tell) -> Flow<Self> {
        match tell {
            Tell::Add(line) => self.lines.push(line),
            Tell::Crash => return Err(ExitReason::other("crash")),
        }
        Ok(Next::Wait)
    }

    async fn terminate(&mut self, _: &ExitReason) {
        send(self.disk, Written(std::mem::take(&mut self.lines)));
    }
}

/// How the server comes to its end.
#[derive(Clone, Copy)]
enum End {
    Stopped,
    Orphaned,
    Crashed,
}

async fn collect(end: End, disk: Pid) -> Result<(), ExitReason> {
    let buffer = Buffer::start_link(disk).await?;
    for line in [1, 2] {
        buffer.cast(Tell::Add(line));
    }
    match end {
        End::Stopped => buffer.stop().await?,
        End::Orphaned => buffer.call(Sync).no_timeout().await?,
        End::Crashed => buffer.cast(Tell::Crash),
    }
    if let End::Crashed = end {
        // The crash comes over the link.
        std::future::pending::<()>().await;
    }
    Ok(())
}

async fn terminate() {
    let (mut mailbox, disk) = (mailbox(), me());
    for end in [End::Stopped, End::Orphaned, End::Crashed] {
        let (_, watch) = spawn_monitor(move |_: Mailbox| collect(end, disk));
        let written = mailbox.receive::<Written>().await;
        always!(
            "terminate.all_written",
            written == Written(vec![1, 2]),
            "{written:?}"
        );
        mailbox
            .receive_where(|down: &Down| down.reference == watch)
            .await;
        match end {
            End::Stopped => reachable!("terminate.stopped"),
            End::Orphaned => reachable!("terminate.orphaned"),
            End::Crashed => reachable!("terminate.crashed"),
        }
    }
}
