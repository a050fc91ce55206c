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

use std::any::Any;
use std::fmt;

use super::actions::ActionSet;
use super::event::Event;
use super::queue::{Numbered, Queue};
use super::timers::{Expired, Slot, Timers};
use super::transition::{Beginning, Enter, Entered, Goal, Step};
use super::{GenStateMachine, Transition};
use crate::kernel::calls::Asked;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::otp::control::{Control, Subject, SystemEvent, shown};
use crate::otp::gen_server::Casted;
use crate::otp::report::{self, Handling};
use crate::otp::sys::EventKind;
use crate::process::observe::{EventSource, MachineRecord, ReturnKind, TimeoutEnd, tell_machine};
use crate::process::request::{forget_unanswered, open, tell_unanswered};
use crate::process::{Mailbox, catch_exit, hibernate, take_turn};

/// State and data, which system messages see as a pair (GSM-1301).
pub(super) struct Pair<M: GenStateMachine>((M::State, M));

impl<M: GenStateMachine> Subject for Pair<M> {
    fn state(&mut self) -> &mut dyn Any {
        tell_machine(|| MachineRecord::Touched);
        &mut self.0
    }

    fn shown(&self) -> Option<String> {
        let (state, data) = &self.0;
        data.format_status(state)
    }

    async fn change(&mut self, from: &str, extra: Message) -> Result<(), ExitReason> {
        let (state, data) = &mut self.0;
        tell_machine(|| MachineRecord::Touched);
        data.code_change(state, from, extra).await
    }
}

/// See the module's documentation.
pub(super) struct Engine<M: GenStateMachine> {
    pair: Pair<M>,
    control: Control,
    queue: Queue<M>,
    timers: Timers<M>,
    hibernates: bool,
    handling: Handling,
}

/// An event that is to be handled.
struct Picked<M: GenStateMachine> {
    source: EventSource,
    numbered: Numbered<M>,
    /// The timeout whose end it is.
    timeout: Option<u64>,
}

impl<M: GenStateMachine> Engine<M> {
    pub(super) async fn run(
        beginning: Beginning<M>,
        control: Control,
        mut mailbox: Mailbox,
    ) -> ExitReason {
        let Beginning {
            state,
            data,
            actions,
        } = beginning;
        let mut this = Engine {
            pair: Pair((state, data)),
            control,
            queue: Queue::new(),
            timers: Timers::new(),
            hibernates: false,
            handling: Handling::Nothing,
        };
        let reason = match catch_exit(this.serve(&mut mailbox, actions)).await {
            Ok(reason) | Err(reason) => reason,
        };
        this.end(reason).await
    }

    /// The last callback, and the report.
    async fn end(mut self, mut reason: ExitReason) -> ExitReason {
        // Whoever was let down in the last step is told of the end instead (GSM-607).
        forget_unanswered();
        tell_machine(|| MachineRecord::Stop { reason: &reason });
        self.note(EventKind::Terminate, || reason.to_string());
        if mutant!(SkipTerminate) {
            return reason;
        }
        tell_machine(|| MachineRecord::Terminate);
        let (state, data) = &mut self.pair.0;
        if let Err(worse) = catch_exit(data.terminate(&reason, state)).await {
            reason = worse;
        }
        let name = std::any::type_name::<M>();
        report::served(name, self.handling, &reason, || shown(&self.pair));
        reason
    }

