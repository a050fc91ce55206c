//! The order-processing service on threads, while its processes are killed at random.
//!
//! ```sh
//! cargo run --release -p beamline-scenarios --example orders -- --seconds 60 --seed 7
//! ```
//!
//! Ends with an exit code other than 0 if an account does not balance, an order did not end as its
//! customer was told, or the application went down.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use beamline::{PanicPolicy, Report, Runtime, SupervisorEvent};
use beamline_scenarios::orders::soak::{Plan, soak};

fn main() -> ExitCode {
    let Some(plan) = plan(std::env::args().skip(1)) else {
        eprintln!("usage: orders [--seconds N] [--customers N] [--every-ms N] [--seed N]");
        return ExitCode::from(2);
    };
    let crashes = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&crashes);
    let runtime = Runtime::new()
        .on_panic(PanicPolicy::Silent)
        .on_report(move |report| {
            if let Report::Supervisor(report) = report
                && let SupervisorEvent::ChildTerminated(_) = report.event
            {
                seen.fetch_add(1, Ordering::Relaxed);
            }
        });
    let reason = runtime.run(async move {
        let summary = soak(plan).await?;
        println!("{summary}");
        Ok::<(), beamline::ExitReason>(())
    });
    let crashes = crashes.load(Ordering::Relaxed);
    println!("{crashes} times a supervisor lost a child and started it again");
    if reason.is_abnormal() {
        eprintln!("FAIL: {reason}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// What the arguments say; nothing if they make no sense.
fn plan(mut arguments: impl Iterator<Item = String>) -> Option<Plan> {
    let mut plan = Plan::default();
    while let Some(argument) = arguments.next() {
        let number: u64 = arguments.next()?.parse().ok()?;
        match argument.as_str() {
            "--seconds" => plan.time = Duration::from_secs(number),
            "--customers" => plan.customers = number.try_into().ok()?,
            "--every-ms" => plan.between_kills = Duration::from_millis(number),
            "--seed" => plan.seed = number,
            _ => return None,
        }
    }
    Some(plan)
}
