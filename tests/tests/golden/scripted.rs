//! The server of the cases about servers: what it does is sent to it, as in `servers.erl`.

use std::fmt;
use std::future::pending;
use std::time::Duration;

use beamline::prelude::*;

use crate::written::{reason, show};

/// What it does when it is called.
type Act = Box<dyn FnOnce(&mut Scripted, Caller<String>) -> Flow<Scripted> + Send>;

/// A request: the caller, and what to do about it.
pub(crate) struct Ask(Caller<String>, Act);

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ask")
    }
}

/// What it does when it is told to.
type Deed = Box<dyn FnOnce(&mut Scripted) -> Flow<Scripted> + Send>;

/// What it is told.
pub(crate) enum Tell {
    Note(&'static str),
    /// Answers who is kept.
    Release,
    Do(Deed),
}

impl fmt::Debug for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tell::Note(note) => f.write_str(note),
            Tell::Release => f.write_str("Release"),
            Tell::Do(_) => f.write_str("Do"),
        }
    }
}

/// How it begins.
pub(crate) enum Begin {
    Wait,
    Continue,
    TimeoutZero,
    Ignore,
    Stop(ExitReason),
    Exit(ExitReason),
    Crash,
    Forever,
}

/// What it is started with.
pub(crate) struct Plan {
    begin: Begin,
    tell: Option<Pid>,
    traps: bool,
}

impl Plan {
    pub(crate) fn new(begin: Begin) -> Self {
        Plan {
            begin,
            tell: None,
            traps: false,
        }
    }

    /// Who is told what happens.
    pub(crate) fn told(self, tell: Pid) -> Self {
        let tell = Some(tell);
        Plan { tell, ..self }
    }
}

/// What its `terminate` does, besides telling the reason.
pub(crate) enum Ending {
    Quiet,
    Exit(ExitReason),
    Forever,
}

/// The server.
pub(crate) struct Scripted {
    pub(crate) notes: Vec<String>,
    pub(crate) ending: Ending,
    kept: Option<Caller<String>>,
    tell: Option<Pid>,
}

impl From<Plan> for Scripted {
    fn from(plan: Plan) -> Self {
        Scripted {
            notes: Vec::new(),
            ending: Ending::Quiet,
            kept: None,
            tell: plan.tell,
        }
    }
}

impl Scripted {
    pub(crate) fn tell(&self, what: String) {
        if let Some(pid) = self.tell {
            send(pid, what);
        }
    }
}

impl GenServer for Scripted {
    type Args = Plan;
    type Call = Ask;
    type Cast = Tell;
    type Info = Message;
    type Continue = &'static str;

    async fn init(plan: Plan) -> Init<Self> {
        trap_exit(plan.traps);
        let next = match &plan.begin {
            Begin::Wait => Next::Wait,
            Begin::Continue => Next::Continue("on"),
            Begin::TimeoutZero => Next::Timeout(Duration::ZERO),
            Begin::Ignore => return Err(Refusal::Ignore),
            Begin::Stop(reason) => return Err(Refusal::Stop(reason.clone())),
            Begin::Exit(reason) => exit_now(reason.clone()),
            Begin::Crash => panic!("boom"),
            Begin::Forever => pending().await,
        };
        Ok(Ready::then(plan.into(), next))
    }

    async fn handle_call(&mut self, Ask(caller, act): Ask) -> Flow<Self> {
        act(self, caller)
    }

    async fn handle_cast(&mut self, tell: Tell) -> Flow<Self> {
        match tell {
            Tell::Note(note) => self.notes.push(note.into()),
            Tell::Release => {
                if let Some(caller) = self.kept.take() {
                    caller.reply("late".into());
                }
            }
            Tell::Do(act) => return act(self),
        }
        Ok(Next::Wait)
    }

    async fn handle_info(&mut self, message: Message) -> Flow<Self> {
        match message.peek::<Exit>() {
            Some(exit) => self.tell(format!("exit {}", reason(&exit.reason))),
            None => {
                let note = show(&message, &[]);
                self.tell(note.clone());
                self.notes.push(note);
            }
        }
        Ok(Next::Wait)
    }

