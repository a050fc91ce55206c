//! Where a server is: a pid, or something that leads to one.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::kernel::name::{Name, RegisterError};
use crate::kernel::pid::Pid;
use crate::process::{me, register, whereis};

/// A name under which a process can be started and found: a local name, or an entry of some
/// registry.
///
/// Source: REG-28 to REG-30, OTP's `{via, Module, Name}`.
#[doc(alias = "via")]
pub trait Address: Clone + fmt::Debug + fmt::Display + Send + Sync + 'static {
    /// The process that is there now.
    fn find(&self) -> impl Future<Output = Option<Pid>> + Send;

    /// Takes the name for the caller.
    ///
    /// # Errors
    /// With the process that has it, if that is known.
    fn claim(&self) -> impl Future<Output = Result<(), Option<Pid>>> + Send;

    /// Gives the name back, for a start that fails. Names that end with their process need not.
    fn free(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

impl Address for Name {
    async fn find(&self) -> Option<Pid> {
        whereis(self).await
    }

    async fn claim(&self) -> Result<(), Option<Pid>> {
        match register(self, me()).await {
            Ok(()) => Ok(()),
            Err(RegisterError::Taken { by, .. }) => Err(Some(by)),
            Err(_) => Err(None),
        }
    }
}

/// An address of any kind, for where addresses of several kinds meet. Made of every [`Address`],
/// and of text, which is a local name.
#[derive(Clone)]
pub struct AnyAddress(Arc<dyn Erased>);

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// [`Address`] without types.
trait Erased: Send + Sync {
    fn find(&self) -> Boxed<'_, Option<Pid>>;
    fn claim(&self) -> Boxed<'_, Result<(), Option<Pid>>>;
    fn free(&self) -> Boxed<'_, ()>;
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<A: Address> Erased for A {
    fn find(&self) -> Boxed<'_, Option<Pid>> {
        Box::pin(Address::find(self))
    }

    fn claim(&self) -> Boxed<'_, Result<(), Option<Pid>>> {
        Box::pin(Address::claim(self))
    }

    fn free(&self) -> Boxed<'_, ()> {
        Box::pin(Address::free(self))
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Address for AnyAddress {
    async fn find(&self) -> Option<Pid> {
        self.0.find().await
    }

    async fn claim(&self) -> Result<(), Option<Pid>> {
        self.0.claim().await
    }

    async fn free(&self) {
        self.0.free().await;
    }
}

impl fmt::Display for AnyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f)
    }
}

impl fmt::Debug for AnyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f)
    }
}

/// What can be made an [`AnyAddress`].
pub trait IntoAddress {
    /// Makes it one.
    fn into_address(self) -> AnyAddress;
}

impl<A: Address> IntoAddress for A {
    fn into_address(self) -> AnyAddress {
        AnyAddress(Arc::new(self))
    }
}

impl IntoAddress for &str {
    fn into_address(self) -> AnyAddress {
        Name::from(self).into_address()
    }
}

/// What leads to a process: a pid, a server, a name.
pub trait Reach {
    /// The process, or the way to it.
    fn reach(&self) -> To;
}

/// A process, or the search for one. Made by [`Reach::reach`].
pub enum To {
    /// The process.
    Pid(Pid),
    /// It is still to be found.
    Search(Pin<Box<dyn Future<Output = Option<Pid>> + Send>>),
}

impl To {
    /// The process, if there is one.
    pub async fn find(self) -> Option<Pid> {
        match self {
            To::Pid(pid) => Some(pid),
            To::Search(search) => search.await,
        }
    }
}

impl fmt::Debug for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            To::Pid(pid) => pid.fmt(f),
            To::Search(_) => f.write_str("a search"),
        }
    }
}

impl Reach for Pid {
    fn reach(&self) -> To {
        To::Pid(*self)
    }
}

impl<A: Address> Reach for A {
    fn reach(&self) -> To {
        let address = self.clone();
        To::Search(Box::pin(async move { address.find().await }))
    }
}

impl Reach for &str {
    fn reach(&self) -> To {
        Name::from(*self).reach()
    }
}
