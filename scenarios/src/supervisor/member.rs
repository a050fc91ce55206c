//! A member of a tree, which writes into a journal when it comes up and when it is stopped, so that
//! there is one order of what happened.

use beamline::prelude::*;
use beamline::{ChildInfo, ChildState};

/// What is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    Up(&'static str),
    Stopped(&'static str),
}

/// The journal; it belongs to none of the trees.
pub(super) struct Journal(Vec<Note>);

#[derive(Debug)]
pub(super) enum Request {
    Write(Note, Caller<()>),
    Read(Caller<Vec<Note>>),
}

impl GenServer for Journal {
    type Args = ();
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Journal(Vec::new()).into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match request {
            Request::Write(note, caller) => {
                self.0.push(note);
                caller.reply(());
            }
            Request::Read(caller) => caller.reply(std::mem::take(&mut self.0)),
        }
        Ok(Next::Wait)
    }
}

/// What was written since this was asked last.
pub(super) async fn notes(journal: Server<Journal>) -> Result<Vec<Note>, CallError> {
    journal.call(Request::Read).no_timeout().await
}

async fn write(journal: Server<Journal>, note: Note) -> Result<(), CallError> {
    let written = journal.call(|caller| Request::Write(note, caller));
    written.no_timeout().await
}

/// A server that ends as it is told.
pub(super) struct Member {
    id: &'static str,
    journal: Server<Journal>,
}

#[derive(Debug)]
pub(super) struct End(pub(super) ExitReason);

impl GenServer for Member {
    type Args = (&'static str, Server<Journal>);
    type Call = Never;
    type Cast = End;
    type Info = Message;
    type Continue = Never;

    async fn init((id, journal): Self::Args) -> Init<Self> {
        trap_exit(true);
        write(journal, Note::Up(id)).await?;
        Ok(Member { id, journal }.into())
    }

    async fn handle_cast(&mut self, End(reason): End) -> Flow<Self> {
        Ok(Next::Stop(reason))
    }

    async fn terminate(&mut self, reason: &ExitReason) {
        if *reason == ExitReason::Shutdown {
            // Without a journal nobody reads this.
            let _ = write(self.journal, Note::Stopped(self.id)).await;
        }
    }
}

/// A member as a child that has as long to stop as it takes: in the simulator any time may be up at
/// any moment.
pub(super) fn member(id: &'static str, journal: Server<Journal>) -> ChildSpec {
    let spec = Member::child((id, journal)).id(id);
    spec.shutdown(Shutdown::Infinity)
}

/// A crash.
pub(super) fn boom() -> ExitReason {
    ExitReason::other("boom")
}

/// Ends a member and waits until it is dead.
pub(super) async fn end(mailbox: &mut Mailbox, member: Pid, reason: ExitReason) {
    let watch = monitor(member);
    Server::<Member>::of(member).cast(End(reason));
    let is_it = |down: &Down| down.reference == watch;
    mailbox.receive_where(is_it).await;
}

/// Waits until no child that a supervisor lists is dead: its children, the eldest first.
pub(super) async fn at_rest(supervisor: &Supervisor) -> Result<Vec<ChildInfo>, CallError> {
    loop {
        let mut children = supervisor.which_children().await?;
        let mut rests = true;
        for info in &children {
            rests &= match info.child {
                ChildState::Running(pid) => alive(pid).await,
                ChildState::Stopped => true,
                ChildState::Restarting(_) => false,
            };
        }
        if rests {
            children.reverse();
            return Ok(children);
        }
        sleep(std::time::Duration::from_millis(1)).await;
    }
}

/// The process of a child, if it runs.
pub(super) fn pid_of(children: &[ChildInfo], id: &str) -> Option<Pid> {
    let info = children.iter().find(|info| info.id == Some(id.into()))?;
    info.child.pid()
}
