//! `check` as a user meets it.

use std::path::Path;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Check, Faults, Granularity, Limits, Strategy, always, sometimes};

#[derive(Debug)]
enum Request {
    Get(Pid),
    Set(u64),
}

/// A counter that clients read and write in two steps.
async fn lost_update() {
    let counter = spawn(async |mut mailbox: Mailbox| {
        set_label("counter");
        let mut value = 0;
        loop {
            match mailbox.receive::<Request>().await {
                Request::Get(to) => send(to, value),
                Request::Set(new) => value = new,
            }
        }
    });
    let root = me();
    for _ in 0..2 {
        spawn(async move |mut mailbox: Mailbox| {
            set_label("client");
            send(counter, Request::Get(me()));
            let value: u64 = mailbox.receive().await;
            send(counter, Request::Set(value + 1));
            send(root, ());
        });
    }
    let mut mailbox = mailbox();
    mailbox.receive::<()>().await;
    mailbox.receive::<()>().await;
    // The clients' last writes have been sent before their notices, by the same senders.
    sleep(Duration::from_millis(1)).await;
    send(counter, Request::Get(root));
    let value: u64 = mailbox.receive().await;
    sometimes!("counter.both", value == 2);
    always!(
        "counter.complete",
        value == 2,
        "two increments gave {value}"
    );
}

#[test]
fn a_lost_update_is_found_shrunk_and_told() {
    let report = Check::new("lost_update")
        .runs(10_000)
        .regressions(None)
        .report(lost_update);
    let finding = report.findings.first().expect("a lost update");
    assert_eq!(finding.verdict.id, "always counter.complete");
    let shrinking = finding.shrinking.expect("it repeats");
    assert!(shrinking.to <= 3, "{shrinking}");
    println!("{:#?}", finding.story.events_text());
}

#[test]
fn any_number_of_jobs_finds_the_same() {
    let check = |jobs| {
        let check = Check::new("lost_update")
            .runs(5_000)
            .jobs(jobs)
            .regressions(None);
        check.seed(7).report(lost_update)
    };
    let (one, two) = (check(1), check(2));
    assert_eq!((one.runs, one.steps), (two.runs, two.steps));
    assert_eq!(one.findings[0].run, two.findings[0].run);
    assert_eq!(one.findings[0].artefact, two.findings[0].artefact);
}

/// The first runs take longer than the campaign may, and than its watcher sleeps.
#[test]
fn some_runs_are_made_however_short_the_time() {
    for jobs in [1, 2] {
        let check = Check::new("slow").regressions(None).runs(1_000_000);
        let report = check.jobs(jobs).time(Duration::from_millis(1));
        let report = report.report(async || {
            for _ in 0..5_000 {
                yield_now().await;
            }
        });
        assert!(report.runs > 0, "{jobs} job(s)");
    }
}

#[test]
fn a_sound_program_is_silent_under_every_strategy() {
    for strategy in [
        "portfolio",
        "learnt",
        "random",
        "pct:1",
        "pct:2",
        "pct:3",
        "round-robin",
    ] {
        let strategy: Strategy = strategy.parse().expect("a strategy");
        let check = Check::new("sound")
            .runs(300)
            .strategy(strategy)
            .regressions(None);
        let report = check
            .faults(Faults::none().timeouts(1).slow(1).late_timers(1))
            .report(async || {
                let (root, mut mailbox) = (me(), mailbox());
                for value in 0..3u64 {
                    spawn(async move |_| {
                        sleep(Duration::from_millis(value)).await;
                        send(root, value);
                    });
                }
                let mut sum = 0;
                for _ in 0..3 {
                    sum += mailbox.receive::<u64>().await;
                }
                always!("sum", sum == 3);
            });
        assert!(report.is_clean(), "{:?}", report.findings);
        assert!(report.distinct_traces > 1);
    }
}

#[test]
#[should_panic(expected = "always counter.complete")]
fn check_panics_with_the_report() {
    Check::new("lost_update_panics")
        .regressions(None)
        .run(lost_update);
}

/// The link is the only signal on its way to the worker, and yet it races: with the worker's end.
#[test]
fn a_signal_races_with_the_steps_of_its_receiver() {
    for strategy in ["learnt", "random", "pct:1", "pct:2", "portfolio"] {
        let report = Check::new("link_after_spawn")
            .strategy(strategy.parse().expect("a strategy"))
            .runs(400)
            .regressions(None)
            .report(async || {
                trap_exit(true);
                let worker = spawn(async |_: Mailbox| ExitReason::other("out of paper"));
                link(worker);
                let exit: Exit = mailbox().receive().await;
                sometimes!("linked.late", exit.reason == ExitReason::NoProc);
                sometimes!("linked.in_time", exit.reason != ExitReason::NoProc);
            });
        let unseen = report.never_seen();
        assert!(unseen.is_empty(), "{strategy}: never seen {unseen:?}");
    }
}

