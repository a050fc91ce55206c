//! What supervisors tell whoever observes them, and nobody else.

use super::call::{Answer, Ask, Counts, SupervisorError};
use super::options::{Kind, Settings, Strategy};
use super::report::SupervisorEvent;
use super::spec::{AutoShutdown, ChildSpec, ChildType, Restart, Shutdown};
use super::table::{ChildState, Key};
use crate::kernel::pid::Pid;
use crate::otp::start::StartError;
use crate::process::observe::supervisor as told;
use crate::process::observe::supervisor::{Supervision, Unstarted, Why};
pub(super) use crate::process::observe::tell_supervision as tell;

/// Starts a child, and tells of it.
pub(super) async fn run(spec: &ChildSpec, key: Option<Key>, why: Why) -> Result<Pid, StartError> {
    tell(|| Supervision::Starting { key, why });
    let started = spec.run().await;
    tell(|| Supervision::Started {
        outcome: match &started {
            Ok(pid) => Ok(*pid),
            Err(StartError::Ignore) => Err(Unstarted::Ignored),
            Err(_) => Err(Unstarted::Failed),
        },
    });
    started
}

pub(super) fn begun(settings: &Settings) -> Supervision<'static> {
    let limit = &settings.limit;
    let (dynamic, max_children) = match settings.kind {
        Kind::Static => (false, None),
        Kind::Dynamic { max_children } => (true, max_children),
    };
    Supervision::Begun {
        dynamic,
        max_children,
        reach: match settings.strategy {
            Strategy::OneForOne => told::Reach::Itself,
            Strategy::OneForAll => told::Reach::All,
            Strategy::RestForOne => told::Reach::Younger,
        },
        limit: told::Intensity {
            restarts: limit.restarts,
            period: limit.period,
            exact: limit.is_exact(),
        },
        ends_with: match settings.auto_shutdown {
            AutoShutdown::Never => told::EndsWith::Nobody,
            AutoShutdown::AnySignificant => told::EndsWith::AnySignificant,
            AutoShutdown::AllSignificant => told::EndsWith::AllSignificant,
        },
    }
}

pub(super) fn child(spec: &ChildSpec) -> told::Child<'_> {
    told::Child {
        id: &spec.id,
        again: match spec.restart {
            Restart::Permanent => told::Again::Always,
            Restart::Transient => told::Again::AfterCrash,
            Restart::Temporary => told::Again::Never,
        },
        stop: stop(spec.get_shutdown()),
        significant: spec.significant,
        supervisor: spec.kind == ChildType::Supervisor,
    }
}

pub(super) fn stop(shutdown: Shutdown) -> told::Stop {
    match shutdown {
        Shutdown::Brutal => told::Stop::Kill,
        Shutdown::Timeout(time) => told::Stop::Within(time),
        Shutdown::Infinity => told::Stop::Whenever,
    }
}

pub(super) fn place(state: ChildState) -> told::Place {
    match state {
        ChildState::Running(pid) => told::Place::Running(pid),
        ChildState::Stopped => told::Place::Stopped,
        ChildState::Restarting(_) => told::Place::Restarting,
    }
}

pub(super) fn reported(event: &SupervisorEvent) -> told::Reported {
    match event {
        SupervisorEvent::Started => told::Reported::Started,
        SupervisorEvent::StartError(_) => told::Reported::StartError,
        SupervisorEvent::ChildTerminated(_) => told::Reported::Terminated,
        SupervisorEvent::ShutdownError(_) => told::Reported::ShutdownError,
        SupervisorEvent::Shutdown => told::Reported::GaveUp,
    }
}

pub(super) fn asked(ask: &Ask) -> Supervision<'_> {
    Supervision::Asked(match ask {
        Ask::Start(spec, _) => told::Request::Start { id: &spec.id },
        Ask::Terminate(id, _) => told::Request::Terminate { id },
        Ask::TerminatePid(pid, _) => told::Request::TerminatePid { pid: *pid },
        Ask::Restart(id, _) => told::Request::Restart { id },
        Ask::Delete(id, _) => told::Request::Delete { id },
        Ask::Spec(..) | Ask::Which(_) | Ask::WhichOne(..) => told::Request::Look,
        Ask::Count(_) => told::Request::Count,
    })
}

/// An answer that oracles know.
pub(super) trait Shown {
    fn shown(&self) -> told::Answer;
}

impl Shown for Answer<Pid> {
    fn shown(&self) -> told::Answer {
        match self {
            Ok(pid) => told::Answer::Child(*pid),
            Err(error) => error.shown(),
        }
    }
}

impl Shown for Answer<()> {
    fn shown(&self) -> told::Answer {
        match self {
            Ok(()) => told::Answer::Done,
            Err(error) => error.shown(),
        }
    }
}

impl Shown for Counts {
    fn shown(&self) -> told::Answer {
        told::Answer::Counted {
            specs: self.specs,
            active: self.active,
            supervisors: self.supervisors,
            workers: self.workers,
        }
    }
}

impl Shown for SupervisorError {
    fn shown(&self) -> told::Answer {
        match self {
            SupervisorError::NotFound => told::Answer::NotFound,
            SupervisorError::AlreadyStarted(pid) => told::Answer::AlreadyStarted(*pid),
            SupervisorError::AlreadyPresent => told::Answer::AlreadyPresent,
            SupervisorError::Running(pid) => told::Answer::Running(*pid),
            SupervisorError::Restarting => told::Answer::Restarting,
            SupervisorError::MaxChildren => told::Answer::MaxChildren,
            SupervisorError::Start(_) => told::Answer::NotStarted,
            SupervisorError::Spec(_) | SupervisorError::Call(_) => told::Answer::Refused,
        }
    }
}

/// A question about children was answered.
pub(super) fn showing() -> Supervision<'static> {
    Supervision::Answered(told::Answer::Shown)
}

/// The answer, of which it is told.
pub(super) fn answering<T: Shown>(answer: T) -> T {
    tell(|| Supervision::Answered(answer.shown()));
    answer
}
