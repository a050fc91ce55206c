//! Sending, and what can be sent to.

use std::fmt;
use std::future::Future;

use super::names::look_up;
use super::wait::pass;
use crate::backend::Point;
use crate::backend::context;
use crate::kernel::deliver;
use crate::kernel::name::{Name, NotRegistered};
use crate::kernel::node::Node;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::signal::Signal;
use crate::kernel::term::{Message, Term};

/// Something that can be sent to: a pid, an alias, a name.
pub trait Destination {
    /// What [`send`] gives back: nothing, or for names a future to be awaited.
    type Sent;

    /// Sends.
    fn accept(self, message: Message) -> Self::Sent;
}

/// Sends a message.
///
/// To a [`Pid`] or an alias the message is on its way when the call returns; if nobody is there
/// it is dropped without notice (SIG-13, SIG-17). To a name the result must be awaited, since the
/// table of names is shared; it says whether the name was registered.
///
/// ```
/// # use beamline::prelude::*;
/// # beamline::Runtime::new().workers(1).run(async {
/// send(me(), 42u32);
/// register("counter", me()).await?;
/// send("counter", 43u32).await?;
/// assert!(send("nobody", 44u32).await.is_err());
/// # Ok::<(), ExitReason>(())
/// # });
/// ```
///
/// # Differences from OTP
/// The message is moved, not copied. A send to a name that is not registered is an error value
/// instead of an exception (SIG-14).
#[doc(alias = "!")]
#[inline]
pub fn send<D: Destination, T: Term>(destination: D, message: T) -> D::Sent {
    destination.accept(Message::new(message))
}

impl Destination for Pid {
    type Sent = ();

    #[inline]
    fn accept(self, message: Message) {
        deliver::send(context::current(), self, message.into_node());
    }
}

impl Destination for Ref {
    type Sent = ();

    fn accept(self, message: Message) {
        let signal = Signal::Aliased {
            number: self.number(),
            message,
        };
        deliver::send(context::current(), self.owner(), Node::signal(signal));
    }
}

impl Destination for Name {
    type Sent = SendToName;

    fn accept(self, message: Message) -> SendToName {
        SendToName::new(self, message)
    }
}

impl Destination for &Name {
    type Sent = SendToName;

    fn accept(self, message: Message) -> SendToName {
        SendToName::new(self.clone(), message)
    }
}

impl Destination for &str {
    type Sent = SendToName;

    fn accept(self, message: Message) -> SendToName {
        SendToName::new(self.into(), message)
    }
}

impl Destination for String {
    type Sent = SendToName;

    fn accept(self, message: Message) -> SendToName {
        SendToName::new(self.into(), message)
    }
}

/// A send to a name; nothing is sent until it is awaited.
#[must_use = "a send to a name does nothing until it is awaited"]
pub struct SendToName {
    name: Name,
    message: Message,
}

impl SendToName {
    fn new(name: Name, message: Message) -> Self {
        SendToName { name, message }
    }
}

impl fmt::Debug for SendToName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SendToName({:?}, {:?})", self.name, self.message)
    }
}

impl IntoFuture for SendToName {
    type Output = Result<(), NotRegistered>;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            pass(Point::Table {
                op: "send to a name",
                on: &self.name,
                write: false,
            })
            .await;
            let cx = context::current();
            match look_up(cx, &self.name) {
                Some(pid) => {
                    deliver::send(cx, pid, self.message.into_node());
                    Ok(())
                }
                None => Err(NotRegistered { name: self.name }),
            }
        })
    }
}
