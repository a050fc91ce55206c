//! What the process of a running application does.
//!
//! # Semantics
//! APP-15 to APP-18, APP-26, APP-30, APP-32, APP-38.
//!
//! # Differences from OTP
//! - One process is both the application's master and the helper that runs its callbacks. If it is
//!   killed, its tree ends as any tree whose parent is killed, without `stop`.
//! - When the tree has ended, what else is linked to this process is killed. Without group leaders
//!   nothing else is known to belong to it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::behaviour::{Application, Top};
use super::config::ConfigChange;
use super::controller::Tell;
use super::environment::Environment;
use super::error::ApplicationError;
use crate::kernel::handle::Exit;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::otp::caller::Caller;
use crate::otp::supervisor::{Shutdown, stop};
use crate::process::request::settling;
use crate::process::{Lineage, Mailbox, catch_exit, exit, info, link, me, send, trap_exit};

/// Where an application runs.
pub(super) struct Place {
    pub(super) controller: Pid,
    pub(super) environment: Environment,
    pub(super) phases: Vec<Name>,
    pub(super) lineage: Lineage,
}

/// A running application is to stop. Its process ends when it has.
#[derive(Debug)]
pub(super) struct Stop;

/// A running application is told that some of its settings are other than before.
#[derive(Debug)]
pub(super) struct Configured(pub(super) ConfigChange, pub(super) Arc<TakenIn>);

/// Kept by all who are told of new settings until they have taken them in, or have ended: whoever
/// changed them is answered when the last lets go of it.
#[derive(Debug)]
pub(super) struct TakenIn(Option<Caller<Result<(), ApplicationError>>>);

impl TakenIn {
    pub(super) fn new(caller: Caller<Result<(), ApplicationError>>) -> Self {
        TakenIn(Some(caller))
    }
}

impl Drop for TakenIn {
    fn drop(&mut self) {
        if let Some(caller) = self.0.take() {
            caller.reply(Ok(()));
        }
    }
}

/// [`Application`] without types.
pub(super) trait Runs: Send + Sync {
    /// The life of its process.
    fn live(
        self: Arc<Self>,
        mailbox: Mailbox,
        place: Place,
    ) -> Pin<Box<dyn Future<Output = ExitReason> + Send>>;
}

impl<A: Application> Runs for A {
    fn live(
        self: Arc<Self>,
        mailbox: Mailbox,
        place: Place,
    ) -> Pin<Box<dyn Future<Output = ExitReason> + Send>> {
        Box::pin(settling(live(self, mailbox, place)))
    }
}

async fn live<A: Application>(app: Arc<A>, mut mailbox: Mailbox, place: Place) -> ExitReason {
    let Place {
        controller,
        environment,
        phases,
        lineage,
    } = place;
    lineage.take_on();
    trap_exit(true);
    let begun = catch_exit(begin(&*app, &environment, &phases)).await;
    let mut running = match begun.unwrap_or_else(Err) {
        Ok(running) => running,
        Err(reason) => {
            send(controller, Tell::Refused(me(), reason));
            // Whatever is linked to this process ends with it.
            return ExitReason::Shutdown;
        }
    };
    send(controller, Tell::Started(me()));
    let ended = serve(&*app, &mut mailbox, controller, running.top, &environment).await;
    let _ = catch_exit(app.prep_stop(&mut running.state)).await;
    if ended.is_none() {
        stop::one(running.top, Shutdown::Infinity).await;
    }
    let _ = catch_exit(app.stop(running.state)).await;
    kill_the_rest(controller).await;
    ended.unwrap_or(ExitReason::Shutdown)
}

struct Running<S> {
    top: Pid,
    state: S,
}

/// Starts the tree, and goes through the phases.
async fn begin<A: Application>(
    app: &A,
    environment: &Environment,
    phases: &[Name],
) -> Result<Running<A::State>, ExitReason> {
    let Top { process, state } = app.start(environment).await?;
    let Some(top) = process.find().await else {
        return Err(ExitReason::NoProc);
    };
    link(top);
    for phase in phases {
        let passed = catch_exit(app.start_phase(phase, environment)).await;
        if let Err(reason) = passed.unwrap_or_else(Err) {
            stop::one(top, Shutdown::Infinity).await;
            return Err(reason);
        }
    }
    Ok(Running { top, state })
}

/// Waits until the tree ends by itself, with this reason, or is to be stopped.
async fn serve<A: Application>(
    app: &A,
    mailbox: &mut Mailbox,
    controller: Pid,
    top: Pid,
    environment: &Environment,
) -> Option<ExitReason> {
    loop {
        let message = match mailbox.receive_any().await.downcast::<Exit>() {
            Ok(Exit { from, reason }) if from == top => return Some(reason),
            Ok(Exit { from, .. }) if from == controller => return None,
            Ok(_) => continue,
            Err(message) => message,
        };
        if message.is::<Stop>() {
            return None;
        }
        if let Ok(Configured(change, _taken_in)) = message.downcast() {
            let _ = catch_exit(app.config_change(&change, environment)).await;
        }
    }
}

/// Ends what is still linked to this process, such as what a callback had started on the side.
async fn kill_the_rest(controller: Pid) {
    let links = info(me()).await.map(|info| info.links);
    for pid in links.into_iter().flatten().filter(|pid| *pid != controller) {
        exit(pid, ExitReason::Kill);
    }
}
