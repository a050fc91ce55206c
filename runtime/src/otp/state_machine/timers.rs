//! The timeouts of a machine.
//!
//! # Semantics
//! GSM-801 to GSM-833. There is one timeout of events, one of the state, and one for each name. A
//! timeout that takes time is a timer whose message arrives like any other (GSM-306); one that
//! takes none waits in a queue of its own (GSM-812).
//!
//! # Differences from OTP
//! A timeout that waits in that queue may be set anew with a time, and comes then; OTP 25 to 27
//! lose it (GSM-816).
//!
//! # Invariants
//! - TMO1: a timeout has a number, and what ends it early forgets the number; the message of a
//!   number that nobody knows is dropped. So what was cancelled never comes (GSM-808).
//! - TMO2: the queue of timeouts without time holds numbers of running timeouts alone.
//! - TMO3: the timer of a running timeout fires no later than that ends. One that fires earlier is
//!   set again for the rest.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::time::Duration;

use super::GenStateMachine;
use super::actions::ActionSet;
use super::event::Event;
use super::timeout::{Change, Timeout, When};
use crate::process::observe::{MachineRecord, TimeoutEnd, TimeoutSlot, tell_machine};
use crate::process::{Instant, Timer, about_now, forget_timer, is_unseen, now, remind};

/// What the timer of a timeout sends.
pub(super) struct Expired {
    number: u64,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Event,
    State,
    Named,
}

impl fmt::Debug for Expired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Event => "the event timeout",
            Kind::State => "the state timeout",
            Kind::Named => "a timer",
        })
    }
}

/// Which timeout.
pub(super) enum Slot<N> {
    Event,
    State,
    Named(N),
}

impl<N: fmt::Debug> Slot<N> {
    fn shown(&self) -> TimeoutSlot<'_> {
        match self {
            Slot::Event => TimeoutSlot::Event,
            Slot::State => TimeoutSlot::State,
            Slot::Named(name) => TimeoutSlot::Named(name),
        }
    }
}

/// A timeout that runs.
struct Running<C> {
    number: u64,
    /// The number that its timer's message carries: another one if it was put off since (TMO3).
    armed: u64,
    /// When it ends.
    at: Option<Instant>,
    /// Nothing for one without time.
    timer: Option<Timer>,
    content: Option<C>,
}

/// See the module's documentation.
pub(super) struct Timers<M: GenStateMachine> {
    /// Of a machine that has ever set one.
    set: Option<Box<Set<M>>>,
    last: u64,
}

struct Set<M: GenStateMachine> {
    event: Option<Running<M::Internal>>,
    state: Option<Running<M::Internal>>,
    named: Vec<(M::TimerName, Running<M::Internal>)>,
    /// The numbers of those without time, in the order in which they end.
    zeros: VecDeque<u64>,
}

impl<M: GenStateMachine> Timers<M> {
    pub(super) fn new() -> Self {
        Timers { set: None, last: 0 }
    }

    /// Does what the actions of a transition say, in their order (GSM-813).
    pub(super) fn apply(&mut self, actions: &mut ActionSet<M>) {
        let mut state = actions.state_timeout.take();
        let Some(more) = &mut actions.more else {
            return self.apply_before(u32::MAX, &mut None, &mut state);
        };
        let mut event = more.event_timeout.take();
        for (at, name, timeout) in mem::take(&mut more.timers) {
            self.apply_before(at, &mut event, &mut state);
            self.change(Slot::Named(name), timeout);
        }
        self.apply_before(u32::MAX, &mut event, &mut state);
    }

    /// Those of the two that stand before this position.
    #[inline]
    fn apply_before(
        &mut self,
        limit: u32,
        event: &mut Option<super::actions::Ordered<M>>,
        state: &mut Option<super::actions::Ordered<M>>,
    ) {
        let place = |timeout: &Option<super::actions::Ordered<M>>| {
            timeout.as_ref().map_or(u32::MAX, |(at, _)| *at)
        };
        let state_first = place(state) < place(event);
        for is_state in [state_first, !state_first] {
            let (slot, timeout) = match is_state {
                true => (Slot::State, &mut *state),
                false => (Slot::Event, &mut *event),
            };
            if let Some((_, timeout)) = timeout.take_if(|(at, _)| *at < limit) {
                self.change(slot, timeout);
            }
        }
    }

    fn change(&mut self, slot: Slot<M::TimerName>, timeout: Timeout<M::Internal>) {
        match timeout.0 {
            Change::Cancel => self.end(&slot, TimeoutEnd::Cancelled),
            Change::Start(When::After(Duration::ZERO), content) => self.start(slot, None, content),
            Change::Start(When::After(time), content) => {
                self.start(slot, Some(about_now() + time), content);
            }
            Change::Start(When::At(time), content) => self.start(slot, Some(time), content),
            Change::Update(content) => self.update(slot, content),
        }
    }

