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
    /// The clock goes back when a deadline passes late in a run.
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
    /// A machine picks events and does not handle them.
    SkipEvents,
    /// A machine drops the messages that it takes.
    PassOver,
    /// What is inserted comes after what is retried.
    RetryFirst,
    /// A machine goes back to its old state when a transition is over.
    SlipBack,
    /// A state that is equal to the present one counts as another.
    AlwaysChange,
    /// Every other change of state is not made.
    MissChanges,
    /// After each transition a state is entered once more.
    EnterLate,
    /// States are entered again and again.
    EnterForEver,
    /// A change of code enters the state.
    EnterChanged,
    /// A timer comes twice.
    RepeatTimeouts,
    /// A state timeout ends with its state, and comes.
    OutliveState,
    /// An event timeout ends with an event, and comes.
    OutliveEvents,
    /// A change of state ends all timers.
    EndTimers,
    /// A timeout that is updated ends at once.
    UpdateRestarts,
    /// Of several wishes for one timer the first counts.
    FirstTimeoutCounts,
    /// Timeouts of machines never come.
    NeverFire,
    /// Answers are sent in the wrong order.
    AnswerBackwards,
    /// Calls are answered twice.
    AnswerTwice,
    /// Who calls is told that there is no such process when the process ends.
    MisstateEnds,
    /// Who lets go of a call tells nobody.
    DropSilently,
    /// Machines end normally whatever their reason.
    EndNormally,
    /// The message of a failed start's end is left in the mailbox.
    LeaveStarts,
    /// A starter is told later that its process has started.
    TellLate,
    /// A process that is suspended goes on.
    WorkSuspended,
    /// The end of a parent is a message like any other.
    IgnoreParent,
    /// A machine that is condemned calls terminate.
    TerminateAlways,
    /// A machine that postpones an event postpones thousands.
    PostponeMuch,
    /// A machine waits for long before it has done what is queued.
    HibernateEarly,
    /// A supervisor takes two children of one id.
    AllowTwins,
    /// A new child is put before the older ones.
    YoungestFirst,
    /// A child that is asked for enters the table twice.
    EnterTwice,
    /// A supervisor takes itself for the child that it has started.
    MistakePid,
    /// The ends of children are ignored.
    ForgetExits,
    /// A supervisor ends without stopping its children.
    LeaveChildren,
    /// A supervisor unlinks itself from its children when they have started.
    UnlinkChildren,
    /// The first children are started from the last one on.
    InitBackwards,
    /// When a first child cannot be started, the others still are.
    InitGoesOn,
    /// A supervisor of a list stops all its children at once.
    StopTogether,
    /// Children are killed after half their time.
    HastyKills,
    /// Children that may take as long as they like are killed after a second.
    ImpatientStops,
    /// Children that are to be killed are asked to stop first.
    AskFirst,
    /// The eldest child is stopped first.
    StopForward,
    /// A child that did not stop as it should is not reported.
    SilentStops,
    /// Old restarts count for ever.
    NeverExpire,
    /// The count of restarts begins anew when the period since its first one is over.
    FixedWindow,
    /// One restart more than the intensity is allowed.
    OneMore,
    /// Restarts are not counted.
    CountNothing,
    /// Restarts are counted twice.
    CountTwice,
    /// A supervisor restarts a child although it gives up.
    GiveUpLate,
    /// A supervisor shuts down with any child that is not restarted.
    EndForNothing,
    /// The end of a stranger makes a supervisor forget its youngest child.
    ActOnStrangers,
    /// Permanent children are not restarted.
    ForgetPermanent,
    /// Children are restarted whatever their specification says.
    RestartAlways,
    /// The end of a child is not reported.
    SilentEnds,
    /// Temporary children are kept when they have ended.
    KeepTemporary,
    /// One for one restarts all.
    OneMeansAll,
    /// One for all restarts only the younger ones.
    AllMeansRest,
    /// Rest for one restarts all.
    RestMeansAll,
    /// Of several children that are restarted, all but the first count as stopped.
    MislaySiblings,
    /// A retry is not sent.
    ForgetRetry,
    /// A retry restarts a child that was stopped meanwhile.
    RetryStopped,
    /// A restart that fails is tried again at once, uncounted.
    TryTwice,
    /// Running children can be deleted.
    DeleteRunning,
    /// Counts of children are one too high.
    Miscount,
    /// Requests are not answered.
    ForgetAnswers,
    /// Significant children are ignored.
    IgnoreSignificant,
    /// A supervisor ends with a significant child that it was asked to stop.
    EndOnRequest,
    /// The message of a stopped child's end is left in the mailbox.
    LeaveExits,
    /// A supervisor unlinks itself from a child before it stops it.
    UnlinkFirst,
    /// A server whose parent ends does so normally.
    NormalWithParent,
    /// A dynamic supervisor may have one child more.
    OneTooMany,
    /// A dynamic supervisor stops its children one by one.
    OneByOne,
    /// A supervisor no longer serves anybody once a child has ended.
    Deaf,
    /// Retries are ignored.
    DropRetries,
    /// Messages are taken through aliases that have ended.
    KeepAliases,
    /// Tasks are not linked to their owners.
    UnlinkedTasks,
    /// A unique registry lets several processes have one key.
    ShareKeys,
    /// Looking up a key finds nobody.
    LoseKeys,
    /// Applications are started although what they need does not run.
    StartEarly,
    /// The application that was started first is stopped first.
    StopEldest,
    /// The end of an application never ends the others.
    SurvivePermanent,
    /// A global name is given to several processes.
    ShareNames,
    /// A global name that is freed still leads to its process.
    KeepGlobals,
    /// Keys are routed to any partition.
    RouteAnywhere,
    /// Children are never killed.
    WaitForEver,
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
