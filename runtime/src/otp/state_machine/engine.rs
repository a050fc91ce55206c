//! The loop of a state machine.
//!
//! # Semantics
//! GSM-106 to GSM-108, GSM-303 to GSM-305, GSM-5xx to GSM-9xx, GSM-12xx, GSM-13xx. One event is
//! picked, handled, and its transition made before the next is picked: answers; entering; what is
//! postponed and retried; timeouts that end; timeouts that begin; what is inserted.
//!
//! # Invariants
//! - ENG1: the state is that of the last transition that was made; one whose callbacks crashed was
//!   not (GSM-912, GSM-1209).

use std::fmt;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};

use super::GenStateMachine;
use super::actions::ActionSet;
use super::event::Event;
use super::pair::{Pair, kind_of};
use super::queue::{Numbered, Queue};
use super::timers::{Expired, Slot, Timers};
use super::transition::{Beginning, Goal, Step};
use super::work::{Done, Doze, EnterLate, Entry, Handle, Picked};
use crate::kernel::calls::Asked;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::otp::control::{Control, shown};
use crate::otp::gen_server::Casted;
use crate::otp::life::{After, Engine, Life, Stop, live};
use crate::otp::report::{self, Handling};
use crate::otp::sys::EventKind;
use crate::process::observe::{EventSource, MachineRecord, TimeoutEnd, tell_machine};
use crate::process::request::{open, tell_unanswered};
use crate::process::{Mailbox, catch_exit, has_mail};

/// See the module's documentation.
pub(super) struct Running<M: GenStateMachine> {
    pub(super) pair: Pair<M>,
    control: Control,
    queue: Queue<M>,
    timers: Timers<M>,
    hibernates: bool,
    handling: Handling,
    /// The number of the event that is being handled.
    current: Option<NonZeroU64>,
}

/// The future of a machine that has been initialised.
pub(super) fn run<M: GenStateMachine>(
    beginning: Beginning<M>,
    control: Control,
    mailbox: Mailbox,
) -> Life<Running<M>> {
    let Beginning {
        state,
        data,
        actions,
    } = beginning;
    let running = Running {
        pair: Pair((state, data)),
        control,
        queue: Queue::new(),
        timers: Timers::new(),
        hibernates: false,
        handling: Handling::nothing(),
        current: None,
    };
    live(running, Some(Done::Begun(actions)), mailbox)
}

impl<M: GenStateMachine> Engine for Running<M> {
    type Done = Done<M>;
    type Subject = Pair<M>;

    #[inline]
    fn parts(&mut self) -> (&mut Control, &mut Pair<M>) {
        (&mut self.control, &mut self.pair)
    }

    fn rest(&mut self) {
        self.handling = Handling::nothing();
    }

    #[inline]
    fn take(
        mut life: Pin<&mut Life<Self>>,
        message: Message,
        task: &mut TaskContext<'_>,
    ) -> Poll<Done<M>> {
        let this = idle(&mut life);
        match this.read(message) {
            Some(picked) => {
                let event = this.begin_event(picked);
                match mutant!(SkipEvents) {
                    true => Poll::Ready(Done::Nothing),
                    false => life.begin(Handle(event), task),
                }
            }
            None => Poll::Ready(Done::After(this.wait())),
        }
    }

    fn time_out(_: Pin<&mut Life<Self>>, _: &mut TaskContext<'_>) -> Poll<Done<M>> {
        unreachable!("MBX-9: a receive without a timeout timed out")
    }

    #[inline]
    fn go_on(
        mut life: Pin<&mut Life<Self>>,
        mut done: Done<M>,
        task: &mut TaskContext<'_>,
    ) -> Poll<After> {
        loop {
            let this = idle(&mut life);
            let entry = match done {
                Done::Begun(actions) => {
                    tell_machine(|| MachineRecord::Start {
                        state: &this.pair.0.0,
                        parent: this.control.parent(),
                    });
                    this.goes_to(Goal::Repeat, actions).map(Some)
                }
                Done::Stepped(step) => {
                    tell_machine(|| MachineRecord::Return {
                        kind: kind_of(&step),
                    });
                    step.and_then(|Step { to, actions }| this.goes_to(to, actions))
                        .map(Some)
                }
                Done::Entered(entered) => entered.map(|entry| Some((entry, false))),
                Done::Nothing => Ok(None),
                Done::After(after) => return Poll::Ready(after),
            };
            match entry {
                Err(reason) => return Poll::Ready(After::stop(reason)),
                Ok(Some((entry, true))) => {
                    done = ready!(life.as_mut().begin(entry, task));
                    continue;
                }
                Ok(Some((entry, false))) => {
                    let handled = this.current.is_some();
                    this.commit(entry);
                    if mutant!(EnterLate) && handled {
                        done = ready!(life.as_mut().begin(EnterLate, task));
                        continue;
                    }
                }
                Ok(None) => {}
            }
            tell_unanswered();
            if mutant!(HibernateEarly) && std::mem::take(&mut this.hibernates) {
                tell_machine(|| MachineRecord::Hibernate);
                done = ready!(life.as_mut().begin(Doze, task));
                continue;
            }
            let Some(picked) = this.pick() else {
                return Poll::Ready(this.wait());
            };
            done = ready!(life.as_mut().begin(picked, task));
        }
    }

