//! State machines against the reference model of gen_statem's engine.
//!
//! A generated script says what each state does about each event. The model is the text of the
//! rules and nothing more: a queue of events, a list of postponed ones, a list of timeouts that
//! have ended, and one timeout for each place. It does not choose between what may come in any
//! order (the next message, or a timer that runs): there it follows the machine, if it may be so.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use beamline::prelude::*;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

use crate::{config, simulate};

const STATES: u8 = 3;
/// Of each of casts and internal events.
const EVENTS: u8 = 3;
/// Sorts of events, as a reaction is looked up.
const SORTS: usize = 2 * EVENTS as usize + 4;
/// Events that a machine reacts to; then it keeps its state, so that every script ends.
const PATIENCE: u32 = 60;
/// How often all enterings together may repeat themselves.
const REPEATS: u32 = 3;
/// The cast that asks for everything that was noted.
const END: u8 = u8::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Event,
    State,
    Timer(u8),
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Insert(u8),
    /// Sets it to no time.
    Now(Place, u8),
    /// Sets it to some time.
    Later(Place, u8),
    Cancel(Place),
    Update(Place, u8),
}

#[derive(Debug, Clone, Copy)]
enum Goal {
    Keep,
    Repeat,
    Next(u8),
}

#[derive(Debug, Clone)]
struct Reaction {
    goal: Goal,
    postpones: bool,
    acts: Vec<Act>,
}

#[derive(Debug, Clone)]
struct OnEnter {
    repeats: bool,
    forgets: bool,
    acts: Vec<Act>,
}

#[derive(Debug, Clone)]
struct Script {
    /// By state and sort of event.
    reactions: Vec<Vec<Reaction>>,
    entering: Vec<OnEnter>,
    casts: Vec<u8>,
}

/// An event as it is noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Happened {
    Cast(u8),
    Internal(u8),
    Timeout(Place, u8),
}

impl Happened {
    fn sort(self) -> usize {
        let events = usize::from(EVENTS);
        match self {
            Happened::Cast(number) => usize::from(number),
            Happened::Internal(number) => events + usize::from(number),
            Happened::Timeout(Place::Event, _) => 2 * events,
            Happened::Timeout(Place::State, _) => 2 * events + 1,
            Happened::Timeout(Place::Timer(name), _) => 2 * events + 2 + usize::from(name),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noted {
    Enters(u8, u8),
    Handles(u8, Happened),
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        Just(Place::Event),
        Just(Place::State),
        (0..2_u8).prop_map(Place::Timer)
    ]
}

fn timing() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (place(), 0..9_u8).prop_map(|(place, content)| Act::Now(place, content)),
        2 => (place(), 0..9_u8).prop_map(|(place, content)| Act::Later(place, content)),
        1 => place().prop_map(Act::Cancel),
        1 => (place(), 0..9_u8).prop_map(|(place, content)| Act::Update(place, content)),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![1 => (0..EVENTS).prop_map(Act::Insert), 2 => timing()]
}

fn goal() -> impl Strategy<Value = Goal> {
    prop_oneof![
        4 => Just(Goal::Keep),
        1 => Just(Goal::Repeat),
        3 => (0..STATES).prop_map(Goal::Next),
    ]
}

fn reaction() -> impl Strategy<Value = Reaction> {
    let postpones = prop_oneof![2 => Just(false), 1 => Just(true)];
    (goal(), postpones, vec(act(), 0..4)).prop_map(|(goal, postpones, acts)| Reaction {
        goal,
        postpones,
        acts,
    })
}

fn on_enter() -> impl Strategy<Value = OnEnter> {
    (any::<bool>(), any::<bool>(), vec(timing(), 0..2)).prop_map(|(repeats, forgets, acts)| {
        OnEnter {
            repeats,
            forgets,
            acts,
        }
    })
}

fn script() -> impl Strategy<Value = Script> {
    let states = usize::from(STATES);
    let reactions = vec(vec(reaction(), SORTS), states);
    let entering = vec(on_enter(), states);
    (reactions, entering, vec(0..EVENTS, 1..8)).prop_map(|(reactions, entering, casts)| Script {
        reactions,
        entering,
        casts,
    })
}

/// The machine: it does what the script says, and notes it.
struct Player {
    script: Arc<Script>,
    root: Pid,
    noted: Vec<Noted>,
    patience: u32,
    repeats: u32,
}

fn timeout(act: Act) -> Option<(Place, Timeout<u8>)> {
    Some(match act {
        Act::Insert(_) => return None,
        Act::Now(place, content) => (place, Timeout::after(Duration::ZERO).with(content)),
        Act::Later(place, content) => (place, Timeout::after(Duration::from_secs(9)).with(content)),
        Act::Cancel(place) => (place, Timeout::cancel()),
        Act::Update(place, content) => (place, Timeout::update(content)),
    })
}

impl GenStateMachine for Player {
    type Args = (Arc<Script>, Pid);
    type State = u8;
    type Call = Never;
    type Cast = u8;
    type Info = Message;
    type Internal = u8;
    type TimerName = u8;

