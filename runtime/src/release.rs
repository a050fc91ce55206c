//! A release as a whole program: the `main` of a system that runs until it is told to stop.
//!
//! # Semantics
//! APP-32, APP-36. What `init:stop`, SIGTERM and the heart of a node are to OTP.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "waiting for signals of the operating system takes a thread and a clock"
)]

use std::io;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::kernel::handle::Exit;
use crate::kernel::reason::ExitReason;
use crate::otp::application::{ApplicationFailure, Release};
use crate::process::{Mailbox, exit, trap_exit};
use crate::threads::Runtime;

/// A program that could not be started, or whose applications failed.
const FAILED: u8 = 1;
/// Applications were not stopped in time; the code of `timeout(1)`.
const LATE: u8 = 124;
/// Added to the number of a signal that ended the program at once, as shells do.
const SIGNALLED: i32 = 128;

/// What the main thread waits for.
enum News {
    /// The operating system sent this.
    Signal(i32),
    /// All applications are to be stopped.
    Stopping,
    /// The applications have ended.
    Ended(Result<(), String>),
}

/// All applications are to stop.
#[derive(Debug)]
struct Stop;

impl Release {
    /// Runs all applications until the last of them has ended, until one ends that the others
    /// cannot be without, or until the operating system asks for it: what a `main` consists of.
    ///
    /// They are started as [`Applications::start_all`](crate::Applications::start_all) does. At
    /// SIGINT (Ctrl-C) or SIGTERM they are stopped, the latest first; a second signal ends the
    /// program at once.
    ///
    /// A program that does its work and is done is an application of type
    /// [`Transient`](crate::application::StartType::Transient) that ends normally; the end of a
    /// permanent one is a failure whatever its reason (APP-32). Libraries, and applications that
    /// were stopped on request, are nothing to wait for, but do not end the program either.
    ///
    /// The exit code tells how it went, and standard error why:
    /// - 0: they were stopped in order, or the last has ended without failure.
    /// - 1: they could not be started, or one failed that the others cannot be without.
    /// - 124: they had not stopped `deadline` after they were to. What still runs is lost.
    /// - 128 and the signal's number: a second signal.
    ///
    /// ```no_run
    /// # use beamline::application::{Application, ApplicationSpec, Environment, Release, Top};
    /// # use beamline::prelude::*;
    /// # use std::time::Duration;
    /// # struct Shop;
    /// # impl Application for Shop {
    /// #     type State = ();
    /// #     fn spec(&self) -> ApplicationSpec { ApplicationSpec::new("shop") }
    /// #     async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
    /// #         Ok(Supervisor::start_link([]).await?.into())
    /// #     }
    /// # }
    /// fn main() -> std::process::ExitCode {
    ///     Release::new().with(Shop).run(Runtime::new(), Duration::from_secs(30))
    /// }
    /// ```
    ///
    /// # Panics
    /// Inside a process.
    #[must_use = "the exit code is the program's only if `main` returns it"]
    pub fn run(self, runtime: Runtime, deadline: Duration) -> ExitCode {
        let outcome = self.outcome(runtime, deadline);
        if let Err(Failure { code, why }) = &outcome {
            eprintln!("{why}");
            if *code != FAILED {
                // Something does not let go, so nothing here can be waited for.
                std::process::exit(i32::from(*code));
            }
        }
        outcome.map_or_else(|failure| failure.code.into(), |()| ExitCode::SUCCESS)
    }

    fn outcome(self, runtime: Runtime, deadline: Duration) -> Result<(), Failure> {
        let (sender, news) = mpsc::channel();
        let signals = listen(sender.clone())?;
        let system = runtime.start()?;
        let handle = system.handle();
        let stopping = sender.clone();
        let release = self.on_shutdown(move |_| {
            // As above: whoever does not hear it is gone.
            let _ = stopping.send(News::Stopping);
        });
        let root = handle.spawn(move |mailbox| async move {
            let mut end = End::of(sender);
            end.how = live(release, mailbox).await;
        });
        let ended = wait(&news, deadline, || handle.send(root, Stop));
        signals.close();
        match ended {
            Ok(ended) => {
                system.shutdown();
                ended.map_err(Failure::failed)
            }
            Err(failure) => {
                // Its end would be waited for.
                std::mem::forget(system);
                Err(failure)
            }
        }
    }
}