    async fn handle_timeout(&mut self) -> Flow<Self> {
        self.tell("timeout".into());
        self.notes.push("timeout".into());
        Ok(Next::Wait)
    }

    async fn handle_continue(&mut self, note: &'static str) -> Flow<Self> {
        self.notes.push(note.into());
        Ok(Next::Wait)
    }

    async fn terminate(&mut self, why: &ExitReason) {
        self.tell(format!("terminates {}", reason(why)));
        match &self.ending {
            Ending::Quiet => {}
            Ending::Exit(reason) => exit_now(reason.clone()),
            Ending::Forever => pending().await,
        }
    }
}

/// A request to do this.
pub(crate) fn ask<F>(caller: Caller<String>, act: F) -> Ask
where
    F: FnOnce(&mut Scripted, Caller<String>) -> Flow<Scripted> + Send + 'static,
{
    Ask(caller, Box::new(act))
}

/// A message to do this.
pub(crate) fn do_next<F>(act: F) -> Tell
where
    F: FnOnce(&mut Scripted) -> Flow<Scripted> + Send + 'static,
{
    Tell::Do(Box::new(act))
}

/// Has a server do something, and waits for its answer.
pub(crate) async fn call<F>(server: Server<Scripted>, act: F) -> String
where
    F: FnOnce(&mut Scripted, Caller<String>) -> Flow<Scripted> + Send + 'static,
{
    answer(server.call(|caller| ask(caller, act)).no_timeout().await)
}

pub(crate) fn echo(_: &mut Scripted, caller: Caller<String>) -> Flow<Scripted> {
    caller.reply("echo".into());
    Ok(Next::Wait)
}

/// Answers with what was noted.
pub(crate) fn notes(scripted: &mut Scripted, caller: Caller<String>) -> Flow<Scripted> {
    caller.reply(match scripted.notes.is_empty() {
        true => "nothing".into(),
        false => scripted.notes.join(", "),
    });
    Ok(Next::Wait)
}

/// Does not answer until it is told to.
pub(crate) fn keep(scripted: &mut Scripted, caller: Caller<String>) -> Flow<Scripted> {
    scripted.kept = Some(caller);
    Ok(Next::Wait)
}

/// How a call came out.
pub(crate) fn answer(result: Result<String, CallError>) -> String {
    match result {
        Ok(text) => text,
        Err(CallError::NoProc) => "failed noproc".into(),
        Err(CallError::Down(why)) => format!("failed {}", reason(&why)),
        Err(CallError::Timeout) => "failed timeout".into(),
        Err(CallError::CallingSelf) => "failed calling_self".into(),
        Err(other) => format!("failed {other:?}"),
    }
}

/// How a start came out.
pub(crate) fn started<T>(result: &Result<T, StartError>) -> String {
    match result {
        Ok(_) => "ok".into(),
        Err(StartError::Ignore) => "ignore".into(),
        Err(StartError::AlreadyStarted(_)) => "already_started".into(),
        Err(StartError::Timeout) => "error timeout".into(),
        Err(StartError::Failed(why)) => format!("error {}", reason(why)),
        Err(other) => format!("error {other:?}"),
    }
}

async fn run(plan: Plan) -> Server<Scripted> {
    Scripted::start(plan).await.expect("it starts")
}

/// A server that tells nobody.
pub(crate) async fn server() -> Server<Scripted> {
    run(Plan::new(Begin::Wait)).await
}

/// One that tells the caller.
pub(crate) async fn telling() -> Server<Scripted> {
    run(Plan::new(Begin::Wait).told(me())).await
}

/// One that has a name.
pub(crate) async fn named(name: &'static str) {
    let start = Scripted::start(Plan::new(Begin::Wait)).name(name);
    start.await.expect("it starts");
}

/// One that traps exits and is linked to the caller.
pub(crate) async fn linked(tell: Pid) -> Server<Scripted> {
    let plan = Plan {
        traps: true,
        ..Plan::new(Begin::Wait).told(tell)
    };
    Scripted::start_link(plan).await.expect("it starts")
}
