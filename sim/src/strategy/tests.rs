//! The sampling strategies, judged by what they find and how evenly they sample.

use proptest::prelude::*;

use super::{Calibration, Policy, Sampler, Strategy};
use crate::choice::{Alternative, ChoiceId, ChoiceKind, Chooser, EventKind};
use crate::faults::Faults;
use crate::mode::Granularity;
use crate::seed::{RunSeeds, Seed};
use crate::tape::{Choice, Tape};
use crate::toy::{Kernel, kernels};

const SAMPLING: [&str; 7] = [
    "portfolio",
    "learnt",
    "random",
    "pct:1",
    "pct:2",
    "pct:3",
    "round-robin",
];

fn strategy(text: &str) -> Strategy {
    text.parse().expect("a strategy")
}

/// The median number of runs to the first failure over 200 campaigns, and how many find none.
fn runs_to_failure(kernel: Kernel, text: &str, cap: u64) -> (u64, usize) {
    let known = kernel.known();
    let faults = Faults::none().crashes(2);
    let mut sampler = kernel.sampler(strategy(text), faults, &known);
    let campaign = |seed| kernel.first_failure(&known, &mut sampler, seed, cap);
    let found: Vec<_> = (0..200)
        .map(campaign)
        .map(|found| found.map(|(runs, _)| runs))
        .collect();
    let missed = found.iter().filter(|runs| runs.is_none()).count();
    let mut runs: Vec<_> = found
        .into_iter()
        .map(|runs| runs.unwrap_or(u64::MAX))
        .collect();
    runs.sort_unstable();
    (runs[100], missed)
}

