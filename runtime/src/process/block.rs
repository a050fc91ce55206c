//! Work that would hold up a worker: long computations and calls into C libraries.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use crate::backend::context;
use crate::kernel::panics::{self, Caught};

enum Work<T> {
    Waiting(Option<Waker>),
    Done(Result<T, Caught>),
}

/// Runs `work` on a thread that may block, and waits for its value.
///
/// If the process is killed meanwhile, the work still comes to its end and its value is dropped.
/// In the simulator the work runs at once, on the simulator's thread.
///
/// # Panics
/// With the panic of `work`, if it panics.
pub async fn blocking<T, F>(work: F) -> T
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let shared = Arc::new(Mutex::new(Work::Waiting(None)));
    let theirs = Arc::clone(&shared);
    context::current().backend().block(Box::new(move || {
        let value = panics::catch(work);
        let before = std::mem::replace(&mut *lock(&theirs), Work::Done(value));
        if let Work::Waiting(Some(waker)) = before {
            waker.wake();
        }
    }));
    let done = poll_fn(move |cx| {
        let mut work = lock(&shared);
        match &mut *work {
            Work::Waiting(waker) => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
            Work::Done(_) => match std::mem::replace(&mut *work, Work::Waiting(None)) {
                Work::Done(value) => Poll::Ready(value),
                Work::Waiting(_) => Poll::Pending,
            },
        }
    });
    match done.await {
        Ok(value) => value,
        Err(caught) => panics::resume(caught),
    }
}

fn lock<T>(shared: &Mutex<Work<T>>) -> std::sync::MutexGuard<'_, Work<T>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
