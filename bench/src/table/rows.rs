//! The rows of the table: what is run how often where, and the goals.

/// One workload, and the figures that it gives.
#[derive(Debug)]
pub(crate) struct Row {
    /// The name by which every system knows it.
    pub(crate) workload: &'static str,
    /// The numbers of threads on which it is run.
    pub(crate) threads: &'static [usize],
    /// How many operations.
    n: u64,
    /// The systems for which that would take too long, and by how much they do less.
    fewer: &'static [(&'static str, u64)],
    /// The systems beside ours that have it, each with the most threads it can use.
    peers: &'static [(&'static str, usize)],
    /// What is shown of it.
    pub(crate) figures: &'static [Figure],
}

/// One figure of a row.
#[derive(Debug)]
pub(crate) struct Figure {
    /// What it is, in the table.
    pub(crate) title: &'static str,
    /// Its key in the line that a measuring program prints.
    pub(crate) key: &'static str,
    /// What to multiply it by to show it.
    pub(crate) scale: f64,
    /// Whether the larger value is the better one.
    pub(crate) larger_is_better: bool,
    /// The goals on one and on two threads.
    pub(crate) goals: [Option<f64>; 2],
}

const fn ns(title: &'static str, one: f64, two: f64) -> Figure {
    figure(title, "ns", [Some(one), Some(two)])
}

/// A time without a goal.
const fn bare(title: &'static str) -> Figure {
    figure(title, "ns", [None, None])
}

const fn figure(title: &'static str, key: &'static str, goals: [Option<f64>; 2]) -> Figure {
    Figure {
        title,
        key,
        scale: 1.0,
        larger_is_better: false,
        goals,
    }
}

const fn millions_per_second(title: &'static str, goal: f64) -> Figure {
    let goals = [Some(goal), None];
    Figure {
        title,
        key: "per_second",
        scale: 1e-6,
        larger_is_better: true,
        goals,
    }
}

/// A simulated day of 1,000 tickers: 86,400,000 firings, of which fewer are run.
const fn day(title: &'static str, goal: f64) -> Figure {
    let goals = [Some(goal), None];
    Figure {
        title,
        key: "ns",
        scale: 86.4e6 * 1e-9,
        larger_is_better: false,
        goals,
    }
}

const BOTH: &[usize] = &[1, 2];
const ONE: &[usize] = &[1];

const FRAMEWORKS: &[(&str, usize)] = &[
    ("beam", 2),
    ("tokio", 2),
    ("ractor", 2),
    ("kameo", 2),
    ("actix", 1),
];
/// Where the actors of actix can be split between two arbiters by hand.
const SPLIT: &[(&str, usize)] = &[
    ("beam", 2),
    ("tokio", 2),
    ("ractor", 2),
    ("kameo", 2),
    ("actix", 2),
];
const SIMULATORS: &[(&str, usize)] = &[("shuttle", 1)];

const MANY: Row = Row {
    workload: "",
    threads: BOTH,
    n: 1_000_000,
    fewer: &[],
    peers: FRAMEWORKS,
    figures: &[],
};

/// Behaviours that wait.
const IDLE: Row = Row {
    threads: ONE,
    n: 100_000,
    peers: &[],
    ..MANY
};