    async fn init((script, root): Self::Args) -> Begin<Self> {
        let player = Player {
            script,
            root,
            noted: Vec::new(),
            patience: PATIENCE,
            repeats: REPEATS,
        };
        begin(0, player)
    }

    async fn handle_event(&mut self, state: &u8, event: Event<Self>) -> Transition<Self> {
        let happened = match &event {
            Event::Cast(END) => {
                send(self.root, std::mem::take(&mut self.noted));
                return stop(ExitReason::Normal);
            }
            Event::Cast(number) => Happened::Cast(*number),
            Event::Internal(number) => Happened::Internal(*number),
            Event::EventTimeout(content) => Happened::Timeout(Place::Event, content.unwrap_or(END)),
            Event::StateTimeout(content) => Happened::Timeout(Place::State, content.unwrap_or(END)),
            Event::Timer(name, content) => {
                Happened::Timeout(Place::Timer(*name), content.unwrap_or(END))
            }
            Event::Call(_) | Event::Info(_) => return unexpected(event),
        };
        self.noted.push(Noted::Handles(*state, happened));
        if self.patience == 0 {
            return keep_state();
        }
        self.patience -= 1;
        let script = Arc::clone(&self.script);
        let reaction = &script.reactions[usize::from(*state)][happened.sort()];
        let mut step = match reaction.goal {
            Goal::Keep => keep_state(),
            Goal::Repeat => repeat_state(),
            Goal::Next(state) => next_state(state),
        };
        if reaction.postpones {
            step = step.postpone(event);
        }
        for act in &reaction.acts {
            step = match (*act, timeout(*act)) {
                (Act::Insert(number), _) => step.next_event(Event::Internal(number)),
                (_, Some((Place::Event, timeout))) => step.event_timeout(timeout),
                (_, Some((Place::State, timeout))) => step.state_timeout(timeout),
                (_, Some((Place::Timer(name), timeout))) => step.timer(name, timeout),
                (_, None) => step,
            };
        }
        step
    }

    async fn enter(&mut self, old: &u8, state: &u8) -> Entering<Self> {
        self.noted.push(Noted::Enters(*old, *state));
        let script = Arc::clone(&self.script);
        let on_enter = &script.entering[usize::from(*state)];
        let mut entering = if on_enter.repeats && self.repeats > 0 {
            self.repeats -= 1;
            Enter::again()
        } else {
            Enter::done()
        };
        if on_enter.forgets {
            entering = entering.forget_postponed();
        }
        for act in &on_enter.acts {
            entering = match timeout(*act) {
                Some((Place::Event, timeout)) => entering.event_timeout(timeout),
                Some((Place::State, timeout)) => entering.state_timeout(timeout),
                Some((Place::Timer(name), timeout)) => entering.timer(name, timeout),
                None => entering,
            };
        }
        entering
    }
}

/// The reference model.
struct Model {
    script: Script,
    state: u8,
    queue: VecDeque<Happened>,
    postponed: Vec<Happened>,
    /// What runs, with its content; it has ended if it is among `ended`.
    running: BTreeMap<Place, u8>,
    ended: Vec<Place>,
    casts: VecDeque<u8>,
    patience: u32,
    repeats: u32,
}

impl Model {
    fn new(script: Script) -> Self {
        Model {
            state: 0,
            queue: VecDeque::new(),
            postponed: Vec::new(),
            running: BTreeMap::new(),
            ended: Vec::new(),
            casts: script.casts.iter().copied().collect(),
            patience: PATIENCE,
            repeats: REPEATS,
            script,
        }
    }

    /// Picks the event that the machine did, if that may be.
    fn pick(&mut self, noted: Happened) {
        if let Some(head) = self.queue.pop_front() {
            assert_eq!(noted, head, "the head of the queue comes first");
        } else if !self.ended.is_empty() {
            let place = self.ended.remove(0);
            let content = self.running.remove(&place).expect("what has ended ran");
            assert_eq!(
                noted,
                Happened::Timeout(place, content),
                "no time comes next"
            );
        } else if let Happened::Timeout(place, content) = noted {
            assert_eq!(self.running.remove(&place), Some(content), "it did not run");
        } else {
            let cast = self.casts.pop_front().map(Happened::Cast);
            assert_eq!(Some(noted), cast, "messages come in their order");
        }
    }

