//! A limit on how long a test may take, a quiet runtime, and values that count, panic or act when
//! they are dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use beamline::prelude::*;

/// A runtime that prints no panics of processes.
pub(crate) fn quiet(workers: usize) -> Runtime {
    Runtime::new()
        .workers(workers)
        .on_panic(PanicPolicy::Silent)
}

/// Runs `act` on a thread of its own and fails if it takes longer than a minute: what is tested
/// here would hang if it were wrong.
pub(crate) fn in_time<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, result) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        // Nobody waits any more if this took too long.
        let _ = sender.send(act());
    });
    match result.recv_timeout(Duration::from_secs(60)) {
        Ok(value) => {
            thread.join().expect("it has sent its value");
            value
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => unreachable!("it ended without a value"),
        },
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("hung for a minute"),
    }
}

/// Counts its drops.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally(Arc<AtomicUsize>);

impl Tally {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// A value that counts here when it is dropped.
    pub(crate) fn guard(&self) -> Guard {
        Guard(self.clone())
    }

    /// A value that counts here when it is dropped, and panics then.
    pub(crate) fn bomb(&self) -> Bomb {
        Bomb(self.clone())
    }
}

/// See [`Tally::guard`].
#[derive(Debug)]
pub(crate) struct Guard(Tally);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.add();
    }
}

/// See [`Tally::bomb`].
#[derive(Debug)]
pub(crate) struct Bomb(Tally);

impl PartialEq for Bomb {
    fn eq(&self, _: &Bomb) -> bool {
        true
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.add();
        panic!("a destructor that panics");
    }
}

/// Runs something when it is dropped.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl<F: FnMut()> std::fmt::Debug for OnDrop<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OnDrop")
    }
}

impl<F: FnMut()> PartialEq for OnDrop<F> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Waits until `done`, letting others run.
pub(crate) async fn until(mut done: impl FnMut() -> bool) {
    while !done() {
        sleep(Duration::from_millis(1)).await;
    }
}
