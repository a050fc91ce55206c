//! One measurement: what is timed, what it cost, and the line that reports it.
//!
//! The peers include this very file by path, so every Rust system is measured by the same code
//! and speaks the same line of `key=value` words.

use rustix::time::{ClockId, clock_gettime};
use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// What a measuring program is asked to do: `WORKLOAD N THREADS`.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The name of the workload, such as `W3`.
    pub(crate) workload: String,
    /// How many operations to perform.
    pub(crate) n: u64,
    /// On how many worker threads.
    pub(crate) threads: usize,
}

impl Request {
    /// Reads the three words; `None` when they are not of this form.
    pub(crate) fn parse(words: &[String]) -> Option<Request> {
        let [workload, n, threads] = words else {
            return None;
        };
        let n = n.replace('_', "").parse().ok()?;
        let threads = threads.parse().ok().filter(|&threads| threads > 0)?;
        Some(Request {
            workload: workload.clone(),
            n,
            threads,
        })
    }
}

/// A running measurement of wall-clock and processor time.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    wall: Instant,
    cpu: Duration,
}

impl Stopwatch {
    /// Starts measuring.
    pub(crate) fn start() -> Stopwatch {
        Stopwatch {
            wall: Instant::now(),
            cpu: cpu_time(),
        }
    }

    /// Stops measuring: so many operations were performed since the start.
    pub(crate) fn stop(&self, operations: u64) -> Figures {
        Figures {
            operations,
            wall: self.wall.elapsed(),
            cpu: cpu_time() - self.cpu,
            extra: Vec::new(),
        }
    }
}

/// The outcome of a measurement.
#[derive(Debug)]
pub(crate) struct Figures {
    operations: u64,
    wall: Duration,
    cpu: Duration,
    extra: Vec<(&'static str, f64)>,
}

impl Figures {
    /// Adds a figure that only this workload has, such as the bytes of an idle process.
    pub(crate) fn with(mut self, key: &'static str, value: f64) -> Figures {
        self.extra.push((key, value));
        self
    }

    /// Nanoseconds of wall-clock time per operation.
    pub(crate) fn ns(&self) -> f64 {
        self.wall.as_nanos() as f64 / self.operations.max(1) as f64
    }

    /// Nanoseconds of processor time, of all threads together, per operation.
    pub(crate) fn cpu_ns(&self) -> f64 {
        self.cpu.as_nanos() as f64 / self.operations.max(1) as f64
    }

    /// The line that reports this measurement.
    pub(crate) fn line<'a>(&'a self, system: &'a str, request: &'a Request) -> Line<'a> {
        Line {
            system,
            request,
            figures: self,
        }
    }
}

/// Displays as the one line that a measuring program prints.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    system: &'a str,
    request: &'a Request,
    figures: &'a Figures,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request {
            workload,
            n,
            threads,
        } = self.request;
        let figures = self.figures;
        write!(f, "sys={} w={workload} t={threads} n={n}", self.system)?;
        write!(
            f,
            " ns={:.2} total_ms={:.2}",
            figures.ns(),
            millis(figures.wall)
        )?;
        write!(f, " hwm_mb={:.1}", memory_kib("VmHWM:") / 1024.0)?;
        write!(
            f,
            " cpu_ms={:.2} cpu_ns={:.2}",
            millis(figures.cpu),
            figures.cpu_ns()
        )?;
        for (key, value) in &figures.extra {
            write!(f, " {key}={value:.2}")?;
        }
        Ok(())
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The processor time that all threads of this OS process have used so far.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The memory of this OS process that is resident now, in bytes.
pub(crate) fn resident_bytes() -> f64 {
    memory_kib("VmRSS:") * 1024.0
}

/// One line of the kernel's account of this OS process; zero where there is none.
fn memory_kib(key: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0.0)
}

/// The main function of a measuring program: measures what the command line asks for with `run`
/// and prints the line. `run` answers `None` to a workload that the system does not have.
pub(crate) fn answer(system: &str, run: impl FnOnce(&Request) -> Option<Figures>) -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(request) = Request::parse(&words) else {
        eprintln!("usage: {system} WORKLOAD N THREADS");
        return ExitCode::from(2);
    };
    let Some(figures) = run(&request) else {
        eprintln!(
            "{system} has no workload {} on {}",
            request.workload, request.threads
        );
        return ExitCode::from(4);
    };
    println!("{}", figures.line(system, &request));
    ExitCode::SUCCESS
}
