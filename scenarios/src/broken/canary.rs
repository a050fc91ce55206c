//! A program that fails once in a hundred draws, to prove that failures are found at all.
//!
//! A campaign that does not find it within its budget is itself broken. It says nothing of
//! schedules: the failing draw is user randomness, a choice on the tape like any other.

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::canary", broken)
            .about("fails for one draw of a hundred")
            .broken("always canary.breathes", 2)
            .mended("mended::canary")
            .canary(2_000),
        Scenario::new("mended::canary", mended).about("draws, but never what fails"),
    ]
}

async fn broken() {
    let draw = random_range(0..100);
    always!("canary.breathes", draw != 99, "drew {draw}");
}

async fn mended() {
    let draw = random_range(0..99);
    always!("canary.breathes", draw != 99, "drew {draw}");
}
