//! The state machine that the tests of state machines talk to: each test writes its reactions.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::both;

/// What a machine does about an event: its state, the event in words (`cast x`, `internal x`,
/// `call x`, `info x`, `state x`, `event x`, `timer name x`), and the event.
pub(crate) type React = fn(&mut Puppet, &'static str, &str, Event<Puppet>) -> Transition<Puppet>;

/// What it does when it enters a state from another.
pub(crate) type OnEnter = fn(&mut Puppet, &'static str, &'static str) -> Entering<Puppet>;

/// What it is started with.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub init: fn(Puppet) -> Begin<Puppet>,
    pub react: React,
    /// Entering states is noted if there is one.
    pub enter: Option<OnEnter>,
    pub terminate: fn(&mut Puppet),
    pub traps: bool,
    /// Who is told what it does, as [`Noted`].
    pub watcher: Pid,
}

impl Script {
    /// Begins in state `a` and reacts so; whoever makes it watches.
    pub(crate) fn new(react: React) -> Self {
        Script {
            init: |puppet| begin("a", puppet),
            react,
            enter: None,
            terminate: |_| {},
            traps: false,
            watcher: me(),
        }
    }

    pub(crate) fn init(self, init: fn(Puppet) -> Begin<Puppet>) -> Self {
        Script { init, ..self }
    }

    pub(crate) fn enter(self, enter: OnEnter) -> Self {
        let enter = Some(enter);
        Script { enter, ..self }
    }

    pub(crate) fn terminate(self, terminate: fn(&mut Puppet)) -> Self {
        Script { terminate, ..self }
    }

    pub(crate) fn traps(self) -> Self {
        Script {
            traps: true,
            ..self
        }
    }

    /// Starts it without a link.
    pub(crate) async fn start(self) -> StateMachine<Puppet> {
        Puppet::start(self).await.expect("it starts")
    }

    /// All that it notes until it has noted so much and is stopped.
    pub(crate) async fn play(self, casts: &[&'static str], notes: usize) -> Vec<String> {
        let mut mailbox = mailbox();
        let machine = self.start().await;
        for cast in casts {
            machine.cast(cast);
        }
        let mut noted = seen(&mut mailbox, notes).await;
        machine.stop().await.expect("it stops");
        noted.append(&mut rest(&mut mailbox).await);
        assert_eq!(noted.pop().as_deref(), Some("terminate normal"));
        noted
    }

    /// The exit reason after these casts, and all that it notes.
    pub(crate) async fn end(self, casts: &[&'static str]) -> (ExitReason, Vec<String>) {
        let mut mailbox = mailbox();
        let (machine, _) = Puppet::start_monitor(self).await.expect("it starts");
        for cast in casts {
            machine.cast(cast);
        }
        let reason = mailbox.receive::<Down>().await.reason;
        (reason, rest(&mut mailbox).await)
    }
}

/// A machine that is cast these, reacts so, and notes exactly that, on both backends.
#[track_caller]
pub(crate) fn plays(
    name: &'static str,
    casts: &'static [&'static str],
    react: React,
    expected: &'static [&'static str],
) {
    both(name, move || async move {
        let noted = Script::new(react).play(casts, expected.len()).await;
        assert_eq!(noted, expected);
    });
}

/// The next notes.
pub(crate) async fn seen(mailbox: &mut Mailbox, notes: usize) -> Vec<String> {
    let mut seen = Vec::new();
    while seen.len() < notes {
        seen.push(mailbox.receive::<Noted>().await.0);
    }
    seen
}

/// The notes that are there.
pub(crate) async fn rest(mailbox: &mut Mailbox) -> Vec<String> {
    let mut rest = Vec::new();
    while let Some(noted) = mailbox.receive_timeout::<Noted>(Duration::ZERO).await {
        rest.push(noted.0);
    }
    rest
}

/// Something that happened in a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Noted(pub String);

/// A call, which the reaction answers.
#[derive(Debug)]
pub(crate) struct Ask(pub &'static str, pub Caller<&'static str>);

/// The machine. Its data are a number and callers.
pub(crate) struct Puppet {
    pub script: Script,
    pub number: u64,
    pub kept: Vec<Caller<&'static str>>,
}

impl Puppet {
    /// Tells the watcher.
    pub(crate) fn note(&self, text: impl Into<String>) {
        send(self.script.watcher, Noted(text.into()));
    }
}

impl GenStateMachine for Puppet {
    type Args = Script;
    type State = &'static str;
    type Call = Ask;
    type Cast = &'static str;
    type Info = Message;
    type Internal = &'static str;
    type TimerName = &'static str;

    async fn init(script: Script) -> Begin<Self> {
        if script.traps {
            trap_exit(true);
        }
        let init = script.init;
        init(Puppet {
            script,
            number: 0,
            kept: Vec::new(),
        })
    }

    async fn handle_event(&mut self, state: &&'static str, event: Event<Self>) -> Transition<Self> {
        let what = words(&event);
        self.note(format!("{state} {what}"));
        (self.script.react)(self, state, &what, event)
    }

    async fn enter(&mut self, old: &&'static str, state: &&'static str) -> Entering<Self> {
        let Some(enter) = self.script.enter else {
            return Enter::done();
        };
        self.note(format!("enter {old}>{state}"));
        enter(self, old, state)
    }

    async fn terminate(&mut self, reason: &ExitReason, state: &&'static str) {
        match reason {
            ExitReason::Normal => self.note("terminate normal"),
            _ => self.note(format!(
                "terminate in {state} with {}: {reason}",
                self.number
            )),
        }
        (self.script.terminate)(self);
    }
}

fn words(event: &Event<Puppet>) -> String {
    let with = |what: &str, content: &Option<&'static str>| match content {
        Some(content) => format!("{what} {content}"),
        None => what.to_string(),
    };
    match event {
        Event::Call(Ask(what, _)) => format!("call {what}"),
        Event::Cast(what) => format!("cast {what}"),
        Event::Info(message) => format!("info {message:?}"),
        Event::EventTimeout(content) => with("event", content),
        Event::StateTimeout(content) => with("state", content),
        Event::Timer(name, content) => with(&format!("timer {name}"), content),
        Event::Internal(what) => format!("internal {what}"),
    }
}

/// A timeout of no time.
pub(crate) fn zero() -> Timeout<&'static str> {
    Timeout::after(Duration::ZERO)
}

/// A timeout of no time with a content.
pub(crate) fn now_with(content: &'static str) -> Timeout<&'static str> {
    zero().with(content)
}

/// A timeout that comes soon.
pub(crate) fn soon() -> Timeout<&'static str> {
    Timeout::after(Duration::from_millis(2))
}

/// A timeout that does not come while a test runs.
pub(crate) fn far() -> Timeout<&'static str> {
    Timeout::after(Duration::from_secs(100_000_000))
}

/// An event that a machine makes for itself.
pub(crate) fn own(what: &'static str) -> Event<Puppet> {
    Event::Internal(what)
}
