//! Reading a failure file.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_json::{Map, Value};

use super::fields::{Fields, Warning, shorten};
use super::write::Checksum;
use super::{Artefact, Header, Step};
use crate::choice::{ChoiceId, ChoiceKind};
use crate::tape::Deviation;

/// Why a file is no failure file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It could not be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// A line is not what it should be.
    #[error("line {line}: {problem}")]
    Line {
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it, and what was expected.
        problem: String,
    },
}

impl ReadError {
    pub(super) fn at(line: usize, problem: impl Into<String>) -> ReadError {
        ReadError::Line {
            line,
            problem: problem.into(),
        }
    }
}

impl Artefact {
    /// Reads a file, and what in it was kept but not used.
    ///
    /// # Errors
    ///
    /// Those of the file system, and those of [`parse`](Artefact::parse).
    pub fn read(path: &Path) -> Result<(Artefact, Vec<Warning>), ReadError> {
        let bytes = std::fs::read(path).map_err(|source| ReadError::Io {
            path: path.to_owned(),
            source,
        })?;
        Artefact::parse(&bytes)
    }

    /// Reads the bytes of a file. Blank lines and the ends of lines do not count.
    ///
    /// # Errors
    ///
    /// [`ReadError::Line`] with the line, the field and what was expected, if the file is not
    /// whole, not of this major version, or not such a file at all.
    pub fn parse(bytes: &[u8]) -> Result<(Artefact, Vec<Warning>), ReadError> {
        let mut lines = Lines::new(bytes);
        let mut warnings = Vec::new();
        let mut checksum = Checksum::default();
        let (line, text) = lines.next_or("the header, an object with the field `format`")?;
        let header = Header::take(Fields::parse(line, text)?, &mut warnings)?;
        checksum.line(text);

        let mut steps: Vec<Step> = Vec::new();
        loop {
            let (line, text) = lines.next_or("a deviation or the last line, which has `end`")?;
            let fields = Fields::parse(line, text)?;
            if fields.contains("end") {
                let trailer = end(fields, steps.len(), checksum, &mut warnings)?;
                lines.expect_end()?;
                return Ok((
                    Artefact {
                        header,
                        steps,
                        trailer,
                    },
                    warnings,
                ));
            }
            let last = steps.last().map(|step| step.deviation.index);
            steps.push(step(fields, last, &mut warnings)?);
            checksum.line(text);
        }
    }
}

/// The lines that are not blank.
struct Lines<'a> {
    rest: &'a [u8],
    /// How many lines were taken.
    taken: usize,
    /// The number of the last one that was not blank.
    last: usize,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Lines<'a> {
        let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        Lines {
            rest,
            taken: 0,
            last: 0,
        }
    }

    fn next(&mut self) -> Option<Result<(usize, &'a str), ReadError>> {
        while !self.rest.is_empty() {
            let end = self.rest.iter().position(|&byte| byte == b'\n');
            let (bytes, rest) = self
                .rest
                .split_at(end.map_or(self.rest.len(), |end| end + 1));
            self.rest = rest;
            self.taken += 1;
            let line = self.taken;
            match std::str::from_utf8(bytes).map(str::trim) {
                Ok("") => {}
                Ok(text) => {
                    self.last = line;
                    return Some(Ok((line, text)));
                }
                Err(error) => {
                    let byte = error.valid_up_to() + 1;
                    let problem = format!("not UTF-8 text at byte {byte} of the line");
                    return Some(Err(ReadError::at(line, problem)));
                }
            }
        }
        None
    }

    fn next_or(&mut self, expected: &str) -> Result<(usize, &'a str), ReadError> {
        let cut = |last| {
            let cut = if last == 0 {
                "the file is empty"
            } else {
                "the file was cut"
            };
            ReadError::at(
                last + 1,
                format!("expected {expected}, got the end of the file: {cut}"),
            )
        };
        self.next().unwrap_or_else(|| Err(cut(self.last)))
    }

    fn expect_end(&mut self) -> Result<(), ReadError> {
        match self.next() {
            None => Ok(()),
            Some(line) => {
                let (line, text) = line?;
                let text = shorten(text);
                Err(ReadError::at(
                    line,
                    format!("expected nothing after `end`, got `{text}`"),
                ))
            }
        }
    }
}

fn step(
    mut fields: Fields,
    last: Option<u64>,
    warnings: &mut Vec<Warning>,
) -> Result<Step, ReadError> {
    let index = match last {
        None => fields.number("index", 0..=u64::MAX, "a whole number")?,
        Some(u64::MAX) => return Err(fields.problem("index", "no index comes after 2^64 - 1")),
        Some(last) => {
            let expected = format_args!("a number above {last}, the index before");
            fields.number("index", last + 1..=u64::MAX, expected)?
        }
    };
    let kind = fields.parsed("kind", "a kind of choice", ChoiceKind::from_str)?;
    let n = fields.number("n", 2..=u64::from(u32::MAX), "a number from 2 below 2^32")?;
    let expected = format_args!("a number below n={n} and above 0");
    let rank = fields.number("rank", 1..=n - 1, expected)?;
    let label = fields.text("id", "the label of an alternative")?;
    let id = ChoiceId::from_text(&label);
    let deviation = Deviation {
        index,
        kind,
        n: n as u32,
        rank: rank as u32,
        id,
    };
    Ok(Step {
        deviation,
        label,
        extra: fields.rest(warnings),
    })
}

fn end(
    mut fields: Fields,
    steps: usize,
    checksum: Checksum,
    warnings: &mut Vec<Warning>,
) -> Result<Map<String, Value>, ReadError> {
    let expected = format_args!("{steps}, the number of deviations above");
    fields.number("end", steps as u64..=steps as u64, expected)?;
    let (expected, name) = (checksum.to_string(), "checksum");
    match fields.optional_text(name, "16 hexadecimal digits")? {
        Some(got) if got == expected => {}
        Some(got) => {
            let got = shorten(&got);
            return Err(fields.problem(
                name,
                format_args!(
                    "expected `{expected}` for the lines above, got `{got}`: the file was changed \
                     (take the field out to use the file as it is)"
                ),
            ));
        }
        None => {
            let warning = fields.problem(name, "missing, so that changes go unnoticed");
            if let ReadError::Line {
                line,
                problem: text,
            } = warning
            {
                warnings.push(Warning { line, text });
            }
        }
    }
    Ok(fields.rest(warnings))
}
