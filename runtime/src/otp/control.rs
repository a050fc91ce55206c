//! System messages as behaviours handle them: every behaviour receives through a [`Control`].
//!
//! # Semantics
//! SYS-1 to SYS-20, GS-56, GS-57, GS-63. Orders are served between callbacks, in the order of the
//! mailbox. A suspended process takes nothing but orders and the end of its parent.

use std::any::Any;
use std::future::Future;
use std::time::Duration;

use super::caller::Caller;
use super::sys::{Debugging, EventKind, Hook, HookId, Statistics, Status, SysEvent};
use crate::kernel::calls::Asked;
use crate::kernel::handle::Exit;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::process::{Mailbox, catch_exit, caught, initial_call, me, request, serve};

/// What a behaviour has to offer to system messages.
pub(crate) trait Subject: Send {
    /// The state, as [`sys::with_state`](crate::sys::with_state) may see and change it.
    fn state(&mut self) -> &mut dyn Any;

    /// The state in words, if it may be shown.
    fn shown(&self) -> Option<String>;

    /// The state of another version of the program.
    fn change(
        &mut self,
        from: &str,
        extra: Message,
    ) -> impl Future<Output = Result<(), ExitReason>> + Send;
}

/// What a closure does to a state that it knows the type of.
pub(crate) type Inspection = Box<dyn FnOnce(&mut dyn Any) + Send>;

/// A system message.
pub(crate) enum Order {
    Suspend(Caller<()>),
    Resume(Caller<()>),
    Inspect(Inspection),
    Status(Caller<Status>),
    Change(String, Message, Caller<Result<(), super::sys::SysError>>),
    Count(bool, Caller<()>),
    Statistics(Caller<Option<Statistics>>),
    Log(usize, Caller<()>),
    Logged(Caller<Vec<SysEvent>>),
    Install(HookId, Hook, Caller<()>),
    Remove(HookId, Caller<()>),
    NoDebug(Caller<()>),
    Terminate(ExitReason, Caller<()>),
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self {
            Order::Suspend(_) => "Suspend",
            Order::Resume(_) => "Resume",
            Order::Inspect(_) => "Inspect",
            Order::Status(_) => "Status",
            Order::Change(..) => "ChangeCode",
            Order::Count(..) | Order::Statistics(_) => "Statistics",
            Order::Log(..) | Order::Logged(_) => "Log",
            Order::Install(..) => "Install",
            Order::Remove(..) => "Remove",
            Order::NoDebug(_) => "NoDebug",
            Order::Terminate(reason, _) => return write!(f, "Terminate({reason})"),
        };
        f.write_str(word)
    }
}

/// What a process that takes system messages gets.
#[derive(Debug)]
pub enum SystemEvent {
    /// A message that is none of the system's.
    Message(Message),
    /// None came in time.
    Timeout,
    /// It is to end with this reason: somebody stops it, or its parent has ended.
    Stop(ExitReason),
}

/// The receiving end of a behaviour.
#[derive(Debug)]
pub(crate) struct Control {
    parent: Option<Pid>,
    suspended: bool,
    debugging: Option<Box<Debugging>>,
}

impl Control {
    /// Of the calling process; `parent` is who it is linked to and was started by.
    pub(crate) fn new(parent: Option<Pid>, debugging: Debugging) -> Self {
        serve();
        let wanted = (!debugging.is_idle()).then(|| Box::new(debugging));
        Control {
            parent,
            suspended: false,
            debugging: wanted,
        }
    }

    /// The next message that is none of the system's. `timeout` begins anew after each that is
    /// (GS-56, GS-57).
    pub(crate) async fn next(
        &mut self,
        mailbox: &mut Mailbox,
        timeout: Option<Duration>,
        subject: &mut impl Subject,
    ) -> SystemEvent {
        loop {
            let timeout = timeout.filter(|_| !self.suspended);
            let (suspended, parent) = (self.suspended, self.parent);
            let accept = move |message: &Message| {
                (!suspended || is_order(message) || end_of(parent, message).is_some()).then_some(())
            };
            let Some(((), message)) = mailbox.select(accept, timeout).await else {
                return SystemEvent::Timeout;
            };
            if let Some(reason) = end_of(parent, &message) {
                return self.stop(reason);
            }
            let order = match message.downcast::<Asked<Order>>() {
                Ok(order) => request::open(order),
                Err(message) => {
                    if self.debugging.is_some() {
                        self.note(EventKind::In, format!("{message:?}"));
                    }
                    return SystemEvent::Message(message);
                }
            };
            // Boxed: rare, and every process that waits here would have room for it.
            if let Some(reason) = Box::pin(self.serve(order, subject)).await {
                return self.stop(reason);
            }
        }
    }

