//! The progress line, and the budgets that are measured beside it.
//!
//! On a terminal one line is redrawn a few times a second, beginning after the first second; where
//! standard error is no terminal, a plain line comes once a minute.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the command shows and limits wall time; runs never see it"
)]

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use super::interrupt::Interrupt;
use super::numbers::{count, grouped, rate};
use crate::campaign::{Progress, Watch};

/// What takes less is not worth a line.
const FIRST: Duration = Duration::from_secs(1);
const REDRAW: Duration = Duration::from_millis(200);
const PLAIN: Duration = Duration::from_secs(60);

/// Watches one campaign after another.
pub(super) struct Ticker {
    interrupt: Interrupt,
    begun: Instant,
    shown: Option<Instant>,
    draws: Draws,
    drawn: bool,
    label: String,
    campaign_begun: Instant,
    allowed: Option<Duration>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Draws {
    Redraws,
    Plainly,
    Never,
}

impl Ticker {
    pub(super) fn new(quiet: bool, interrupt: Interrupt) -> Ticker {
        let draws = match (quiet, stderr().is_terminal()) {
            (true, _) => Draws::Never,
            (false, true) => Draws::Redraws,
            (false, false) => Draws::Plainly,
        };
        let now = Instant::now();
        Ticker {
            interrupt,
            begun: now,
            shown: None,
            draws,
            drawn: false,
            label: String::new(),
            campaign_begun: now,
            allowed: None,
        }
    }

    /// The next campaign, and how long it may take.
    pub(super) fn next(&mut self, label: impl Into<String>, allowed: Option<Duration>) {
        self.label = label.into();
        self.campaign_begun = Instant::now();
        self.allowed = allowed;
    }

    /// Time since the beginning.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Whether Ctrl-C was pressed.
    pub(super) fn interrupted(&self) -> bool {
        self.interrupt.came()
    }

    /// Takes the line away, so that something else can be written.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }

    fn is_due(&self) -> bool {
        let every = match self.draws {
            Draws::Redraws => REDRAW,
            Draws::Plainly => PLAIN,
            Draws::Never => return false,
        };
        let first = if self.draws == Draws::Redraws {
            FIRST
        } else {
            PLAIN
        };
        self.shown
            .map_or_else(|| self.elapsed() >= first, |shown| shown.elapsed() >= every)
    }

    fn show(&mut self, progress: &Progress) {
        let line = format!(
            "{}: {}, {} a second, {}, {}",
            self.label,
            count(progress.runs, "run"),
            rate(progress.runs, self.campaign_begun.elapsed()),
            format_args!("{} distinct", grouped(progress.distinct)),
            count(progress.findings, "finding"),
        );
        // If nobody sees it, so be it.
        let _ = match self.draws {
            Draws::Redraws => write!(stderr(), "\r\x1b[K{line}"),
            Draws::Plainly => writeln!(stderr(), "{line}"),
            Draws::Never => Ok(()),
        };
        self.drawn = self.draws == Draws::Redraws;
        self.shown = Some(Instant::now());
    }
}

impl Watch for Ticker {
    fn go_on(&mut self, progress: &Progress) -> bool {
        if self.is_due() {
            self.show(progress);
        }
        let over = self
            .allowed
            .is_some_and(|allowed| self.campaign_begun.elapsed() >= allowed);
        // A scenario of which nothing was run would say nothing.
        let enough = over && progress.runs > 0;
        !enough && !self.interrupted()
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.clear();
    }
}
