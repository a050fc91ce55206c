//! Taking the fields of a line one by one, each with an error that says what was expected.

use serde_json::{Map, Value};

use super::ReadError;

/// Something in a file that was kept but not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The number of the line, from 1.
    pub line: usize,
    /// What about it.
    pub text: String,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.text)
    }
}

/// The fields of the object on one line that were not taken yet.
pub(super) struct Fields {
    line: usize,
    /// `faults.` for the fields of an object within the object.
    within: &'static str,
    map: Map<String, Value>,
}

impl Fields {
    /// The object on a line.
    pub(super) fn parse(line: usize, text: &str) -> Result<Fields, ReadError> {
        let value = serde_json::from_str(text).map_err(|error| {
            let column = error.column();
            if error.is_eof() {
                let problem = format!("not JSON: the line ends too soon, after column {column}");
                return ReadError::at(line, problem);
            }
            // The error's own text ends with its place, whose line is always 1 here.
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            ReadError::at(line, format!("not JSON: {message} at column {column}"))
        })?;
        match value {
            Value::Object(map) => Ok(Fields {
                line,
                within: "",
                map,
            }),
            other => Err(ReadError::at(
                line,
                format!("expected an object, got {}", describe(&other)),
            )),
        }
    }

    /// The object in a field; empty where the field is missing.
    pub(super) fn object(&mut self, name: &'static str) -> Result<Fields, ReadError> {
        let map = match self.map.remove(name) {
            None => Map::new(),
            Some(Value::Object(map)) => map,
            Some(other) => return Err(self.wrong(name, "an object", &other)),
        };
        Ok(Fields {
            line: self.line,
            within: name,
            map,
        })
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, name: &str, expected: &str) -> Result<String, ReadError> {
        self.optional_text(name, expected)?
            .ok_or_else(|| self.missing(name, expected))
    }

    /// A text that may be missing or null.
    pub(super) fn optional_text(
        &mut self,
        name: &str,
        expected: &str,
    ) -> Result<Option<String>, ReadError> {
        match self.map.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(name, expected, &other)),
        }
    }

    /// A text that stands for something.
    pub(super) fn parsed<T, E: std::fmt::Display>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, ReadError> {
        let text = self.text(name, expected)?;
        parse(&text).map_err(|error| self.problem(name, error))
    }

    /// A number that must be there, in a range that `expected` describes.
    pub(super) fn number(
        &mut self,
        name: &str,
        range: std::ops::RangeInclusive<u64>,
        expected: impl std::fmt::Display,
    ) -> Result<u64, ReadError> {
        let value = self.map.remove(name).unwrap_or(Value::Null);
        match value.as_u64().filter(|number| range.contains(number)) {
            Some(number) => Ok(number),
            None if value.is_null() => Err(self.missing(name, expected)),
            None => Err(self.wrong(name, expected, &value)),
        }
    }

    /// A number that may be missing and is then 0.
    pub(super) fn number_or_zero(&mut self, name: &str) -> Result<u64, ReadError> {
        match self.map.contains_key(name) {
            true => self.number(name, 0..=u64::MAX, "a whole number"),
            false => Ok(0),
        }
    }

    /// A list of texts, empty where it is missing.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, ReadError> {
        let expected = "a list of texts";
        let list = match self.map.remove(name) {
            None => Vec::new(),
            Some(Value::Array(list)) => list,
            Some(other) => return Err(self.wrong(name, expected, &other)),
        };
        let text = |value| match value {
            Value::String(text) => Ok(text),
            other => Err(self.wrong(name, expected, &other)),
        };
        list.into_iter().map(text).collect()
    }

    /// The names of the fields left.
    pub(super) fn names(&self) -> Vec<String> {
        self.map.keys().cloned().collect()
    }

    /// The fields left, each with a warning.
    pub(super) fn rest(self, warnings: &mut Vec<Warning>) -> Map<String, Value> {
        warnings.extend(self.map.keys().map(|name| Warning {
            line: self.line,
            text: format!("unknown field `{name}`, kept but not used"),
        }));
        self.map
    }

    /// An error about a field.
    pub(super) fn problem(&self, name: &str, problem: impl std::fmt::Display) -> ReadError {
        let dot = if self.within.is_empty() { "" } else { "." };
        ReadError::at(
            self.line,
            format!("field `{}{dot}{name}`: {problem}", self.within),
        )
    }

    fn missing(&self, name: &str, expected: impl std::fmt::Display) -> ReadError {
        self.problem(name, format_args!("missing; expected {expected}"))
    }

    fn wrong(&self, name: &str, expected: impl std::fmt::Display, got: &Value) -> ReadError {
        self.problem(
            name,
            format_args!("expected {expected}, got {}", describe(got)),
        )
    }
}

/// A value for a message: short ones as they are.
fn describe(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) => format!("the text `{}`", shorten(text)),
        other => other.to_string(),
    }
}

/// At most the first forty characters.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
