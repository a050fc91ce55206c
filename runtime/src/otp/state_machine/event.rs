//! Events: what a state machine handles, one at a time.

use std::fmt;

use super::GenStateMachine;
use crate::process::observe::EventType;

/// What has happened (GSM-301).
///
/// A callback is given the event itself, with the [`Caller`](crate::Caller) of a call inside. It
/// may hand it back, to be handled after the state has changed
/// ([`postpone`](super::postpone)), or make events of its own ([`Inserts::next_event`]).
///
/// [`Inserts::next_event`]: super::Inserts::next_event
pub enum Event<M: GenStateMachine> {
    /// A request that is to be answered.
    #[doc(alias = "{:call, from}")]
    Call(M::Call),
    /// What was cast.
    Cast(M::Cast),
    /// Any other message (GSM-302).
    Info(M::Info),
    /// No event came for so long (GSM-818).
    #[doc(alias = "timeout")]
    EventTimeout(Option<M::Internal>),
    /// The machine was in its state for so long (GSM-824).
    StateTimeout(Option<M::Internal>),
    /// The time of this name is up, whatever happened meanwhile (GSM-827).
    #[doc(alias = "{:timeout, name}")]
    Timer(M::TimerName, Option<M::Internal>),
    /// What the machine told itself (GSM-307).
    Internal(M::Internal),
}

impl<M: GenStateMachine> Event<M> {
    pub(super) fn kind(&self) -> EventType {
        match self {
            Event::Call(_) => EventType::Call,
            Event::Cast(_) => EventType::Cast,
            Event::Info(_) => EventType::Info,
            Event::EventTimeout(_) => EventType::EventTimeout,
            Event::StateTimeout(_) => EventType::StateTimeout,
            Event::Timer(..) => EventType::Timer,
            Event::Internal(_) => EventType::Internal,
        }
    }

    /// The content alone, in words.
    pub(super) fn content(&self) -> Content<'_, M> {
        Content(self)
    }
}

impl<M: GenStateMachine> fmt::Debug for Event<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Call(request) => f.debug_tuple("Call").field(request).finish(),
            Event::Cast(message) => f.debug_tuple("Cast").field(message).finish(),
            Event::Info(message) => f.debug_tuple("Info").field(message).finish(),
            Event::EventTimeout(content) => f.debug_tuple("EventTimeout").field(content).finish(),
            Event::StateTimeout(content) => f.debug_tuple("StateTimeout").field(content).finish(),
            Event::Timer(name, content) => {
                f.debug_tuple("Timer").field(name).field(content).finish()
            }
            Event::Internal(content) => f.debug_tuple("Internal").field(content).finish(),
        }
    }
}

/// Shows what an event carries.
pub(super) struct Content<'a, M: GenStateMachine>(&'a Event<M>);

impl<M: GenStateMachine> fmt::Debug for Content<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Event::Call(request) => request.fmt(f),
            Event::Cast(message) => message.fmt(f),
            Event::Info(message) => message.fmt(f),
            Event::EventTimeout(Some(content)) | Event::StateTimeout(Some(content)) => {
                content.fmt(f)
            }
            Event::EventTimeout(None) | Event::StateTimeout(None) => Ok(()),
            Event::Timer(name, Some(content)) => write!(f, "{name:?}, {content:?}"),
            Event::Timer(name, None) => name.fmt(f),
            Event::Internal(content) => content.fmt(f),
        }
    }
}
