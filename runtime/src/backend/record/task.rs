//! What tasks do.
#![expect(
    missing_docs,
    reason = "the names of the fields say what the documentation of each would"
)]

use crate::kernel::pid::{Pid, Ref};

/// A step in the life of a task.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Tasking {
    /// It was started for its owner, who will be told under this reference.
    Begun {
        task: Pid,
        reference: Ref,
        linked: bool,
    },
}