    /// Makes a transition; the states that are entered, as they are noted.
    fn handle(&mut self, event: Option<Happened>) -> Vec<Noted> {
        let mut reaction = Reaction {
            goal: Goal::Repeat,
            postpones: false,
            acts: Vec::new(),
        };
        if let Some(event) = event {
            reaction.goal = Goal::Keep;
            if self.patience > 0 {
                self.patience -= 1;
                let state = usize::from(self.state);
                reaction = self.script.reactions[state][event.sort()].clone();
            }
        }
        let (next, enters) = match reaction.goal {
            Goal::Keep => (self.state, false),
            Goal::Repeat => (self.state, true),
            Goal::Next(next) => (next, next != self.state),
        };
        let mut noted = Vec::new();
        let mut entering = enters;
        while entering {
            noted.push(Noted::Enters(self.state, next));
            let on_enter = self.script.entering[usize::from(next)].clone();
            reaction.acts.extend(on_enter.acts);
            reaction.postpones &= !on_enter.forgets;
            entering = on_enter.repeats && self.repeats > 0;
            self.repeats -= u32::from(entering);
        }
        if let Some(event) = event {
            if reaction.postpones {
                self.postponed.push(event);
            }
            self.cancel(Place::Event);
        }
        if next != self.state {
            self.cancel(Place::State);
            for event in self.postponed.drain(..).rev() {
                self.queue.push_front(event);
            }
        }
        self.state = next;
        self.act(&reaction.acts);
        noted
    }

    fn act(&mut self, acts: &[Act]) {
        let place_of = |act: &Act| match act {
            Act::Insert(_) => None,
            Act::Now(place, _) | Act::Later(place, _) => Some(*place),
            Act::Cancel(place) | Act::Update(place, _) => Some(*place),
        };
        for (number, act) in acts.iter().enumerate() {
            let place = place_of(act);
            // Only the last one for each place counts.
            let later = acts[number + 1..].iter().any(|act| place_of(act) == place);
            if place.is_some() && later {
                continue;
            }
            match *act {
                Act::Insert(_) => {}
                Act::Cancel(place) => self.cancel(place),
                Act::Later(place, content) => {
                    self.cancel(place);
                    self.running.insert(place, content);
                }
                Act::Update(place, content) if self.running.contains_key(&place) => {
                    self.running.insert(place, content);
                }
                Act::Now(place, content) | Act::Update(place, content) => {
                    self.cancel(place);
                    self.running.insert(place, content);
                    self.ended.push(place);
                }
            }
        }
        let inserted = acts.iter().filter_map(|act| match act {
            Act::Insert(number) => Some(Happened::Internal(*number)),
            _ => None,
        });
        for event in inserted.rev() {
            self.queue.push_front(event);
        }
    }

    fn cancel(&mut self, place: Place) {
        self.running.remove(&place);
        self.ended.retain(|ended| *ended != place);
    }

    /// Follows the machine through all that it noted.
    fn follow(mut self, noted: &[Noted]) {
        let mut noted = noted.iter().copied();
        let mut event = None;
        loop {
            for enters in self.handle(event) {
                assert_eq!(noted.next(), Some(enters), "in state {}", self.state);
            }
            match noted.next() {
                None => break,
                Some(Noted::Handles(state, happened)) => {
                    assert_eq!(state, self.state, "{happened:?} is handled there");
                    self.pick(happened);
                    event = Some(happened);
                }
                Some(enters) => panic!("{enters:?} for no reason"),
            }
        }
        assert!(self.queue.is_empty(), "left in the queue: {:?}", self.queue);
        assert!(self.ended.is_empty(), "have ended: {:?}", self.ended);
        assert!(self.casts.is_empty(), "not handled: {:?}", self.casts);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn machines_do_what_the_reference_model_does(script in script()) {
        let script = Arc::new(script);
        simulate("machines", move || {
            let script = Arc::clone(&script);
            async move {
                let mut mailbox = mailbox();
                let started = Player::start((Arc::clone(&script), me())).await;
                let machine = started.expect("it starts");
                for cast in &script.casts {
                    machine.cast(*cast);
                }
                machine.cast(END);
                let noted = mailbox.receive::<Vec<Noted>>().await;
                Model::new((*script).clone()).follow(&noted);
            }
        });
    }
}
