//! The table of layers.
//!
//! In `beamline`: `otp` stands on `process` and the types of `kernel`; `process` on `kernel` and
//! `backend`; `threads` on these and, where it hands a body its mailbox, on `process`; `kernel`
//! and `backend` know only each other. In `beamline-sim`: choices, tapes and seeds at the bottom;
//! strategies and shrinking see a run as a list of choices; the world makes runs; stories and
//! diffs read records; campaigns join all that; `check`, the scenarios and the command stand on
//! top.

/// A folder, a module in it, and the modules and items of the same crate that it may name. Of
/// several rules that fit, the one for the innermost module counts.
pub(crate) type Layer = (&'static str, &'static str, &'static [&'static str]);

pub(crate) const LAYERS: &[Layer] = &[
    ("runtime", "sync", &[]),
    ("runtime", "mutant", &[]),
    ("runtime", "kernel", &["backend", "sync"]),
    ("runtime", "backend", &["kernel"]),
    ("runtime", "process", &["kernel", "backend"]),
    // `receive` is the macro of `process`.
    ("runtime", "otp", &["kernel", "process", "receive"]),
    ("runtime", "threads", &["kernel", "backend", "sync"]),
    ("runtime", "threads::events", &["kernel", "otp"]),
    (
        "runtime",
        "threads::hooks",
        &["threads", "kernel", "otp::report::Report"],
    ),
    (
        "runtime",
        "threads::runtime",
        &[
            "threads",
            "kernel",
            "backend",
            "process::Mailbox",
            "otp::report::Report",
        ],
    ),
    (
        "runtime",
        "threads::handle",
        &["threads", "kernel", "backend", "process"],
    ),
    (
        "runtime",
        "release",
        &["kernel", "process", "otp", "threads"],
    ),
    ("sim", "rng", &[]),
    ("sim", "mode", &[]),
    ("sim", "choice", &["rng", "seed::RunSeed"]),
    ("sim", "seed", &["choice::LabelHash", "rng"]),
    ("sim", "faults", &["choice"]),
    ("sim", "tape", &["choice"]),
    (
        "sim",
        "strategy",
        &["choice", "faults", "mode", "rng", "seed", "tape"],
    ),
    ("sim", "shrink", &["choice", "tape"]),
    ("sim", "trace", &["choice", "world::Path"]),
    (
        "sim",
        "trace_diff",
        &["choice::ChoiceId", "trace", "world::Path"],
    ),
    (
        "sim",
        "story",
        &["choice", "trace", "world::Path", "world::Verdict"],
    ),
    (
        "sim",
        "artefact",
        &["choice", "faults", "mode", "seed", "tape"],
    ),
    (
        "sim",
        "world",
        &[
            "choice",
            "faults",
            "mode",
            "oracle",
            "rng",
            "seed::RunSeed",
            "strategy::Calibration",
            "tape",
            "trace",
        ],
    ),
    ("sim", "oracle", &[]),
    ("sim", "property", &[]),
    (
        "sim",
        "campaign",
        &[
            "artefact",
            "choice",
            "faults",
            "mode",
            "oracle",
            "seed",
            "shrink",
            "story",
            "strategy",
            "tape",
            "trace",
            "trace_diff",
            "world",
        ],
    ),
    ("sim", "threads", &[]),
    (
        "sim",
        "environment",
        &["campaign::Settings", "seed", "strategy"],
    ),
    ("sim", "render", &["campaign"]),
    (
        "sim",
        "scenario",
        &["campaign", "faults", "threads", "world"],
    ),
    (
        "sim",
        "check",
        &[
            "campaign",
            "environment",
            "faults",
            "mode",
            "render",
            "seed",
            "strategy",
            "world::Body",
            "world::Limits",
            "world::inside_process",
        ],
    ),
    ("sim", "exit_code", &[]),
    (
        "sim",
        "cli",
        &[
            "always",
            "artefact",
            "campaign",
            "choice",
            "environment",
            "exit_code",
            "faults",
            "mode",
            "oracle",
            "scenario",
            "seed",
            "story",
            "strategy::Strategy",
            "tape::Fidelity",
            "trace",
            "trace_diff",
            "world::Verdict",
        ],
    ),
];

/// Paths of other crates that only some modules of `beamline-sim` may name, and why.
pub(crate) const FOREIGN: &[(&str, &[&str], &str)] = &[
    (
        "beamline::seam",
        &["sim/src/world/", "sim/src/threads.rs"],
        "only what drives the kernel looks behind the seam",
    ),
    (
        "beamline::backend::context",
        &["sim/src/world/", "sim/src/property.rs"],
        "only what runs inside a world knows the context",
    ),
    (
        "beamline::backend::record",
        &[
            "sim/src/world/",
            "sim/src/oracle",
            "sim/src/threads.rs",
            "sim/src/property.rs",
        ],
        "everybody else reads the records of `trace`",
    ),
    (
        "std::fs",
        &["sim/src/artefact", "sim/src/campaign/", "sim/src/cli"],
        "runs do no I/O",
    ),
    (
        "std::thread",
        &[
            "sim/src/campaign/gather.rs",
            "sim/src/threads.rs",
            "sim/src/cli",
            "sim/src/render.rs",
        ],
        "a run is made on one thread",
    ),
    (
        "std::env",
        &[
            "sim/src/environment.rs",
            "sim/src/check.rs",
            "sim/src/render.rs",
            "sim/src/campaign/finding.rs",
            "sim/src/cli",
        ],
        "runs do not depend on their surroundings",
    ),
    (
        "serde_json",
        &[
            "sim/src/artefact",
            "sim/src/campaign/finding.rs",
            "sim/src/trace_diff",
            "sim/src/cli",
        ],
        "records know no format",
    ),
    (
        "rand_chacha",
        &["sim/src/seed.rs"],
        "all randomness begins with a seed",
    ),
];
