//! The command line, as definitions from which help, man page and completions are made.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::choice::ChoiceKind;
use crate::environment::parse_time;
use crate::faults::Faults;
use crate::mode::{Delivery, Granularity};
use crate::seed::Seed;
use crate::strategy::Strategy;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Finds the order of events, the crash or the timeout that breaks a program, and replays it.
#[derive(Debug, Parser)]
#[command(
    name = "beamline",
    version,
    styles = STYLES,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "Begin with `beamline demo`. Exit codes: 0 held, 2 usage, 4 nothing ran, \
                  10 violated, 11 never seen (--strict), 12 missed, 13 not deterministic, \
                  14 not replayed, 70 our own bug."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    /// When to use colour; NO_COLOR is honoured
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide = true
    )]
    pub(super) color: Color,
    /// Say nothing but the results
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(super) fn write_global(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    List(List),
    Run(Run),
    Replay(Replay),
    Shrink(Shrink),
    Diff(Diff),
    Explore(Explore),
    Demo(Demo),
    Strategies(Strategies),
    /// Print the completions of a shell
    #[command(after_help = "Example: beamline completions bash \
                      > ~/.local/share/bash-completion/completions/beamline")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example: beamline man run | man -l -")]
    Man {
        /// Of this subcommand instead of the whole
        subcommand: Option<String>,
    },
}

/// List the scenarios
#[derive(Debug, Args)]
#[command(after_help = "Example: beamline list 'broken::*'")]
pub(super) struct List {
    /// Names, groups or patterns with `*`; all if none is given
    #[arg(value_name = "SCENARIO")]
    pub(super) scenarios: Vec<String>,
    /// One JSON object per line
    #[arg(long)]
    pub(super) json: bool,
}

/// Run scenarios under many schedules
#[derive(Debug, Args)]
#[command(
    after_help = "Without a name: every sound scenario, for about ten seconds in all. With --time \
                  alone: the\nwhole catalogue, in which every planted bug must be found.\n\n\
                  Example: beamline run 'process::*' --time 60s --jobs 4"
)]
pub(super) struct Run {
    /// Names, groups or patterns with `*`, such as `broken` or '*late*'
    #[arg(value_name = "SCENARIO")]
    pub(super) scenarios: Vec<String>,
    /// Runs of each scenario
    #[arg(long, value_name = "N", env = "BEAMLINE_RUNS", hide_env = true, value_parser = runs)]
    pub(super) runs: Option<u64>,
    /// Wall time of all scenarios together: 500ms, 60s, 5m, 2h
    #[arg(
        long,
        value_name = "TIME",
        env = "BEAMLINE_TIME",
        hide_env = true,
        value_parser = parse_time
    )]
    pub(super) time: Option<Duration>,
    #[command(flatten)]
    pub(super) how: How,
    /// Make only share I of N of the runs, counted from 1
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(super) shard: Option<Shard>,
    /// Fail if a `sometimes!` was never seen
    #[arg(long)]
    pub(super) strict: bool,
    /// Tell the shrunk story of planted bugs too
    #[arg(long)]
    pub(super) stories: bool,
    /// Where failure files go [default: regressions; none for planted bugs]
    #[arg(long, value_name = "FOLDER")]
    pub(super) save: Option<PathBuf>,
    /// One JSON object per line: run_started, finding, campaign_finished, run_finished
    #[arg(long)]
    pub(super) json: bool,
}

/// How runs are made.
#[derive(Debug, Args)]
pub(super) struct How {
    /// Seed: decimal, hexadecimal after 0x, or a commit hash [default: 0]
    #[arg(long, value_name = "SEED", env = "BEAMLINE_SEED", hide_env = true)]
    pub(super) seed: Option<Seed>,
    /// portfolio, learnt, random, pct:D or round-robin [default: portfolio]
    #[arg(long, value_name = "NAME", env = "BEAMLINE_STRATEGY", hide_env = true)]
    pub(super) strategy: Option<Strategy>,
    /// Threads that make runs [default: one per core]
    #[arg(long, value_name = "N", env = "BEAMLINE_JOBS", hide_env = true, value_parser = jobs)]
    pub(super) jobs: Option<usize>,
    /// Faults per run instead of the scenario's own: none, or KIND:N,… such as crash:1,slow:2
    #[arg(long, value_name = "FAULTS", value_parser = faults)]
    pub(super) faults: Option<Faults>,
}

