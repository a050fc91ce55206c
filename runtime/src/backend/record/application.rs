//! What the controller of a release does with its applications.
#![expect(
    missing_docs,
    reason = "the names of the fields say what the documentation of each would"
)]

/// A step of a controller.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Applying<'a> {
    /// An application is about to start, and needs another one.
    Needs { name: &'a str, needed: &'a str },
    /// It runs.
    Runs { name: &'a str },
    /// It is told to stop, because all are.
    Stops { name: &'a str },
    /// It runs no longer; `asked` if it was told to stop.
    Ended {
        name: &'a str,
        grip: Grip,
        normal: bool,
        asked: bool,
    },
    /// All are stopped from now on.
    Closes,
}

/// Which ends of an application are the end of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grip {
    Any,
    Abnormal,
    None,
}