    /// What is to end is suspended no longer: it may have to receive for that.
    fn stop(&mut self, reason: ExitReason) -> SystemEvent {
        self.suspended = false;
        SystemEvent::Stop(reason)
    }

    /// Serves an order; the reason to end, if it was that.
    async fn serve(&mut self, order: Order, subject: &mut impl Subject) -> Option<ExitReason> {
        match order {
            Order::Suspend(caller) => {
                self.suspended = true;
                caller.reply(());
            }
            Order::Resume(caller) => {
                self.suspended = false;
                caller.reply(());
            }
            Order::Inspect(inspection) => inspection(subject.state()),
            Order::Status(caller) => caller.reply(self.status(subject)),
            Order::Change(from, extra, caller) => {
                let changed = match self.suspended {
                    true => {
                        let changed = catch_exit(subject.change(&from, extra)).await;
                        changed.flatten().map_err(Into::into)
                    }
                    false => Err(super::sys::SysError::NotSuspended),
                };
                caller.reply(changed);
            }
            // The caller learns by the end of the process (PL-22).
            Order::Terminate(reason, caller) => {
                caller.leave();
                return Some(reason);
            }
            order => self.debug(order),
        }
        None
    }

    fn debug(&mut self, order: Order) {
        let debugging = self.debugging.get_or_insert_default();
        match order {
            Order::Count(on, caller) => {
                debugging.count(on);
                caller.reply(());
            }
            Order::Statistics(caller) => caller.reply(debugging.statistics()),
            Order::Log(size, caller) => {
                debugging.keep(size);
                caller.reply(());
            }
            Order::Logged(caller) => caller.reply(debugging.logged()),
            Order::Install(id, hook, caller) => {
                debugging.install(id, hook);
                caller.reply(());
            }
            Order::Remove(id, caller) => {
                debugging.remove(&id);
                caller.reply(());
            }
            Order::NoDebug(caller) => {
                **debugging = Debugging::default();
                caller.reply(());
            }
            _ => {}
        }
        // Nothing is noted where nobody asked for it.
        if debugging.is_idle() {
            self.debugging = None;
        }
    }

    fn status(&self, subject: &impl Subject) -> Status {
        Status {
            pid: me(),
            behaviour: initial_call().unwrap_or_default(),
            parent: self.parent,
            suspended: self.suspended,
            state: shown(subject),
            log: self
                .debugging
                .as_ref()
                .map_or_else(Vec::new, |debugging| debugging.logged()),
        }
    }

    /// Whether events are to be noted.
    #[inline]
    pub(crate) fn is_watched(&self) -> bool {
        self.debugging.is_some()
    }

    /// Notes what the behaviour does.
    #[cold]
    pub(crate) fn note(&mut self, kind: EventKind, text: String) {
        if let Some(debugging) = &mut self.debugging {
            debugging.event(SysEvent { kind, text });
        }
    }
}

fn is_order(message: &Message) -> bool {
    message.is::<Asked<Order>>()
}

/// The reason of the parent's end, if the message tells of it (GS-63).
fn end_of(parent: Option<Pid>, message: &Message) -> Option<ExitReason> {
    let parent = parent?;
    let exit = message.peek::<Exit>()?;
    let reason = match mutant!(NormalWithParent) {
        true => ExitReason::Normal,
        false => exit.reason.clone(),
    };
    (exit.from == parent).then_some(reason)
}

/// The state in words. What that panics with harms nobody (GS-92).
pub(crate) fn shown(subject: &impl Subject) -> Option<String> {
    caught(|| subject.shown()).unwrap_or_else(|_| Some("format_status has panicked".to_string()))
}
