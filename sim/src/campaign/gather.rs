//! Handing out chunks to jobs and adding up what comes back, in order.
#![expect(
    clippy::disallowed_methods,
    reason = "jobs are threads, each with worlds of its own; runs never see them"
)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustc_hash::FxHashSet;

use super::calibrate::{Lessons, Runner};
use super::chunk::{CHUNK, Chunk};
use super::finding;
use super::report::Report;
use super::watch::{Progress, Stopwatch, Watch};
use super::{Campaign, replay};

/// How often the watcher is asked.
const WATCH_EVERY: Duration = Duration::from_millis(100);

/// Makes the runs of a campaign.
pub(super) fn gather(campaign: &Campaign, watch: &mut dyn Watch) -> Report {
    let stopwatch = Stopwatch::start(campaign.settings.time);
    let mut report = Report::new(campaign);
    // What failed before is tried before anything else.
    report.regressions = replay::regressions(campaign);
    if report
        .regressions
        .iter()
        .any(|known| known.verdict.is_some())
    {
        report.elapsed = stopwatch.elapsed();
        return report;
    }
    let lessons = Lessons::default();
    let chunks = campaign.settings.runs.div_ceil(CHUNK);
    let jobs = campaign
        .settings
        .jobs
        .clamp(1, 256)
        .min(chunks.max(1) as usize);
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let mut distinct = FxHashSet::default();
    let mut failure = None;
    let mut keep = |chunk: Chunk, report: &mut Report| {
        distinct.extend(chunk.hashes.iter().copied());
        report.add(&chunk, distinct.len() as u64);
        failure = failure.take().or(chunk.failure);
        failure.is_none()
    };
    if jobs == 1 {
        let mut runner = Runner::new(campaign, &lessons);
        for number in 0..chunks {
            let chunk = make(campaign, &mut runner, number, &stop);
            let more = keep(chunk, &mut report);
            if !more || stopwatch.is_over() || !watch.go_on(&progress(&report, &stopwatch)) {
                break;
            }
        }
    } else {
        thread::scope(|scope| {
            let (sender, made) = mpsc::sync_channel::<(u64, Chunk)>(jobs * 2);
            for _ in 0..jobs {
                let (sender, next, stop, lessons) = (sender.clone(), &next, &stop, &lessons);
                scope.spawn(move || {
                    let mut runner = Runner::new(campaign, lessons);
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= chunks || stop.load(Ordering::Relaxed) {
                            return;
                        }
                        let chunk = make(campaign, &mut runner, number, stop);
                        if sender.send((number, chunk)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            // Chunks are added up in order, whoever made them (CMP1).
            let mut early = BTreeMap::new();
            let mut wanted = 0;
            loop {
                match made.recv_timeout(WATCH_EVERY) {
                    Ok((number, chunk)) => drop(early.insert(number, chunk)),
                    Err(mpsc::RecvTimeoutError::Timeout) => {}
                    Err(mpsc::RecvTimeoutError::Disconnected) => break,
                }
                let mut more = true;
                while let Some(chunk) = early.remove(&wanted) {
                    wanted += 1;
                    more = keep(chunk, &mut report);
                    if !more {
                        break;
                    }
                }
                // However short the time, some runs are made: none at all would say nothing.
                let over = wanted > 0 && stopwatch.is_over();
                if !more || over || !watch.go_on(&progress(&report, &stopwatch)) {
                    stop.store(true, Ordering::Relaxed);
                    // Jobs that wait to hand over a chunk are let go.
                    drop(made);
                    break;
                }
            }
        });
    }
    if let Some(failure) = failure {
        report
            .findings
            .push(finding::examine(campaign, &lessons, failure));
    }
    report.elapsed = stopwatch.elapsed();
    report
}

fn make(campaign: &Campaign, runner: &mut Runner<'_>, number: u64, stop: &AtomicBool) -> Chunk {
    let from = number * CHUNK;
    Chunk::make(
        campaign,
        runner,
        from,
        (from + CHUNK).min(campaign.settings.runs),
        stop,
    )
}

fn progress(report: &Report, stopwatch: &Stopwatch) -> Progress {
    Progress {
        runs: report.runs,
        distinct: report.distinct_traces,
        findings: report.findings.len() as u64,
        elapsed: stopwatch.elapsed(),
    }
}
