//! What a supervisor does, whether its children are listed or come and go.
//!
//! # Semantics
//! SUP-401 to SUP-510, SUP-1001 to SUP-1020, SUP-1101 to SUP-1112, DSUP-06 to DSUP-24. One core:
//! a dynamic supervisor differs by the table of [`Kind`].
//!
//! # Invariants
//! - SPV1: a child is started only when no process of it runs any more.
//! - SPV2: each restart that was decided on is counted once, whatever it starts (SUP-509).

use super::call::{Ask, Tell};
use super::observe::{self, answering, tell};
use super::options::{Kind, Settings, Strategy};
use super::report::{self, SupervisedChild, SupervisorEvent};
use super::spec::{AutoShutdown, ChildSpec, Restart, SpecError};
use super::stop;
use super::table::{ChildState, Children, Key};
use super::window::Window;
use crate::kernel::handle::Exit;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::otp;
use crate::otp::gen_server::{Flow, GenServer, Init, Never, Next, Refusal};
use crate::otp::server::Server;
use crate::otp::start::StartError;
use crate::process::observe::supervisor::{Supervision, Why};
use crate::process::{me, trap_exit};

/// The process of a supervisor.
#[derive(Debug)]
pub(crate) struct Supervisor {
    pub(super) settings: Settings,
    pub(super) children: Children,
    pub(super) window: Window,
}

/// A child that is started when the supervisor is could not be: this is the supervisor's reason to
/// end, inside `ShutdownWith` (SUP-308).
#[doc(alias = "failed_to_start_child")]
#[derive(Debug, Clone, PartialEq)]
pub struct FailedToStart {
    /// The child's id.
    pub id: Name,
    /// Why.
    pub error: StartError,
}

impl GenServer for Supervisor {
    type Args = (Settings, Vec<ChildSpec>);
    type Call = Ask;
    type Cast = Tell;
    type Info = Message;
    type Continue = Never;

    async fn init((settings, specs): Self::Args) -> Init<Self> {
        trap_exit(true);
        settings.check(&specs)?;
        tell(|| observe::begun(&settings));
        let mut core = Supervisor {
            settings,
            children: Children::default(),
            window: Window::default(),
        };
        let keys: Vec<Key> = (specs.into_iter())
            .map(|spec| core.children.push(spec, true))
            .collect();
        let keys: Vec<Key> = match mutant!(InitBackwards) {
            true => keys.into_iter().rev().collect(),
            false => keys,
        };
        for key in keys {
            if let Err(failed) = core.start_first(key).await {
                if mutant!(InitGoesOn) {
                    continue;
                }
                let reason = ExitReason::shutdown_with(failed);
                core.terminate(&reason).await;
                return Err(Refusal::Stop(reason));
            }
        }
        Ok(core.into())
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        tell(|| observe::asked(&ask));
        if mutant!(ForgetAnswers) {
            return Ok(Next::Wait);
        }
        let ends = mutant!(EndOnRequest) && matches!(ask, Ask::Terminate(..));
        match ask {
            Ask::Start(spec, caller) => caller.reply(answering(self.start_child(spec).await)),
            Ask::Terminate(id, caller) => {
                caller.reply(answering(self.terminate_child(&id).await));
            }
            Ask::TerminatePid(pid, caller) => {
                caller.reply(answering(self.terminate_pid(pid).await));
            }
            Ask::Restart(id, caller) => caller.reply(answering(self.restart_child(&id).await)),
            Ask::Delete(id, caller) => caller.reply(answering(self.delete_child(&id))),
            Ask::Spec(id, caller) => {
                let child = self.child(&id);
                tell(observe::showing);
                caller.reply(child.map(|(key, _)| self.spec(key)));
            }
            Ask::Which(caller) => {
                tell(observe::showing);
                caller.reply(self.which());
            }
            Ask::WhichOne(id, caller) => {
                let child = self.child(&id);
                tell(observe::showing);
                caller.reply(child.map(|(key, _)| self.info(key)));
            }
            Ask::Count(caller) => caller.reply(answering(self.count().await)),
        }
        if ends {
            return Ok(Next::Stop(ExitReason::Shutdown));
        }
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Tell::Retry(key): Tell) -> Flow<Self> {
        if mutant!(DropRetries) {
            return Ok(Next::Wait);
        }
        tell(|| Supervision::RetryTaken { key });
        match self.children.get(key).map(|child| child.state()) {
            // SUP-709: whoever is no longer being restarted needs no retry.
            Some(ChildState::Restarting(_)) => self.restart(key).await,
            Some(_) if mutant!(RetryStopped) => self.restart(key).await,
            _ => Ok(Next::Wait),
        }
    }

