//! A global name as the address of a process.
//!
//! # Semantics
//! REG-28 to REG-31.

use std::fmt;

use super::names::{Global, NameRefused};
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::otp::Address;
use crate::otp::registry::RegistryKey;
use crate::process::me;

/// A global name, where a process can be started and found. Made by [`Global::address`].
#[derive(Clone)]
pub struct GlobalName<K: RegistryKey = Name> {
    names: Global<K>,
    name: K,
}

impl<K: RegistryKey> Global<K> {
    /// The address that a name is, for starting a process there and for calling it.
    ///
    /// ```
    /// # use beamline::prelude::*;
    /// # use beamline::{Global, IntoAddress};
    /// # beamline::Runtime::new().workers(1).run(async {
    /// let names = Global::<Name>::start_link().await?;
    /// let counter = Agent::start_link(|| 7).address(names.address("counter")).await?;
    /// assert_eq!(names.whereis_name(&"counter".into()).await, Some(counter.pid()));
    /// # Ok::<(), ExitReason>(())
    /// # });
    /// ```
    #[doc(alias = "{:global, name}")]
    pub fn address(&self, name: impl Into<K>) -> GlobalName<K> {
        GlobalName {
            names: self.clone(),
            name: name.into(),
        }
    }
}

impl<K: RegistryKey> Address for GlobalName<K> {
    async fn find(&self) -> Option<Pid> {
        self.names.whereis_name(&self.name).await
    }

    async fn claim(&self) -> Result<(), Option<Pid>> {
        let claimed = self.names.register_name(self.name.clone(), me()).await;
        claimed.map_err(|refused| match refused {
            NameRefused::Taken { by } => Some(by),
            NameRefused::HasName { .. } => None,
        })
    }

    async fn free(&self) {
        self.names.unregister_name(&self.name).await;
    }
}

impl<K: RegistryKey> fmt::Display for GlobalName<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names.table.address(&self.name))
    }
}

impl<K: RegistryKey> fmt::Debug for GlobalName<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
