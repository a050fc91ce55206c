//! What listeners of a registry hear.

use crate::kernel::name::Name;
use crate::kernel::pid::Pid;

/// A message to a listener: the registering process itself has sent it (RGY-34). Nothing is sent
/// when a process ends; a listener that wants to know monitors it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryEvent<K, V> {
    /// A process has registered itself.
    Registered {
        /// The registry.
        registry: Name,
        /// Under which key.
        key: K,
        /// The process.
        pid: Pid,
        /// With which value.
        value: V,
    },
    /// A process has removed its entries under a key; also if there were none (RGY-35).
    Unregistered {
        /// The registry.
        registry: Name,
        /// Under which key.
        key: K,
        /// The process.
        pid: Pid,
    },
}
