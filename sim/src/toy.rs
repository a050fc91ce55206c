//! Small systems on which strategies, replay and shrinking are tested: no process, only choices.
//!
//! [`Tree`] is a program that is nothing but choices, drawn from a number. [`Kernel`]s are small
//! message-passing systems with a planted bug, in the model that the real world refines: messages
//! in transit in a queue per pair of processes, timers, and a receiver that runs to its next
//! receive when a message is delivered.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::choice::{Alternative, ChoiceId, ChoiceKind, Chooser, EventKind};
use crate::faults::Faults;
use crate::mode::Granularity;
use crate::rng::scramble;
use crate::seed::{RunSeed, RunSeeds, Seed};
use crate::strategy::{Calibration, Canonical, Sampler, Strategy, TolerantReplay};
use crate::tape::{Choice, Deviations, Tape};

pub(crate) mod kernels;

/// Any run seed, for choosers that do not draw.
pub(crate) fn any_run() -> RunSeed {
    RunSeeds::new(Seed(0), "toy").run(0)
}

/// A program of `depth` choices at most, each of which depends on all before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree {
    pub(crate) seed: u64,
    pub(crate) depth: u32,
    /// The largest number of alternatives.
    pub(crate) n_max: u32,
}

impl Tree {
    /// The first tree from `seed` on whose canonical run has at least ten choices.
    pub(crate) fn deep(seed: u64, n_max: u32) -> Tree {
        let tree = |ahead| Tree {
            seed: seed.wrapping_add(ahead),
            depth: 40,
            n_max,
        };
        let long = |tree: &Tree| tree.run(&mut Canonical).len() >= 10;
        (0..)
            .map(tree)
            .find(long)
            .expect("one tree in four is deep")
    }

    pub(crate) fn run(&self, chooser: &mut dyn Chooser) -> Tape {
        let mut tape = Tape::new();
        let mut alternatives = Vec::new();
        let mut state = scramble(self.seed);
        chooser.begin(&any_run());
        for _ in 0..self.depth {
            let Some((kind, n)) = self.choice_at(state) else {
                break;
            };
            let id_of = |rank| ChoiceId(after(state, rank));
            let rank = if kind == ChoiceKind::Event {
                alternatives.clear();
                alternatives.extend((0..n).map(|rank| Alternative {
                    id: id_of(rank),
                    chain: rank,
                    remaining: 1,
                    kind: EventKind::Deliver,
                    races: true,
                }));
                chooser.event(&mut alternatives.as_slice())
            } else {
                chooser.plain(kind, n, &id_of)
            };
            tape.push(Choice {
                id: id_of(rank),
                n,
                rank,
                kind,
            });
            state = after(state, rank);
        }
        tape
    }

    /// The choice that follows a state, or none: one state in eight is an end.
    fn choice_at(&self, state: u64) -> Option<(ChoiceKind, u32)> {
        let kind = match state >> 8 & 7 {
            0..=4 => ChoiceKind::Event,
            5 => ChoiceKind::Crash,
            6 => ChoiceKind::User,
            _ => ChoiceKind::TimeMode,
        };
        (!state.is_multiple_of(8)).then(|| (kind, 2 + (state >> 16) as u32 % (self.n_max - 1)))
    }

    /// The number of different tapes, counted by recursion.
    pub(crate) fn tapes(&self) -> u64 {
        fn below(tree: &Tree, state: u64, depth: u32) -> u64 {
            match tree.choice_at(state) {
                Some((_, n)) if depth < tree.depth => (0..n)
                    .map(|rank| below(tree, after(state, rank), depth + 1))
                    .sum(),
                _ => 1,
            }
        }
        below(self, scramble(self.seed), 0)
    }
}

/// The state of a [`Tree`] after a choice.
fn after(state: u64, rank: u32) -> u64 {
    scramble(state ^ u64::from(rank + 1)).max(1)
}

