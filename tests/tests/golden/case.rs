//! What a case is, and how one is judged.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use beamline_sim::{Check, Delivery, Granularity, on_threads, outcome};
use similar::TextDiff;

use crate::recorded;

/// Runs that an exhaustive search may take, a few seconds.
const RUNS_MAX: u64 = 300_000;

/// Threaded runs for each number of workers.
const REPEATS: usize = 40;

/// Equal lines shown around a difference: all of them.
const LINES_MAX: usize = 1_000;

/// The future of a case; its output is the outcome.
pub(crate) type Body = Pin<Box<dyn Future<Output = String> + Send>>;

/// A counterpart of a recorded program.
pub(crate) struct Case {
    pub(crate) group: &'static str,
    pub(crate) name: &'static str,
    pub(crate) notes: &'static [Note],
    pub(crate) body: fn() -> Body,
}

/// Where a case is not to be as recorded. The reason begins with the number of a rule.
pub(crate) enum Note {
    /// An outcome that a rule allows and that the machines recorded from never showed.
    Ours(&'static str, &'static str),
    /// A recorded outcome that ours never has.
    Otp(&'static str, &'static str),
    /// The program is never as late as its timers are far off: deadlines pass in their turn only.
    OnTime,
    /// Searched with a choice at every await, and why fusing some of them loses an outcome.
    Fine(&'static str),
}

/// Declares the cases of a group, and the tests of each.
macro_rules! cases {
    ($group:literal: $($name:ident $([$($note:expr),+ $(,)?])? => $body:expr;)+) => {
        pub(crate) const CASES: &[crate::case::Case] = &[$(
            crate::case::Case {
                group: $group,
                name: stringify!($name),
                notes: &[$($($note),+)?],
                body: || Box::pin(async move { crate::written::Written::written($body.await) }),
            },
        )+];

        mod in_the_simulator {
            $(
                #[test]
                fn $name() {
                    crate::case::find(super::CASES, stringify!($name)).in_the_simulator();
                }
            )+
        }

        mod on_threads {
            $(
                #[test]
                fn $name() {
                    crate::case::find(super::CASES, stringify!($name)).on_threads();
                }
            )+
        }
    };
}
pub(crate) use cases;

/// The case of this name.
pub(crate) fn find(cases: &'static [Case], name: &str) -> &'static Case {
    let case = cases.iter().find(|case| case.name == name);
    case.expect("the macro makes a test for each case")
}

impl Case {
    /// All outcomes that were recorded, less those noted as theirs and with those noted as ours,
    /// and no other.
    pub(crate) fn in_the_simulator(&self) {
        let reached = self.searched();
        let recorded = recorded::outcomes(self.group, self.name);
        let (ours, theirs) = (self.ours(), self.theirs());
        let stale: Vec<_> = theirs.difference(&recorded).collect();
        assert!(
            stale.is_empty(),
            "{}: noted as OTP's, but not recorded: {stale:?}",
            self.path()
        );
        let expected: BTreeSet<String> =
            recorded.difference(&theirs).chain(&ours).cloned().collect();
        assert!(
            reached == expected,
            "{}: the outcomes differ (- recorded or noted as ours, + reached):\n{}",
            self.path(),
            difference(&expected, &reached)
        );
    }

    /// Threads do what was recorded, or what a rule allows.
    pub(crate) fn on_threads(&self) {
        let recorded = recorded::outcomes(self.group, self.name);
        let allowed: BTreeSet<String> = recorded.union(&self.ours()).cloned().collect();
        let mut seen = BTreeSet::new();
        for workers in [1, 2] {
            for _ in 0..REPEATS {
                let body = self.body;
                let run = on_threads(workers, move || async move { outcome(body().await) });
                seen.insert(
                    run.outcome
                        .unwrap_or_else(|| format!("died {}", run.reason)),
                );
            }
        }
        assert!(
            seen.is_subset(&allowed),
            "{}: an outcome that was not recorded (- allowed, + seen):\n{}",
            self.path(),
            difference(&allowed, &seen)
        );
    }

    /// The outcomes of a complete search.
    fn searched(&self) -> BTreeSet<String> {
        let noted = |wanted: fn(&Note) -> bool| self.notes.iter().any(wanted);
        let fine = self.notes.iter().find_map(|note| match note {
            Note::Fine(why) => Some(*why),
            _ => None,
        });
        let granularity = match fine {
            Some(_) => Granularity::Fine,
            None => Granularity::Fused,
        };
        let mut check = Check::new(self.path())
            .regressions(None)
            .runs(RUNS_MAX)
            .delivery(Delivery::Pairwise)
            .granularity(granularity);
        if noted(|note| matches!(note, Note::OnTime)) {
            check = check.early_firings(0);
        }
        let body = self.body;
        let found = check.explore(async move || outcome(body().await));
        assert!(
            found.complete,
            "{}: over {RUNS_MAX} runs; make it smaller (fine steps: {fine:?})",
            self.path()
        );
        let violation = found.finding.map(|finding| finding.verdict);
        assert_eq!(found.failing_traces, 0, "{}: {violation:?}", self.path());
        found.outcomes.into_keys().collect()
    }

    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.group, self.name)
    }

    fn ours(&self) -> BTreeSet<String> {
        let ours = |note: &Note| match note {
            Note::Ours(outcome, _) => Some((*outcome).to_owned()),
            _ => None,
        };
        self.notes.iter().filter_map(ours).collect()
    }

    fn theirs(&self) -> BTreeSet<String> {
        let theirs = |note: &Note| match note {
            Note::Otp(outcome, _) => Some((*outcome).to_owned()),
            _ => None,
        };
        self.notes.iter().filter_map(theirs).collect()
    }

    /// Why outcomes differ.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = &'static str> {
        self.notes.iter().filter_map(|note| match note {
            Note::Ours(_, why) | Note::Otp(_, why) => Some(*why),
            Note::OnTime | Note::Fine(_) => None,
        })
    }
}

/// Both sets, line by line.
fn difference(expected: &BTreeSet<String>, found: &BTreeSet<String>) -> String {
    let lines = |set: &BTreeSet<String>| {
        set.iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let (expected, found) = (lines(expected), lines(found));
    let compared = TextDiff::from_lines(&expected, &found);
    compared
        .unified_diff()
        .context_radius(LINES_MAX)
        .to_string()
}

#[test]
fn differences_are_shown_line_by_line() {
    let set = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
    let shown = difference(&set(&["both", "theirs"]), &set(&["both", "ours"]));
    for line in [" both\n", "-theirs\n", "+ours\n"] {
        assert!(shown.contains(line), "no {line:?} in {shown}");
    }
}