    async fn handle_info(&mut self, message: Message) -> Flow<Self> {
        match message.downcast::<Exit>() {
            Ok(_) if mutant!(ForgetExits) => Ok(Next::Wait),
            Ok(Exit { from, reason }) => {
                let flow = self.child_ended(from, reason).await;
                if mutant!(Deaf) {
                    std::future::pending::<()>().await;
                }
                flow
            }
            // SUP-1020, LOG-12: nobody's business here.
            Err(other) => {
                otp::report::unhandled::<Self>(&other);
                Ok(Next::Wait)
            }
        }
    }

    async fn terminate(&mut self, reason: &ExitReason) {
        tell(|| Supervision::StopsAll);
        if !mutant!(LeaveChildren) {
            self.stop_all().await;
        }
        tell(|| Supervision::Ends { reason });
    }
}

impl Supervisor {
    pub(super) fn is_static(&self) -> bool {
        self.settings.kind == Kind::Static
    }

    fn offender(&self, key: Key) -> Option<SupervisedChild> {
        let child = self.children.get(key)?;
        Some(SupervisedChild::new(
            &child.spec,
            child.state(),
            self.is_static(),
        ))
    }

    fn report(&self, event: SupervisorEvent, key: Key) {
        tell(|| Supervision::Report {
            key,
            of: observe::reported(&event),
        });
        if let Some(offender) = self.offender(key) {
            report::tell(event, || offender);
        }
    }

    /// A child's specification. Of a key that was just looked up.
    pub(super) fn spec(&self, key: Key) -> ChildSpec {
        match self.children.get(key) {
            Some(child) => child.spec.clone(),
            None => unreachable!("CHT1: a child that has just been found"),
        }
    }

    /// Starts a child of the initial list (SUP-301, SUP-308).
    async fn start_first(&mut self, key: Key) -> Result<(), FailedToStart> {
        let spec = self.spec(key);
        match observe::run(&spec, Some(key), Why::Init).await {
            Ok(pid) => self.started(key, pid),
            Err(StartError::Ignore) => self.put_away(key),
            Err(error) => {
                self.report(SupervisorEvent::StartError(error.clone()), key);
                return Err(FailedToStart { id: spec.id, error });
            }
        }
        Ok(())
    }

    pub(super) fn started(&mut self, key: Key, pid: Pid) {
        let pid = if mutant!(MistakePid) { me() } else { pid };
        if mutant!(UnlinkChildren) {
            crate::process::unlink(pid);
        }
        self.children.set(key, ChildState::Running(pid));
        self.report(SupervisorEvent::Started, key);
    }

    /// A child does not run and is not going to by itself: its specification stays, unless it is
    /// temporary or the supervisor keeps none (SUP-307, SUP-403, SUP-405, SUP-814,
    /// DSUP-15, DSUP-20).
    fn put_away(&mut self, key: Key) {
        let temporary = self.children.get(key).map(|child| child.spec.restart);
        let temporary = temporary.filter(|_| !mutant!(KeepTemporary));
        if temporary == Some(Restart::Temporary) || !self.is_static() {
            self.children.remove(key);
        } else {
            self.children.set(key, ChildState::Stopped);
        }
    }

    // --- ends of children

