//! The settings of applications at run time.
//!
//! # Semantics
//! APP-3 to APP-7, APP-10. A table that any process reads and writes directly; each operation is
//! one step, and sees the writes that are over.

use std::any::type_name;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::config::{Config, ConfigChange, Key, Setting, Value, Values};
use super::error::SettingError;
use super::spec::ApplicationSpec;
use crate::kernel::name::Name;
use crate::process::at_table;

/// What all applications of a controller have for settings.
#[derive(Debug, Default)]
pub(super) struct Settings {
    layers: RwLock<Layers>,
}

#[derive(Debug, Default)]
struct Layers {
    /// What is read.
    current: BTreeMap<Name, Values>,
    /// What was put so that it outlives the application's being unloaded.
    persistent: BTreeMap<Name, Values>,
    /// What the release was configured with.
    configured: Config,
}

impl Layers {
    /// The settings that an application begins with.
    fn initial(&self, spec: &ApplicationSpec) -> Result<Values, SettingError> {
        let mut settings = spec.settings(self.configured.values.get(&spec.name))?;
        let persistent = self.persistent.get(&spec.name).into_iter().flatten();
        settings.extend(persistent.map(|(key, value)| (*key, value.clone())));
        Ok(settings)
    }
}

impl Settings {
    pub(super) fn new(configured: Config) -> Self {
        let layers = Layers {
            configured,
            ..Layers::default()
        };
        Settings {
            layers: RwLock::new(layers),
        }
    }

