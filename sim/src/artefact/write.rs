//! Writing a failure file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{Artefact, FORMAT, Header, Step, VERSION};
use crate::choice::{ChoiceKind, LabelHash};
use crate::faults::Faults;

impl Artefact {
    /// The file as text.
    pub fn to_text(&self) -> String {
        let mut text = header_line(&self.header);
        self.steps.iter().for_each(|step| text += &step_line(step));
        let mut checksum = Checksum::default();
        text.lines().for_each(|line| checksum.line(line));
        let mut end = Line::default();
        end.field("end", self.steps.len());
        end.field("checksum", checksum.to_string());
        end.extra(&self.trailer);
        text + &end.finish()
    }

    /// Writes the file, whole or not at all; a file of that name is replaced. The folder is made if
    /// need be.
    ///
    /// # Errors
    ///
    /// Those of the file system. The file of that name is then as it was.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let (mut file, temporary) = create_beside(path)?;
        let written = file
            .write_all(self.to_text().as_bytes())
            .and_then(|()| file.sync_all());
        drop(file);
        let result = written.and_then(|()| fs::rename(&temporary, path));
        if result.is_err() {
            // What went wrong before is what counts.
            let _ = fs::remove_file(&temporary);
        }
        result
    }
}

/// A new file in the folder of `path`, so that renaming stays within one file system. Names that
/// another writer has taken, or left behind, are passed over.
fn create_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    let no_name = || io::Error::new(io::ErrorKind::InvalidInput, "the path names no file");
    let name = path.file_name().ok_or_else(no_name)?.to_string_lossy();
    let mut taken = None;
    for attempt in 0..100 {
        let temporary = path.with_file_name(format!(".{name}.{attempt}.tmp"));
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&temporary)
        {
            Ok(file) => return Ok((file, temporary)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(taken.unwrap_or_else(no_name))
}

fn header_line(header: &Header) -> String {
    let mut line = Line::default();
    line.field("format", FORMAT);
    line.field("version", format!("{}.{}", VERSION.0, VERSION.1));
    line.field("scenario", header.scenario.as_str());
    line.field("beamline", header.beamline.as_str());
    line.optional("rustc", header.rustc.as_deref());
    line.optional("target", header.target.as_deref());
    line.field("granularity", header.granularity.name());
    line.field("delivery", header.delivery.name());
    line.field("strategy", header.strategy.as_str());
    line.field("seed", header.seed.to_string());
    line.field("run", header.run);
    line.field("faults", faults_value(&header.faults));
    line.field("limits", json!(header.limits));
    line.field("verdict", header.verdict.as_str());
    line.optional("location", header.location.as_deref());
    line.field("story", header.story);
    line.extra(&header.extra);
    line.finish()
}

fn step_line(
    Step {
        deviation,
        label,
        extra,
    }: &Step,
) -> String {
    let mut line = Line::default();
    line.field("index", deviation.index);
    line.field("kind", deviation.kind.name());
    line.field("n", deviation.n);
    line.field("rank", deviation.rank);
    line.field("id", label.as_str());
    line.extra(extra);
    line.finish()
}

/// The budgets above 0 by name of the kind, and the victims if any.
fn faults_value(faults: &Faults) -> Value {
    let budgets = ChoiceKind::FAULTS
        .into_iter()
        .filter(|&kind| faults.budget(kind) > 0);
    let mut object: Map<_, _> = budgets
        .map(|kind| (kind.name().to_owned(), faults.budget(kind).into()))
        .collect();
    if !faults.victim_names().is_empty() {
        object.insert("victims".to_owned(), json!(faults.victim_names()));
    }
    Value::Object(object)
}

/// A JSON object on one line, its fields in the order in which they are added.
#[derive(Default)]
struct Line(String);

impl Line {
    fn field(&mut self, name: &str, value: impl Into<Value>) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0 += &format!("{}:{}", Value::from(name), value.into());
    }

    fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.field(name, value);
        }
    }

    fn extra(&mut self, fields: &Map<String, Value>) {
        fields
            .iter()
            .for_each(|(name, value)| self.field(name, value.clone()));
    }

    fn finish(self) -> String {
        self.0 + "}\n"
    }
}

/// The checksum of the lines above the last: of their text without the ends of the lines, which
/// tools like to change.
#[derive(Clone, Copy, Default)]
pub(super) struct Checksum(LabelHash);

impl Checksum {
    pub(super) fn line(&mut self, line: &str) {
        self.0.bytes(line.trim().as_bytes());
        self.0.bytes(b"\n");
    }
}

impl std::fmt::Display for Checksum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0.finish())
    }
}
