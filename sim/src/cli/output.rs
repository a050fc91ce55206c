//! Standard output for data, standard error for talk.

use std::fmt::{Arguments, Display};
use std::io::{self, Write};

use anstream::AutoStream;
use clap::builder::styling::{AnsiColor, Style};

/// Both streams. What is written with styles loses them where nobody would see colours.
pub(super) struct Output {
    data: AutoStream<io::Stdout>,
    talk: AutoStream<io::Stderr>,
    quiet: bool,
}

impl Output {
    pub(super) fn new(quiet: bool) -> Output {
        Output {
            data: anstream::stdout(),
            talk: anstream::stderr(),
            quiet,
        }
    }

    /// Whether only results are wanted.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Writes a line of data.
    pub(super) fn line(&mut self, line: Arguments<'_>) -> io::Result<()> {
        self.data.write_fmt(line)?;
        self.data.write_all(b"\n")
    }

    /// Writes bytes of data as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.data.write_all(bytes)?;
        self.data.flush()
    }

    /// Says something to whoever watches. If nobody can hear it, so be it.
    pub(super) fn talk(&mut self, line: impl Display) {
        if !self.quiet {
            let _ = writeln!(self.talk, "{line}");
        }
    }

    /// Says what is wrong.
    pub(super) fn complain(&mut self, problem: &str) {
        let style = RED;
        let _ = writeln!(self.talk, "{style}error:{style:#} {problem}");
    }
}

pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
pub(super) const GREEN: Style = AnsiColor::Green.on_default().bold();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const BOLD: Style = Style::new().bold();

/// A text in a style.
pub(super) fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
