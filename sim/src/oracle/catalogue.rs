//! The invariants that are judged, one line each: id, subject, what it says, the rules behind it.

/// What an oracle is about; the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Subject {
    /// Signals on their way.
    Signals,
    /// The queue of a process.
    Mailbox,
    /// Links and exit signals.
    Links,
    /// Monitors.
    Monitors,
    /// Names.
    Names,
    /// Timers and the clock.
    Timers,
    /// Calls and the servers that answer them.
    Servers,
    /// Tasks.
    Tasks,
    /// Registries.
    Registries,
    /// Supervisors.
    Supervision,
    /// State machines.
    Machines,
    /// What holds across all of these.
    Cross,
}

impl Subject {
    /// As reports show it.
    pub fn name(self) -> &'static str {
        match self {
            Subject::Signals => "signals",
            Subject::Mailbox => "mailbox",
            Subject::Links => "links",
            Subject::Monitors => "monitors",
            Subject::Names => "names",
            Subject::Timers => "timers",
            Subject::Servers => "servers",
            Subject::Tasks => "tasks",
            Subject::Registries => "registries",
            Subject::Supervision => "supervision",
            Subject::Machines => "machines",
            Subject::Cross => "cross",
        }
    }
}

/// An invariant that the runtime itself must keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Oracle {
    /// What names it everywhere.
    pub id: &'static str,
    /// What it is about.
    pub subject: Subject,
    /// What it says.
    pub says: &'static str,
    /// The rules that it stands for.
    pub rules: &'static str,
}

macro_rules! catalogue {
    ($($name:ident $id:literal $subject:ident $says:literal $rules:literal;)*) => {
        /// The place of each oracle in [`ORACLES`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Id { $($name,)* }

        /// All oracles, in the order of reports.
        pub const ORACLES: &[Oracle] = &[$(Oracle {
            id: $id,
            subject: Subject::$subject,
            says: $says,
            rules: $rules,
        },)*];
    };
}

catalogue! {
    PairOrder "INV-X02" Signals
        "What one process sends to another arrives in the order in which it was sent."
        "SIG-1";
    Conserved "A4" Signals
        "What is sent is delivered once, or its receiver is dead."
        "SIG-13";
    NoLostWake "A3" Signals
        "When nothing more can happen, nothing is still on its way to a live process."
        "SIG-5";
    MailboxOrder "A2" Mailbox
        "A receive looks at messages from the oldest on, and what it refuses stays in its place."
        "MBX-1, MBX-2, MBX-3, MBX-4";
    TimeoutLast "A2-timeout" Mailbox
        "A receive times out only after it has looked at all that is in its mailbox."
        "MBX-7";
    ExitNotices "INV-X01" Links
        "A death sends one exit signal to each linked process and one notice to each monitor."
        "SIG-9, LNK-8, MON-2";
    LinkSymmetry "A6-symmetry" Links
        "When nothing more can happen, both ends of a link are set, or neither is."
        "LNK-1";
    ExitFatal "INV-X04" Links
        "Who must die of an exit signal does so with its reason, and nobody else is condemned."
        "SIG-20 to SIG-32, P-35";
    ExitTrapped "A6" Links
        "A trapped exit signal becomes exactly one message."
        "SIG-26, SIG-27";
    DownOnce "A5" Monitors
        "A monitor gives at most one down message, and none once it is removed."
        "MON-2, MON-14";
    DownComes "A5-dead" Monitors
        "When nothing more can happen, no monitor of a live process waits for a dead one."
        "MON-8, MON-26";
    NameUnique "INV-X03" Names
        "A name is bound to one live process, which has no other, and is freed before others \
         are told of its death."
        "REG-2, REG-5, REG-10";
    NameFound "A7" Names
        "Looking up a name finds the process that it is bound to, and never a dead one."
        "REG-8, REG-10";
    TimerOnTime "A12" Timers
        "A timer fires once, not before its time, and not once it is cancelled."
        "TMR-1, TMR-13";
    TimeForward "INV-X06" Timers
        "Virtual time never goes back."
        "TMR-1";
    CallOnce "A9" Servers
        "A call ends once: with an answer or with the end of whoever was asked."
        "GS-18 to GS-33";
    LateDropped "A9-late" Servers
        "An answer is dropped only when nobody waits for it any more."
        "GS-29";
    CallTold "A9-told" Servers
        "When nothing more can happen, nobody waits for an answer from the dead."
        "GS-20, GS-26";
    ResultToOwner "A19" Tasks
        "The result of a task reaches its owner only, and once."
        "TASK-1, TASK-20";
    MachineEventOnce "INV-G02" Machines
        "A machine handles an event once, and again only if it was postponed."
        "GSM-601, GSM-608";
    MachineMailboxLast "INV-G04" Machines
        "A machine takes a message only when nothing waits inside it."
        "GSM-303";
    MachineZeroLast "INV-G05" Machines
        "A timeout without time is handled only when nothing is queued."
        "GSM-814";
    MachineInsertOrder "INV-G07" Machines
        "Inserted events come in their order, before what was queued earlier."
        "GSM-701, GSM-702";
    MachineRetriesAll "INV-G08" Machines
        "When the state changes, all postponed events come again."
        "GSM-601, GSM-603";
    MachineRetryOrder "INV-G09" Machines
        "Postponed events come again in their order, before what waited already."
        "GSM-602, GSM-604";
    MachineRetryNeedsChange "INV-G10" Machines
        "Without a change of state nothing comes again."
        "GSM-605";
    MachineEnters "INV-G14" Machines
        "A state is entered at the beginning, at each change, and when it is repeated."
        "GSM-902";
    MachineEnterStates "INV-G16" Machines
        "A state is entered from the state that was left, and is the one that is reached."
        "GSM-905, GSM-906";
    MachineOneTimeout "INV-G18" Machines
        "A timeout that is set anew ends the one that ran."
        "GSM-806";
    MachineTimeoutRuns "INV-G19" Machines
        "A timeout that was cancelled or replaced never comes."
        "GSM-808, GSM-828";
    MachineTimeoutOnTime "INV-G21" Machines
        "A timeout does not come before its time."
        "GSM-803";
    MachineStateTimeout "INV-G22" Machines
        "A change of state ends the state timeout."
        "GSM-824, GSM-826";
    MachineEventTimeout "INV-G24" Machines
        "Handling an event ends the event timeout."
        "GSM-818";
    MachineZeroOrder "INV-G29" Machines
        "Timeouts without time come in the order in which they were last asked for."
        "GSM-813, GSM-815";
    MachineNeverWaits "INV-G30" Machines
        "A machine does not wait while a timeout without time has ended."
        "GSM-814";
    MachineTerminates "INV-G35" Machines
        "A machine that ends by its own doing calls terminate once, and any other never."
        "GSM-1201, GSM-1202";
    Ancestors "INV-X05" Cross
        "Every process but the root has a parent that lived when it was spawned."
        "P-2, P-3";
    NoCircle "INV-X07" Cross
        "When nothing more can happen, no processes wait for answers in a circle."
        "GS-33, SUP-1019";
}