/// A system of processes with a planted bug.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kernel {
    pub(crate) name: &'static str,
    /// Sends the first messages.
    pub(crate) start: fn(&mut World<'_>),
    /// A process takes a message from another, or from itself: its timer.
    pub(crate) receive: fn(&mut World<'_>, Delivery),
    /// Judges the end of a run in which nothing was violated before.
    pub(crate) finish: fn(&World<'_>) -> Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    pub(crate) from: u8,
    pub(crate) to: u8,
    pub(crate) message: i64,
}

/// One run of a kernel.
pub(crate) struct World<'a> {
    chooser: &'a mut dyn Chooser,
    tape: Tape,
    chains: Vec<Chain>,
    /// The kernel's own state.
    pub(crate) state: [i64; 24],
    pub(crate) violated: Option<&'static str>,
}

struct Chain {
    from: u8,
    to: u8,
    id: ChoiceId,
    waiting: VecDeque<i64>,
    expected: u32,
    made: u32,
    races: bool,
}

/// What is known about a kernel before it is sampled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) calibration: Arc<Calibration>,
    /// Which processes were seen to get messages from which.
    senders: BTreeSet<(u8, u8)>,
}

pub(crate) struct Ran {
    pub(crate) verdict: Option<&'static str>,
    pub(crate) tape: Tape,
    /// How often the run went from one chain to another.
    pub(crate) switches: u64,
    pub(crate) events: u64,
    made: BTreeMap<(u8, u8), (ChoiceId, u32)>,
}

impl World<'_> {
    pub(crate) fn send(&mut self, from: u8, to: u8, message: i64) {
        let known = self
            .chains
            .iter_mut()
            .find(|chain| (chain.from, chain.to) == (from, to));
        if let Some(chain) = known {
            chain.waiting.push_back(message);
            return;
        }
        let id = ChoiceId::of(&format!("0.{from}>0.{to}"));
        let waiting = VecDeque::from([message]);
        self.chains.push(Chain {
            from,
            to,
            id,
            waiting,
            expected: 1,
            made: 0,
            races: true,
        });
    }

    /// Arms the timer of a process: an event of its own until it fires.
    pub(crate) fn arm(&mut self, process: u8, message: i64) {
        self.send(process, process, message);
    }

    /// Disarms it.
    pub(crate) fn disarm(&mut self, process: u8) {
        let timers = self
            .chains
            .iter_mut()
            .filter(|chain| chain.from == chain.to);
        timers
            .filter(|chain| chain.to == process)
            .for_each(|chain| chain.waiting.clear());
    }

    /// Whether a fault strikes here.
    pub(crate) fn strikes(&mut self, kind: ChoiceKind, process: u8) -> bool {
        self.choose(kind, 2, &format!("0.{process}")) == 1
    }

    /// A choice that is no event, with the ids of `label`.
    pub(crate) fn choose(&mut self, kind: ChoiceKind, n: u32, label: &str) -> u32 {
        let id = ChoiceId::of(label);
        let rank = self.chooser.plain(kind, n, &|_| id);
        self.tape.push(Choice { id, n, rank, kind });
        rank
    }

    /// Picks the chain that makes the next event.
    fn pick(
        &mut self,
        enabled: &mut Vec<usize>,
        last: Option<usize>,
        known: &Known,
    ) -> Option<usize> {
        enabled.clear();
        enabled.extend((0..self.chains.len()).filter(|&at| !self.chains[at].waiting.is_empty()));
        enabled.sort_by_key(|&at| {
            let chain = &self.chains[at];
            (
                Some(at) != last,
                chain.from == chain.to,
                chain.from,
                chain.to,
            )
        });
        if enabled.len() < 2 {
            return enabled.first().copied();
        }
        let alternatives: Vec<_> = enabled
            .iter()
            .map(|&at| self.alternative(at, known))
            .collect();
        let rank = self.chooser.event(&mut alternatives.as_slice());
        let (n, id) = (enabled.len() as u32, alternatives[rank as usize].id);
        self.tape.push(Choice {
            id,
            n,
            rank,
            kind: ChoiceKind::Event,
        });
        Some(enabled[rank as usize])
    }

    fn alternative(&mut self, at: usize, known: &Known) -> Alternative {
        let chain = &mut self.chains[at];
        if chain.made == 0 {
            chain.expected = known.calibration.fused.expected(chain.id);
            let senders = known
                .senders
                .range((chain.to, 0)..=(chain.to, u8::MAX))
                .count();
            chain.races = senders != 1 || chain.from == chain.to;
        }
        Alternative {
            id: chain.id,
            chain: at as u32,
            remaining: chain.expected.saturating_sub(chain.made).max(1),
            kind: if chain.from == chain.to {
                EventKind::Timer
            } else {
                EventKind::Deliver
            },
            races: chain.races,
        }
    }
}