    fn update(&mut self, slot: Slot<M::TimerName>, content: M::Internal) {
        if mutant!(UpdateRestarts) {
            return self.start(slot, None, Some(content));
        }
        let Some(running) = self.running(&slot) else {
            return self.start(slot, None, Some(content));
        };
        running.content = Some(content);
        let timeout = running.number;
        tell_machine(|| MachineRecord::TimeoutUpdated {
            slot: slot.shown(),
            timeout,
        });
    }

    fn running(&mut self, slot: &Slot<M::TimerName>) -> Option<&mut Running<M::Internal>> {
        let set = self.set.as_mut()?;
        match slot {
            Slot::Event => set.event.as_mut(),
            Slot::State => set.state.as_mut(),
            Slot::Named(name) => {
                let mut named = set.named.iter_mut();
                named.find_map(|(known, running)| (known == name).then_some(running))
            }
        }
    }

    /// Starts one that ends at this time, or has ended.
    fn start(
        &mut self,
        slot: Slot<M::TimerName>,
        at: Option<Instant>,
        content: Option<M::Internal>,
    ) {
        if at == Some(Instant::NEVER) {
            return self.end(&slot, TimeoutEnd::Cancelled);
        }
        let content = match (&slot, at) {
            (Slot::State, Some(at)) => match self.put_off(at, content) {
                Ok(()) => return,
                Err(content) => content,
            },
            _ => content,
        };
        if !mutant!(KeepReplaced) {
            self.end(&slot, TimeoutEnd::Replaced);
        }
        self.last += 1;
        let number = self.last;
        tell_machine(|| MachineRecord::TimeoutSet {
            slot: slot.shown(),
            timeout: number,
            at: at.map(Instant::nanos),
        });
        let kind = match slot {
            Slot::Event => Kind::Event,
            Slot::State => Kind::State,
            Slot::Named(_) => Kind::Named,
        };
        let timer = at.map(|at| {
            let early = Duration::from_millis(u64::from(mutant!(EarlyTimeouts)));
            remind(Expired { number, kind }, at - early)
        });
        if mutant!(NeverFire)
            && let Some(timer) = timer
        {
            forget_timer(timer);
        }
        let set = self.set.get_or_insert_with(|| Box::new(Set::new()));
        if timer.is_none() {
            set.zeros.push_back(number);
        }
        let running = Running {
            number,
            armed: number,
            at,
            timer,
            content,
        };
        match slot {
            Slot::Event => set.event = Some(running),
            Slot::State => set.state = Some(running),
            Slot::Named(name) => set.named.push((name, running)),
        }
    }

    /// Replaces the timeout of the state by one that ends no earlier and leaves the timer as it is:
    /// most are set anew again and again and never end. Gives the content back if that cannot be.
    #[inline]
    fn put_off(
        &mut self,
        at: Instant,
        content: Option<M::Internal>,
    ) -> Result<(), Option<M::Internal>> {
        let set = self.set.as_mut().filter(|_| is_unseen());
        match set.and_then(|set| set.state.as_mut()) {
            Some(running) if running.at.is_some_and(|before| before <= at) => {
                self.last += 1;
                running.number = self.last;
                running.at = Some(at);
                running.content = content;
                Ok(())
            }
            _ => Err(content),
        }
    }

    /// The timeout of a timer that has fired; nothing if it was put off, and ends later.
    fn number_of(&mut self, expired: &Expired) -> Option<u64> {
        let state = self.set.as_mut().and_then(|set| set.state.as_mut());
        let Some(running) = state.filter(|running| running.armed == expired.number) else {
            return Some(expired.number);
        };
        let number = running.number;
        if let (true, Some(at)) = (number != running.armed, running.at)
            && now() < at
        {
            let kind = Kind::State;
            running.armed = number;
            running.timer = Some(remind(Expired { number, kind }, at));
            return None;
        }
        Some(number)
    }

