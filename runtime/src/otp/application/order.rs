//! In which order applications are started.
//!
//! # Semantics
//! APP-20, APP-22: what an application needs comes before it, depth first, as listed.

use std::collections::BTreeMap;

use super::error::ApplicationError;
use super::spec::ApplicationSpec;
use crate::kernel::name::Name;

/// What these applications need and they themselves, each once, in the order of starting.
///
/// # Errors
/// If one is not loaded, or if they need each other in a circle.
pub(super) fn starting(
    wanted: &[Name],
    loaded: &BTreeMap<Name, ApplicationSpec>,
) -> Result<Vec<Name>, ApplicationError> {
    let mut walk = Walk {
        loaded,
        path: Vec::new(),
        order: Vec::new(),
    };
    for name in wanted {
        walk.visit(name)?;
    }
    Ok(walk.order)
}

struct Walk<'a> {
    loaded: &'a BTreeMap<Name, ApplicationSpec>,
    /// From an application that is wanted to the one that is looked at.
    path: Vec<Name>,
    order: Vec<Name>,
}

impl Walk<'_> {
    fn visit(&mut self, name: &Name) -> Result<(), ApplicationError> {
        if self.order.contains(name) {
            return Ok(());
        }
        if let Some(at) = self.path.iter().position(|above| above == name) {
            let mut circle = self.path.split_off(at);
            circle.push(name.clone());
            return Err(ApplicationError::Circle(circle));
        }
        let Some(spec) = self.loaded.get(name) else {
            return Err(ApplicationError::NotLoaded(name.clone()));
        };
        self.path.push(name.clone());
        for needed in needs(spec, |name| self.loaded.contains_key(name)) {
            self.visit(needed)?;
        }
        self.path.pop();
        self.order.push(name.clone());
        Ok(())
    }
}

/// What comes before an application where several are started: those that it can do without only if
/// they are loaded.
pub(super) fn needs<'a>(
    spec: &'a ApplicationSpec,
    is_loaded: impl Fn(&Name) -> bool + 'a,
) -> impl Iterator<Item = &'a Name> {
    let all = spec.get_dependencies().iter();
    all.filter(move |name| !is_optional(spec, name) || is_loaded(name))
}

/// What must run for an application to be started (APP-13).
pub(super) fn must_run(spec: &ApplicationSpec) -> impl Iterator<Item = &Name> {
    let all = spec.get_dependencies().iter();
    all.filter(|name| !is_optional(spec, name))
}

fn is_optional(spec: &ApplicationSpec, name: &Name) -> bool {
    spec.get_optional_dependencies().contains(name)
}