#[test]
fn descriptions_are_read_back() {
    let written = ["exhaustive", "bytes", "bytes:00ff1a", "pct:16"];
    for text in SAMPLING.into_iter().chain(written) {
        assert_eq!(strategy(text).to_string(), text);
    }
    assert_eq!(strategy("bytes:"), Strategy::bytes(vec![]));
    assert_eq!(strategy("bytes:00Ff"), Strategy::bytes(vec![0, 255]));
    assert_eq!(Strategy::default(), Strategy::portfolio());
    assert_eq!(Strategy::pct(0), strategy("pct:1"));
    assert_eq!(Strategy::pct(200), strategy("pct:16"));
    for text in [
        "", "pct", "pct:0", "pct:17", "pct:+2", "pct:x", "bytes:0", "bytes:zz", "fifo",
    ] {
        let error = text.parse::<Strategy>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{text}` is no strategy; expected portfolio,")));
    }
}

#[test]
fn a_portfolio_has_the_shares_it_says() {
    let share = |policy| {
        (0..2_000)
            .filter(|&index| Policy::of_run(index) == policy)
            .count()
            / 100
    };
    let pct = [1, 2, 3].map(|depth| share(Policy::Pct(depth)));
    assert_eq!((share(Policy::Learnt), share(Policy::Random)), (10, 3));
    assert_eq!((pct, share(Policy::RoundRobin)), ([2, 3, 1], 1));
}

#[test]
fn what_does_not_draw_has_no_sampler() {
    for text in ["exhaustive", "bytes"] {
        let granularity = Granularity::default();
        let sampler = Sampler::new(
            strategy(text),
            granularity,
            Faults::none(),
            Default::default(),
        );
        assert!(sampler.is_none(), "{text}");
    }
}

/// Each of the twelve orders of `a`, `b1`, `b2`, `c` as often as the next.
#[test]
fn the_learnt_walk_samples_every_interleaving_alike() {
    let kernel = kernels::one_order();
    let known = kernel.known();
    let mut sampler = kernel.sampler(Strategy::learnt(), Faults::none(), &known);
    let mut seeds = RunSeeds::new(Seed(1), kernel.name);
    let mut counts = std::collections::BTreeMap::new();
    for index in 0..12_000 {
        let ran = kernel.run(&known, &seeds.run(index), &mut sampler);
        let order: Vec<_> = ran
            .tape
            .choices()
            .map(|choice| (choice.n, choice.rank))
            .collect();
        *counts.entry(order).or_insert(0_u32) += 1;
    }
    assert_eq!(counts.len(), 12);
    assert!(
        counts.values().all(|count| (880..1_120).contains(count)),
        "{counts:?}"
    );
}

/// At most half again as many runs as sampling every class alike would need, or two more.
#[test]
fn the_learnt_walk_is_close_to_the_ideal() {
    let ideal = [
        (kernels::reversed::<4>(), 17),
        (kernels::one_order(), 8),
        (kernels::lost_update(), 1),
        (kernels::late_reply(), 2),
        (kernels::mutual_call(), 1),
        (kernels::overtaken(), 1),
        (kernels::all_overtaken(), 22),
    ];
    for (kernel, ideal) in ideal {
        let (median, missed) = runs_to_failure(kernel, "learnt", 10_000);
        assert!(
            median <= (ideal * 3 / 2).max(ideal + 2),
            "{}: {median}",
            kernel.name
        );
        assert_eq!(missed, 0, "{}", kernel.name);
    }
}

#[test]
fn pct_finds_what_a_uniform_walk_never_does() {
    let (_, missed) = runs_to_failure(kernels::overtaken(), "random", 500);
    assert_eq!(missed, 200);
    for text in ["pct:1", "pct:2", "pct:3"] {
        let (median, missed) = runs_to_failure(kernels::overtaken(), text, 500);
        assert!(
            median <= 5 && missed == 0,
            "{text}: median {median}, missed {missed}"
        );
    }
}

/// `c, b1, a, b2` needs two lowerings or one and the right priorities: PCT of depth 1 never changes
/// its mind, and of depth 3 keeps its promise of 1 / (n k²).
#[test]
fn the_depth_of_pct_is_the_number_of_constraints() {
    let (_, missed) = runs_to_failure(kernels::one_order(), "pct:1", 500);
    assert_eq!(missed, 200);
    let (median, missed) = runs_to_failure(kernels::one_order(), "pct:3", 1_000);
    assert!(
        median <= 27 && missed == 0,
        "median {median}, missed {missed}"
    );
}

#[test]
fn the_portfolio_finds_everything() {
    let kernels = [
        kernels::reversed::<4>(),
        kernels::one_order(),
        kernels::lost_update(),
        kernels::late_reply(),
        kernels::overtaken(),
        kernels::mutual_call(),
        kernels::all_overtaken(),
        kernels::killed_holding(),
        kernels::two_bugs(),
    ];
    for kernel in kernels {
        let (median, missed) = runs_to_failure(kernel, "portfolio", 5_000);
        assert!(
            median <= 40 && missed == 0,
            "{}: median {median}",
            kernel.name
        );
    }
}

fn alternative(chain: u32, kind: EventKind) -> Alternative {
    Alternative {
        id: ChoiceId(u64::from(chain) + 1),
        chain,
        remaining: 1,
        kind,
        races: true,
    }
}

fn begun(text: &str, index: u64) -> Sampler {
    let calibration = Default::default();
    let mut sampler = Sampler::new(
        strategy(text),
        Granularity::Fused,
        Faults::none(),
        calibration,
    )
    .unwrap();
    sampler.begin(&RunSeeds::new(Seed(0), "x").run(index));
    sampler
}

#[test]
fn round_robin_takes_each_chain_in_turn_and_timers_last() {
    let chains: Vec<_> = (0..5)
        .map(|chain| alternative(chain, EventKind::Deliver))
        .collect();
    let mut firsts = std::collections::BTreeSet::new();
    for index in 0..50 {
        let mut sampler = begun("round-robin", index);
        let lap: Vec<_> = (0..5).map(|_| sampler.event(&mut &chains[..])).collect();
        let mut sorted = lap.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2, 3, 4]);
        assert_eq!(
            (0..5)
                .map(|_| sampler.event(&mut &chains[..]))
                .collect::<Vec<_>>(),
            lap
        );
        firsts.insert(lap[0]);

        let with_timer = [alternative(7, EventKind::Timer), chains[0]];
        assert_eq!(
            (
                sampler.event(&mut &with_timer[..]),
                sampler.event(&mut &with_timer[..])
            ),
            (1, 1)
        );
        let timers = [7, 8].map(|chain| alternative(chain, EventKind::Timer));
        assert_ne!(
            sampler.event(&mut &timers[..]),
            sampler.event(&mut &timers[..])
        );
    }
    assert_eq!(firsts.len(), 5, "the circle is drawn per run");
}

#[test]
fn what_races_with_nothing_is_taken_at_once() {
    let mut alternatives = [0, 1, 2].map(|chain| alternative(chain, EventKind::Deliver));
    alternatives[2].races = false;
    for text in ["learnt", "pct:1", "pct:3"] {
        assert!(
            (0..50).all(|index| begun(text, index).event(&mut &alternatives[..]) == 2),
            "{text}"
        );
    }
    assert!((0..50).any(|index| begun("random", index).event(&mut &alternatives[..]) != 2));
}

/// One event in nine or one in two, by the weight of the run.
#[test]
fn timers_fire_as_often_as_the_weight_of_the_run_says() {
    let pair = [
        alternative(0, EventKind::Deliver),
        alternative(1, EventKind::Timer),
    ];
    for text in ["learnt", "random"] {
        let mut weights = [0; 2];
        for index in 0..60 {
            let mut sampler = begun(text, index);
            match (0..2_000)
                .map(|_| sampler.event(&mut &pair[..]))
                .sum::<u32>()
            {
                160..290 => weights[0] += 1,
                900..1_100 => weights[1] += 1,
                other => panic!("{text}: {other} of 2,000"),
            }
        }
        assert!(weights.iter().all(|&runs| runs > 8), "{text}: {weights:?}");
    }
}

#[test]
fn a_choice_among_timers_alone_is_even() {
    let timers = [0, 1, 2, 3].map(|chain| alternative(chain, EventKind::Timer));
    for text in ["learnt", "random"] {
        for index in 0..5 {
            let mut sampler = begun(text, index);
            let mut counts = [0_u32; 4];
            (0..4_000).for_each(|_| counts[sampler.event(&mut &timers[..]) as usize] += 1);
            assert!(
                counts.iter().all(|count| (850..1_150).contains(count)),
                "{counts:?}"
            );
        }
    }
}

/// A fine run has its faults drawn over the opportunities of fine runs.
#[test]
fn a_run_goes_by_the_calibration_of_its_granularity() {
    let opportunity = Choice {
        id: ChoiceId(1),
        n: 2,
        rank: 0,
        kind: ChoiceKind::Crash,
    };
    let mut tape = Tape::new();
    (0..1_000).for_each(|_| tape.push(opportunity));
    let mut calibration = Calibration::default();
    calibration.of_mut(Granularity::Fine).observe(&tape, []);
    let (mixed, faults) = (Granularity::Mixed, Faults::none().crashes(1));
    let calibration = calibration.into();
    let mut sampler = Sampler::new(Strategy::learnt(), mixed, faults, calibration).unwrap();
    let mut seeds = RunSeeds::new(Seed(5), "x");
    let mut latest = |granularity| {
        let runs = (0..200).filter(|&index| mixed.of_run(index) == granularity);
        let strike = runs.filter_map(|index| {
            sampler.begin(&seeds.run(index));
            let decide = |_: &u32| sampler.plain(ChoiceKind::Crash, 2, &|_| ChoiceId(1)) == 1;
            (0..1_000).find(decide)
        });
        strike.max()
    };
    assert_eq!(latest(Granularity::Fused), Some(0));
    assert!(latest(Granularity::Fine) > Some(500));
}

proptest! {
    /// A run is a function of its seed: neither earlier runs nor faults nor draws of the program
    /// move its schedule.
    #[test]
    fn a_run_depends_on_its_seed_alone(seed: u64, before in 0..40_u64, index in 0..100_u64) {
        let kernel = kernels::killed_holding();
        let known = kernel.known();
        let mut seeds = RunSeeds::new(Seed(seed), kernel.name);
        for text in SAMPLING {
            let faults = || Faults::none().crashes(2);
            let mut used = kernel.sampler(strategy(text), faults(), &known);
            kernel.run(&known, &seeds.run(before), &mut used);
            let run = seeds.run(index);
            let ran = kernel.run(&known, &run, &mut used);
            let mut fresh = kernel.sampler(strategy(text), faults(), &known);
            prop_assert_eq!(&ran.tape, &kernel.run(&known, &run, &mut fresh).tape);

            let mut calm = kernel.sampler(strategy(text), Faults::none(), &known);
            let schedule = |tape: &Tape| {
                let events = tape.choices().filter(|choice| choice.kind == ChoiceKind::Event);
                events.map(|choice| (choice.n, choice.rank)).collect::<Vec<_>>()
            };
            let calm = schedule(&kernel.run(&known, &run, &mut calm).tape);
            let same = schedule(&ran.tape);
            let shared = same.len().min(calm.len());
            prop_assert!(shared > 0);
            prop_assert_eq!(&same[..shared], &calm[..shared]);
        }
    }
}