    async fn end(&mut self, Stop { mut reason, .. }: Stop) -> ExitReason {
        tell_machine(|| MachineRecord::Stop { reason: &reason });
        self.note(EventKind::Terminate, || reason.to_string());
        if mutant!(SkipTerminate) {
            return reason;
        }
        tell_machine(|| MachineRecord::Terminate);
        let (state, data) = &mut self.pair.0;
        let failed = catch_exit(data.terminate(&reason, state)).await.err();
        tell_machine(|| MachineRecord::Terminated {
            failed: failed.as_ref(),
        });
        if let Some(worse) = failed {
            reason = worse;
        }
        let name = std::any::type_name::<M>();
        report::served(name, self.handling, &reason, || shown(&self.pair));
        match mutant!(EndNormally) {
            true => ExitReason::Normal,
            false => reason,
        }
    }
}

/// The machine, on which there is no work.
#[inline]
fn idle<'a, M: GenStateMachine>(life: &'a mut Pin<&mut Life<Running<M>>>) -> &'a mut Running<M> {
    match life.as_mut().parts() {
        (Some(this), _) => this,
        (None, _) => unreachable!("LIF1: one thing at a time"),
    }
}

impl<M: GenStateMachine> Running<M> {
    /// The event is handled from now on.
    #[inline]
    pub(super) fn begin_event(&mut self, picked: Picked<M>) -> Event<M> {
        let Picked {
            source,
            numbered: Numbered { number, event },
            timeout,
        } = picked;
        self.tell_pick(number, source, timeout, &event);
        self.current = NonZeroU64::new(number);
        event
    }

    #[inline]
    fn tell_pick(&self, number: u64, source: EventSource, timeout: Option<u64>, event: &Event<M>) {
        let content = event.content();
        tell_machine(|| MachineRecord::Pick {
            event: number,
            source,
            kind: event.kind(),
            content: &content,
            state: &self.pair.0.0,
            timeout,
        });
    }

    /// The next event of the machine's own: of the queue, or of a timeout without time (GSM-304).
    #[inline]
    fn pick(&mut self) -> Option<Picked<M>> {
        if mutant!(ZeroFirst)
            && let Some((timeout, event)) = self.timers.next_zero()
        {
            return Some(self.of_timeout(EventSource::Zero, timeout, event));
        }
        if mutant!(QueueLater) && has_mail() {
            return None;
        }
        if let Some((source, numbered)) = self.queue.pop() {
            self.handling = Handling::other(|| "an event of its own");
            return Some(Picked {
                source,
                numbered,
                timeout: None,
            });
        }
        let (timeout, event) = self.timers.next_zero()?;
        Some(self.of_timeout(EventSource::Zero, timeout, event))
    }

    /// Waits for a message.
    #[inline]
    fn wait(&mut self) -> After {
        tell_machine(|| MachineRecord::Wait);
        if std::mem::take(&mut self.hibernates) {
            tell_machine(|| MachineRecord::Hibernate);
            return After::Hibernate;
        }
        After::Wait(None)
    }

    fn of_timeout(&mut self, source: EventSource, timeout: u64, event: Event<M>) -> Picked<M> {
        self.handling = Handling::other(|| "a timeout");
        let number = self.queue.number();
        Picked {
            source,
            numbered: Numbered { number, event },
            timeout: Some(timeout),
        }
    }

    /// The event that a message is; nothing for a timeout that has been cancelled (GSM-302).
    #[inline]
    fn read(&mut self, message: Message) -> Option<Picked<M>> {
        if mutant!(PassOver) {
            return None;
        }
        let event = match message.downcast::<Asked<M::Call>>() {
            Ok(asked) => {
                self.handling = Handling::call::<M::Call>(asked.reference().owner());
                Event::Call(open(asked))
            }
            Err(message) => match message.downcast::<Expired>() {
                Ok(expired) => {
                    let Some((timeout, event)) = self.timers.expired(expired) else {
                        tell_machine(|| MachineRecord::Ignored);
                        return None;
                    };
                    return Some(self.of_timeout(EventSource::Timer, timeout, event));
                }
                Err(message) => {
                    self.handling = Handling::other(message.namer());
                    match message.downcast::<Casted<M::Cast>>() {
                        Ok(Casted(message)) => Event::Cast(message),
                        Err(message) => Event::Info(M::Info::from(message)),
                    }
                }
            },
        };
        let number = self.queue.number();
        Some(Picked {
            source: EventSource::Mailbox,
            numbered: Numbered { number, event },
            timeout: None,
        })
    }

