//! A release as a whole program: the `main` of a system that runs until it is told to stop.
//!
//! # Semantics
//! APP-32, APP-36. What `init:stop`, SIGTERM and the heart of a node are to OTP.
#![expect(
    clippy::disallowed_methods,
    reason = "waiting for signals of the operating system takes a thread"
)]

use std::io;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

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
    /// The applications have ended.
    Ended(Result<(), String>),
}

/// All applications are to stop.
#[derive(Debug)]
struct Stop;

impl Release {
    /// Runs all applications until they have ended, or until the operating system asks for it:
    /// what a `main` consists of.
    ///
    /// They are started as [`Applications::start_all`](crate::Applications::start_all) does. At
    /// SIGINT (Ctrl-C) or SIGTERM they are stopped, the latest first; a second signal ends the
    /// program at once.
    ///
    /// The exit code tells how it went, and standard error why:
    /// - 0: they were stopped in order, or ended without failure.
    /// - 1: they could not be started, or one failed that the others cannot be without.
    /// - 124: they had not stopped `deadline` after the signal. What is still running is lost.
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
        let root = handle.spawn(move |mailbox| async move {
            let ended = live(self, mailbox).await;
            // The main thread waits for this; if it has gone, so has the program.
            let _ = sender.send(News::Ended(ended));
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

/// Waits until the applications have ended; after a signal, of which `stop` tells them, no longer
/// than so long.
fn wait(
    news: &Receiver<News>,
    deadline: Duration,
    stop: impl FnOnce(),
) -> Result<Result<(), String>, Failure> {
    let killed = || Ok(Err("the root process was killed".into()));
    match news.recv() {
        Ok(News::Ended(ended)) => return Ok(ended),
        Ok(News::Signal(_)) => stop(),
        Err(_) => return killed(),
    }
    match news.recv_timeout(deadline) {
        Ok(News::Ended(ended)) => Ok(ended),
        Ok(News::Signal(number)) => Err(Failure::second(number)),
        Err(RecvTimeoutError::Timeout) => Err(Failure::late(deadline)),
        Err(RecvTimeoutError::Disconnected) => killed(),
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
        if from == starter && reason.is_abnormal() && !stopping {
            failure = Some(reason.to_string());
            exit(applications.pid(), ExitReason::Shutdown);
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
