//! `beamline run`.
#![expect(
    clippy::disallowed_methods,
    reason = "how many cores there are decides how many runs are made at once, not what they do"
)]

use std::path::PathBuf;

use super::args::{How, Run};
use super::budget::{self, Budget, Budgets};
use super::error::CliError;
use super::interrupt::Interrupt;
use super::json;
use super::judge::{Judge, Judged};
use super::output::Output;
use super::programs::Programs;
use super::summary;
use super::ticker::Ticker;
use super::told;
use crate::campaign::{Report, Settings};
use crate::exit_code;
use crate::scenario::{Expectation, Scenario};

/// Where failure files of sound scenarios go.
const FOLDER: &str = "regressions";

/// How campaigns are made: the scenario's settings and what the command line says.
pub(super) fn settings(scenario: &Scenario, how: &How) -> Settings {
    let mut settings = scenario.settings().clone();
    settings.seed = how.seed.unwrap_or(settings.seed);
    settings.jobs = jobs(how);
    if let Some(strategy) = &how.strategy {
        settings.strategy = strategy.clone();
    }
    if let Some(faults) = &how.faults {
        let victims = settings.faults.victim_names().to_vec();
        settings.faults = faults.clone().victims(victims);
    }
    settings
}

fn jobs(how: &How) -> usize {
    how.jobs
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// What one `run` has made so far.
struct Session<'a> {
    args: &'a Run,
    programs: &'a Programs,
    budgets: Budgets,
    ticker: Ticker,
    judged: Vec<Judged<'a>>,
}

pub(super) fn run(args: &Run, programs: &Programs, output: &mut Output) -> Result<u8, CliError> {
    let selected = select(args, programs)?;
    check_strategy(args)?;
    if args.json {
        let first = settings(selected[0], &args.how);
        let started = json::Started {
            seed: first.seed.to_string(),
            strategy: first.strategy.to_string(),
            jobs: first.jobs,
            shard: args.shard,
            scenarios: selected.iter().map(|scenario| scenario.name()).collect(),
        };
        json::started(output, started)?;
    }
    let mut session = Session {
        args,
        programs,
        budgets: Budgets::of(args),
        ticker: Ticker::new(output.is_quiet() || args.json, Interrupt::listen()),
        judged: Vec::new(),
    };
    let canary_sings = session.canaries(&selected, output)?;
    if canary_sings {
        session.campaigns(&selected, output)?;
    }
    session.close(&selected, canary_sings, output)
}

/// What is to be run: what is named, or what is sound, or with a time alone everything.
fn select<'a>(args: &Run, programs: &'a Programs) -> Result<Vec<&'a Scenario>, CliError> {
    if !args.scenarios.is_empty() {
        return programs.select(&args.scenarios);
    }
    let wanted = |scenario: &&Scenario| args.time.is_some() || !is_planted(scenario);
    let selected: Vec<&Scenario> = programs.listed().filter(wanted).collect();
    if selected.is_empty() {
        return Err(CliError::NothingRan(
            "the catalogue has no sound scenario".into(),
        ));
    }
    Ok(selected)
}

fn is_planted(scenario: &Scenario) -> bool {
    matches!(scenario.expectation(), Expectation::Broken { .. })
}

fn is_canary(scenario: &Scenario) -> bool {
    matches!(
        scenario.expectation(),
        Expectation::Broken {
            canary: Some(_),
            ..
        }
    )
}

fn check_strategy(args: &Run) -> Result<(), CliError> {
    match &args.how.strategy {
        Some(strategy) if strategy.policy(0).is_none() => Err(CliError::Usage(format!(
            "`{strategy}` draws no runs; `beamline explore` searches every schedule"
        ))),
        _ => Ok(()),
    }
}

