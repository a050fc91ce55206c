//! The server that the tests of behaviours talk to.

use beamline::prelude::*;
use std::time::Duration;

/// What it is to do when it is called.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Answer with the number.
    Echo(u64, Caller<u64>),
    /// Add to the number; answers with the sum.
    Add(u64, Caller<u64>),
    /// Answer with all that was noted.
    Notes(Caller<Vec<String>>),
    /// Answer after this time, holding up everybody.
    Slow(Duration, Caller<()>),
    /// Drop the request.
    Drop(Caller<()>),
    /// Keep the caller; `Tell::Release` answers.
    Keep(Caller<u64>),
    /// Have another process answer.
    Delegate(Caller<u64>),
    /// Answer, and then do this.
    Then(Do, Caller<()>),
    /// Do this without an answer.
    Instead(Do, Caller<()>),
    /// Stop with this reason, and answer after `terminate`.
    StopReply(ExitReason, Caller<&'static str>),
    /// Panic.
    Panic(Caller<()>),
}

/// What it is to do when it is told.
#[derive(Debug)]
pub(crate) enum Tell {
    /// Note this.
    Note(String),
    /// Answer all that were kept with this number.
    Release(u64),
    /// Do this next.
    Next(Do),
    /// Panic.
    Panic,
}

/// What comes next.
#[derive(Debug, Clone)]
pub(crate) enum Do {
    Timeout(Duration),
    Continue(Vec<u64>),
    Hibernate,
    Stop(ExitReason),
    Fail(ExitReason),
}

/// What it is started with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// Who is told what happens in it, as [`Noted`].
    pub watcher: Option<Pid>,
    /// How initialisation ends, if not by waiting.
    pub init: Option<Begin>,
    /// It traps exits.
    pub traps: bool,
    /// What `terminate` does.
    pub ending: Ending,
}

/// How initialisation ends.
#[derive(Debug, Clone)]
pub(crate) enum Begin {
    Then(Do),
    Ignore,
    Stop(ExitReason),
    Error(ExitReason),
    Panic,
    Exit(ExitReason),
    Sleep(Duration),
    Forever,
}

/// What `terminate` does.
#[derive(Debug, Clone, Default)]
pub(crate) enum Ending {
    #[default]
    Quiet,
    Panic,
    Sleep(Duration),
}

/// Something that happened in the server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Noted {
    Info(String),
    Timeout,
    Continue(u64),
    Terminate(ExitReason),
}

/// The server.
#[derive(Debug)]
pub(crate) struct Player {
    plan: Plan,
    number: u64,
    notes: Vec<String>,
    kept: Vec<Caller<u64>>,
}

impl Player {
    pub(crate) fn new(plan: Plan) -> Self {
        Player {
            plan,
            number: 0,
            notes: Vec::new(),
            kept: Vec::new(),
        }
    }

    fn tell(&self, noted: Noted) {
        if let Some(watcher) = self.plan.watcher {
            send(watcher, noted);
        }
    }
}

/// What a callback is to return.
pub(crate) fn next(what: Do) -> Flow<Player> {
    Ok(match what {
        Do::Timeout(time) => Next::Timeout(time),
        Do::Continue(steps) => Next::Continue(steps),
        Do::Hibernate => Next::Hibernate,
        Do::Stop(reason) => Next::Stop(reason),
        Do::Fail(reason) => return Err(reason),
    })
}

impl GenServer for Player {
    type Args = Plan;
    type Call = Ask;
    type Cast = Tell;
    type Info = Message;
    type Continue = Vec<u64>;

