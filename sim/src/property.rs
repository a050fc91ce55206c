//! Properties: what a program expects of itself, checked as it runs.
//!
//! Each has an id that names it in verdicts, reports and files. In a simulated run a broken one is
//! the run's verdict; on threads it goes to whoever observes the system, and panics if nobody does.

use beamline::backend::context;
pub use beamline::backend::{Property, PropertyKind};

/// Looks at a property; what the macros expand to.
#[doc(hidden)]
#[track_caller]
pub fn look(kind: PropertyKind, id: &str, held: bool, detail: Option<String>) {
    let location = std::panic::Location::caller();
    let property = Property {
        kind,
        id,
        held,
        detail,
        location,
    };
    context::current().backend().property(property);
}

/// The condition must hold whenever this is reached: `always!("id", condition)`, with an optional
/// message and its arguments.
#[macro_export]
macro_rules! always {
    ($id:expr, $condition:expr $(,)?) => {
        $crate::always!($id, $condition, "{} does not hold", stringify!($condition))
    };
    ($id:expr, $condition:expr, $($message:tt)+) => {{
        let __held: bool = $condition;
        let __detail = if __held { None } else { Some(format!($($message)+)) };
        $crate::property::look($crate::property::PropertyKind::Always, $id, __held, __detail)
    }};
}

/// The condition must hold at least once in a campaign: `sometimes!("id", condition)`. It shows
/// that a test reaches what it is about; a campaign that never sees it is weak, not failed.
#[macro_export]
macro_rules! sometimes {
    ($id:expr, $condition:expr $(,)?) => {
        $crate::property::look(
            $crate::property::PropertyKind::Sometimes,
            $id,
            $condition,
            None,
        )
    };
}

/// This must be reached at least once in a campaign.
#[macro_export]
macro_rules! reachable {
    ($id:expr $(,)?) => {
        $crate::property::look($crate::property::PropertyKind::Reachable, $id, true, None)
    };
}

/// This must never be reached: `unreachable!("id")`, with an optional message.
#[macro_export]
macro_rules! unreachable {
    ($id:expr $(,)?) => {
        $crate::unreachable!($id, "it was reached")
    };
    ($id:expr, $($message:tt)+) => {
        $crate::property::look(
            $crate::property::PropertyKind::Unreachable,
            $id,
            false,
            Some(format!($($message)+)),
        )
    };
}

/// The condition must hold at the last look of every run that looks: `eventually!("id",
/// condition)`. For what may take its time but must be so in the end.
#[macro_export]
macro_rules! eventually {
    ($id:expr, $condition:expr $(,)?) => {
        $crate::eventually!($id, $condition, "{} does not hold in the end", stringify!($condition))
    };
    ($id:expr, $condition:expr, $($message:tt)+) => {{
        let __held: bool = $condition;
        let __detail = if __held { None } else { Some(format!($($message)+)) };
        $crate::property::look($crate::property::PropertyKind::Eventually, $id, __held, __detail)
    }};
}

/// Records the outcome of the run as the program sees it, for litmus tests: exhaustive search
/// collects all that occur. Several are joined in the order they were given.
pub fn outcome(text: impl Into<String>) {
    context::current().backend().outcome(text.into());
}

/// Puts a note into the trace and the story. Costs nothing while no trace is kept.
pub fn note(text: impl AsRef<str>) {
    let cx = context::current();
    if cx.observes.get() {
        let record = beamline::backend::record::Record::Note {
            pid: cx.running(),
            text: text.as_ref(),
        };
        cx.backend().observe(&record);
    }
}
