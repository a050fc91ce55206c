//! LOG-6 to LOG-9: what is reported of the ends of tasks.

use beamline::CrashReport;
use beamline::prelude::*;
use beamline_tests::{both, down};

use super::{nothing_comes, pid_of};
use crate::sig::boom;

async fn fails() -> u32 {
    exit_now(boom())
}

#[test]
fn log_006_a_crash_of_a_task_is_reported_with_its_function() {
    both("LOG-6", async || {
        let mut mailbox = mailbox();
        beamline::report::subscribe().await;
        trap_exit(true);
        let pid = pid_of(&Task::spawn(fails()));
        let report = mailbox.receive::<CrashReport>().await;
        assert_eq!((report.pid, report.reason), (pid, boom()));
        assert!(report.behaviour.is_some_and(|it| it.contains("fails")));
        let parents: Vec<Pid> = report.ancestors.iter().map(|it| it.pid).collect();
        assert_eq!(parents, [me()]);
    });
}

#[test]
fn log_007_orderly_ends_of_a_task_are_not_reported() {
    both("LOG-7", async || {
        let mut mailbox = mailbox();
        beamline::report::subscribe().await;
        let orderly = [
            ExitReason::Normal,
            ExitReason::Shutdown,
            ExitReason::shutdown_with(1),
        ];
        for reason in orderly {
            let watch = monitor(Task::start(async move { reason }));
            down(&mut mailbox, watch).await;
        }
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn log_008_a_crash_of_a_task_is_reported_once() {
    both("LOG-8", async || {
        let mut mailbox = mailbox();
        beamline::report::subscribe().await;
        let pid = Task::start(async { panic!("once") });
        assert_eq!(mailbox.receive::<CrashReport>().await.pid, pid);
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn log_009_the_report_of_a_task_lists_its_callers() {
    both("LOG-9", async || {
        let mut mailbox = mailbox();
        beamline::report::subscribe().await;
        trap_exit(true);
        let outer = Task::spawn(async {
            trap_exit(true);
            Task::spawn(fails()).join(None).await.is_err()
        });
        let pid = pid_of(&outer);
        assert_eq!(outer.join(None).await, Ok(true));
        let report = mailbox.receive::<CrashReport>().await;
        assert_eq!(report.callers, [pid, me()]);
    });
}
