//! Whether a scenario did what is expected of it.

use crate::campaign::Report;
use crate::exit_code;
use crate::scenario::{Expectation, Scenario};

/// A scenario, what was run of it, and what is wrong with that.
pub(super) struct Judged<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) report: Report,
    /// What was run of the twin without the bug.
    pub(super) twin: Option<Report>,
    /// What is not as expected.
    pub(super) problems: Vec<Problem>,
    /// What is weak, and no failure.
    pub(super) remarks: Vec<String>,
}

/// Something that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) code: u8,
    pub(super) text: String,
}

fn problem(code: u8, text: impl Into<String>) -> Problem {
    Problem {
        code,
        text: text.into(),
    }
}

/// How strictly to judge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge {
    /// A `sometimes!` that was never seen is a problem.
    pub(super) strict: bool,
    /// It was stopped, so that what was not found might have been.
    pub(super) interrupted: bool,
}

impl Judge {
    pub(super) fn judge<'a>(
        self,
        scenario: &'a Scenario,
        report: Report,
        twin: Option<Report>,
    ) -> Judged<'a> {
        let (mut problems, mut remarks) = (Vec::new(), Vec::new());
        match scenario.expectation() {
            Expectation::Sound => self.sound("", &report, &mut problems, &mut remarks),
            Expectation::Broken {
                verdict, story_max, ..
            } => {
                self.broken(verdict, *story_max, &report, &mut problems, &mut remarks);
            }
        }
        if let Some(twin) = &twin {
            let whose = format!("{}: ", twin.name);
            self.sound(&whose, twin, &mut problems, &mut remarks);
        }
        Judged {
            scenario,
            report,
            twin,
            problems,
            remarks,
        }
    }

    fn sound(
        self,
        whose: &str,
        report: &Report,
        problems: &mut Vec<Problem>,
        remarks: &mut Vec<String>,
    ) {
        let known = report
            .regressions
            .iter()
            .filter_map(|known| known.verdict.as_ref());
        let found = report.findings.iter().map(|finding| &finding.verdict);
        let violated = known.chain(found).map(|verdict| {
            problem(
                exit_code::of_verdict(&verdict.id),
                format!("{whose}{}", verdict.id),
            )
        });
        problems.extend(violated);
        let never_seen = report.never_seen();
        if !never_seen.is_empty() && report.findings.is_empty() {
            let text = format!("{whose}never seen: {}", never_seen.join(", "));
            if self.strict && !self.interrupted {
                problems.push(problem(exit_code::NEVER_SEEN, text));
            } else {
                remarks.push(text);
            }
        }
        let never = report.never_injected();
        if !never.is_empty() && report.findings.is_empty() {
            let kinds: Vec<&str> = never.iter().map(|kind| kind.name()).collect();
            remarks.push(format!("{whose}never injected: {}", kinds.join(", ")));
        }
    }

    fn broken(
        self,
        wanted: &str,
        story_max: usize,
        report: &Report,
        problems: &mut Vec<Problem>,
        remarks: &mut Vec<String>,
    ) {
        let Some(finding) = report.findings.first() else {
            let text = format!("not found: {wanted}");
            if self.interrupted {
                remarks.push(text);
            } else {
                problems.push(problem(exit_code::MISSED, text));
            }
            return;
        };
        let id = &finding.verdict.id;
        if !id.starts_with(wanted) {
            let text = format!("found {id} instead of {wanted}");
            problems.push(problem(exit_code::of_verdict(id), text));
        }
        let told = finding.story.events.len();
        if told > story_max {
            let text = format!("its story has {told} events, and {story_max} are allowed");
            problems.push(problem(exit_code::MISSED, text));
        }
    }
}

impl Judged<'_> {
    /// Whether it did what is expected.
    pub(super) fn passed(&self) -> bool {
        self.problems.is_empty()
    }

    /// The gravest code of its problems.
    pub(super) fn code(&self) -> u8 {
        let codes = self.problems.iter().map(|problem| problem.code);
        codes.fold(exit_code::HELD, exit_code::graver)
    }

    /// What is wrong or weak, in one text.
    pub(super) fn notes(&self) -> String {
        let problems = self.problems.iter().map(|problem| problem.text.as_str());
        let notes: Vec<&str> = problems
            .chain(self.remarks.iter().map(String::as_str))
            .collect();
        notes.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use beamline::prelude::*;

    use super::*;
    use crate::campaign::Settings;
    use crate::{always, sometimes};

    fn report(scenario: &Scenario) -> Report {
        let settings = Settings {
            runs: 50,
            ..scenario.settings().clone()
        };
        scenario.campaign(settings).run()
    }

    fn judge(scenario: &Scenario, twin: Option<&Scenario>, strict: bool) -> (u8, String) {
        let judge = Judge {
            strict,
            interrupted: false,
        };
        let judged = judge.judge(scenario, report(scenario), twin.map(report));
        assert_eq!(judged.passed(), judged.code() == exit_code::HELD);
        (judged.code(), judged.notes())
    }

    async fn fails() {
        always!("two", random_range(0..2) == 2, "never two");
    }

    async fn weak() {
        sometimes!("lucky", false);
    }

    #[test]
    fn sound_ones_are_silent_and_see_what_they_promise() {
        let fails = Scenario::new("t::fails", fails);
        assert_eq!(
            judge(&fails, None, false),
            (exit_code::VIOLATED, "always two".into())
        );
        let weak = Scenario::new("t::weak", weak);
        assert_eq!(
            judge(&weak, None, false),
            (exit_code::HELD, "never seen: lucky".into())
        );
        assert_eq!(
            judge(&weak, None, true),
            (exit_code::NEVER_SEEN, "never seen: lucky".into())
        );
    }

    #[test]
    fn planted_bugs_are_found_told_and_mended() {
        let planted = |verdict, story| Scenario::new("t::fails", fails).broken(verdict, story);
        let sound = Scenario::new("t::sound", async || {});
        assert_eq!(
            judge(&planted("always two", 1), Some(&sound), false),
            (0, String::new())
        );
        let (code, notes) = judge(&planted("always two", 0), None, false);
        assert_eq!(code, exit_code::MISSED);
        assert_eq!(notes, "its story has 1 events, and 0 are allowed");
        let (code, notes) = judge(&planted("deadlock", 1), None, false);
        assert_eq!(
            (code, notes.as_str()),
            (10, "found always two instead of deadlock")
        );
        let silent = Scenario::new("t::silent", async || {}).broken("deadlock", 1);
        assert_eq!(
            judge(&silent, None, false),
            (exit_code::MISSED, "not found: deadlock".into())
        );
        let twin = Scenario::new("t::twin", fails);
        let (code, notes) = judge(&planted("always two", 1), Some(&twin), false);
        assert_eq!((code, notes.as_str()), (10, "t::twin: always two"));
    }
}
