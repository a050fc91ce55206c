//! What is to be known of an application before it runs.
//!
//! # Semantics
//! APP-1, APP-8, APP-9, APP-13, APP-19, APP-22, APP-26, APP-45.

use std::any::type_name;

use super::config::{Key, Setting, Value, Values};
use super::error::SettingError;
use crate::kernel::name::Name;

/// The specification of an application: its name, what it needs, its settings.
#[doc(alias = "application resource file", alias = "Application.spec")]
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct ApplicationSpec {
    pub(super) name: Name,
    description: String,
    version: String,
    dependencies: Vec<Name>,
    optional: Vec<Name>,
    pub(super) defaults: Values,
    compiled: Values,
    required: Vec<(&'static str, &'static str)>,
    pub(super) phases: Vec<Name>,
}

impl ApplicationSpec {
    /// An application of this name that needs nothing.
    pub fn new(name: impl Into<Name>) -> Self {
        ApplicationSpec {
            name: name.into(),
            description: String::new(),
            version: String::new(),
            dependencies: Vec::new(),
            optional: Vec::new(),
            defaults: Values::new(),
            compiled: Values::new(),
            required: Vec::new(),
            phases: Vec::new(),
        }
    }

    /// A line about it.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Its version, such as `env!("CARGO_PKG_VERSION")`.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// It starts only while that one runs (APP-13).
    pub fn depends_on(mut self, application: impl Into<Name>) -> Self {
        self.dependencies.push(application.into());
        self
    }

    /// Starts after that one where several are started together, if the release has it; it may be
    /// started by itself without (APP-22).
    #[doc(alias = "optional_applications")]
    pub fn depends_on_if_present(mut self, application: impl Into<Name>) -> Self {
        let application = application.into();
        self.optional.push(application.clone());
        self.dependencies.push(application);
        self
    }

    /// The value of a setting unless it is configured.
    pub fn default<T: Setting>(mut self, key: &Key<T>, value: T) -> Self {
        self.defaults.insert(key.name(), Value::new(value));
        self
    }

    /// A setting without a default: the application does not start before it has a value.
    pub fn required<T: Setting>(mut self, key: &Key<T>) -> Self {
        self.required.push((key.name(), type_name::<T>()));
        self
    }

    /// A setting that is fixed when the program is built, since code depends on it. A
    /// configuration that says something else is an error when the release starts (APP-9).
    #[doc(alias = "compile_env")]
    pub fn compiled<T: Setting>(mut self, key: &Key<T>, value: T) -> Self {
        self.compiled.insert(key.name(), Value::new(value));
        self
    }

    /// One more phase of its start, after those given before (APP-26).
    #[doc(alias = "start_phases")]
    pub fn phase(mut self, phase: impl Into<Name>) -> Self {
        self.phases.push(phase.into());
        self
    }

    /// Its name.
    pub fn get_name(&self) -> &Name {
        &self.name
    }

    /// A line about it.
    pub fn get_description(&self) -> &str {
        &self.description
    }

    /// Its version.
    pub fn get_version(&self) -> &str {
        &self.version
    }

    /// What starts before it, in this order; the optional ones are among it.
    pub fn get_dependencies(&self) -> &[Name] {
        &self.dependencies
    }

    /// Which of its dependencies it can do without.
    pub fn get_optional_dependencies(&self) -> &[Name] {
        &self.optional
    }

    /// The phases of its start.
    pub fn get_phases(&self) -> &[Name] {
        &self.phases
    }

    /// The settings that it begins with: its defaults, and over them what is configured.
    ///
    /// # Errors
    /// If the configuration contradicts what was compiled in, or is of another type.
    pub(super) fn settings(&self, configured: Option<&Values>) -> Result<Values, SettingError> {
        let mut settings = self.defaults.clone();
        for (key, value) in configured.into_iter().flatten() {
            let known = [&self.defaults, &self.compiled].map(|values| values.get(key));
            let types = known.into_iter().flatten().map(|value| value.of);
            let required = (self.required.iter()).filter(|(name, _)| name == key);
            for expected in types.chain(required.map(|(_, of)| *of)) {
                if expected != value.of {
                    return Err(SettingError::WrongType {
                        application: self.name.clone(),
                        key,
                        expected,
                        found: value.of,
                    });
                }
            }
            settings.insert(key, value.clone());
        }
        for (key, compiled) in &self.compiled {
            let value = settings.entry(key).or_insert_with(|| compiled.clone());
            if value != compiled {
                return Err(SettingError::Compiled {
                    application: self.name.clone(),
                    key,
                    compiled: format!("{compiled:?}"),
                    configured: format!("{value:?}"),
                });
            }
        }
        Ok(settings)
    }

    /// Whether all that it requires is set.
    ///
    /// # Errors
    /// The first that is not.
    pub(super) fn check(&self, settings: &Values) -> Result<(), SettingError> {
        for &(key, expected) in &self.required {
            if !settings.contains_key(key) {
                let application = self.name.clone();
                return Err(SettingError::NotSet {
                    application,
                    key,
                    expected,
                });
            }
        }
        Ok(())
    }
}
