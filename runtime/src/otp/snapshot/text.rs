//! A snapshot in words: a line a process, each below the one that started it.

use std::fmt;

use super::view::{Answer, ChildView, ProcessView, Snapshot};
use crate::kernel::info::{Monitored, Status};
use crate::otp::supervisor::{ChildState, Supervision};

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "after {:?}", self.time)?;
        self.root.write(f, 0)
    }
}

impl ProcessView {
    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        writeln!(f, "{:indent$}{self}", "", indent = 2 * depth)?;
        for child in &self.children {
            match &child.process {
                Some(process) => process.write(f, depth + 1)?,
                None => writeln!(f, "{:indent$}{child}", "", indent = 2 * (depth + 1))?,
            }
        }
        self.others
            .iter()
            .try_for_each(|other| other.write(f, depth + 1))
    }
}

impl fmt::Display for ProcessView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = &self.info;
        write!(f, "{}", self.called())?;
        if info.name.is_some() || info.label.is_some() {
            if let Some(runs) = self.runs() {
                write!(f, " ({runs})")?;
            }
            write!(f, " {}", info.pid)?;
        }
        if let Some(supervision) = &self.supervision {
            write!(f, ": {supervision}")?;
        }
        match &self.answer {
            Answer::Late => f.write_str(", does not answer")?,
            Answer::Status {
                suspended: true, ..
            } => f.write_str(", suspended")?,
            _ if info.status == Status::Suspended => f.write_str(", suspended")?,
            _ => {}
        }
        if let Answer::Status {
            state: Some(state), ..
        } = &self.answer
        {
            write!(f, ", state {state}")?;
        }
        if info.message_queue_len > 0 {
            write!(f, ", {} messages", info.message_queue_len)?;
        }
        for call in &info.calls {
            let limit = if call.without_limit {
                " without limit"
            } else {
                ""
            };
            write!(f, ", waits{limit} for {}", call.to)?;
        }
        if !info.links.is_empty() {
            write!(f, ", linked to ")?;
            list(f, &info.links)?;
        }
        if !info.monitors.is_empty() {
            write!(f, ", monitors ")?;
            list(f, &info.monitors)?;
        }
        Ok(())
    }
}

fn list(f: &mut fmt::Formatter<'_>, items: &[impl fmt::Display]) -> fmt::Result {
    for (place, item) in items.iter().enumerate() {
        let comma = if place > 0 { ", " } else { "" };
        write!(f, "{comma}{item}")?;
    }
    Ok(())
}

impl fmt::Display for Monitored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Monitored::Pid(pid) => pid.fmt(f),
            Monitored::Name(name) => name.fmt(f),
        }
    }
}

impl fmt::Display for Supervision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.dynamic { "dynamic" } else { "static" };
        write!(
            f,
            "{kind}, {:?}, {} of {} restarts within {:?} left",
            self.strategy, self.restarts_left, self.max_restarts, self.within
        )
    }
}

/// A child that does not run.
impl fmt::Display for ChildView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.spec.id {
            Some(id) => write!(f, "{id}: ")?,
            None => f.write_str("child: ")?,
        }
        match self.spec.child {
            ChildState::Stopped => f.write_str("stopped"),
            ChildState::Restarting(_) => f.write_str("being restarted"),
            ChildState::Running(pid) => write!(f, "has ended ({pid})"),
        }
    }
}