    fn read<R>(&self, look: impl FnOnce(&Layers) -> R) -> R {
        look(&self.layers.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<R>(&self, change: impl FnOnce(&mut Layers) -> R) -> R {
        change(&mut self.layers.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets what a specification says, over what was put before (APP-4).
    pub(super) fn load(&self, spec: &ApplicationSpec) -> Result<(), SettingError> {
        self.write(|layers| {
            let settings = layers.initial(spec)?;
            let current = layers.current.entry(spec.name.clone()).or_default();
            current.extend(settings);
            Ok(())
        })
    }

    /// Forgets the settings of an application (APP-7).
    pub(super) fn unload(&self, application: &Name) {
        let gone = self.write(|layers| layers.current.remove(application));
        drop(gone);
    }

    /// Whether all that an application requires is set.
    pub(super) fn check(&self, spec: &ApplicationSpec) -> Result<(), SettingError> {
        let none = Values::new();
        self.read(|layers| spec.check(layers.current.get(&spec.name).unwrap_or(&none)))
    }

    /// Makes another configuration the one that counts; what that changes, in the order of `specs`.
    /// Values that were put, and not persistently, are gone (APP-40).
    pub(super) fn configure<'a>(
        &self,
        config: Config,
        specs: impl Iterator<Item = &'a ApplicationSpec>,
    ) -> Result<Vec<ConfigChange>, SettingError> {
        self.write(|layers| {
            let before = std::mem::replace(&mut layers.configured, config);
            let settings: Result<Vec<_>, _> = specs
                .map(|spec| Ok((&spec.name, layers.initial(spec)?)))
                .collect();
            let settings = match settings {
                Ok(settings) => settings,
                Err(error) => {
                    layers.configured = before;
                    return Err(error);
                }
            };
            let change = |(name, new): (&Name, Values)| {
                let old = layers.current.insert(name.clone(), new.clone());
                ConfigChange::between(&old.unwrap_or_default(), &new)
            };
            Ok(settings.into_iter().map(change).collect())
        })
    }
}

/// The settings of one application.
#[doc(alias = "Application environment")]
#[derive(Debug, Clone)]
pub struct Environment {
    settings: Arc<Settings>,
    application: Name,
}

impl Environment {
    pub(super) fn new(settings: Arc<Settings>, application: Name) -> Self {
        Environment {
            settings,
            application,
        }
    }

    /// Whose settings these are.
    pub fn application(&self) -> &Name {
        &self.application
    }

    async fn point(&self, op: &'static str, write: bool) {
        at_table(op, &self.application, write).await;
    }

    fn find(&self, key: &'static str) -> Option<Value> {
        let find = |layers: &Layers| {
            let own = layers.current.get(&self.application)?;
            own.get(key).cloned()
        };
        self.settings.read(find)
    }

    fn wrong<T>(&self, key: &Key<T>, found: &'static str) -> SettingError {
        SettingError::WrongType {
            application: self.application.clone(),
            key: key.name(),
            expected: type_name::<T>(),
            found,
        }
    }

    /// A setting, if it has a value (APP-3).
    ///
    /// # Panics
    /// If its value is of another type.
    #[doc(alias = "get_env")]
    pub async fn get<T: Setting>(&self, key: &Key<T>) -> Option<T> {
        match self.fetch(key).await {
            Ok(value) => Some(value),
            Err(SettingError::NotSet { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// A setting, or `default` if it has no value.
    ///
    /// # Panics
    /// As [`get`](Self::get).
    pub async fn get_or<T: Setting>(&self, key: &Key<T>, default: T) -> T {
        self.get(key).await.unwrap_or(default)
    }

    /// A setting that must have a value (APP-3).
    ///
    /// # Errors
    /// If it has none, or one of another type.
    #[doc(alias = "fetch_env!")]
    pub async fn fetch<T: Setting>(&self, key: &Key<T>) -> Result<T, SettingError> {
        self.point("reads a setting", false).await;
        let Some(value) = self.find(key.name()) else {
            return Err(SettingError::NotSet {
                application: self.application.clone(),
                key: key.name(),
                expected: type_name::<T>(),
            });
        };
        value.get().ok_or_else(|| self.wrong(key, value.of))
    }

    /// All settings in words.
    #[doc(alias = "get_all_env")]
    pub async fn all(&self) -> Vec<(&'static str, String)> {
        self.point("reads all settings", false).await;
        self.settings.read(|layers| {
            let own = layers.current.get(&self.application).into_iter().flatten();
            own.map(|(key, value)| (*key, format!("{value:?}")))
                .collect()
        })
    }

    /// Sets a value, whether the application is loaded or not. Loading it afterwards sets what its
    /// specification says (APP-4).
    ///
    /// # Errors
    /// If there is a value of another type.
    #[doc(alias = "put_env")]
    pub async fn put<T: Setting>(&self, key: &Key<T>, value: T) -> Result<(), SettingError> {
        self.set(key, Value::new(value), false).await
    }

    /// As [`put`](Self::put), and loading does not set it back (APP-4).
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn put_persistent<T: Setting>(
        &self,
        key: &Key<T>,
        value: T,
    ) -> Result<(), SettingError> {
        self.set(key, Value::new(value), true).await
    }

    async fn set<T>(
        &self,
        key: &Key<T>,
        value: Value,
        persistent: bool,
    ) -> Result<(), SettingError> {
        self.point("changes a setting", true).await;
        let before = self.settings.write(|layers| {
            let own = layers.current.entry(self.application.clone()).or_default();
            if let Some(found) = own.get(key.name()).filter(|found| found.of != value.of) {
                return Err(found.of);
            }
            if persistent {
                let kept = layers.persistent.entry(self.application.clone());
                kept.or_default().insert(key.name(), value.clone());
            }
            Ok(own.insert(key.name(), value))
        });
        // The old value is dropped outside the lock: that may run the user's code.
        before.map(drop).map_err(|found| self.wrong(key, found))
    }

    /// Removes a value; loading the application sets what its specification says (APP-5).
    #[doc(alias = "delete_env")]
    pub async fn delete<T: Setting>(&self, key: &Key<T>) {
        self.remove(key.name(), false).await;
    }

    /// As [`delete`](Self::delete), with what was put persistently (APP-5).
    pub async fn delete_persistent<T: Setting>(&self, key: &Key<T>) {
        self.remove(key.name(), true).await;
    }

    async fn remove(&self, key: &'static str, persistent: bool) {
        self.point("removes a setting", true).await;
        let gone = self.settings.write(|layers| {
            let own = |values: &mut BTreeMap<Name, Values>| {
                values.get_mut(&self.application)?.remove(key)
            };
            let kept = persistent.then(|| own(&mut layers.persistent));
            (own(&mut layers.current), kept)
        });
        drop(gone);
    }
}
