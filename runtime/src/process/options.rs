//! Options of spawning.

use crate::kernel::birth::Birth;
use crate::kernel::info::Priority;
use crate::kernel::monitors::MonitorOptions;

/// How to spawn (P-8). Everything is off unless asked for.
#[derive(Debug, Default)]
pub struct SpawnOptions(pub(super) Birth);

impl SpawnOptions {
    /// Whether the process is given a label of its own.
    pub(crate) fn has_label(&self) -> bool {
        self.0.label.is_some()
    }

    /// A plain spawn.
    pub fn new() -> Self {
        Self::default()
    }

    /// Links the new process to the caller, in one step with its creation (P-6).
    pub fn link(mut self) -> Self {
        self.0.link = true;
        self
    }

    /// Monitors the new process, in one step with its creation (P-7).
    pub fn monitor(self) -> Self {
        self.monitor_with(MonitorOptions::new())
    }

    /// As [`monitor`](Self::monitor), with options.
    pub fn monitor_with(mut self, options: MonitorOptions) -> Self {
        self.0.monitor = Some(options);
        self
    }

    /// The priority that the new process begins with (P-10).
    pub fn priority(mut self, priority: Priority) -> Self {
        self.0.priority = priority;
        self
    }

    /// A label, as if the new process had called [`set_label`](crate::set_label) first thing.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.0.label = Some(label.into());
        self
    }
}
