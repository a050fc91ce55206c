//! Crashes as values.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use crate::kernel::reason::ExitReason;
use crate::kernel::run::reason_of_panic;

/// Runs a future, and turns a panic or an [`exit_now`](crate::exit_now) inside it into a value.
///
/// An exit signal from elsewhere is not caught: it ends the process at its next await. Costs
/// nothing where nothing is caught; a panic costs some microseconds of unwinding.
///
/// ```
/// # use beamline::prelude::*;
/// # beamline::Runtime::new().workers(1).run(async {
/// let caught = beamline::catch_exit(async { exit_now(ExitReason::Shutdown) }).await;
/// assert_eq!(caught, Err::<(), _>(ExitReason::Shutdown));
/// # });
/// ```
#[doc(alias = "try")]
#[doc(alias = "catch")]
pub async fn catch_exit<F: Future>(body: F) -> Result<F::Output, ExitReason> {
    let mut body = pin!(body);
    poll_fn(
        move |task| match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(task))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(payload) => Poll::Ready(Err(reason_of_panic(payload))),
        },
    )
    .await
}

/// As [`catch_exit`], for a function.
pub(crate) fn caught<T>(act: impl FnOnce() -> T) -> Result<T, ExitReason> {
    catch_unwind(AssertUnwindSafe(act)).map_err(reason_of_panic)
}