/// Tells the main thread that the root process has ended, whatever ends it, and how.
struct End {
    news: Sender<News>,
    how: Result<(), String>,
}

impl End {
    fn of(news: Sender<News>) -> Self {
        let how = Err("the root process was killed".into());
        End { news, how }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let how = std::mem::replace(&mut self.how, Ok(()));
        // The main thread waits for this; if it has gone, so has the program.
        let _ = self.news.send(News::Ended(how));
    }
}

/// Waits until the applications have ended; from when they are to stop, no longer than so long.
/// `stop` tells them of a signal.
fn wait(
    news: &Receiver<News>,
    deadline: Duration,
    stop: impl Fn(),
) -> Result<Result<(), String>, Failure> {
    let (mut until, mut signalled): (Option<Instant>, bool) = (None, false);
    loop {
        let next = match until {
            None => news.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(until) => news.recv_timeout(until.saturating_duration_since(Instant::now())),
        };
        match next {
            Ok(News::Ended(ended)) => return Ok(ended),
            Ok(News::Signal(number)) if signalled => return Err(Failure::second(number)),
            Ok(News::Signal(_)) => {
                signalled = true;
                stop();
            }
            Ok(News::Stopping) => {}
            Err(RecvTimeoutError::Timeout) => return Err(Failure::late(deadline)),
            Err(RecvTimeoutError::Disconnected) => {
                unreachable!("the root process tells of its end, whatever that is")
            }
        }
        // A deadline that is too far off for a clock is none.
        until = until.or_else(|| Instant::now().checked_add(deadline));
    }
}

/// Has a thread pass signals on.
fn listen(news: Sender<News>) -> Result<signal_hook::iterator::Handle, Failure> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let handle = signals.handle();
    let pass_on = move || {
        for number in &mut signals {
            if news.send(News::Signal(number)).is_err() {
                return;
            }
        }
    };
    let thread = thread::Builder::new().name("beamline-signals".into());
    thread.spawn(pass_on)?;
    Ok(handle)
}

/// The root process: starts the applications and waits for their end.
async fn live(release: Release, mut mailbox: Mailbox) -> Result<(), String> {
    trap_exit(true);
    let started = release.start_link().await;
    let applications = started.map_err(|error| format!("cannot start the release: {error}"))?;
    let starting = applications.clone();
    // While they start a signal is heard as well.
    let starter = crate::process::spawn_link(async move |_| match starting.start_all().await {
        Ok(_) => ExitReason::Normal,
        Err(error) => ExitReason::from(error),
    });
    let (mut failure, mut stopping) = (None, false);
    loop {
        let message = mailbox.receive_any().await;
        if message.is::<Stop>() {
            stopping = true;
            exit(applications.pid(), ExitReason::Shutdown);
            continue;
        }
        let Ok(Exit { from, reason }) = message.downcast::<Exit>() else {
            continue;
        };
        if from == applications.pid() {
            return match (reason.is_abnormal(), failure) {
                (true, _) => Err(words(&reason)),
                (false, Some(failure)) => Err(failure),
                (false, None) => Ok(()),
            };
        }
        if from != starter || stopping {
            continue;
        }
        if reason.is_abnormal() {
            failure = Some(reason.to_string());
            exit(applications.pid(), ExitReason::Shutdown);
        } else {
            applications.end_with_the_last();
        }
    }
}

/// A reason as whoever runs the program is to read it.
fn words(reason: &ExitReason) -> String {
    match reason.downcast_ref::<ApplicationFailure>() {
        Some(failure) => failure.to_string(),
        None => reason.to_string(),
    }
}

/// Why the program did not end well.
struct Failure {
    code: u8,
    why: String,
}

impl Failure {
    fn failed(why: String) -> Self {
        Failure { code: FAILED, why }
    }

    fn late(deadline: Duration) -> Self {
        let why = format!("applications had not stopped after {deadline:?}, and were left behind");
        Failure { code: LATE, why }
    }

    fn second(signal: i32) -> Self {
        let code = u8::try_from(SIGNALLED + signal).unwrap_or(u8::MAX);
        let why = format!("signal {signal} came again: ended at once");
        Failure { code, why }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::failed(format!("cannot listen for signals: {error}"))
    }
}

impl From<crate::threads::RuntimeError> for Failure {
    fn from(error: crate::threads::RuntimeError) -> Self {
        Failure::failed(error.to_string())
    }
}
