//! Settings: values by application and key.
//!
//! # Semantics
//! APP-3, APP-6, APP-8, APP-9, APP-40.

use std::any::type_name;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use super::error::SettingError;
use crate::kernel::name::Name;
use crate::kernel::reason::Reason;
use crate::kernel::term::Term;

/// What can be a setting.
pub trait Setting: Term + Clone + PartialEq + Sync {}
impl<T: Term + Clone + PartialEq + Sync> Setting for T {}

/// The key of a setting, and the type of its value.
///
/// ```
/// # use beamline::application::Key;
/// const POOL_SIZE: Key<usize> = Key::new("pool_size");
/// ```
pub struct Key<T> {
    name: &'static str,
    of: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    /// The key of this name.
    pub const fn new(name: &'static str) -> Self {
        let of = PhantomData;
        Key { name, of }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, type_name::<T>())
    }
}

/// A value and the name of its type.
#[derive(Clone, PartialEq)]
pub(super) struct Value {
    value: Reason,
    pub(super) of: &'static str,
}

impl Value {
    pub(super) fn new<T: Setting>(value: T) -> Self {
        Value {
            value: Reason::new(value),
            of: type_name::<T>(),
        }
    }

    pub(super) fn get<T: Setting>(&self) -> Option<T> {
        self.value.downcast_ref::<T>().cloned()
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

pub(super) type Values = BTreeMap<&'static str, Value>;

/// Settings of any number of applications, to be laid over the defaults of their specifications.
///
/// ```
/// # use beamline::application::{Config, Key, SettingError};
/// const POOL_SIZE: Key<usize> = Key::new("pool_size");
/// const HOST: Key<String> = Key::new("host");
///
/// let config = Config::new()
///     .set("shop", &HOST, "localhost".to_string())
///     .parse("shop", &POOL_SIZE, Some("20"))?;
/// # Ok::<(), SettingError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Config {
    pub(super) values: BTreeMap<Name, Values>,
}

impl Config {
    /// No settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one.
    ///
    /// # Panics
    /// If it is set already (APP-6): what is to replace earlier settings is a configuration of its
    /// own, [`merge`](Self::merge)d over them.
    #[track_caller]
    pub fn set<T: Setting>(mut self, application: impl Into<Name>, key: &Key<T>, value: T) -> Self {
        let application = application.into();
        let values = self.values.entry(application.clone()).or_default();
        let before = values.insert(key.name(), Value::new(value));
        assert!(
            before.is_none(),
            "setting {:?} of application {application} is set twice in one configuration",
            key.name()
        );
        self
    }

    /// Sets one from text, such as the value of an environment variable; from nothing, it leaves
    /// the setting as it is.
    ///
    /// # Errors
    /// If the text is no `T`.
    ///
    /// # Panics
    /// As [`set`](Self::set).
    #[track_caller]
    pub fn parse<T>(
        self,
        application: impl Into<Name>,
        key: &Key<T>,
        text: Option<&str>,
    ) -> Result<Self, SettingError>
    where
        T: Setting + FromStr<Err: fmt::Display>,
    {
        let Some(text) = text else {
            return Ok(self);
        };
        let application = application.into();
        match text.parse() {
            Ok(value) => Ok(self.set(application, key, value)),
            Err(error) => Err(SettingError::Unreadable {
                application,
                key: key.name(),
                expected: type_name::<T>(),
                text: text.to_string(),
                error: error.to_string(),
            }),
        }
    }

    /// These settings, and where they say nothing, the earlier ones.
    pub fn merge(mut self, later: Config) -> Self {
        for (application, values) in later.values {
            self.values.entry(application).or_default().extend(values);
        }
        self
    }
}

/// Which settings of an application are other than before, by name (APP-40).
#[doc(alias = "config_change")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigChange {
    /// Those that have another value.
    pub changed: Vec<&'static str>,
    /// Those that were not set.
    pub new: Vec<&'static str>,
    /// Those that are not set any more.
    pub removed: Vec<&'static str>,
}

impl ConfigChange {
    pub(super) fn between(old: &Values, new: &Values) -> Self {
        let mut change = ConfigChange::default();
        for (key, value) in new {
            match old.get(key) {
                None => change.new.push(key),
                Some(before) if before != value => change.changed.push(key),
                Some(_) => {}
            }
        }
        let gone = old.keys().filter(|key| !new.contains_key(*key));
        change.removed.extend(gone);
        change
    }

    /// Whether nothing is other than before.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.new.is_empty() && self.removed.is_empty()
    }
}