    async fn serve(&mut self, mailbox: &mut Mailbox, actions: ActionSet<M>) -> ExitReason {
        tell_machine(|| MachineRecord::Start {
            state: &self.pair.0.0,
        });
        let mut made = self.commit(None, Goal::Repeat, actions).await;
        loop {
            if let Err(reason) = made {
                return reason;
            }
            tell_unanswered();
            let Picked {
                source,
                numbered: Numbered { number, event },
                timeout,
            } = match self.pick(mailbox).await {
                Ok(picked) => picked,
                Err(reason) => return reason,
            };
            self.tell_pick(number, source, timeout, &event);
            let (state, data) = &mut self.pair.0;
            let step = data.handle_event(state, event).await;
            tell_machine(|| MachineRecord::Return {
                kind: kind_of(&step),
            });
            made = match step {
                Ok(Step { to, actions }) => self.commit(Some(number), to, actions).await,
                Err(reason) => Err(reason),
            };
        }
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

    /// The next event: of the queue, of a timeout without time, of the mailbox (GSM-304). An error
    /// is the reason to end.
    #[inline]
    async fn pick(&mut self, mailbox: &mut Mailbox) -> Result<Picked<M>, ExitReason> {
        if mutant!(ZeroFirst)
            && let Some((timeout, event)) = self.timers.next_zero()
        {
            return Ok(self.of_timeout(EventSource::Zero, timeout, event));
        }
        let later = mutant!(QueueLater) && !mailbox.is_empty();
        if !later && let Some((source, numbered)) = self.queue.pop() {
            take_turn().await;
            let timeout = None;
            self.handling = Handling::Other("an event of its own");
            return Ok(Picked {
                source,
                numbered,
                timeout,
            });
        }
        if !later && let Some((timeout, event)) = self.timers.next_zero() {
            take_turn().await;
            return Ok(self.of_timeout(EventSource::Zero, timeout, event));
        }
        loop {
            tell_machine(|| MachineRecord::Wait);
            if std::mem::take(&mut self.hibernates) {
                tell_machine(|| MachineRecord::Hibernate);
                hibernate().await;
            }
            let input = self.control.next(mailbox, None, &mut self.pair).await;
            match input {
                SystemEvent::Message(message) => {
                    if let Some(picked) = self.read(message) {
                        return Ok(picked);
                    }
                }
                SystemEvent::Stop(reason) => {
                    self.handling = Handling::Nothing;
                    return Err(reason);
                }
                SystemEvent::Timeout => {
                    unreachable!("MBX-9: a receive without a timeout timed out")
                }
            }
        }
    }

    fn of_timeout(&mut self, source: EventSource, timeout: u64, event: Event<M>) -> Picked<M> {
        self.handling = Handling::Other("a timeout");
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
        let event = match message.downcast::<Asked<M::Call>>() {
            Ok(asked) => {
                let (caller, type_name) =
                    (asked.reference().owner(), std::any::type_name::<M::Call>());
                self.handling = Handling::Call(caller, type_name);
                Event::Call(open(asked))
            }
            Err(message) => match message.downcast::<Expired>() {
                Ok(expired) => {
                    let (timeout, event) = self.timers.expired(expired)?;
                    return Some(self.of_timeout(EventSource::Timer, timeout, event));
                }
                Err(message) => {
                    self.handling = Handling::Other(message.type_name());
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

    /// Makes a transition; the reason to end, if it is that. `event` is what was handled, and
    /// nothing at the beginning.
    #[inline]
    async fn commit(
        &mut self,
        event: Option<u64>,
        to: Goal<M::State>,
        mut actions: ActionSet<M>,
    ) -> Result<(), ExitReason> {
        self.answer(&mut actions);
        let (mut next, enters) = match to {
            Goal::Keep => (None, false),
            Goal::Repeat => (None, true),
            Goal::Next(state) if state == self.pair.0.0 => (None, false),
            Goal::Next(state) => (Some(state), true),
            Goal::Stop(reason) => return Err(reason),
        };
        if enters && !mutant!(SkipEnter) {
            self.enter(&mut next, &mut actions).await?;
        }
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
            }
        });
        if let Some(number) = event {
            self.settle(number, actions.postponed.take());
            if !mutant!(KeepEventTimeout) {
                self.timers.end(&Slot::Event, TimeoutEnd::Event);
            }
        }
        if changed && !mutant!(KeepStateTimeout) {
            self.timers.end(&Slot::State, TimeoutEnd::StateChange);
        }
        if changed || mutant!(RetryAlways) {
            self.queue.retry();
        }
        self.timers.apply(&mut actions);
        self.queue.insert(&mut actions.inserted);
        if let Some(hibernates) = actions.hibernate {
            self.hibernates = hibernates;
        }
        Ok(())
    }

    /// The event that was handled is consumed, or postponed.
    #[inline]
    fn settle(&mut self, number: u64, postponed: Option<Event<M>>) {
        let kind = match postponed {
            Some(event) => {
                self.queue.postpone(number, event);
                EventKind::Postpone
            }
            None => EventKind::Consume,
        };
        self.note(kind, String::new);
    }

    /// Calls `enter` until it is done. What it asks for is added to what the event's callback did.
    async fn enter(
        &mut self,
        next: &mut Option<M::State>,
        actions: &mut ActionSet<M>,
    ) -> Result<(), ExitReason> {
        loop {
            let (state, data) = &mut self.pair.0;
            let state = &*state;
            let new = next.as_ref().unwrap_or(state);
            tell_machine(|| MachineRecord::Enter { old: state, new });
            let entered = data.enter(state, new).await;
            tell_machine(|| MachineRecord::Entered {
                kind: kind_of_entering(&entered),
            });
            let Enter {
                goal,
                actions: mut more,
            } = entered?;
            self.note(EventKind::Enter, String::new);
            self.answer(&mut more);
            actions.extend(more);
            match goal {
                Entered::Done => return Ok(()),
                Entered::Again => take_turn().await,
                Entered::Stop(reason) => {
                    if let Some(state) = next.take() {
                        self.pair.0.0 = state;
                    }
                    return Err(reason);
                }
            }
        }
    }

    fn answer(&mut self, actions: &mut ActionSet<M>) {
        for (to, reply) in actions.replies.drain(..) {
            tell_machine(|| MachineRecord::Reply { to });
            reply.send();
            if self.control.is_watched() {
                self.control.note(EventKind::Out, String::new());
            }
        }
    }

    #[inline]
    fn note(&mut self, kind: EventKind, text: impl FnOnce() -> String) {
        if self.control.is_watched() {
            self.control.note(kind, text());
        }
    }
}

fn kind_of<M: GenStateMachine>(step: &Transition<M>) -> ReturnKind {
    match step.as_ref().map(|step| &step.to) {
        Ok(Goal::Keep) => ReturnKind::Keep,
        Ok(Goal::Repeat) => ReturnKind::Repeat,
        Ok(Goal::Next(_)) => ReturnKind::Next,
        Ok(Goal::Stop(_)) => ReturnKind::Stop,
        Err(_) => ReturnKind::Crash,
    }
}

fn kind_of_entering<M: GenStateMachine>(entered: &super::Entering<M>) -> ReturnKind {
    match entered.as_ref().map(|enter| &enter.goal) {
        Ok(Entered::Done) => ReturnKind::Keep,
        Ok(Entered::Again) => ReturnKind::Repeat,
        Ok(Entered::Stop(_)) => ReturnKind::Stop,
        Err(_) => ReturnKind::Crash,
    }
}
