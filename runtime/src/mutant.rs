//! Planted faults, each of which breaks one promise: the oracles of the simulator are shown to be
//! alive by what they find in them (contract C9). Compiled only with the feature `mutants`, which
//! is for tests of Beamline itself.
//!
//! A mutant is on for the thread that says so and for as long as it says so, hence for the runs
//! that a test makes there with one job, and for no others.

use std::cell::Cell;

thread_local! {
    static PLANTED: Cell<Option<Mutant>> = const { Cell::new(None) };
}

/// A planted fault, named after what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mutant {
    /// Of two signals of one pair in transit, the later one arrives first.
    Overtake,
    /// Every third plain message is lost on its way.
    LoseMessages,
    /// What arrives for a process that waits does not wake it.
    LoseWakes,
    /// A new message is put before the oldest.
    PrependMessages,
    /// A receive whose time is up does not look at its mailbox again.
    HastyTimeout,
    /// The dead tell nobody that is linked to them.
    SkipExits,
    /// The dead tell nobody that monitors them.
    SkipDowns,
    /// A link is set at one end only.
    HalfLinks,
    /// An exit signal with reason normal is fatal.
    NormalKills,
    /// A trapped exit signal gives no message.
    SwallowExits,
    /// A monitor that is removed still tells.
    KeepMonitors,
    /// The news of a monitored process's end is lost.
    LoseDowns,
    /// The dead keep their names.
    KeepNames,
    /// Looking up a name finds nobody.
    FindNobody,
    /// Timers are due a millisecond before their time.
    EarlyTimers,
    /// The clock goes back when a timer fires.
    ClockBack,
    /// A call ends at once, as if there were no such process.
    FalseEnds,
    /// Answers are thrown away.
    DropAnswers,
    /// Who calls a dead process is not told.
    SilentDead,
    /// Processes do not know their parents.
    Orphans,
    /// A process may call itself.
    CallSelf,
    /// Events of a machine have numbers that others had.
    RepeatNumbers,
    /// A machine takes messages before what is queued inside it.
    QueueLater,
    /// A machine handles timeouts without time before what is queued inside it.
    ZeroFirst,
    /// Inserted events come after what waits already.
    AppendInserted,
    /// Postponed events are gone when the state changes.
    LosePostponed,
    /// Postponed events come again in the wrong order.
    RetryBackwards,
    /// Postponed events come again although the state has not changed.
    RetryAlways,
    /// States are not entered.
    SkipEnter,
    /// The state that was entered is not the one that is reached.
    LoseState,
    /// A timeout that is set anew does not end the one that ran.
    KeepReplaced,
    /// Timeouts that were cancelled come if they were on their way.
    StaleTimeouts,
    /// Timeouts of machines end a millisecond before their time.
    EarlyTimeouts,
    /// A state timeout outlives its state.
    KeepStateTimeout,
    /// An event timeout outlives events.
    KeepEventTimeout,
    /// Timeouts without time come in the wrong order.
    ZeroBackwards,
    /// Timeouts without time are left behind.
    ZeroNever,
    /// A machine that stops does not call terminate.
    SkipTerminate,
}

/// Whether this mutant is on.
#[doc(hidden)]
pub fn is_on(mutant: Mutant) -> bool {
    PLANTED.with(Cell::get) == Some(mutant)
}

/// Does something on this thread with a mutant on, or with none.
pub fn with<R>(mutant: impl Into<Option<Mutant>>, act: impl FnOnce() -> R) -> R {
    struct Restore(Option<Mutant>);
    impl Drop for Restore {
        fn drop(&mut self) {
            PLANTED.with(|planted| planted.set(self.0));
        }
    }
    let _restore = Restore(PLANTED.with(|planted| planted.replace(mutant.into())));
    act()
}