impl Kernel {
    pub(crate) fn run(&self, known: &Known, run: &RunSeed, chooser: &mut dyn Chooser) -> Ran {
        chooser.begin(run);
        let (tape, chains) = (Tape::new(), Vec::new());
        let mut world = World {
            chooser,
            tape,
            chains,
            state: [0; 24],
            violated: None,
        };
        (self.start)(&mut world);
        let (mut enabled, mut last, mut switches, mut events) = (Vec::new(), None, 0, 0);
        while let Some(at) = world.pick(&mut enabled, last, known) {
            assert!(events < 10_000, "{} does not end", self.name);
            events += 1;
            switches += u64::from(last.is_some_and(|last| last != at));
            last = Some(at);
            let chain = &mut world.chains[at];
            chain.made += 1;
            let message = chain
                .waiting
                .pop_front()
                .expect("an enabled chain has a message");
            let delivery = Delivery {
                from: chain.from,
                to: chain.to,
                message,
            };
            (self.receive)(&mut world, delivery);
            if world.violated.is_some() {
                break;
            }
        }
        let verdict = world.violated.or_else(|| (self.finish)(&world));
        let made = world
            .chains
            .iter()
            .map(|chain| ((chain.to, chain.from), (chain.id, chain.made)));
        let made = made.collect();
        Ran {
            verdict,
            tape: world.tape,
            switches,
            events,
            made,
        }
    }

    /// Calibrates as every campaign does.
    pub(crate) fn known(&self) -> Known {
        let mut calibration = Calibration::default();
        let mut senders = BTreeSet::new();
        let nothing = Known::default();
        let mut chooser = self.sampler(Strategy::Random, Faults::none(), &nothing);
        let mut seeds = RunSeeds::new(Calibration::SEED, self.name);
        for index in 0..Calibration::RUNS {
            let ran = self.run(&nothing, &seeds.run(index), &mut chooser);
            calibration
                .fused
                .observe(&ran.tape, ran.made.values().copied());
            senders.extend(ran.made.keys().copied());
        }
        Known {
            calibration: Arc::new(calibration),
            senders,
        }
    }

    pub(crate) fn sampler(&self, strategy: Strategy, faults: Faults, known: &Known) -> Sampler {
        let calibration = Arc::clone(&known.calibration);
        Sampler::new(strategy, Granularity::Fused, faults, calibration)
            .expect("a sampling strategy")
    }

    /// The number of runs to the first failure of a campaign, or none within `cap`; and its tape.
    pub(crate) fn first_failure(
        &self,
        known: &Known,
        chooser: &mut dyn Chooser,
        seed: u64,
        cap: u64,
    ) -> Option<(u64, Ran)> {
        let mut seeds = RunSeeds::new(Seed(seed), self.name);
        let runs = (0..cap).map(|index| (index + 1, self.run(known, &seeds.run(index), chooser)));
        runs.into_iter().find(|(_, ran)| ran.verdict.is_some())
    }

    /// A tolerant replay of deviations.
    pub(crate) fn replay(&self, replay: &mut TolerantReplay, deviations: &Deviations) -> Ran {
        replay.load(deviations);
        self.run(&Known::default(), &any_run(), replay)
    }
}
