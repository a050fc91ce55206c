//! Names of processes, and the table that holds the local ones.
//!
//! # Semantics
//! REG-1 to REG-12. A process has at most one name and a name at most one process (REG-5). The
//! table is shared, so everything that reads or changes it is a choice point (contract C3).
//!
//! # Invariants
//! - NAM1: a slot's `NAMED` flag is set whenever the table holds a name for its process.
//! - NAM2: a process that has begun to close never gains a name: registering sets `NAMED` before
//!   it looks at `CLOSING`, dying sets `CLOSING` before it looks at `NAMED`.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::pid::Pid;

/// The name of a process: text that is cheap to clone.
///
/// Differs from OTP: names are text, not atoms, so they need no table of their own and any text
/// is a name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Name(text.into())
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Name(text.into())
    }
}

impl From<&Name> for Name {
    fn from(name: &Name) -> Self {
        name.clone()
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// Why a name could not be registered (REG-2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// The name belongs to another process, or to this one already.
    #[error("the name {name:?} is taken by {by}")]
    Taken {
        /// The name asked for.
        name: Name,
        /// Its owner.
        by: Pid,
    },
    /// The process has a name already.
    #[error("the process {pid} is already named {name:?}")]
    HasName {
        /// The process.
        pid: Pid,
        /// The name it has.
        name: Name,
    },
    /// The process does not exist or is dying.
    #[error("cannot name {pid}: there is no such process")]
    NoProc {
        /// The process.
        pid: Pid,
    },
}

/// Nobody is registered under the name (SIG-14, REG-7).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no process is registered as {name:?}")]
pub struct NotRegistered {
    /// The name asked for.
    pub name: Name,
}

/// The local names of one system.
#[derive(Debug, Default)]
pub(crate) struct Names {
    tables: RwLock<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    by_name: BTreeMap<Name, Pid>,
    by_pid: BTreeMap<Pid, Name>,
}

impl Names {
    /// Binds `name` to `pid` if `admit` agrees, which is asked under the table's lock (NAM2).
    pub(crate) fn register(
        &self,
        name: Name,
        pid: Pid,
        admit: impl FnOnce() -> bool,
    ) -> Result<(), RegisterError> {
        let mut tables = self.write();
        if let Some(&by) = tables.by_name.get(&name) {
            return Err(RegisterError::Taken { name, by });
        }
        if let Some(name) = tables.by_pid.get(&pid) {
            return Err(RegisterError::HasName {
                pid,
                name: name.clone(),
            });
        }
        if !admit() {
            return Err(RegisterError::NoProc { pid });
        }
        tables.by_pid.insert(pid, name.clone());
        tables.by_name.insert(name, pid);
        Ok(())
    }

    /// Frees a name and says whose it was.
    pub(crate) fn unregister(&self, name: &str) -> Option<Pid> {
        let mut tables = self.write();
        let pid = tables.by_name.remove(name)?;
        tables.by_pid.remove(&pid);
        Some(pid)
    }

    /// Frees the name of a dying process.
    pub(crate) fn release(&self, pid: Pid) -> Option<Name> {
        let mut tables = self.write();
        let name = tables.by_pid.remove(&pid)?;
        tables.by_name.remove(&name);
        Some(name)
    }

    pub(crate) fn whereis(&self, name: &str) -> Option<Pid> {
        self.read().by_name.get(name).copied()
    }

    pub(crate) fn name_of(&self, pid: Pid) -> Option<Name> {
        self.read().by_pid.get(&pid).cloned()
    }

    /// All names, in the order of their text.
    pub(crate) fn registered(&self) -> Vec<Name> {
        self.read().by_name.keys().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        *self.write() = Tables::default();
    }

    // A panic under the lock can only be an allocation failure; the tables stay usable.
    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Tables> {
        self.tables.write().unwrap_or_else(PoisonError::into_inner)
    }
}