/// Make a recorded failure happen again
#[derive(Debug, Args)]
#[command(
    after_help = "Example: beamline replay regressions/broken-late_reply-1a2b3c4d.jsonl\n         \
                        beamline replay broken::late_reply --seed 7 --run 12 --trace"
)]
pub(super) struct Replay {
    /// A failure file, or the name of a scenario
    #[arg(value_name = "FILE|SCENARIO")]
    pub(super) what: String,
    /// The token of a failure of that scenario, as reports print it
    pub(super) token: Option<String>,
    /// Of a scenario: the seed of its campaign [default: 0]
    #[arg(long, value_name = "SEED")]
    pub(super) seed: Option<Seed>,
    /// Of a scenario: which run
    #[arg(long, value_name = "I", default_value_t = 0)]
    pub(super) run: u64,
    /// Of a scenario: the strategy of its campaign [default: portfolio]
    #[arg(long, value_name = "NAME")]
    pub(super) strategy: Option<Strategy>,
    /// Print every record of the run, as text or as JSON lines
    #[arg(
        long,
        value_name = "FORM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "text"
    )]
    pub(super) trace: Option<TraceForm>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TraceForm {
    Text,
    Json,
}

/// Make a saved failure smaller
#[derive(Debug, Args)]
#[command(after_help = "Example: beamline shrink night/pool-5k3f.jsonl --output small.jsonl")]
pub(super) struct Shrink {
    /// The failure file
    pub(super) file: PathBuf,
    /// Where the smaller one goes [default: the file itself, if it got smaller]
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

/// Show where two runs begin to differ
#[derive(Debug, Args)]
#[command(after_help = "Example: beamline diff process::queue@0:3 process::queue@0:4")]
pub(super) struct Diff {
    /// A failure file, or SCENARIO@SEED:RUN
    #[arg(value_name = "A")]
    pub(super) one: String,
    /// The other one
    #[arg(value_name = "B")]
    pub(super) other: String,
}

/// Search every schedule of small scenarios
#[derive(Debug, Args)]
#[command(after_help = "Example: beamline explore kernel::c_deadlock --early-firings 1")]
pub(super) struct Explore {
    /// Names, groups or patterns with `*`
    #[arg(value_name = "SCENARIO", required = true)]
    pub(super) scenarios: Vec<String>,
    /// Give up after so many runs of a scenario
    #[arg(long, value_name = "N", default_value = "1000000", value_parser = runs)]
    pub(super) max_runs: u64,
    /// Give up after so long with a scenario
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(super) time: Option<Duration>,
    /// Deadlines that may pass before their time in a run
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(super) early_firings: u32,
    /// Where a run is divided: fused, or fine for every await
    #[arg(long, default_value = "fused", value_parser = exact_granularity)]
    pub(super) granularity: Granularity,
    /// How signals travel: pairwise, or immediate (faster, and not sound)
    #[arg(long, default_value = "pairwise")]
    pub(super) delivery: Delivery,
    /// Faults per run: KIND:N,… such as crash:1
    #[arg(long, value_name = "FAULTS", default_value = "none", value_parser = faults)]
    pub(super) faults: Faults,
    /// Fail unless the search was complete
    #[arg(long)]
    pub(super) strict: bool,
    /// One JSON object per scenario
    #[arg(long)]
    pub(super) json: bool,
}

/// See a planted race found, shrunk, told and replayed
#[derive(Debug, Args)]
#[command(after_help = "Example: beamline demo --folder /tmp/demo")]
pub(super) struct Demo {
    /// Where its failure file goes [default: a folder for temporary files]
    #[arg(long, value_name = "FOLDER")]
    pub(super) folder: Option<PathBuf>,
}

/// Measure how soon each strategy finds the bugs of a group
#[derive(Debug, Args)]
#[command(after_help = "Example: beamline strategies --trials 200")]
pub(super) struct Strategies {
    /// Names, groups or patterns with `*` [default: kernel]
    #[arg(value_name = "SCENARIO")]
    pub(super) scenarios: Vec<String>,
    /// Campaigns per strategy, each with a seed of its own
    #[arg(long, value_name = "N", default_value = "50", value_parser = trials)]
    pub(super) trials: u64,
    /// Runs after which a campaign gives up
    #[arg(long, value_name = "N", default_value = "20000", value_parser = runs)]
    pub(super) max_runs: u64,
    /// One JSON object per scenario
    #[arg(long)]
    pub(super) json: bool,
}

/// A share of the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    /// Which, from 1.
    pub(super) number: u64,
    /// Of how many.
    pub(super) of: u64,
}