    /// SUP-401 to SUP-408.
    async fn child_ended(&mut self, from: Pid, reason: ExitReason) -> Flow<Self> {
        tell(|| Supervision::Seen {
            from,
            reason: &reason,
        });
        let Some(key) = self.children.of_pid(from) else {
            if let (true, Some(key)) = (mutant!(ActOnStrangers), self.children.keys(..).pop()) {
                self.children.remove(key);
            }
            return Ok(Next::Wait);
        };
        let spec = match self.children.get(key) {
            Some(child) if child.state() == ChildState::Running(from) => child.spec.clone(),
            _ => return Ok(Next::Wait),
        };
        let restarts = spec.is_restarted_after(&reason);
        let restarts = restarts && !mutant!(ForgetPermanent);
        if (restarts || reason.is_abnormal()) && !mutant!(SilentEnds) {
            self.report(SupervisorEvent::ChildTerminated(reason), key);
        }
        if restarts || mutant!(RestartAlways) {
            return self.restart(key).await;
        }
        self.put_away(key);
        if mutant!(EndForNothing) {
            return Ok(Next::Stop(ExitReason::Shutdown));
        }
        match spec.significant && self.is_over() {
            true => Ok(Next::Stop(ExitReason::Shutdown)),
            false => Ok(Next::Wait),
        }
    }

