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
use crate::process::observe::{Served, tell_served};
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
    /// What hardly any behaviour has.
    aside: Option<Box<Aside>>,
}

#[derive(Debug, Default)]
struct Aside {
    suspended: bool,
    debugging: Debugging,
}

/// What a behaviour receives at a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gate {
    parent: Option<Pid>,
    suspended: bool,
}

impl Gate {
    /// Whether the message is to be received now.
    #[inline]
    pub(crate) fn accepts(&self, message: &Message) -> bool {
        !self.suspended
            || mutant!(WorkSuspended)
            || is_order(message)
            || self.end_of_parent(message).is_some()
    }

    /// The reason of the parent's end, if the message tells of it (GS-63).
    #[inline]
    pub(crate) fn end_of_parent(&self, message: &Message) -> Option<ExitReason> {
        let parent = self.parent?;
        let exit = message.peek::<Exit>()?;
        let reason = match mutant!(NormalWithParent) {
            true => ExitReason::Normal,
            false => exit.reason.clone(),
        };
        (exit.from == parent && !mutant!(IgnoreParent)).then_some(reason)
    }
}

impl Control {
    /// Of the calling process; `parent` is who it is linked to and was started by.
    pub(crate) fn new(parent: Option<Pid>, debugging: Debugging) -> Self {
        serve();
        let suspended = false;
        let aside = (!debugging.is_idle()).then(|| {
            Box::new(Aside {
                suspended,
                debugging,
            })
        });
        Control { parent, aside }
    }

    /// Whose end ends the process.
    pub(crate) fn parent(&self) -> Option<Pid> {
        self.parent
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
            let timeout = timeout.filter(|_| !self.is_suspended());
            let gate = self.gate();
            let accept = move |message: &Message| gate.accepts(message).then_some(());
            let Some(((), message)) = mailbox.select(accept, timeout).await else {
                return SystemEvent::Timeout;
            };
            if let Some(reason) = gate.end_of_parent(&message) {
                return self.stop(reason);
            }
            let order = match message.downcast::<Asked<Order>>() {
                Ok(order) => request::open(order),
                Err(message) => {
                    self.note_arrival(&message);
                    return SystemEvent::Message(message);
                }
            };
            // Boxed: rare, and every process that waits here would have room for it.
            if let Some(reason) = Box::pin(self.serve(order, subject)).await {
                return self.stop(reason);
            }
        }
    }

    fn stop(&mut self, reason: ExitReason) -> SystemEvent {
        self.suspend(false);
        SystemEvent::Stop(reason)
    }

    /// Whether nothing but orders is received.
    #[inline]
    pub(crate) fn is_suspended(&self) -> bool {
        self.aside.as_ref().is_some_and(|aside| aside.suspended)
    }

    /// Decides whether nothing but orders is received. What is to end is suspended no longer: it
    /// may have to receive for that.
    pub(crate) fn suspend(&mut self, on: bool) {
        if on || self.is_suspended() {
            self.aside.get_or_insert_default().suspended = on;
            self.tidy();
        }
    }

    /// Nothing is kept where nobody asks for it.
    fn tidy(&mut self) {
        let wanted = |aside: &mut Box<Aside>| aside.suspended || !aside.debugging.is_idle();
        self.aside = self.aside.take_if(wanted);
    }

    /// What is received now.
    #[inline]
    pub(crate) fn gate(&self) -> Gate {
        Gate {
            parent: self.parent,
            suspended: self.is_suspended(),
        }
    }

    /// Notes a message that has been received.
    #[inline]
    pub(crate) fn note_arrival(&mut self, message: &Message) {
        if self.is_watched() {
            self.note(EventKind::In, format!("{message:?}"));
        }
    }

    /// Serves an order; the reason to end, if it was that.
    pub(crate) async fn serve(
        &mut self,
        order: Order,
        subject: &mut impl Subject,
    ) -> Option<ExitReason> {
        match order {
            Order::Suspend(caller) => {
                self.suspend(true);
                tell_served(Served::Suspended);
                caller.reply(());
            }
            Order::Resume(caller) => {
                self.suspend(false);
                tell_served(Served::Resumed);
                caller.reply(());
            }
            order => return self.serve_other(order, subject).await,
        }
        None
    }

    async fn serve_other(
        &mut self,
        order: Order,
        subject: &mut impl Subject,
    ) -> Option<ExitReason> {
        tell_served(Served::Other);
        match order {
            Order::Inspect(inspection) => inspection(subject.state()),
            Order::Status(caller) => caller.reply(self.status(subject)),
            Order::Change(from, extra, caller) => {
                let changed = match self.is_suspended() {
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
        let debugging = &mut self.aside.get_or_insert_default().debugging;
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
                *debugging = Debugging::default();
                caller.reply(());
            }
            _ => {}
        }
        self.tidy();
    }

    fn status(&self, subject: &impl Subject) -> Status {
        Status {
            pid: me(),
            behaviour: initial_call().unwrap_or_default(),
            parent: self.parent,
            suspended: self.is_suspended(),
            state: shown(subject),
            log: self
                .aside
                .as_ref()
                .map_or_else(Vec::new, |aside| aside.debugging.logged()),
        }
    }

    /// Whether events are to be noted.
    #[inline]
    pub(crate) fn is_watched(&self) -> bool {
        self.aside
            .as_ref()
            .is_some_and(|aside| !aside.debugging.is_idle())
    }

    /// Notes what the behaviour does.
    #[cold]
    pub(crate) fn note(&mut self, kind: EventKind, text: String) {
        if let Some(aside) = &mut self.aside {
            aside.debugging.event(SysEvent { kind, text });
        }
    }
}

fn is_order(message: &Message) -> bool {
    message.is::<Asked<Order>>()
}

/// The state in words. What that panics with harms nobody (GS-92).
pub(crate) fn shown(subject: &impl Subject) -> Option<String> {
    caught(|| subject.shown()).unwrap_or_else(|_| Some("format_status has panicked".to_string()))
}