    async fn init(plan: Plan) -> Init<Self> {
        if plan.traps {
            trap_exit(true);
        }
        let begin = plan.init.clone();
        let player = Player::new(plan);
        match begin {
            None => Ok(player.into()),
            Some(Begin::Then(what)) => Ok(Ready::then(player, next(what)?)),
            Some(Begin::Ignore) => Err(Refusal::Ignore),
            Some(Begin::Stop(reason)) => Err(Refusal::Stop(reason)),
            Some(Begin::Error(reason)) => Err(Refusal::Error(reason)),
            Some(Begin::Panic) => panic!("init"),
            Some(Begin::Exit(reason)) => exit_now(reason),
            Some(Begin::Sleep(time)) => {
                sleep(time).await;
                Ok(player.into())
            }
            Some(Begin::Forever) => std::future::pending().await,
        }
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        match ask {
            Ask::Echo(number, caller) => caller.reply(number),
            Ask::Add(number, caller) => {
                self.number += number;
                caller.reply(self.number);
            }
            Ask::Notes(caller) => caller.reply(self.notes.clone()),
            Ask::Slow(time, caller) => {
                sleep(time).await;
                caller.reply(());
            }
            Ask::Drop(caller) => drop(caller),
            Ask::Keep(caller) => self.kept.push(caller),
            Ask::Delegate(caller) => {
                spawn(async |_: Mailbox| caller.reply(7));
            }
            Ask::Then(what, caller) => {
                caller.reply(());
                return next(what);
            }
            Ask::Instead(what, _caller) => return next(what),
            Ask::StopReply(reason, caller) => {
                return Ok(Next::StopReply(reason, caller.after_terminate("bye")));
            }
            Ask::Panic(_caller) => panic!("call"),
        }
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, tell: Tell) -> Flow<Self> {
        match tell {
            Tell::Note(note) => self.notes.push(note),
            Tell::Release(number) => {
                for caller in self.kept.drain(..) {
                    caller.reply(number);
                }
            }
            Tell::Next(what) => return next(what),
            Tell::Panic => panic!("cast"),
        }
        Ok(Next::Wait)
    }

    async fn handle_info(&mut self, message: Message) -> Flow<Self> {
        self.tell(Noted::Info(format!("{message:?}")));
        self.notes.push(format!("{message:?}"));
        Ok(Next::Wait)
    }

    async fn handle_timeout(&mut self) -> Flow<Self> {
        self.tell(Noted::Timeout);
        self.notes.push("timeout".into());
        Ok(Next::Wait)
    }

    async fn handle_continue(&mut self, mut steps: Vec<u64>) -> Flow<Self> {
        let step = steps.remove(0);
        self.tell(Noted::Continue(step));
        self.notes.push(format!("continue {step}"));
        Ok(if steps.is_empty() {
            Next::Wait
        } else {
            Next::Continue(steps)
        })
    }

    async fn terminate(&mut self, reason: &ExitReason) {
        self.tell(Noted::Terminate(reason.clone()));
        match self.plan.ending {
            Ending::Quiet => {}
            Ending::Panic => panic!("terminate"),
            Ending::Sleep(time) => sleep(time).await,
        }
    }

    fn format_status(&self) -> Option<String> {
        assert!(self.number != 13, "no status at thirteen");
        Some(format!("number {}", self.number))
    }
}

/// A player that nobody watches, without a link.
pub(crate) async fn player() -> Server<Player> {
    player_with(Plan::default()).await
}

/// A player with a plan, without a link.
pub(crate) async fn player_with(plan: Plan) -> Server<Player> {
    Player::start(plan).await.expect("it starts")
}

/// A plan that tells the caller what happens.
pub(crate) fn watched() -> Plan {
    Plan {
        watcher: Some(me()),
        ..Plan::default()
    }
}

/// A crash that is told by its value.
pub(crate) fn boom() -> ExitReason {
    ExitReason::other("boom")
}

/// Answers of system messages may come too late in the simulator, which may let any time pass: the
/// order is given until it has been followed, which is the same as once.
pub(crate) async fn insist<T, E: From<CallError> + PartialEq, F>(
    order: impl Fn() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    loop {
        match order().await {
            Err(error) if error == CallError::Timeout.into() => {}
            done => return done,
        }
    }
}