#[test]
fn a_message_that_was_sent_first_races_with_a_deadline_that_was_armed_later() {
    for strategy in ["learnt", "random", "pct:1", "pct:2", "portfolio"] {
        let check = Check::new("armed later").runs(1_000).regressions(None);
        let parsed = strategy.parse().expect("a strategy");
        let report = check.strategy(parsed).report(async || {
            let root = me();
            let child = spawn(async move |mut mailbox: Mailbox| {
                let waited = Duration::from_millis(5);
                let got = mailbox.receive_timeout::<u8>(waited).await;
                send(root, got.is_some());
            });
            // On its way before the child, which hears of nobody else, begins to wait.
            send(child, 1u8);
            let got: bool = mailbox().receive().await;
            always!("got", got);
        });
        assert!(!report.findings.is_empty(), "{strategy}");
    }
}

#[test]
fn what_is_done_again_and_again_is_told_once_with_a_count() {
    let check = Check::new("again").runs(1).regressions(None);
    let report = check.report(async || {
        spawn(async |mut mailbox: Mailbox| {
            mailbox.receive::<u8>().await;
        });
        for _ in 0..40 {
            whereis("registry").await;
        }
        always!("found", false, "nobody came");
    });
    let story = report.findings[0].story.events_text();
    let looks = "0 (root) looks up \"registry\" and finds nobody, 40 times";
    assert_eq!(story, [format!("{looks}; found is broken: nobody came")]);
}

/// Beyond that many events no choices are asked, so the tape means nothing without the number.
#[test]
fn a_failure_of_a_run_that_became_fair_early_replays() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fair");
    let _ = std::fs::remove_dir_all(&folder);
    let report = || {
        let limits = Limits::default().fair_after(0);
        let check = Check::new("fair").runs(1).limits(limits);
        check.regressions(folder.clone()).report(async || {
            let root = me();
            for name in ["a", "b"] {
                spawn(async move |_| {
                    (0..3).for_each(|_| send(root, name));
                });
            }
            let mut mailbox = mailbox();
            for _ in 0..3 {
                let name: &str = mailbox.receive().await;
                always!("one after the other", name == "a");
            }
        })
    };
    assert_eq!(report().findings.len(), 1);
    let again = report();
    let known = again.regressions.first().expect("it was saved");
    assert!(
        known.to_string().starts_with("reproduced (exact)"),
        "{known}"
    );
}

/// Fine steps were how it was found; fused ones are enough to show it. Not all of them can be made
/// again by the same deviations, and those stay as they are.
#[test]
fn a_failure_of_a_fine_run_is_told_in_fused_steps() {
    let mut fused = 0;
    for seed in 0..8u64 {
        let report = Check::new("lost_update")
            .granularity(Granularity::Fine)
            .regressions(None)
            .seed(seed)
            .report(lost_update);
        let [finding] = report.findings.as_slice() else {
            panic!("{report:?}");
        };
        assert_eq!(finding.verdict.id, "always counter.complete");
        fused += u32::from(finding.artefact.header.granularity == Granularity::Fused);
    }
    assert!(fused >= 5, "{fused} of 8");
}

/// Complete means complete: here the race comes when the run has become fair already, or is one of
/// more deadlines than are searched in every order.
#[test]
fn a_search_that_leaves_schedules_out_is_not_complete() {
    let race = async |naps: u64, sleepers: u64| {
        let root = me();
        for _ in 0..naps {
            sleep(Duration::from_millis(1)).await;
        }
        for number in 0..sleepers {
            spawn(async move |_| {
                sleep(Duration::from_millis(1)).await;
                send(root, number);
            });
        }
        let first: u64 = mailbox().receive().await;
        always!("in order", first == 0);
    };
    let explore = |naps, sleepers, fair_after| {
        let limits = Limits::default().fair_after(fair_after);
        let check = Check::new("left out").runs(2_000).limits(limits);
        check
            .early_firings(0)
            .explore(async move || race(naps, sleepers).await)
    };
    let whole = explore(0, 2, 10_000);
    assert!(whole.complete && whole.failing_runs > 0, "{whole}");
    let (fair, crowd) = (explore(20, 2, 10), explore(0, 9, 10_000));
    for left_out in [fair, crowd] {
        assert!(!left_out.complete && left_out.unasked, "{left_out}");
    }
}