impl<'a> Session<'a> {
    /// Runs the canaries of the catalogue, whatever was selected: where they are not found, silence
    /// means nothing.
    fn canaries(
        &mut self,
        selected: &[&'a Scenario],
        output: &mut Output,
    ) -> Result<bool, CliError> {
        let canaries = self
            .programs
            .listed()
            .filter(|scenario| is_canary(scenario));
        for canary in canaries {
            let budget = self.budgets.next(canary, 1, self.ticker.elapsed());
            let was_selected = selected
                .iter()
                .any(|scenario| scenario.name() == canary.name());
            let report = self.campaign(canary, budget, was_selected.then_some((1, 1)));
            let judged = self.judge(canary, report, None);
            let (passed, ran) = (judged.passed(), judged.report.runs);
            if was_selected || !passed {
                self.tell(&judged, output)?;
                self.judged.push(judged);
            }
            if !passed {
                output.complain(&format!(
                    "{} must be found within {ran} runs and was not: what else was run would mean \
                     nothing",
                    canary.name()
                ));
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Runs the others: planted bugs first, since most are found at once and leave their time.
    fn campaigns(
        &mut self,
        selected: &[&'a Scenario],
        output: &mut Output,
    ) -> Result<(), CliError> {
        let mut others: Vec<&'a Scenario> = selected.to_vec();
        others.retain(|scenario| !is_canary(scenario));
        others.sort_by_key(|scenario| !is_planted(scenario));
        let number = others.len();
        for (at, scenario) in others.into_iter().enumerate() {
            if self.ticker.interrupted() {
                return Ok(());
            }
            let budget = self
                .budgets
                .next(scenario, number - at, self.ticker.elapsed());
            let report = self.campaign(scenario, budget, Some((at + 1, number)));
            let twin = self.twin(scenario, &report, selected);
            let judged = self.judge(scenario, report, twin);
            self.ticker.clear();
            self.tell(&judged, output)?;
            self.judged.push(judged);
        }
        Ok(())
    }

    fn judge(&self, scenario: &'a Scenario, report: Report, twin: Option<Report>) -> Judged<'a> {
        let judge = Judge {
            strict: self.args.strict,
            interrupted: self.ticker.interrupted(),
        };
        judge.judge(scenario, report, twin)
    }

    fn campaign(
        &mut self,
        scenario: &Scenario,
        budget: Budget,
        place: Option<(usize, usize)>,
    ) -> Report {
        let mut settings = settings(scenario, &self.args.how);
        budget::share(
            &mut settings,
            budget.runs,
            self.args.shard.filter(|_| place.is_some()),
        );
        // A canary that nobody asked for leaves nothing behind.
        settings.regressions = place.and_then(|_| self.folder(scenario));
        let place = place.map_or_else(String::new, |(at, of)| format!(" [{at} of {of}]"));
        self.ticker
            .next(format!("{}{place}", scenario.name()), budget.time);
        scenario.campaign(settings).run_watched(&mut self.ticker)
    }

    /// The twin of a planted bug, unless it is run for itself.
    fn twin(
        &mut self,
        scenario: &Scenario,
        report: &Report,
        selected: &[&'a Scenario],
    ) -> Option<Report> {
        let Expectation::Broken {
            mended: Some(mended),
            ..
        } = scenario.expectation()
        else {
            return None;
        };
        let found = report.findings.first()?.run;
        let twin = self.programs.get(mended)?;
        if selected.iter().any(|scenario| scenario.name() == mended) {
            return None;
        }
        let budget = self.budgets.twin(twin, found);
        Some(self.campaign(twin, budget, Some((1, 1))))
    }

    /// Where failure files go: those of planted bugs nowhere unless asked.
    fn folder(&self, scenario: &Scenario) -> Option<PathBuf> {
        let unless_told = (!is_planted(scenario)).then(|| PathBuf::from(FOLDER));
        self.args.save.clone().or(unless_told)
    }

    /// Reports findings as they come.
    fn tell(&self, judged: &Judged<'_>, output: &mut Output) -> Result<(), CliError> {
        let planted = is_planted(judged.scenario);
        let name = judged.scenario.name();
        let own = judged
            .report
            .findings
            .iter()
            .map(|finding| (name, planted, finding));
        let twin = judged.twin.iter().flat_map(|twin| {
            twin.findings
                .iter()
                .map(|finding| (twin.name.as_str(), false, finding))
        });
        for (name, planted, finding) in own.chain(twin) {
            if self.args.json {
                json::finding(output, name, finding, planted && judged.passed())?;
            } else if !planted || !judged.passed() {
                told::finding(output, name, finding)?;
            } else if self.args.stories {
                output.line(format_args!("{name}  {}", finding.verdict.id))?;
                told::story(output, &finding.story)?;
            }
            if let (Err(problem), true, false) =
                (&finding.file, planted && judged.passed(), self.args.json)
            {
                // Asked for with --save, or there would be no file of a planted bug.
                output.line(format_args!("{name}  not saved: {problem}"))?;
            }
        }
        for known in judged
            .report
            .regressions
            .iter()
            .filter(|known| known.verdict.is_some())
        {
            if !self.args.json {
                let file = known
                    .file
                    .as_deref()
                    .map(crate::campaign::shown)
                    .unwrap_or_default();
                output.line(format_args!("{name}  {known}  ({file})"))?;
                told::story(output, &known.story)?;
            }
        }
        if self.args.json {
            json::finished(output, judged)?;
        }
        Ok(())
    }

    fn close(
        mut self,
        selected: &[&Scenario],
        canary_sings: bool,
        output: &mut Output,
    ) -> Result<u8, CliError> {
        self.ticker.clear();
        let interrupted = self.ticker.interrupted();
        let elapsed = self.ticker.elapsed();
        let codes = self.judged.iter().map(Judged::code);
        let mut code = codes.fold(exit_code::HELD, exit_code::graver);
        if interrupted {
            code = exit_code::graver(code, exit_code::INTERRUPTED);
        }
        if !canary_sings {
            code = exit_code::graver(code, exit_code::MISSED);
        }
        let in_catalogue = |judged: &Judged<'_>| {
            selected
                .iter()
                .position(|scenario| scenario.name() == judged.scenario.name())
        };
        self.judged.sort_by_key(in_catalogue);
        if self.args.json {
            json::all_finished(output, &self.judged, code, interrupted, elapsed)?;
            return Ok(code);
        }
        summary::print(output, &self.judged)?;
        if interrupted {
            let ran = self.judged.len();
            output.line(format_args!(
                "stopped by Ctrl-C after {ran} of {} scenarios; \
                 the last of them had part of its runs",
                selected.len()
            ))?;
        }
        summary::close(output, &self.judged, elapsed)?;
        Ok(code)
    }
}
