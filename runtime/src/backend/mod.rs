//! The seam between the kernel and what drives it.
//!
//! A backend runs ready processes, tells the time, arms timers, draws entropy and, if it wants
//! to, carries signals itself and observes transitions. Everything else exists once, above the
//! seam (contract C1). There are two: `threads` here, and the simulated one of `beamline-sim`.
//!
//! This module is public for backends only and promises no stability.

pub mod context;
pub mod record;

use std::time::Duration;

use crate::kernel::name::Name;
use crate::kernel::node::Node;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;

/// Nanoseconds since the system began.
pub type Nanos = u64;

/// One wait of a process for a deadline.
pub type Wait = u32;

/// Where a signal comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A process.
    Process(Pid),
    /// The timer service, which is nobody's peer (TMR-8).
    Timers,
    /// A thread that is no process.
    Outside,
}

/// A place at which a backend may let others go first (contract C3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point<'a> {
    /// A receive, before it looks at its mailbox.
    Receive,
    /// A receive that looks once and does not wait: what has not arrived by now, it does not find.
    Look,
    /// The name table, the process table, a timer or a registry is about to be read or changed.
    Table {
        /// What is about to be done; for a registry in the third person, as stories tell it.
        op: &'static str,
        /// To what: a name, or nothing for all there is.
        on: &'a str,
        /// Whether it changes anything.
        write: bool,
    },
    /// The body asked to let others go first.
    Yield,
}

/// To whom a timer sends.
#[derive(Debug, Clone)]
pub enum TimerTarget {
    /// A process.
    Pid(Pid),
    /// Whoever has the name when the timer fires (TMR-10).
    Name(Name),
}

/// The identity of a timer started with [`send_after`](crate::send_after).
#[doc(alias = "timer_ref")]
#[derive(Debug, Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timer {
    /// Which wheel or clock holds it.
    #[doc(hidden)]
    pub wheel: u32,
    /// Its place there.
    #[doc(hidden)]
    pub entry: u32,
    /// How often the place had been used.
    #[doc(hidden)]
    pub generation: u64,
}

/// The message of a timer made by [`start_timer`](crate::start_timer) (TMR-2).
#[doc(alias = "timeout")]
#[derive(Debug)]
pub struct TimerFired {
    /// The timer.
    pub timer: Timer,
    /// What it was given.
    pub payload: Message,
}

/// An expectation of the program about itself, checked as it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyKind {
    /// Must hold whenever it is reached.
    Always,
    /// Must hold at least once in a campaign.
    Sometimes,
    /// Must hold at the end of every run in which it was asked.
    Eventually,
    /// Must be reached at least once in a campaign.
    Reachable,
    /// Must never be reached.
    Unreachable,
}

/// One look at a property.
#[derive(Debug)]
pub struct Property<'a> {
    /// Its kind.
    pub kind: PropertyKind,
    /// The id that names it everywhere.
    pub id: &'a str,
    /// Whether the condition held.
    pub held: bool,
    /// What the program has to say about it.
    pub detail: Option<String>,
    /// Where it stands in the source.
    pub location: &'static std::panic::Location<'static>,
}

/// A unit of work for [`blocking`](crate::blocking).
pub type Job = Box<dyn FnOnce() + Send>;

/// What drives a system; see the module's documentation.
pub trait Backend {
    /// A number for spreading processes over tables: the same for a process as long as it lives,
    /// and in a simulation not dependent on the schedule (contract C5).
    fn spread(&self, pid: Pid) -> u64 {
        u64::from(pid.slot())
    }

    /// A process that was spawned as a root has ended.
    fn ended(&self, pid: Pid, reason: &ExitReason);

    /// Whether a process whose body has come to its end is to end by an event of its own, rather
    /// than at once. Called only if the context says `carries`.
    fn hold_end(&self, slot: u32, named: bool) -> bool;

    /// Run this process: it has just been spawned, or something came while it was parked.
    fn ready(&self, slot: u32);

    /// A process was made. Called before `ready`, only if the context says `carries`.
    fn spawned(&self, pid: Pid, parent: Option<Pid>);

    /// Take charge of a signal. Called only if the context says `carries`; otherwise signals are
    /// delivered at once.
    fn carry(&self, from: Origin, to: Pid, node: Node);

    /// The time.
    fn now(&self) -> Nanos;

    /// The time or a little later, where that is cheaper: for deadlines, which may not be early.
    fn about_now(&self) -> Nanos {
        self.now()
    }

    /// The running process waits until `deadline` at the latest and is polled then; polling it
    /// earlier is allowed. Returns what names this wait.
    fn arm(&self, slot: u32, deadline: Nanos) -> Wait;

    /// The running process no longer waits for this deadline.
    fn disarm(&self, slot: u32, wait: Wait);

    /// Whether the deadline of this wait has passed. If not, the process will be polled again.
    fn due(&self, slot: u32, wait: Wait, deadline: Nanos) -> bool;

    /// Starts a timer that sends `message` at `deadline`.
    fn start_timer(&self, target: TimerTarget, message: TimerMessage, deadline: Nanos) -> Timer;

    /// Stops a timer; the time that was left, or `None` if it is not running.
    fn cancel_timer(&self, timer: Timer) -> Option<Duration>;

    /// The time that a timer has left, or `None` if it is not running.
    fn read_timer(&self, timer: Timer) -> Option<Duration>;

    /// Random bits for user code.
    fn entropy(&self) -> u64;

    /// A random number below `n` for user code.
    fn choose(&self, n: u64) -> u64;

    /// Whether the running process is to let others go first at this point. If so it is polled
    /// again when the backend says so. Called only if the context says `pauses`.
    fn pause(&self, point: Point<'_>) -> bool;

    /// Whether a spawn that may fail is to fail although there is room. Called only if the context
    /// says `carries`.
    fn refuse_spawn(&self) -> bool;

    /// Runs `job` where it may block.
    fn block(&self, job: Job);

    /// A transition was made. Called only if the context says `observes`.
    fn observe(&self, record: &record::Record<'_>);

    /// The program looked at one of its properties.
    fn property(&self, property: Property<'_>);

    /// The outcome of the run as the program sees it, for litmus tests.
    fn outcome(&self, text: String);
}

/// What a timer sends.
#[derive(Debug)]
pub enum TimerMessage {
    /// The message itself.
    Plain(Message),
    /// The message wrapped with the timer's identity (TMR-2).
    Fired(Message),
}
