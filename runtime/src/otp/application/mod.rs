//! Applications: trees of processes that are started and stopped as wholes, with their settings.
//!
//! # Semantics
//! APP-1 to APP-45. A [`Release`] names the applications that belong together. Starting it starts
//! a controller process, through which they are started in the order of their dependencies, and
//! stopped in the reverse order of their starting. Each running application has a process of its
//! own, the parent of its topmost supervisor, in which all its callbacks run.
//!
//! # Differences from OTP
//! - There is no global controller: any number of them can run side by side, each with settings
//!   of its own. What ends "the node" in OTP ends the controller here, with a
//!   [`ApplicationFailure`], and whoever is linked to it.
//! - Settings are typed: a [`Key`] says what its value is.
//! - There are no application files, no included applications, and no group leaders: which
//!   application a process belongs to is told by its ancestors.
//!
//! # When not to use
//! A program of one tree needs no application: start its supervisor in the root process.

mod behaviour;
mod config;
mod controller;
mod environment;
mod error;
mod handle;
mod life;
mod order;
mod release;
mod spec;
mod start_type;

pub use behaviour::{Application, Top};
pub use config::{Config, ConfigChange, Key, Setting};
pub use environment::Environment;
pub use error::{ApplicationError, ApplicationFailure, SettingError};
pub use handle::Applications;
pub use release::Release;
pub use spec::ApplicationSpec;
pub use start_type::{ApplicationReport, StartType};