/// All rows, in the order of the table.
pub(crate) const ROWS: &[Row] = &[
    Row {
        workload: "W1",
        fewer: &[("ractor", 5), ("kameo", 5)],
        figures: &[ns("spawn, one message, exit", 150.0, 125.0)],
        ..MANY
    },
    Row {
        workload: "W2",
        fewer: &[("ractor", 5), ("kameo", 5)],
        figures: &[
            ns("spawn of an idle server", 100.0, 130.0),
            figure(
                "then a message and a reply each",
                "reply_ns",
                [Some(115.0), Some(120.0)],
            ),
            figure("bytes per idle server", "bytes", [Some(128.0), Some(128.0)]),
            figure("bytes after the message", "used_bytes", [None, None]),
        ],
        ..MANY
    },
    Row {
        workload: "W3",
        figures: &[ns("ping-pong, round trip", 55.0, 55.0)],
        ..MANY
    },
    Row {
        workload: "W3X",
        threads: &[2],
        n: 50_000,
        peers: &[("beam", 2), ("tokio", 2), ("actix", 2)],
        figures: &[figure(
            "the same across two threads",
            "ns",
            [None, Some(1_500.0)],
        )],
        ..MANY
    },
    Row {
        workload: "W4",
        peers: &[("beam", 2), ("tokio", 2), ("ractor", 2), ("kameo", 2)],
        figures: &[ns("call of a server, with timeout and down", 65.0, 65.0)],
        ..MANY
    },
    Row {
        workload: "W4C",
        peers: &[("beam", 2), ("tokio", 2)],
        figures: &[bare("cast to a server, confirmed by windows")],
        ..MANY
    },
    Row {
        workload: "W5",
        n: 8_000_000,
        fewer: &[("ractor", 3), ("kameo", 3)],
        peers: SPLIT,
        figures: &[ns("fan-in 8 to 1, per message", 23.0, 24.0)],
        ..MANY
    },
    Row {
        workload: "W5B",
        n: 8_000_000,
        fewer: &[("kameo", 3)],
        peers: &[("beam", 2), ("tokio", 2), ("kameo", 2)],
        figures: &[
            ns("the same with back-pressure", 12.0, 24.0),
            figure("its peak memory, MB", "hwm_mb", [Some(16.0), Some(16.0)]),
        ],
        ..MANY
    },
    Row {
        workload: "W6",
        figures: &[ns("fan-out to 10,000, per delivery", 28.0, 30.0)],
        ..MANY
    },
    Row {
        workload: "W7A",
        peers: SPLIT,
        figures: &[ns("ring of 1,000, per hop", 30.0, 30.0)],
        ..MANY
    },
    Row {
        workload: "W7P",
        n: 10_000_000,
        peers: SPLIT,
        figures: &[ns("the same with 1,000 tokens", 8.0, 7.0)],
        ..MANY
    },
    Row {
        workload: "W8",
        fewer: &[("ractor", 10), ("kameo", 10)],
        figures: &[ns("skynet, per leaf", 260.0, 140.0)],
        ..MANY
    },
    Row {
        workload: "W9A",
        fewer: &[("actix", 20)],
        figures: &[figure(
            "timer set and fired, CPU ns",
            "cpu_ns",
            [Some(450.0), Some(550.0)],
        )],
        ..MANY
    },
    Row {
        workload: "W9B",
        figures: &[ns("timer set and cancelled", 15.0, 15.0)],
        ..MANY
    },
    Row {
        workload: "W9C",
        peers: &[("beam", 2), ("tokio", 2), ("ractor", 2), ("kameo", 2)],
        figures: &[ns("a million timers set, then cancelled", 100.0, 105.0)],
        ..MANY
    },
    Row {
        workload: "W11",
        n: 100_000,
        peers: &[("beam", 2)],
        figures: &[ns("call by alias through 10,000 messages", 68.0, 68.0)],
        ..MANY
    },
    Row {
        workload: "W11R",
        n: 100_000,
        peers: &[("beam", 2)],
        figures: &[ns("call by reference through 10,000", 68.0, 68.0)],
        ..MANY
    },
    Row {
        workload: "W12",
        peers: &[("beam", 2)],
        figures: &[ns(
            "call of a state machine, state timeout set anew",
            75.0,
            75.0,
        )],
        ..MANY
    },
    Row {
        workload: "E4",
        peers: &[("beam", 2)],
        figures: &[ns("task, spawned and joined", 250.0, 250.0)],
        ..MANY
    },
    Row {
        workload: "E5",
        n: 100_000,
        peers: &[],
        figures: &[bare("stream of tasks, eight at once, per item")],
        ..MANY
    },
    Row {
        workload: "E6",
        peers: &[("beam", 2)],
        figures: &[bare("get of an agent")],
        ..MANY
    },
    Row {
        workload: "M1",
        figures: &[figure(
            "bytes per idle server",
            "bytes",
            [Some(192.0), None],
        )],
        ..IDLE
    },
    Row {
        workload: "M2",
        figures: &[figure(
            "bytes per idle state machine",
            "bytes",
            [None, None],
        )],
        ..IDLE
    },
    Row {
        workload: "M3",
        figures: &[figure("bytes per idle agent", "bytes", [None, None])],
        ..IDLE
    },
    Row {
        workload: "M4",
        figures: &[figure("bytes per idle supervisor", "bytes", [None, None])],
        ..IDLE
    },
    Row {
        workload: "M5",
        figures: &[figure(
            "bytes per idle child, and its line in its supervisor",
            "bytes",
            [None, None],
        )],
        ..IDLE
    },
    Row {
        workload: "R1",
        peers: &[("beam", 2)],
        figures: &[bare("lookup in a registry")],
        ..MANY
    },
    Row {
        workload: "R2",
        peers: &[("beam", 2)],
        figures: &[bare("dispatch to 10,000, per delivery")],
        ..MANY
    },
    Row {
        workload: "W10",
        n: 100_000,
        peers: &[("beam", 1)],
        figures: &[bare("crash of a child and its restart")],
        ..MANY
    },
    Row {
        workload: "T1",
        n: 10_000,
        peers: &[("beam", 1)],
        figures: &[
            bare("start of a tree of 10,000, per child"),
            figure("and its stop, per child", "stop_ns", [None, None]),
        ],
        ..MANY
    },
    Row {
        workload: "T2",
        n: 20_000,
        peers: &[("beam", 1)],
        figures: &[bare("child of a dynamic supervisor")],
        ..MANY
    },
    Row {
        workload: "S1-ring",
        threads: ONE,
        n: 10_000_000,
        fewer: &[("shuttle", 10)],
        peers: SIMULATORS,
        figures: &[millions_per_second("M deliveries/s, ring of 10", 12.0)],
    },
    Row {
        workload: "S1-rand10",
        threads: ONE,
        n: 10_000_000,
        fewer: &[("shuttle", 10)],
        peers: SIMULATORS,
        figures: &[millions_per_second(
            "M deliveries/s, 10 tokens at random",
            12.0,
        )],
    },
    Row {
        workload: "S1-tiny",
        threads: ONE,
        n: 200_000,
        peers: SIMULATORS,
        figures: &[millions_per_second("M tiny simulations/s", 1.0)],
        ..MANY
    },
    Row {
        workload: "S4",
        threads: ONE,
        peers: SIMULATORS,
        figures: &[figure(
            "100 processes, per delivery, ns",
            "ns",
            [Some(100.0), None],
        )],
        ..MANY
    },
    Row {
        workload: "S4-idle",
        threads: ONE,
        n: 100_000,
        fewer: &[("shuttle", 20)],
        peers: SIMULATORS,
        figures: &[
            figure(
                "bytes per idle simulated process",
                "bytes",
                [Some(600.0), None],
            ),
            figure(
                "bytes after a round trip",
                "used_bytes",
                [Some(1_100.0), None],
            ),
        ],
    },
    Row {
        workload: "S5-phase",
        threads: ONE,
        n: 8_640_000,
        peers: &[],
        figures: &[day("a day of 1,000 tickers in phase, s", 4.0)],
        ..MANY
    },
    Row {
        workload: "S5-random",
        threads: ONE,
        n: 8_640_000,
        peers: &[],
        figures: &[day("the same in random phases, s", 8.0)],
        ..MANY
    },
];

impl Row {
    /// How many operations this system performs.
    pub(crate) fn operations(&self, system: &str) -> u64 {
        let fewer = self.fewer.iter().find(|(name, _)| *name == system);
        self.rounded(self.n / fewer.map_or(1, |&(_, by)| by))
    }

    /// The nearest lower number of operations that divides as the workload needs it.
    pub(crate) fn rounded(&self, n: u64) -> u64 {
        match self.workload {
            "W8" => 10u64.pow(n.max(10).ilog10()),
            "W5" | "W5B" => n / 8 * 8,
            _ => n,
        }
    }

    /// Whether this system can run it on so many threads.
    pub(crate) fn has(&self, system: &str, threads: usize) -> bool {
        system == super::systems::OURS
            || (self.peers)
                .iter()
                .any(|&(name, most)| name == system && threads <= most)
    }
}
