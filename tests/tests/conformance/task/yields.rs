//! TASK-32 to TASK-42: looking in on tasks and letting them go.

use std::time::Duration;

use beamline::prelude::*;
use beamline::task::{OnYieldTimeout, YieldMany};
use beamline_tests::both;

use super::{at_go, ended, nothing_comes, pid_of};
use crate::sig::{Go, boom};

#[test]
fn task_032_a_yield_gives_result_reason_or_nothing_and_may_be_repeated() {
    both("TASK-32", async || {
        let mut mailbox = mailbox();
        let mut task = at_go();
        assert_eq!(task.yield_for(Duration::from_millis(1)).await, None);
        send(pid_of(&task), Go);
        assert_eq!(task.yield_for(None).await, Some(Ok(7)));
        let mut exits: Task<u32> = Task::spawn(async { exit_now(ExitReason::Normal) });
        assert_eq!(exits.yield_for(None).await, Some(Err(ExitReason::Normal)));
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_032_a_reply_wins_over_the_down_behind_it() {
    both("TASK-32 reply first", async || {
        let mut mailbox = mailbox();
        let mut task = Task::spawn(async { 1 });
        ended(&mut mailbox, pid_of(&task)).await;
        assert_eq!(task.yield_for(None).await, Some(Ok(1)));
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_034_a_second_yield_finds_nothing() {
    both("TASK-34", async || {
        let mut task = Task::completed(1);
        assert_eq!(task.yield_for(None).await, Some(Ok(1)));
        assert_eq!(task.yield_for(None).await, None);
    });
}

#[test]
fn task_035_outcomes_come_in_the_order_of_the_tasks() {
    both("TASK-35", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let fails: Task<u32> = Task::spawn(async { exit_now(boom()) });
        let mut tasks = [at_go(), fails, Task::completed(1)];
        let go = pid_of(&tasks[0]);
        spawn(async move |_: Mailbox| send(go, Go));
        let outcomes = Task::yield_many(&mut tasks, YieldMany::new().timeout(None)).await;
        assert_eq!(outcomes, [Some(Ok(7)), Some(Err(boom())), Some(Ok(1))]);
        for _ in 0..2 {
            mailbox.receive::<Exit>().await;
        }
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_036_late_tasks_give_nothing_and_go_on_unless_told_otherwise() {
    both("TASK-36", async || {
        let mut tasks = [Task::completed(1), at_go()];
        let late = pid_of(&tasks[1]);
        let outcomes = Task::yield_many(&mut tasks, Duration::from_millis(1)).await;
        assert_eq!(outcomes[1], None);
        send(late, Go);
        let outcomes = Task::yield_many(&mut tasks[1..], YieldMany::new().timeout(None)).await;
        assert_eq!(outcomes, [Some(Ok(7))]);
    });
}

#[test]
fn task_037_a_limit_that_is_reached_spares_the_others() {
    both("TASK-37", async || {
        let mut tasks = [at_go(), Task::completed(1)];
        let waiting = pid_of(&tasks[0]);
        let options = YieldMany::new().timeout(None).limit(1);
        let options = options.on_timeout(OnYieldTimeout::Kill);
        let outcomes = Task::yield_many(&mut tasks, options).await;
        assert_eq!(outcomes, [None, Some(Ok(1))]);
        assert!(alive(waiting).await);
    });
}

#[test]
fn task_038_late_tasks_are_killed_or_ignored_if_asked_for() {
    both("TASK-38", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        for (on_timeout, lives) in [
            (OnYieldTimeout::Kill, false),
            (OnYieldTimeout::Ignore, true),
        ] {
            let mut tasks = [at_go()];
            let late = pid_of(&tasks[0]);
            let options = YieldMany::from(Duration::from_millis(1)).on_timeout(on_timeout);
            assert_eq!(Task::yield_many(&mut tasks, options.limit(1)).await, [None]);
            assert_eq!(alive(late).await, lives);
            send(late, Go);
            nothing_comes(&mut mailbox).await;
        }
    });
}

#[test]
fn task_039_no_timer_of_a_yield_is_left() {
    both("TASK-39", async || {
        let mut mailbox = mailbox();
        let mut tasks = [Task::completed(1)];
        let outcomes = Task::yield_many(&mut tasks, Duration::from_millis(1)).await;
        assert_eq!(outcomes, [Some(Ok(1))]);
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_040_ignoring_takes_what_is_there() {
    both("TASK-40", async || {
        let mut mailbox = mailbox();
        let done = Task::spawn(async { 1 });
        ended(&mut mailbox, pid_of(&done)).await;
        let outcome = done.ignore().await;
        // The end that was waited for was another monitor's: the reply may still be on its way.
        assert!([Some(Ok(1)), None].contains(&outcome));
        trap_exit(true);
        let fails: Task<u32> = Task::spawn(async { exit_now(boom()) });
        mailbox.receive::<Exit>().await;
        let outcome = fails.ignore().await;
        assert!([Some(Err(boom())), None].contains(&outcome));
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_040_nothing_late_reaches_who_ignored() {
    both("TASK-40 late", async || {
        let mut mailbox = mailbox();
        let late = at_go();
        let pid = pid_of(&late);
        assert_eq!(late.ignore().await, None);
        exit(pid, boom());
        ended(&mut mailbox, pid).await;
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_041_an_ignored_task_goes_on() {
    both("TASK-41", async || {
        let mut mailbox = mailbox();
        let (root, task) = (
            me(),
            Task::spawn(async {
                let () = beamline::mailbox().receive::<()>().await;
            }),
        );
        let (pid, _) = (pid_of(&task), root);
        assert_eq!(task.ignore().await, None);
        assert!(alive(pid).await);
        send(pid, ());
        let reason = ended(&mut mailbox, pid).await;
        assert!([ExitReason::Normal, ExitReason::NoProc].contains(&reason));
    });
}
