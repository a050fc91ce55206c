//! The life of a behaviour: it waits for a message, works on it, and waits again, until it ends.
//!
//! # Semantics
//! SYS-1 to SYS-20, GS-48, GS-56, GS-57, GS-63, GS-69. Orders of the system are served between
//! callbacks; a panic of a callback is a reason to end, and `terminate` runs all the same.
//!
//! # Invariants
//! - LIF1: one thing at a time: whatever the behaviour is lent to is done before the next message
//!   is taken.
//!
//! # Costs
//! While it waits there are the behaviour itself and a few words. The future of a callback lies in
//! a block of the runtime's own, which it gives back when it is done.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};
use std::time::Duration;

use super::caller::PendingReply;
use super::control::{Control, Order, Subject};
use crate::kernel::calls::Asked;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::process::in_place::{Lent, Work};
use crate::process::receive::Wait;
use crate::process::request::{forget_unanswered, open, tell_unanswered};
use crate::process::{Mailbox, caught, hibernate};

/// What a behaviour does with what it gets.
pub(crate) trait Engine: Send + Sized + 'static {
    /// What its work comes to.
    type Done: From<After> + Send;
    /// What orders of the system are about.
    type Subject: Subject;

    /// What serves orders, and what they are about.
    fn parts(&mut self) -> (&mut Control, &mut Self::Subject);

    /// Nothing is being handled any more.
    fn rest(&mut self);

    /// Takes a message that is no order.
    fn take(
        life: Pin<&mut Life<Self>>,
        message: Message,
        task: &mut TaskContext<'_>,
    ) -> Poll<Self::Done>;

    /// No message has come in time.
    fn time_out(life: Pin<&mut Life<Self>>, task: &mut TaskContext<'_>) -> Poll<Self::Done>;

    /// What comes after work that is done; there may be more of it.
    fn go_on(
        life: Pin<&mut Life<Self>>,
        done: Self::Done,
        task: &mut TaskContext<'_>,
    ) -> Poll<After>;

    /// The last callback, and the report; the reason to end with after all.
    fn end(&mut self, stop: Stop) -> impl Future<Output = ExitReason> + Send;
}

/// What comes after what was done.
pub(crate) enum After {
    /// The next message, waited for at most so long.
    Wait(Option<Duration>),
    /// The next message, which may take long.
    Hibernate,
    Stop(Stop),
    /// All is done.
    Over(ExitReason),
}

/// How the loop ends.
pub(crate) struct Stop {
    pub(super) reason: ExitReason,
    /// What is answered when the last callback has returned.
    pub(super) reply: Option<PendingReply>,
}

impl After {
    pub(super) fn stop(reason: ExitReason) -> After {
        let reply = None;
        After::Stop(Stop { reason, reply })
    }
}

/// The future of a behaviour that has been initialised.
pub(crate) type Life<E> = Lent<E, Wait, <E as Engine>::Done>;

/// That of the calling process. `first` is what it begins with, if it does not just wait.
pub(super) fn live<E: Engine>(engine: E, first: Option<E::Done>, mailbox: Mailbox) -> Life<E> {
    Lent::new(engine, Wait::new(mailbox), first)
}

impl<E: Engine> Future for Life<E> {
    type Output = ExitReason;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<ExitReason> {
        let mut next = Step::Any;
        loop {
            let step = std::mem::replace(&mut next, Step::Any);
            let after = match self.as_mut().parts().1.is_over() {
                // What the last callback panics with has been caught.
                true => ready!(self.as_mut().step(step, task)),
                false => match caught(|| self.as_mut().step(step, task)) {
                    Ok(polled) => ready!(polled),
                    Err(reason) => {
                        self.as_mut().abandon();
                        After::stop(reason)
                    }
                },
            };
            match after {
                After::Wait(limit) => {
                    tell_unanswered();
                    self.as_mut().wait(limit);
                }
                After::Hibernate => {
                    tell_unanswered();
                    next = Step::Sleep;
                }
                After::Stop(stop) => {
                    // Whoever was let down in the last step is told of the end instead (GS-68).
                    forget_unanswered();
                    self.as_mut().parts().1.end();
                    next = Step::End(stop);
                }
                After::Over(reason) => return Poll::Ready(reason),
            }
        }
    }
}

/// What a life does next.
enum Step {
    /// Goes on with the work at hand, or takes a message.
    Any,
    Sleep,
    End(Stop),
}

impl<E: Engine> Life<E> {
    /// Begins the next wait. A suspended behaviour knows no time.
    #[inline]
    fn wait(self: Pin<&mut Self>, limit: Option<Duration>) {
        if let (Some(engine), wait) = self.parts() {
            let is_off = engine.parts().0.is_suspended();
            wait.begin(limit, is_off);
        }
    }

    #[inline]
    fn step(mut self: Pin<&mut Self>, step: Step, task: &mut TaskContext<'_>) -> Poll<After> {
        let polled = match step {
            Step::Any => match self.as_mut().work(task) {
                Some(polled) => polled,
                None => self.as_mut().receive(task),
            },
            Step::Sleep => self.as_mut().begin(Sleep, task),
            Step::End(stop) => self.as_mut().begin(End(stop), task),
        };
        E::go_on(self, ready!(polled), task)
    }

    /// Takes the next message and begins to work on it (LIF1).
    #[inline]
    fn receive(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<E::Done> {
        let (Some(engine), wait) = self.as_mut().parts() else {
            unreachable!("LIF1: there is no work");
        };
        let gate = engine.parts().0.gate();
        let accept = |message: &Message| gate.accepts(message).then_some(());
        let Some(((), message)) = ready!(wait.poll(accept)) else {
            return E::time_out(self, task);
        };
        if let Some(reason) = gate.end_of_parent(&message) {
            return Poll::Ready(told_to_stop(engine, reason).into());
        }
        match message.downcast::<Asked<Order>>() {
            Ok(order) => {
                let limit = wait.limit();
                self.begin(Serve(open(order), limit), task)
            }
            Err(message) => {
                engine.parts().0.note_arrival(&message);
                E::take(self, message, task)
            }
        }
    }
}

fn told_to_stop<E: Engine>(engine: &mut E, reason: ExitReason) -> After {
    engine.parts().0.suspend(false);
    engine.rest();
    After::stop(reason)
}

/// The work that all behaviours have.
struct Sleep;
/// And how long the wait was for that the order came in between (GS-56, GS-57).
struct Serve(Order, Option<Duration>);
struct End(Stop);

impl<E: Engine> Work<E, E::Done> for Sleep {
    type Output = After;

    async fn on(self, _: &mut E) -> After {
        hibernate().await;
        After::Wait(None)
    }
}

impl<E: Engine> Work<E, E::Done> for Serve {
    type Output = After;

    async fn on(self, engine: &mut E) -> After {
        let Serve(order, limit) = self;
        let (control, subject) = engine.parts();
        match control.serve(order, subject).await {
            Some(reason) => told_to_stop(engine, reason),
            None => After::Wait(limit),
        }
    }
}

impl<E: Engine> Work<E, E::Done> for End {
    type Output = After;

    async fn on(self, engine: &mut E) -> After {
        After::Over(engine.end(self.0).await)
    }
}
