//! Values that can be sent, and received messages whose type is known only at run time.

use std::any::Any;
use std::fmt;

use super::node::Node;
use super::pid::Ref;

/// Any value that can be sent to a process: everything that is `Send`, `'static` and `Debug`.
///
/// `Debug` is asked for because every report shows messages in words.
#[doc(alias = "term")]
pub trait Term: Any + Send + fmt::Debug {}

impl<T: Any + Send + fmt::Debug> Term for T {}

/// A received message of any type.
///
/// ```
/// # use beamline::Message;
/// let message = Message::new(42u8);
/// assert!(message.is::<u8>());
/// assert_eq!(message.downcast::<u8>().unwrap(), 42);
/// ```
pub struct Message(Node);

impl Message {
    /// Wraps a value, as sending it would.
    pub fn new<T: Term>(value: T) -> Self {
        Message(Node::message(value))
    }

    /// Whether the message is a `T`.
    #[inline]
    pub fn is<T: Term>(&self) -> bool {
        self.0.is::<T>()
    }

    /// The message by reference, if it is a `T`.
    #[inline]
    pub fn peek<T: Term>(&self) -> Option<&T> {
        self.0.peek::<T>()
    }

    /// The value, if it is a `T`; the message itself if not.
    #[inline]
    pub fn downcast<T: Term>(self) -> Result<T, Message> {
        self.0.take::<T>().map_err(Message)
    }

    /// The name of the value's type, as the compiler writes it.
    pub fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    /// Under which reference it is to be answered, if it is a call.
    pub(crate) fn call_reference(&self) -> Option<Ref> {
        self.0.call_reference()
    }

    /// What gives the name of the value's type.
    #[inline]
    pub(crate) fn namer(&self) -> fn() -> &'static str {
        self.0.namer()
    }

    pub(crate) fn address(&self) -> usize {
        self.0.address()
    }

    #[inline]
    pub(crate) fn from_node(node: Node) -> Self {
        Message(node)
    }

    #[inline]
    pub(crate) fn into_node(self) -> Node {
        self.0
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug(f)
    }
}