fn shard(text: &str) -> Result<Shard, String> {
    let expected = || "expected I/N with I from 1 to N, such as 1/4".to_string();
    let (number, of) = text.split_once('/').ok_or_else(expected)?;
    let number: u64 = number.parse().map_err(|_| expected())?;
    let of: u64 = of.parse().map_err(|_| expected())?;
    let is_share = (1..=of).contains(&number);
    is_share
        .then_some(Shard { number, of })
        .ok_or_else(expected)
}

fn runs(text: &str) -> Result<u64, String> {
    let runs = text.replace('_', "").parse().ok().filter(|runs| *runs > 0);
    runs.ok_or_else(|| "expected a number of runs above 0, such as 10_000".into())
}

fn trials(text: &str) -> Result<u64, String> {
    let trials = text.parse().ok().filter(|trials| *trials > 0);
    trials.ok_or_else(|| "expected a number of campaigns above 0".into())
}

fn jobs(text: &str) -> Result<usize, String> {
    let jobs = text.parse().ok().filter(|jobs| (1..=256).contains(jobs));
    jobs.ok_or_else(|| "expected a number of threads from 1 to 256".into())
}

fn exact_granularity(text: &str) -> Result<Granularity, String> {
    let granularity = text
        .parse()
        .ok()
        .filter(|exact| *exact != Granularity::Mixed);
    granularity.ok_or_else(|| "expected fused or fine".into())
}

fn faults(text: &str) -> Result<Faults, String> {
    if text == "none" {
        return Ok(Faults::none());
    }
    text.split(',').try_fold(Faults::none(), |faults, part| {
        let (kind, budget) = part.split_once(':').unwrap_or((part, "1"));
        let known: Option<ChoiceKind> = kind
            .parse()
            .ok()
            .filter(|kind: &ChoiceKind| kind.is_fault());
        let names = ChoiceKind::FAULTS.map(ChoiceKind::name).join(", ");
        let kind = known.ok_or_else(|| format!("`{kind}` is no fault; expected {names}"))?;
        let budget = budget
            .parse()
            .map_err(|_| format!("`{budget}` is no number of faults"))?;
        Ok(faults.with(kind, budget))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_are_sound() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn values_are_read_or_refused_with_what_was_expected() {
        assert_eq!(shard("2/3"), Ok(Shard { number: 2, of: 3 }));
        for wrong in ["0/3", "4/3", "2", "a/b", "1/0"] {
            assert!(
                shard(wrong).expect_err(wrong).contains("such as 1/4"),
                "{wrong}"
            );
        }
        assert_eq!(runs("10_000"), Ok(10_000));
        assert!(runs("0").is_err() && jobs("0").is_err() && jobs("257").is_err());
        assert!(trials("0").is_err() && trials("1").is_ok());
        let some = Faults::none().crashes(2).timeouts(1);
        assert_eq!(faults("crash:2,early-timeout"), Ok(some));
        assert_eq!(faults("none"), Ok(Faults::none()));
        assert!(
            faults("user:1")
                .expect_err("no fault")
                .contains("expected crash, panic")
        );
        assert!(faults("crash:x").is_err());
        assert!(exact_granularity("mixed").is_err());
    }
}