    /// Whether the end of a significant child is the supervisor's (SUP-1104 to SUP-1107).
    fn is_over(&self) -> bool {
        if mutant!(IgnoreSignificant) {
            return false;
        }
        let mut others = self.children.iter();
        match self.settings.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => {
                !others.any(|child| child.spec.significant && child.state() != ChildState::Stopped)
            }
        }
    }

    // --- restarts

    /// Restarts a child that has ended, and whom else the strategy says; or gives up (SUP-611).
    async fn restart(&mut self, key: Key) -> Flow<Self> {
        let allowed = self.window.allows(&self.settings.limit);
        if !mutant!(CountNothing) {
            tell(|| Supervision::Counted { allowed });
        }
        if mutant!(CountTwice) {
            tell(|| Supervision::Counted { allowed });
        }
        if !allowed && !mutant!(GiveUpLate) {
            self.report(SupervisorEvent::Shutdown, key);
            self.put_away(key);
            return Ok(Next::Stop(ExitReason::Shutdown));
        }
        let strategy = match self.settings.strategy {
            Strategy::OneForOne if mutant!(OneMeansAll) => Strategy::OneForAll,
            Strategy::OneForAll if mutant!(AllMeansRest) => Strategy::RestForOne,
            Strategy::RestForOne if mutant!(RestMeansAll) => Strategy::OneForAll,
            strategy => strategy,
        };
        match strategy {
            Strategy::OneForOne => self.restart_one(key).await,
            Strategy::RestForOne => self.restart_from(key, key).await,
            Strategy::OneForAll => self.restart_from(Key::MIN, key).await,
        }
        Ok(Next::Wait)
    }

    /// SUP-501, SUP-704, SUP-710.
    async fn restart_one(&mut self, key: Key) {
        let old = self.old_pid(key);
        let mut started = observe::run(&self.spec(key), Some(key), Why::Restart).await;
        if mutant!(TryTwice) && started.is_err() {
            started = observe::run(&self.spec(key), Some(key), Why::Restart).await;
        }
        match started {
            Ok(pid) => self.started(key, pid),
            Err(StartError::Ignore) => self.put_away(key),
            Err(error) => {
                if !self.is_static() {
                    // DSUP-18: at once, where a static one is first reported as it was.
                    self.children.set(key, ChildState::Restarting(old));
                }
                self.try_again(key, old, error);
            }
        }
    }

    /// Who a child was that has ended.
    fn old_pid(&self, key: Key) -> Option<Pid> {
        match self.children.get(key)?.state() {
            ChildState::Running(pid) | ChildState::Restarting(Some(pid)) => Some(pid),
            ChildState::Restarting(None) | ChildState::Stopped => None,
        }
    }

    /// Stops all children from a place on, and starts them again in order (SUP-502 to SUP-505).
    async fn restart_from(&mut self, first: Key, dead: Key) {
        let old = self.old_pid(dead);
        self.children.set(dead, ChildState::Stopped);
        for key in self.children.keys(first..).into_iter().rev() {
            self.stop(key).await;
        }
        for key in self.children.keys(first..) {
            match observe::run(&self.spec(key), Some(key), Why::Restart).await {
                Ok(_) if mutant!(MislaySiblings) && key != first => self.put_away(key),
                Ok(pid) => self.started(key, pid),
                Err(StartError::Ignore) => self.put_away(key),
                // SUP-705, SUP-706: the rest waits for this one.
                Err(error) => return self.try_again(key, old.filter(|_| key == dead), error),
            }
        }
    }

    /// A restart has failed: another attempt is due, after whatever else is waiting (SUP-701).
    fn try_again(&mut self, key: Key, old: Option<Pid>, error: StartError) {
        self.report(SupervisorEvent::StartError(error), key);
        self.children.set(key, ChildState::Restarting(old));
        if mutant!(ForgetRetry) {
            return;
        }
        tell(|| Supervision::RetryQueued { key });
        Server::<Supervisor>::of(me()).cast(Tell::Retry(key));
    }

    // --- stopping

    /// Stops one child; a temporary one is forgotten (SUP-814).
    pub(super) async fn stop(&mut self, key: Key) {
        let Some(child) = self.children.get(key) else {
            return;
        };
        let (spec, state) = (child.spec.clone(), child.state());
        if let ChildState::Running(pid) = state {
            let stopped = stop::one(pid, spec.get_shutdown()).await;
            if let Some(reason) = stopped.complaint(&spec, stop::Manners::Static) {
                self.report(SupervisorEvent::ShutdownError(reason), key);
            }
        }
        self.put_away(key);
    }

    /// SUP-815, DSUP-23.
    async fn stop_all(&mut self) {
        let mut keys = self.children.keys(..);
        match self.settings.kind {
            Kind::Static if mutant!(StopTogether) => {
                keys.retain(|key| self.pid(*key).is_some());
                keys.reverse();
                self.stop_together(keys).await;
            }
            Kind::Dynamic { .. } if mutant!(OneByOne) => {
                for key in keys {
                    self.stop(key).await;
                }
            }
            Kind::Static => {
                if mutant!(StopForward) {
                    keys.reverse();
                }
                for key in keys.into_iter().rev() {
                    self.stop(key).await;
                }
            }
            Kind::Dynamic { .. } => {
                keys.retain(|key| self.pid(*key).is_some());
                self.stop_together(keys).await;
            }
        }
    }

    pub(super) fn pid(&self, key: Key) -> Option<Pid> {
        self.children.get(key)?.state().pid()
    }

    /// Stops children at once and forgets them (DSUP-24, DSUP-28).
    pub(super) async fn stop_together(&mut self, keys: Vec<Key>) {
        let of = |key: &Key| {
            let child = self.children.get(*key)?;
            Some((child.state().pid()?, child.spec.get_shutdown()))
        };
        let running: Vec<_> = keys.iter().filter_map(of).collect();
        let ends = stop::all(&running).await;
        for (key, end) in keys.into_iter().zip(ends) {
            let spec = self.spec(key);
            if let Some(reason) = end.complaint(&spec, stop::Manners::Dynamic) {
                self.report(SupervisorEvent::ShutdownError(reason), key);
            }
            self.children.remove(key);
        }
    }
}

impl Settings {
    /// Whether these children may be had (SUP-113, SUP-116, SUP-117, SUP-211).
    pub(super) fn check(&self, specs: &[ChildSpec]) -> Result<(), SpecError> {
        let mut ids = std::collections::BTreeSet::new();
        for spec in specs {
            if !ids.insert(&spec.id) {
                let id = spec.id.clone();
                return Err(SpecError::DuplicateId { id });
            }
            spec.check(self.auto_shutdown)?;
        }
        Ok(())
    }
}
