//! Starting the service of global names.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use super::names::Global;
use super::server::Names;
use crate::kernel::name::Name;
use crate::otp::GenServer;
use crate::otp::registry::RegistryKey;
use crate::otp::registry::shared::{Kind, Shared};
use crate::otp::start::StartError;
use crate::otp::supervisor::ChildSpec;

/// A service of global names that is to be started: by awaiting this, linked to the caller, or by
/// a supervisor that is given its [`child`](Self::child).
#[must_use = "a service is not started until this is awaited"]
pub struct GlobalOptions<K> {
    name: Option<Name>,
    several: bool,
    _of: PhantomData<fn() -> K>,
}

impl<K: RegistryKey> Global<K> {
    /// A service that is to be started.
    #[doc(alias = "global:start_link")]
    pub fn start_link() -> GlobalOptions<K> {
        GlobalOptions {
            name: None,
            several: false,
            _of: PhantomData,
        }
    }
}

impl<K: RegistryKey> GlobalOptions<K> {
    /// A local name for its process, which addresses show too. Without one it is known by its
    /// handle alone.
    pub fn name(mut self, name: impl Into<Name>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Lets a process be registered under several names. The default is OTP's: a process that has a
    /// name is refused a second one (REG-14).
    #[doc(alias = "global_multi_name_action")]
    pub fn several_names(mut self) -> Self {
        self.several = true;
        self
    }

    /// The service, and the child specification by which a supervisor runs it. Used before the
    /// child runs, and while it is being restarted, the service panics; restarted, it knows no
    /// names.
    ///
    /// ```
    /// # use beamline::prelude::*;
    /// # use beamline::Global;
    /// # beamline::Runtime::new().workers(1).run(async {
    /// let (names, child) = Global::<String>::start_link().child();
    /// let _supervisor = Supervisor::start_link([child]).await?;
    /// assert_eq!(names.register_name("root".into(), me()).await, Ok(()));
    /// # Ok::<(), ExitReason>(())
    /// # });
    /// ```
    #[doc(alias = "child_spec")]
    pub fn child(self) -> (Global<K>, ChildSpec) {
        let global = self.prepare();
        let table = Arc::clone(&global.table);
        let shown = table.name.clone();
        let spec = Names::child((table, self.several)).id(shown);
        let spec = match self.name {
            Some(name) => spec.name(name),
            None => spec,
        };
        (global, spec)
    }

    /// The service, not running yet.
    fn prepare(&self) -> Global<K> {
        let name = self.name.clone().unwrap_or_else(|| "global".into());
        let table = Arc::new(Shared::new(name, Kind::Unique, 1, Box::default()));
        Global { table }
    }
}

impl<K: RegistryKey> IntoFuture for GlobalOptions<K> {
    type Output = Result<Global<K>, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let global = self.prepare();
        let start = Names::start_link((Arc::clone(&global.table), self.several));
        let start = start.addressed(self.name);
        Box::pin(async move {
            start.await?;
            Ok(global)
        })
    }
}

impl<K> fmt::Debug for GlobalOptions<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GlobalOptions")
            .field("name", &self.name)
            .field("several_names", &self.several)
            .finish()
    }
}
