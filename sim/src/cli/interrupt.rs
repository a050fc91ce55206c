//! Ctrl-C: the first lets the command finish what it has to say, the next ends it.
#![cfg_attr(
    unix,
    expect(
        clippy::disallowed_types,
        clippy::disallowed_methods,
        reason = "a thread waits for the key, and a clock tells one key press from two"
    )
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(unix)]
use std::{
    thread,
    time::{Duration, Instant},
};

use signal_hook::consts::SIGINT;
#[cfg(unix)]
use signal_hook::iterator::Signals;

#[cfg(unix)]
use crate::exit_code;

/// Signals that come within this time are one key press: some senders signal a process and then
/// its whole group.
#[cfg(unix)]
const ONE_PRESS: Duration = Duration::from_millis(300);

/// Whether Ctrl-C was pressed.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on. Where signals cannot be had, Ctrl-C ends the command as it always does.
    pub(super) fn listen() -> Interrupt {
        let interrupt = Interrupt::default();
        let came = Arc::clone(&interrupt.0);
        #[cfg(unix)]
        if let Ok(signals) = Signals::new([SIGINT]) {
            let waiting = thread::Builder::new().name("interrupts".into());
            // Without the thread Ctrl-C goes unheard, which is better than no command at all.
            let _ = waiting.spawn(move || wait(signals, &came));
        }
        // Where there are no such signals to wait for, every press is the first.
        #[cfg(not(unix))]
        let _ = signal_hook::flag::register(SIGINT, came);
        interrupt
    }

    /// Whether it was pressed.
    pub(super) fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(unix)]
fn wait(mut signals: Signals, came: &AtomicBool) {
    let mut first = None::<Instant>;
    for _ in signals.forever() {
        came.store(true, Ordering::Relaxed);
        match first {
            None => first = Some(Instant::now()),
            Some(first) if first.elapsed() >= ONE_PRESS => {
                signal_hook::low_level::exit(i32::from(exit_code::INTERRUPTED));
            }
            Some(_) => {}
        }
    }
}
