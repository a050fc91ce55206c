//! Reports: asking for them, and telling them.

use super::wait::pass;
use crate::backend::Point;
use crate::backend::context;
use crate::kernel::term::Term;

/// Has reports sent to the caller from now on, as messages: those of crashes have the type
/// [`CrashReport`](crate::CrashReport), those of supervisors
/// [`SupervisorReport`](crate::SupervisorReport), those of applications
/// [`ApplicationReport`](crate::application::ApplicationReport), and those of messages that nobody
/// handles [`UnhandledMessage`](crate::UnhandledMessage).
///
/// ```
/// # use beamline::prelude::*;
/// # use beamline::{CrashReport, report};
/// # let runtime = beamline::Runtime::new().workers(1).on_panic(PanicPolicy::Silent);
/// # runtime.run_with(async |mut mailbox: Mailbox| {
/// report::subscribe().await;
/// let crashed = spawn(async |_| panic!("oops"));
/// let report = mailbox.receive::<CrashReport>().await;
/// assert_eq!(report.pid, crashed);
/// # });
/// ```
#[doc(alias = "logger")]
pub async fn subscribe() {
    pass(Point::Table {
        op: "subscribe to reports",
        on: "",
        write: true,
    })
    .await;
    let system = &context::current().system;
    system.reporting.add_reader(super::me());
}

/// Tells of something, if anybody wants to hear of it.
pub(crate) fn tell<T: Term + Clone>(report: impl FnOnce() -> T) {
    let cx = context::current();
    if cx.system.reporting.is_wanted() {
        cx.system.reporting.tell(cx, &report());
    }
}
