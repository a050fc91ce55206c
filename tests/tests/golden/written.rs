//! Outcomes in words, as the recorded programs write them: lists with commas, roles for pids, and
//! reasons and messages alike on both sides.

use beamline::prelude::*;

/// Who has which role.
pub(crate) type Roles<'a> = &'a [(Pid, &'static str)];

/// What can be an outcome, or a part of one.
pub(crate) trait Written {
    fn written(self) -> String;
}

impl Written for String {
    fn written(self) -> String {
        self
    }
}

impl Written for &str {
    fn written(self) -> String {
        self.to_owned()
    }
}

impl Written for bool {
    fn written(self) -> String {
        self.to_string()
    }
}

impl Written for usize {
    fn written(self) -> String {
        self.to_string()
    }
}

impl Written for ExitReason {
    fn written(self) -> String {
        reason(&self)
    }
}

impl Written for Vec<String> {
    fn written(self) -> String {
        if self.is_empty() {
            "nothing".to_owned()
        } else {
            self.join(", ")
        }
    }
}

/// A list of outcomes, to which more may be added.
macro_rules! list {
    ($($item:expr),+ $(,)?) => {
        vec![$(crate::written::Written::written($item)),+]
    };
}
pub(crate) use list;

/// An outcome in front of others.
pub(crate) fn before(first: impl Written, rest: Vec<String>) -> Vec<String> {
    let mut all = list![first];
    all.extend(rest);
    all
}

/// A reason that a program gives.
pub(crate) fn because(why: &'static str) -> ExitReason {
    ExitReason::other(why)
}

/// A reason that tells what a process has seen.
pub(crate) fn telling(seen: String) -> ExitReason {
    ExitReason::other(format!("told {seen}"))
}

/// A reason without places in the source.
pub(crate) fn reason(reason: &ExitReason) -> String {
    let own = reason
        .downcast_ref::<&'static str>()
        .map(|text| (*text).to_owned());
    let own = own.or_else(|| reason.downcast_ref::<String>().cloned());
    match (reason, own) {
        (ExitReason::ShutdownWith(_), Some(text)) => format!("shutdown {text}"),
        (_, Some(text)) => text,
        (ExitReason::Panicked(info), None) => format!("crash {}", info.message),
        (other, None) => other.to_string(),
    }
}

/// A message with roles for pids.
pub(crate) fn show(message: &Message, roles: Roles<'_>) -> String {
    if let Some(exit) = message.peek::<Exit>() {
        format!("exit {} {}", role(exit.from, roles), reason(&exit.reason))
    } else if let Some(down) = message.peek::<Down>() {
        let kind = down.tag.as_ref().map_or("down", Name::as_str);
        let object = match &down.process {
            Monitored::Pid(pid) => role(*pid, roles),
            Monitored::Name(name) => name.as_str(),
        };
        format!("{kind} {object} {}", reason(&down.reason))
    } else if let Some(text) = message.peek::<&'static str>() {
        (*text).to_owned()
    } else if let Some(text) = message.peek::<String>() {
        text.clone()
    } else {
        format!("{message:?}")
    }
}

/// The role of a process.
pub(crate) fn role<'a>(pid: Pid, roles: Roles<'a>) -> &'a str {
    let known = roles.iter().find(|(one, _)| *one == pid);
    known.map_or("somebody", |(_, role)| role)
}