    /// Begins a transition: what it comes to, and whether a state is to be entered first; the
    /// reason to end, if it is that.
    #[inline]
    fn goes_to(
        &mut self,
        to: Goal<M::State>,
        mut actions: ActionSet<M>,
    ) -> Result<(Entry<M>, bool), ExitReason> {
        self.answer(&mut actions);
        let (next, enters) = match to {
            Goal::Keep => (None, false),
            Goal::Repeat => (None, true),
            Goal::Next(state) if state == self.pair.0.0 && !mutant!(AlwaysChange) => (None, false),
            Goal::Next(_)
                if mutant!(MissChanges) && self.current.is_some_and(|n| n.get() % 2 == 1) =>
            {
                (None, false)
            }
            Goal::Next(state) => (Some(state), true),
            Goal::Stop(reason) => return Err(reason),
        };
        Ok((Entry { next, actions }, enters && !mutant!(SkipEnter)))
    }

    /// Makes a transition.
    #[inline]
    fn commit(&mut self, entry: Entry<M>) {
        let Entry {
            mut next,
            mut actions,
        } = entry;
        let event = self.current.take().map(NonZeroU64::get);
        let changed = next.is_some();
        if mutant!(LoseState) {
            next = None;
        }
        let old = next.map(|state| std::mem::replace(&mut self.pair.0.0, state));
        tell_machine(|| {
            let new: &dyn fmt::Debug = &self.pair.0.0;
            MachineRecord::Transition {
                event,
                old: old.as_ref().map_or(new, |old| old),
                new,
                changed,
                differs: old.as_ref().is_some_and(|old| *old != self.pair.0.0),
                allowed: (old.as_ref().zip(M::GRAPH))
                    .map(|(old, graph)| graph(old, &self.pair.0.0)),
            }
        });
        if let Some(number) = event {
            let postponed = actions.more.as_mut().and_then(|more| more.postponed.take());
            self.settle(number, postponed);
            if !mutant!(KeepEventTimeout) {
                self.timers.end(&Slot::Event, TimeoutEnd::Event);
            }
        }
        if changed && !mutant!(KeepStateTimeout) {
            self.timers.end(&Slot::State, TimeoutEnd::StateChange);
        }
        if let (true, Some(more)) = (mutant!(RetryFirst), &mut actions.more) {
            self.queue.insert(&mut more.inserted);
        }
        if changed || mutant!(RetryAlways) {
            self.queue.retry();
        }
        if changed && mutant!(EndTimers) {
            self.timers.end_named();
        }
        let asked = actions.length;
        tell_machine(|| MachineRecord::Applies { asked });
        self.timers.apply(&mut actions);
        if let Some(more) = &mut actions.more {
            self.queue.insert(&mut more.inserted);
        }
        if mutant!(SlipBack)
            && let Some(old) = old
        {
            self.pair.0.0 = old;
        }
        if let Some(hibernates) = actions.hibernate {
            self.hibernates = hibernates;
        }
    }

    /// The event that was handled is consumed, or postponed.
    #[inline]
    fn settle(&mut self, number: u64, postponed: Option<Event<M>>) {
        let kind = match postponed {
            Some(event) => {
                self.queue.postpone(number, event);
                // Far more than anybody postpones.
                for _ in 0..20_000 * u32::from(mutant!(PostponeMuch)) {
                    let number = self.queue.number();
                    self.queue.postpone(number, Event::EventTimeout(None));
                }
                EventKind::Postpone
            }
            None => EventKind::Consume,
        };
        self.note(kind, String::new);
    }

    pub(super) fn answer(&mut self, actions: &mut ActionSet<M>) {
        let Some(more) = &mut actions.more else {
            return;
        };
        if mutant!(AnswerBackwards) {
            more.replies.reverse();
        }
        for (to, reply) in more.replies.drain(..) {
            tell_machine(|| MachineRecord::Reply {
                to: to.owner(),
                call: to.number(),
            });
            reply.send();
            if self.control.is_watched() {
                self.control.note(EventKind::Out, String::new());
            }
        }
    }

    #[inline]
    pub(super) fn note(&mut self, kind: EventKind, text: impl FnOnce() -> String) {
        if self.control.is_watched() {
            self.control.note(kind, text());
        }
    }
}
