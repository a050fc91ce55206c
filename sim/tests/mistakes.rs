//! Mistakes of users, and whether what they are told helps.

use std::fmt;
use std::future::poll_fn;
use std::sync::Mutex;
use std::task::Poll;

use beamline::prelude::*;
use beamline_sim::{Check, always, check};

/// The verdict of a program that fails.
fn verdict<F: AsyncFn() + Send + Sync + 'static>(name: &str, body: F) -> (String, String) {
    let check = Check::new(name).runs(20).regressions(None);
    let report = check.report(body);
    let finding = report.findings.first().expect("it fails");
    (finding.verdict.id.clone(), finding.verdict.detail.clone())
}

#[test]
fn a_check_inside_a_process_is_refused() {
    let (id, detail) = verdict("outer", async || check("inner", async || {}));
    assert!(id.starts_with("panic"), "{id}");
    assert!(
        detail.contains("\"inner\" is made inside a process"),
        "{detail}"
    );
}

#[test]
fn a_deadlock_on_a_future_from_elsewhere_says_so() {
    let (id, detail) = verdict("elsewhere", async || {
        // As the timer of another runtime does, which is not driven here.
        let mut waker = None;
        poll_fn(|cx| {
            waker = Some(cx.waker().clone());
            Poll::<()>::Pending
        })
        .await;
    });
    assert_eq!(id, "deadlock");
    assert!(detail.contains("a future that is no receive"), "{detail}");
    let (id, detail) = verdict("receive", async || {
        mailbox().receive::<u8>().await;
    });
    assert_eq!(id, "deadlock");
    assert!(!detail.contains("a future that is no receive"), "{detail}");
}

/// A message that cannot be shown.
struct Shy;

impl fmt::Debug for Shy {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Uses the simulator while it is being looked at, which panics, as other code may.
        panic!("at {:?}", now())
    }
}

#[test]
fn a_debug_that_panics_changes_no_run() {
    let (id, detail) = verdict("shy", async || {
        let child = spawn(async |mut mailbox: Mailbox| {
            mailbox.receive::<Shy>().await;
        });
        send(child, Shy);
        yield_now().await;
        always!("shy", false, "told");
    });
    assert_eq!((id.as_str(), detail.as_str()), ("always shy", "told"));
}

/// A reason that cannot be shown.
#[derive(Clone, PartialEq)]
struct Unspeakable;

impl fmt::Debug for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("not this one")
    }
}

#[test]
fn an_exit_reason_whose_debug_panics_is_a_verdict_all_the_same() {
    let check = Check::new("unspeakable").runs(20).regressions(None);
    let report = check.report(async || ExitReason::other(Unspeakable));
    let finding = report.findings.first().expect("the root fails");
    assert_eq!(finding.verdict.id, "exit (its Debug panics)");
    let (id, detail) = verdict("unspeakable child", async || {
        let (_, watch) = spawn_monitor(async |_| ExitReason::other(Unspeakable));
        mailbox()
            .receive_where(|down: &Down| down.reference == watch)
            .await;
        always!("learnt", false, "told");
    });
    assert_eq!((id.as_str(), detail.as_str()), ("always learnt", "told"));
}

/// A pid that was kept from another world may name a place that this one has never had.
#[test]
fn a_pid_of_a_larger_world_names_nobody_here() {
    static KEPT: Mutex<Option<Pid>> = Mutex::new(None);
    let report = Check::new("large")
        .runs(1)
        .double_runs(0.0)
        .regressions(None);
    report.jobs(1).report(async || {
        // More than the first chunk of a table holds.
        for _ in 0..5_000 {
            let last = spawn(async |mut mailbox: Mailbox| {
                mailbox.receive::<u8>().await;
            });
            *KEPT.lock().expect("nobody panics") = Some(last);
        }
    });
    let small = Check::new("small")
        .runs(1)
        .regressions(None)
        .report(async || {
            let pid = KEPT.lock().expect("nobody panics").expect("it was kept");
            send(pid, 1u8);
            let watch = monitor(pid);
            let down: Down = mailbox().receive().await;
            assert_eq!((down.reference, down.reason), (watch, ExitReason::NoProc));
            assert!(!alive(pid).await);
        });
    let verdict = small
        .findings
        .first()
        .map(|finding| finding.verdict.to_string());
    assert_eq!(verdict, None);
}
