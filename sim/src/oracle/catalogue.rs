//! The invariants that are judged, one line each: id, subject, what it says, the rules behind it.

use super::subject::Subject;

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
    G32 "INV-G32" Servers
        "A call is answered at most once."
        "GSM-1107, GS-33";
    G34 "INV-G34" Servers
        "Who waits for a process that ends is told for which reason."
        "GSM-607, GSM-1103, GS-26";
    G37 "INV-G37" Servers
        "A start that fails leaves no name, no process, and no message of its end."
        "GSM-111, GSM-112, GS-14";
    G48 "INV-G48" Servers
        "When nothing more can happen, nobody waits for an answer that nobody can give."
        "GSM-607, GS-68";
    ResultOnce "A19" Tasks
        "The result of a task reaches its owner only, once, and not after that has given it up."
        "TASK-3, TASK-9";
    TaskFalls "A19-owner" Tasks
        "When nothing more can happen, no linked task outlives its owner, but who traps exits."
        "TASK-3, TASK-17";
    KeyUnique "A8-unique" Registries
        "A key of a unique registry, or a global name, belongs to one live process."
        "RGY-6, RGY-7, RGY-8, REG-13";
    KeyFound "A8" Registries
        "Looking up a key, or a global name, finds whoever stands under it."
        "RGY-16, RGY-17, REG-17 to REG-19";
    RouteStable "A8-route" Registries
        "A partition supervisor routes a key to the same partition as long as it has as many."
        "PSUP-8, PSUP-9";
    G01 "INV-G01" Machines
        "A machine is done with one event before it takes the next."
        "GSM-303";
    MachineEventOnce "INV-G02" Machines
        "A machine handles an event once, and again only if it was postponed."
        "GSM-601, GSM-608";
    G03 "INV-G03" Machines
        "Each message that a machine takes is one event, or a system message, or obsolete."
        "GSM-302, GSM-303";
    MachineMailboxLast "INV-G04" Machines
        "A machine takes a message only when nothing waits inside it."
        "GSM-303";
    MachineZeroLast "INV-G05" Machines
        "A timeout without time is handled only when nothing is queued."
        "GSM-814";
    G06 "INV-G06" Machines
        "Inserted events come before those that are retried, and these before what was queued."
        "GSM-304";
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
    G11 "INV-G11" Machines
        "An event is handled in the state that the last transition has reached."
        "GSM-703";
    G13 "INV-G13" Machines
        "A state changes if it is another one, and only then."
        "GSM-206, GSM-401";
    MachineEnters "INV-G14" Machines
        "A state is entered at the beginning, at each change, and when it is repeated."
        "GSM-902";
    G15 "INV-G15" Machines
        "A state is entered between the callback that leads there and the transition."
        "GSM-907";
    MachineEnterStates "INV-G16" Machines
        "A state is entered from the state that was left, and is the one that is reached."
        "GSM-905, GSM-906";
    MachineOneTimeout "INV-G18" Machines
        "A timeout that is set anew ends the one that ran."
        "GSM-806";
    MachineTimeoutRuns "INV-G19" Machines
        "A timeout that was cancelled or replaced never comes."
        "GSM-808, GSM-828";
    G20 "INV-G20" Machines
        "A timeout comes at most once."
        "GSM-828";
    MachineTimeoutOnTime "INV-G21" Machines
        "A timeout does not come before its time."
        "GSM-803";
    MachineStateTimeout "INV-G22" Machines
        "A change of state ends the state timeout."
        "GSM-824, GSM-826";
    G23 "INV-G23" Machines
        "A state timeout comes in the state that it was set for."
        "GSM-826";
    MachineEventTimeout "INV-G24" Machines
        "Handling an event ends the event timeout."
        "GSM-818";
    G25 "INV-G25" Machines
        "No event is handled between the setting of an event timeout and its end."
        "GSM-818";
    G26 "INV-G26" Machines
        "A timer ends when it comes, is cancelled or replaced, and not otherwise."
        "GSM-827";
    G27 "INV-G27" Machines
        "An update of a timeout that runs changes nothing else; where none runs, one ends."
        "GSM-809, GSM-810";
    G28 "INV-G28" Machines
        "Of what a transition asks of one timeout the last is done, and nothing else."
        "GSM-503, GSM-805";
    MachineZeroOrder "INV-G29" Machines
        "Timeouts without time come in the order in which they were last asked for."
        "GSM-813, GSM-815";
    MachineNeverWaits "INV-G30" Machines
        "A machine does not wait while a timeout without time has ended."
        "GSM-814";
    G31 "INV-G31" Machines
        "Answers are sent in their order, before a state is entered."
        "GSM-501, GSM-907";
    MachineTerminates "INV-G35" Machines
        "A machine that ends by its own doing calls terminate once, and any other never."
        "GSM-1201, GSM-1202";
    G36 "INV-G36" Machines
        "A machine ends with the reason that it stopped for, or with terminate's crash."
        "GSM-1204, GSM-1206";
    G38 "INV-G38" Machines
        "The starter is told that a machine runs before that does anything."
        "GSM-106";
    G39 "INV-G39" Machines
        "A machine that is suspended handles nothing."
        "GSM-1303, GSM-830";
    G40 "INV-G40" Machines
        "State and data in the hands of a system message: nothing else changes."
        "GSM-1302, GSM-1304";
    G41 "INV-G41" Machines
        "A machine that traps exits stops with its parent, and anybody else's end is an event."
        "GSM-302, GSM-1211, GSM-1212";
    G42 "INV-G42" Machines
        "A machine that an exit signal ends does not call terminate."
        "GSM-1202";
    G44 "INV-G44" Machines
        "A machine looks into its mailbox after 10000 events of its own at the latest."
        "GSM-915";
    G45 "INV-G45" Machines
        "A machine has no more than 10000 postponed events."
        "GSM-608";
    G46 "INV-G46" Machines
        "A machine hibernates only when it is about to wait."
        "GSM-1401";
    G47 "INV-G47" Machines
        "When nothing more can happen, an idle machine has no events and no timeouts."
        "GSM-304, GSM-803";
    G50 "INV-G50" Machines
        "A state follows another only if the machine's own graph of states says so."
        "GSM-206";
    S01 "INV-S01" Supervision
        "The ids of a supervisor's children differ."
        "SUP-113, SUP-312";
    S02 "INV-S02" Supervision
        "Children keep their order; a new one is the youngest."
        "SUP-313";
    S03 "INV-S03" Supervision
        "A process is the running child of one supervisor, once."
        "SUP-311";
    S04 "INV-S04" Supervision
        "A running child is the process that its last start gave."
        "SUP-302, SUP-402";
    S05 "INV-S05" Supervision
        "When nothing more can happen, every child that runs in the table lives."
        "SUP-401";
    S06 "INV-S06" Supervision
        "When a supervisor ends in order, all its children are dead."
        "SUP-815";
    S07 "INV-S07" Supervision
        "When nothing more can happen, nobody outlives its supervisor, but who traps exits."
        "SUP-809, SUP-816";
    S08 "INV-S08" Supervision
        "The first children are started one after another, in the order of the list."
        "SUP-301";
    S09 "INV-S09" Supervision
        "When one of them cannot be started, no other is, and the supervisor's reason says so."
        "SUP-308";
    S10 "INV-S10" Supervision
        "A supervisor of a list stops one child at a time, and starts none meanwhile."
        "SUP-801";
    S11 "INV-S11" Supervision
        "A child that has time to stop is not killed before it is up."
        "SUP-802";
    S12 "INV-S12" Supervision
        "A child that may take as long as it likes is not killed."
        "SUP-803";
    S13 "INV-S13" Supervision
        "A child that is to be killed at once is not asked to stop."
        "SUP-804";
    S14 "INV-S14" Supervision
        "When a supervisor of a list stops all, the youngest goes first."
        "SUP-801";
    S15 "INV-S15" Supervision
        "A child that did not stop as it should is reported, and no other."
        "SUP-806, DSUP-26, DSUP-27";
    S17 "INV-S17" Supervision
        "No more restarts are allowed within the period than the intensity."
        "SUP-605";
    S16 "INV-S16" Supervision
        "A restart is allowed exactly if those that still count are not too many."
        "SUP-603, SUP-604";
    S19 "INV-S19" Supervision
        "After one restart too many a supervisor reports it, starts nobody and shuts down."
        "SUP-611";
    S18 "INV-S18" Supervision
        "Every restart is counted once, before it is begun."
        "SUP-509, SUP-702";
    S20 "INV-S20" Supervision
        "A supervisor shuts down only when something asks for it."
        "SUP-611, SUP-1110, SUP-1301, SUP-1305";
    S21 "INV-S21" Supervision
        "The end of a process that is no child changes nothing."
        "SUP-401";
    S22 "INV-S22" Supervision
        "A child that is to be restarted is, or the supervisor gives up."
        "SUP-402, SUP-404";
    S23 "INV-S23" Supervision
        "A child that is not to be restarted is left alone, and nothing is counted."
        "SUP-403 to SUP-406";
    S24 "INV-S24" Supervision
        "The end of a child is reported exactly if it is permanent or did not end in order."
        "SUP-402 to SUP-408";
    S25 "INV-S25" Supervision
        "A temporary child is never restarted, and forgotten when it does not run."
        "SUP-405, SUP-504";
    S26 "INV-S26" Supervision
        "One for one: nobody but the child that has ended is touched."
        "SUP-501";
    S27 "INV-S27" Supervision
        "One for all: all others are stopped, and all are started in order."
        "SUP-502, SUP-504, SUP-505";
    S28 "INV-S28" Supervision
        "Rest for one: the younger ones are stopped and started, and no elder one is touched."
        "SUP-503";
    S29 "INV-S29" Supervision
        "After a restart of several, each of them runs, or its start said that it is not to."
        "SUP-505";
    S30 "INV-S30" Supervision
        "A child that is being restarted has a retry that is due."
        "SUP-701, SUP-709";
    S31 "INV-S31" Supervision
        "A retry of a child that is not being restarted changes nothing."
        "SUP-709";
    S32 "INV-S32" Supervision
        "No more attempts fail within the period than restarts are allowed."
        "SUP-703";
    S34 "INV-S34" Supervision
        "The answer to a request is what the table said when it came."
        "SUP-1001 to SUP-1007, DSUP-10, DSUP-22";
    S35 "INV-S35" Supervision
        "Counts of children are those of the table, and add up."
        "SUP-1015, DSUP-32";
    S36 "INV-S36" Supervision
        "A request that has been handled has been answered."
        "SUP-1001 to SUP-1007";
    S38 "INV-S38" Supervision
        "A supervisor ends with its significant children exactly when it is to."
        "SUP-1103 to SUP-1108";
    S39 "INV-S39" Supervision
        "It does not end with a child that it was asked to stop."
        "SUP-510, SUP-1107";
    S40 "INV-S40" Supervision
        "When a child has been stopped, no message of its end is left."
        "SUP-809";
    S41 "INV-S41" Supervision
        "A supervisor stays linked to its child as long as that lives."
        "SUP-809, DSUP-30";
    S42 "INV-S42" Supervision
        "A supervisor whose parent ends does so for the same reason, and for nobody else's end."
        "SUP-1301 to SUP-1303";
    S43 "INV-S43" Supervision
        "A dynamic supervisor never has more children than it may."
        "DSUP-10";
    S44 "INV-S44" Supervision
        "A dynamic supervisor that stops asks all its children before it waits for one."
        "DSUP-24, DSUP-25";
    S47 "INV-S47" Supervision
        "One decision to restart counts once, however many processes it concerns."
        "SUP-509, SUP-1401";
    S48 "INV-S48" Supervision
        "When nothing more can happen, no supervisor that is idle has messages."
        "SUP-1312";
    S49 "INV-S49" Supervision
        "When nothing more can happen, every permanent child runs, unless somebody stopped it."
        "SUP-402";
    S50 "INV-S50" Supervision
        "When nothing more can happen, no supervisor waits for a child that it may kill."
        "SUP-803, SUP-1019";
    AppOrder "A20" Applications
        "An application starts after what it needs, and all stop in the reverse order."
        "APP-20, APP-22, APP-36";
    AppEnds "A20-ends" Applications
        "When a permanent application ends, or a transient one crashes, all are stopped."
        "APP-32 to APP-34";
    Ancestors "INV-X05" Cross
        "Every process but the root has a parent that lived when it was spawned."
        "P-2, P-3";
    NoCircle "INV-X07" Cross
        "When nothing more can happen, no processes wait for answers in a circle."
        "GS-33, SUP-1019";
}
