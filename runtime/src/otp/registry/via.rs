//! An entry of a registry as the address of a process.
//!
//! # Semantics
//! RGY-37 to RGY-39, REG-28 to REG-31.

use std::fmt;

use super::handle::{Key, Registry, Value};
use crate::kernel::name::NotRegistered;
use crate::kernel::pid::Pid;
use crate::kernel::term::Term;
use crate::otp::Address;

/// A key of a unique registry, where a process can be started and found. Made by [`via`].
pub struct Via<K, V = ()> {
    registry: Registry<K, V>,
    key: K,
    value: V,
}

/// The address that a key of a unique registry is, for starting a process there and for calling it.
/// A process that is started there registers itself, with the default value unless
/// [`Via::new`] gives another.
///
/// # Panics
/// If the registry is not unique (RGY-38).
#[doc(alias = "{:via, Registry, {registry, key}}")]
#[track_caller]
pub fn via<K: Key, V: Value + Default>(registry: &Registry<K, V>, key: impl Into<K>) -> Via<K, V> {
    Via::new(registry, key, V::default())
}

impl<K: Key, V: Value> Via<K, V> {
    /// As [`via`], with the value that a process started there is registered with.
    ///
    /// # Panics
    /// If the registry is not unique (RGY-38).
    #[track_caller]
    pub fn new(registry: &Registry<K, V>, key: impl Into<K>, value: V) -> Self {
        registry.must_be_unique(":via");
        Via {
            registry: registry.clone(),
            key: key.into(),
            value,
        }
    }
}

impl<K: Clone, V: Clone> Clone for Via<K, V> {
    fn clone(&self) -> Self {
        Via {
            registry: self.registry.clone(),
            key: self.key.clone(),
            value: self.value.clone(),
        }
    }
}

impl<K: fmt::Debug, V> fmt::Debug for Via<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: fmt::Debug, V> fmt::Display for Via<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.registry.shared.address(&self.key))
    }
}

impl<K: Key, V: Value> Address for Via<K, V> {
    async fn find(&self) -> Option<Pid> {
        self.registry.whereis(&self.key).await
    }

    async fn claim(&self) -> Result<(), Option<Pid>> {
        let (key, value) = (self.key.clone(), self.value.clone());
        match self.registry.register(key, value).await {
            Ok(_) => Ok(()),
            Err(taken) => Err(Some(taken.pid)),
        }
    }

    async fn free(&self) {
        self.registry.unregister(&self.key).await;
    }
}

impl<K: Key, V: Value> Registry<K, V> {
    /// Sends to the live process under a key of a unique registry (RGY-39).
    ///
    /// # Errors
    /// If there is none.
    pub async fn send<T: Term>(&self, key: &K, message: T) -> Result<(), NotRegistered> {
        self.must_be_unique("send");
        self.shared.send(key, message).await.map(drop)
    }
}
