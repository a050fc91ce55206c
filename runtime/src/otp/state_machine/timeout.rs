//! What an action does to a timeout.

use std::time::Duration;

use crate::process::observe::TimeoutChange;
use crate::process::{Instant, about_now};

/// What an action does to one of a machine's timeouts. Made of a [`Duration`], of an [`Instant`],
/// or by the functions here; `C` is what the timeout's event carries
/// ([`GenStateMachine::Internal`](super::GenStateMachine::Internal)).
///
/// ```
/// # use beamline::prelude::*;
/// # use beamline::state_machine::Timeout;
/// # use std::time::Duration;
/// let plain: Timeout<&str> = Duration::from_secs(5).into();
/// let told = Timeout::after(Duration::from_secs(5)).with("poll");
/// let told_later = Timeout::update("poll twice");
/// let never: Timeout<&str> = Timeout::cancel();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Timeout<C>(pub(super) Change<C>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change<C> {
    /// It begins, or begins anew.
    Start(When, Option<C>),
    /// It carries something else.
    Update(C),
    /// It does not run.
    Cancel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    After(Duration),
    At(Instant),
}

impl<C> Timeout<C> {
    /// Ends after so long, counted from the end of the transition. Replaces what runs (GSM-806).
    /// With no time at all it has ended, and is handled before any message (GSM-812, GSM-814).
    pub fn after(time: Duration) -> Self {
        Timeout(Change::Start(When::After(time), None))
    }

    /// Ends at this time. If that has passed, the event still comes behind the messages that are
    /// in the mailbox (GSM-829).
    #[doc(alias = "abs")]
    pub fn at(time: Instant) -> Self {
        Timeout(Change::Start(When::At(time), None))
    }

    /// Never ends: the same as to cancel it (GSM-807).
    #[doc(alias = "infinity")]
    pub fn never() -> Self {
        Timeout::cancel()
    }

    /// Stops what runs, if anything does. Its event will not come, even if the time was up
    /// already (GSM-807, GSM-808).
    pub fn cancel() -> Self {
        Timeout(Change::Cancel)
    }

    /// Changes what the running one carries, and not its time; if none runs, it has ended
    /// (GSM-809, GSM-810). An *event* timeout never runs while an event is handled, so updating
    /// it ends it at once (GSM-811).
    pub fn update(content: C) -> Self {
        Timeout(Change::Update(content))
    }

    /// As records show it. What ends after any time does not begin.
    pub(super) fn shown(&self) -> TimeoutChange {
        match &self.0 {
            Change::Cancel | Change::Start(When::At(Instant::NEVER), _) => TimeoutChange::Cancel,
            Change::Update(_) => TimeoutChange::Update,
            Change::Start(When::After(Duration::ZERO), _) => TimeoutChange::BeginZero,
            Change::Start(When::After(time), _) if about_now() + *time == Instant::NEVER => {
                TimeoutChange::Cancel
            }
            Change::Start(..) => TimeoutChange::Begin,
        }
    }

    /// Carries this.
    pub fn with(self, content: C) -> Self {
        Timeout(match self.0 {
            Change::Start(when, _) => Change::Start(when, Some(content)),
            Change::Update(_) => Change::Update(content),
            Change::Cancel => Change::Cancel,
        })
    }
}

impl<C> From<Duration> for Timeout<C> {
    fn from(time: Duration) -> Self {
        Timeout::after(time)
    }
}

impl<C> From<Instant> for Timeout<C> {
    fn from(time: Instant) -> Self {
        Timeout::at(time)
    }
}
