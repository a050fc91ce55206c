//! Bytes reach the schedules in which planted bugs show, without libFuzzer and from nothing.

use beamline_fuzz::schedule::Schedule;
use beamline_sim::{Expectation, Granularity};

mod hunt;

use hunt::hunt;

/// Inputs a hunt: several times what the slowest of these needs.
const INPUTS: u64 = 20_000;

fn schedule(scenario: &str) -> Schedule {
    Schedule::new(scenario, Granularity::Fused).expect("it is in the catalogue")
}

#[test]
fn random_bytes_find_planted_bugs() {
    let catalogue = beamline_scenarios::catalogue();
    for name in [
        "broken::late_reply",
        "broken::lost_update",
        "broken::pool_leak",
        "broken::check_then_register",
    ] {
        let scenario = catalogue.get(name).expect("it is in the catalogue");
        let Expectation::Broken { verdict, .. } = scenario.expectation() else {
            panic!("{name} is broken");
        };
        for seed in 0..3 {
            let (bytes, found) = hunt(&mut schedule(name), seed, INPUTS)
                .unwrap_or_else(|| panic!("{name}: nothing found from seed {seed}"));
            assert!(
                found.id.starts_with(verdict),
                "{name}: {found} by {bytes:?}"
            );
            assert!(!bytes.is_empty(), "{name}: fails without any luck");
        }
    }
}

#[test]
fn random_bytes_find_nothing_in_mended_programs() {
    for name in [
        "mended::late_reply",
        "mended::lost_update",
        "mended::pool_leak",
    ] {
        let found = hunt(&mut schedule(name), 0, INPUTS / 4);
        assert!(found.is_none(), "{name}: {found:?}");
    }
}

#[test]
fn no_bytes_are_the_canonical_run() {
    let mut schedule = schedule("broken::late_reply");
    let ran = |schedule: &mut Schedule, bytes: &[u8]| {
        assert!(schedule.run(bytes).is_none());
        assert!(schedule.tape().deviations().is_empty());
        schedule.tape().clone()
    };
    let canonical = ran(&mut schedule, &[]);
    for bytes in [&[0; 40][..], &[9], &[255, 0, 255, 0, 1]] {
        assert_eq!(ran(&mut schedule, bytes), canonical);
    }
}