    /// Ends the one that runs there, if one does.
    #[inline]
    pub(super) fn end(&mut self, slot: &Slot<M::TimerName>, why: TimeoutEnd) {
        let Some(set) = &mut self.set else {
            return;
        };
        let running = match slot {
            Slot::Event => set.event.take(),
            Slot::State => set.state.take(),
            Slot::Named(name) => {
                let place = set.named.iter().position(|(known, _)| known == name);
                place.map(|place| set.named.remove(place).1)
            }
        };
        if let Some(running) = running {
            let outlives = match why {
                TimeoutEnd::StateChange => mutant!(OutliveState),
                TimeoutEnd::Event => mutant!(OutliveEvents),
                _ => false,
            };
            if !outlives {
                set.stop(&running);
            }
            let timeout = running.number;
            tell_machine(|| MachineRecord::TimeoutEnded {
                slot: slot.shown(),
                timeout,
                why,
            });
            match slot {
                Slot::Event if outlives => set.event = Some(running),
                Slot::State if outlives => set.state = Some(running),
                _ => {}
            }
        }
    }

    /// The mutant of timers that live through changes of the state.
    #[cold]
    pub(super) fn end_named(&mut self) {
        let Some(set) = &mut self.set else {
            return;
        };
        for (name, running) in mem::take(&mut set.named) {
            set.stop(&running);
            tell_machine(|| MachineRecord::TimeoutEnded {
                slot: TimeoutSlot::Named(&name),
                timeout: running.number,
                why: TimeoutEnd::StateChange,
            });
        }
    }

    /// The event of the oldest timeout without time.
    #[inline]
    pub(super) fn next_zero(&mut self) -> Option<(u64, Event<M>)> {
        if mutant!(ZeroNever) {
            return None;
        }
        let zeros = &mut self.set.as_mut()?.zeros;
        let number = if mutant!(ZeroBackwards) {
            zeros.pop_back()?
        } else {
            zeros.pop_front()?
        };
        self.deliver(number)
    }

    /// The event of a timer that has fired; nothing if it is obsolete (TMO1).
    pub(super) fn expired(&mut self, expired: Expired) -> Option<(u64, Event<M>)> {
        let number = self.number_of(&expired)?;
        let delivered = self.deliver(number);
        if mutant!(StaleTimeouts) && delivered.is_none() {
            // As another kind, so that nothing else is broken.
            let event = match expired.kind {
                Kind::State => Event::EventTimeout(None),
                Kind::Event | Kind::Named => Event::StateTimeout(None),
            };
            return Some((expired.number, event));
        }
        delivered
    }

    /// Takes a timeout out of its place, before it is handled (GSM-828).
    fn deliver(&mut self, number: u64) -> Option<(u64, Event<M>)> {
        let is_it = |running: &mut Running<M::Internal>| running.number == number;
        let set = self.set.as_mut()?;
        let (slot, event) = if let Some(running) = set.state.take_if(is_it) {
            (TimeoutSlot::State, Event::StateTimeout(running.content))
        } else if let Some(running) = set.event.take_if(is_it) {
            (TimeoutSlot::Event, Event::EventTimeout(running.content))
        } else {
            let mut named = set.named.iter();
            let place = named.position(|(_, running)| running.number == number)?;
            let (name, running) = set.named.remove(place);
            let event = Event::Timer(name, running.content);
            if mutant!(RepeatTimeouts) && set.state.is_none() {
                set.come_again(number);
            }
            tell_delivered(number, &event);
            return Some((number, event));
        };
        tell_machine(|| MachineRecord::TimeoutEnded {
            slot,
            timeout: number,
            why: TimeoutEnd::Delivered,
        });
        Some((number, event))
    }
}

fn tell_delivered<M: GenStateMachine>(number: u64, event: &Event<M>) {
    if let Event::Timer(name, _) = event {
        tell_machine(|| MachineRecord::TimeoutEnded {
            slot: TimeoutSlot::Named(name),
            timeout: number,
            why: TimeoutEnd::Delivered,
        });
    }
}

impl<M: GenStateMachine> Set<M> {
    fn new() -> Self {
        Set {
            event: None,
            state: None,
            named: Vec::new(),
            zeros: VecDeque::new(),
        }
    }

    /// The mutant of freeing a timeout before it is handled.
    #[cold]
    fn come_again(&mut self, number: u64) {
        self.state = Some(Running {
            number,
            armed: number,
            at: None,
            timer: None,
            content: None,
        });
        self.zeros.push_back(number);
    }

    fn stop<C>(&mut self, running: &Running<C>) {
        match running.timer {
            Some(timer) => forget_timer(timer),
            None => self.zeros.retain(|number| *number != running.number),
        }
    }
}

impl<M: GenStateMachine> Drop for Set<M> {
    /// No timer is left behind (GSM-833).
    fn drop(&mut self) {
        let named = self.named.iter().map(|(_, running)| running.timer);
        let plain = [&self.event, &self.state].into_iter().flatten();
        for timer in plain.map(|running| running.timer).chain(named).flatten() {
            forget_timer(timer);
        }
    }
}
