//! What servers and state machines have in common: how they are started, asked and told.

use std::future::Future;
use std::time::Duration;

use super::control::Control;
use super::gen_server::Refusal;
use super::start::Unready;
use super::sys::Debugging;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Term;
use crate::process::{Mailbox, parent};

/// What can be started by a [`Start`](crate::Start) and asked by a [`Server`](crate::Server):
/// every [`GenServer`](crate::GenServer), and every [`Machine`](crate::state_machine::Machine).
#[expect(
    private_bounds,
    reason = "how a behaviour runs is this crate's business"
)]
pub trait Behaviour: Run {
    /// Its requests.
    type Call: Term;
    /// What it is told without an answer.
    type Cast: Term;

    /// How long a call waits unless told otherwise; for ever if nothing is given.
    const CALL_TIMEOUT: Option<Duration>;
}

/// The life of a process that a behaviour runs.
pub(crate) trait Run: Sized + 'static {
    /// What it is started with.
    type Args: Send + 'static;
    /// What is there when it is initialised.
    type Ready: Send + 'static;

    /// The name of the type that the user wrote.
    fn type_name() -> &'static str;

    /// Initialises it, in the new process.
    fn prepare(args: Self::Args) -> impl Future<Output = Result<Self::Ready, Refusal>> + Send;

    /// Its loop; the reason to end with.
    fn serve(
        ready: Self::Ready,
        control: Control,
        mailbox: Mailbox,
    ) -> impl Future<Output = ExitReason> + Send;
}

/// Initialises a behaviour; gives what it goes on with.
pub(super) async fn init<B: Behaviour>(
    mailbox: Mailbox,
    args: B::Args,
    link: bool,
    debugging: Debugging,
) -> Result<((), impl Future<Output = ExitReason> + Send), Unready> {
    let ready = B::prepare(args).await?;
    let control = Control::new(parent().filter(|_| link), debugging);
    Ok(((), B::serve(ready, control, mailbox)))
}
