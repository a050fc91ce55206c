//! System messages for processes that are written by hand.
//!
//! # Semantics
//! SYS-19: any process that receives through a [`SystemReceiver`] can be looked into and steered
//! like one that a behaviour runs.

use std::any::Any;
use std::fmt;
use std::time::Duration;

use super::control::{Control, Subject, SystemEvent};
use super::sys::Debugging;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::process::Mailbox;
use crate::process::request::settling;

/// The receiving end of a process that takes system messages.
///
/// ```
/// use beamline::prelude::*;
/// use beamline::sys::{self, SystemEvent, SystemReceiver};
///
/// async fn counter(mut mailbox: Mailbox) -> ExitReason {
///     let mut receiver = SystemReceiver::new(None);
///     let mut count = 0u32;
///     loop {
///         match receiver.next(&mut mailbox, None, &mut count).await {
///             SystemEvent::Message(_) => count += 1,
///             SystemEvent::Stop(reason) => return reason,
///             SystemEvent::Timeout => {}
///         }
///     }
/// }
///
/// # beamline::Runtime::new().workers(1).run(async {
/// let counter = spawn(counter);
/// send(counter, "one");
/// send(counter, "two");
/// assert_eq!(sys::get_state::<u32>(counter).await, Ok(2));
/// # });
/// ```
#[doc(alias = "sys:handle_system_msg")]
#[derive(Debug)]
pub struct SystemReceiver(Control);

impl SystemReceiver {
    /// That of the calling process. If it traps exits, the end of `parent` tells it to stop
    /// (GS-63).
    #[track_caller]
    pub fn new(parent: Option<Pid>) -> Self {
        SystemReceiver(Control::new(parent, Debugging::default()))
    }

    /// The next message that is none of the system's; those are served meanwhile, on `state`,
    /// which reports and [`sys::status`](super::sys::status) show in words.
    pub async fn next<S>(
        &mut self,
        mailbox: &mut Mailbox,
        timeout: Option<Duration>,
        state: &mut S,
    ) -> SystemEvent
    where
        S: fmt::Debug + Send + 'static,
    {
        settling(self.0.next(mailbox, timeout, &mut State(state))).await
    }
}

/// A state of which nothing is known but how it reads.
struct State<'a, S>(&'a mut S);

impl<S: fmt::Debug + Send + 'static> Subject for State<'_, S> {
    fn state(&mut self) -> &mut dyn Any {
        self.0
    }

    fn shown(&self) -> Option<String> {
        Some(format!("{:?}", self.0))
    }

    async fn change(&mut self, _: &str, _: Message) -> Result<(), ExitReason> {
        Ok(())
    }
}
