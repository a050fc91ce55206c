//! AGT-1 to AGT-16: agents.

use std::time::Duration;

use beamline::prelude::*;
use beamline::sys::{self, SysError};
use beamline::task::JoinError;
use beamline::{CrashReport, report};
use beamline_sim::outcome;
use beamline_tests::{both, down, expect_nothing};

use crate::sig::{Go, boom, reached, set};

/// An agent whose value is a number.
async fn counter() -> Agent<i32> {
    match Agent::start_link(|| 0).await {
        Ok(agent) => agent,
        Err(error) => panic!("an agent without a name starts: {error}"),
    }
}

#[test]
fn agt_001_the_value_is_made_and_kept_inside_the_agent() {
    both("AGT-1", async || {
        let agent = Agent::start_link(me).await?;
        let (maker, reader) = agent.get(|maker| (*maker, me())).no_timeout().await?;
        assert_eq!((maker, reader), (agent.pid(), agent.pid()));
        agent.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_002_an_agent_is_linked_or_not_and_has_the_name_it_was_given() {
    both("AGT-2", async || {
        let linked = Agent::start_link(|| 1).name("one").await?;
        let alone = Agent::start(|| 2).name("two").label("second").await?;
        for (agent, links) in [(linked, vec![me()]), (alone, vec![])] {
            let seen = info(agent.pid()).await.expect("it waits");
            assert_eq!(seen.links, links);
        }
        let one = Agent::<i32, _>::named("one");
        assert_eq!(one.get(|n| *n).no_timeout().await, Ok(1));
        assert_eq!(one.whereis().await, Some(linked));
        one.cast(|n| *n = 5).await;
        assert_eq!(linked.get(|n| *n).no_timeout().await, Ok(5));
        let again = Agent::start(|| 3).name("two").await;
        assert_eq!(again, Err(StartError::AlreadyStarted(Some(alone.pid()))));
        linked.stop().await?;
        alone.stop().await?;
        assert_eq!(one.get(|n| *n).no_timeout().await, Err(CallError::NoProc));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_003_a_start_that_fails_says_why() {
    both("AGT-3", async || {
        let mut mailbox = mailbox();
        let panics = Agent::<i32>::start(|| panic!("no value")).await;
        let Err(StartError::Failed(ExitReason::Panicked(info))) = panics else {
            panic!("expected a panic, got {panics:?}");
        };
        assert_eq!(info.message, "no value");
        let exits = Agent::<i32>::start(|| exit_now(boom())).await;
        assert_eq!(exits, Err(StartError::Failed(boom())));
        expect_nothing(&mut mailbox, "nothing of a failed start may be left").await;
    });
}

#[test]
fn agt_003_a_start_that_takes_too_long_is_killed() {
    let name = "AGT-3 timeout";
    let body = async || {
        match Agent::start(|| 0).timeout(Duration::ZERO).await {
            Ok(agent) => {
                outcome("started");
                agent.stop().await?;
            }
            Err(StartError::Timeout) => {
                outcome("late");
                assert_eq!(processes().await, [me()]);
            }
            Err(error) => panic!("{error}"),
        }
        Ok::<(), ExitReason>(())
    };
    both(name, body);
    let body = move || async move { body().await.expect("it starts or is late") };
    assert_eq!(reached(name, body), set(&["late", "started"]));
}

#[test]
fn agt_004_get_gives_what_the_function_makes_of_the_value() {
    both("AGT-4", async || {
        let agent = counter().await;
        assert_eq!(agent.get(|n| n + 1).no_timeout().await, Ok(1));
        assert_eq!(agent.get(|n| n + 1).no_timeout().await, Ok(1));
        agent.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_005_update_changes_the_value() {
    both("AGT-5", async || {
        let agent = counter().await;
        assert_eq!(agent.update(|n| *n += 2).no_timeout().await, Ok(()));
        assert_eq!(agent.get(|n| *n).no_timeout().await, Ok(2));
        agent.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_006_get_and_update_does_both_with_nothing_in_between() {
    both("AGT-6", async || {
        let agent = counter().await;
        let next = |n: &mut i32| {
            *n += 1;
            *n
        };
        let tasks = (0..4)
            .map(|_| Task::spawn(async move { agent.get_and_update(next).no_timeout().await }));
        let numbers = Task::join_all(tasks.collect::<Vec<_>>(), None).await?;
        let mut numbers = numbers.into_iter().collect::<Result<Vec<_>, _>>()?;
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4]);
        agent.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_007_a_cast_is_applied_later_and_to_nobody_if_the_agent_is_dead() {
    both("AGT-7", async || {
        let agent = counter().await;
        agent.cast(|n| *n = 3);
        assert_eq!(agent.get(|n| *n).no_timeout().await, Ok(3));
        agent.stop().await?;
        agent.cast(|n| *n = 4);
        Agent::<i32, _>::named("nobody").cast(|n| *n = 5).await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_009_a_panic_or_an_exit_of_the_function_ends_the_agent() {
    both("AGT-9", async || {
        let mut mailbox = mailbox();
        for panics in [true, false] {
            let agent = Agent::start(|| 0).await?;
            let watch = monitor(agent.pid());
            let failed = agent.update(move |_| {
                assert!(!panics, "no update");
                exit_now(boom())
            });
            let Err(CallError::Down(reason)) = failed.no_timeout().await else {
                panic!("the call of an agent that ended has no answer");
            };
            match panics {
                true => assert!(matches!(reason, ExitReason::Panicked(_))),
                false => assert_eq!(reason, boom()),
            }
            let seen = down(&mut mailbox, watch).await;
            assert!([reason, ExitReason::NoProc].contains(&seen));
        }
        expect_nothing(&mut mailbox, "nothing of a failed call may be left").await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_009_the_crash_of_an_agent_is_reported_once() {
    both("AGT-9", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let agent = Agent::start(|| 0).await?;
        let failed = agent.update(|_| exit_now(boom())).no_timeout().await;
        assert_eq!(failed, Err(CallError::Down(boom())));
        let report = mailbox.receive::<CrashReport>().await;
        assert_eq!((report.pid, report.reason), (agent.pid(), boom()));
        expect_nothing(&mut mailbox, "a crash has one report").await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_011_functions_of_one_process_are_applied_in_their_order() {
    both("AGT-11", async || {
        let agent = Agent::start_link(Vec::new).await?;
        agent.cast(|list| list.push(1));
        agent.update(|list| list.push(2)).no_timeout().await?;
        agent.cast(|list| list.push(3));
        let list = agent.get(|list: &Vec<i32>| list.clone()).no_timeout();
        assert_eq!(list.await?, [1, 2, 3]);
        agent.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_012_after_a_timeout_the_function_is_still_applied() {
    both("AGT-12", async || {
        let mut mailbox = mailbox();
        let agent = counter().await;
        while sys::suspend(agent).await.is_err() {}
        let update = agent.get_and_update(|n| {
            *n += 1;
            *n
        });
        let late = update.timeout(Duration::from_millis(1)).await;
        assert_eq!(late, Err(CallError::Timeout));
        while sys::resume(agent).await.is_err() {}
        assert_eq!(agent.get(|n| *n).no_timeout().await, Ok(1));
        expect_nothing(&mut mailbox, "a late answer is dropped").await;
        agent.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_012_a_timeout_that_is_passed_on_ends_the_caller() {
    both("AGT-12 exit", async || {
        let agent = counter().await;
        while sys::suspend(agent).await.is_err() {}
        trap_exit(true);
        let caller = Task::spawn(async move {
            let late = agent.get(|n| *n).timeout(Duration::ZERO).await;
            exit_now(late.expect_err("the agent is suspended").into())
        });
        let end: Result<(), JoinError> = caller.join(None).await;
        let Err(JoinError::Exit(reason)) = end else {
            panic!("the caller has ended");
        };
        assert_eq!(reason.error_ref(), Some(&CallError::Timeout));
        agent.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_013_stop_ends_the_agent_with_a_reason_and_waits() {
    both("AGT-13", async || {
        let mut mailbox = mailbox();
        for reason in [ExitReason::Normal, ExitReason::Shutdown] {
            let agent = Agent::start(|| 0).await?;
            let watch = monitor(agent.pid());
            info(agent.pid()).await;
            agent.stop_with(reason.clone(), None).await?;
            assert!(!alive(agent.pid()).await);
            assert_eq!(down(&mut mailbox, watch).await, reason);
            assert_eq!(agent.stop().await, Err(CallError::NoProc));
        }
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_015_a_change_of_code_transforms_the_value_or_leaves_it() {
    both("AGT-15", async || {
        let agent = counter().await;
        agent.update(|n| *n = 20).no_timeout().await?;
        while sys::suspend(agent).await.is_err() {}
        let negate = || beamline::agent::Change::new(|n: &i32| -n.abs());
        let refuse = || beamline::agent::Change::new(|_: &i32| exit_now(boom()));
        while sys::change_code(agent, "1", negate()).await.is_err() {}
        loop {
            match sys::change_code(agent, "1", refuse()).await {
                Err(SysError::Call(CallError::Timeout)) => {}
                answer => break assert_eq!(answer, Err(SysError::Failed(boom()))),
            }
        }
        while sys::resume(agent).await.is_err() {}
        let value = agent.get(|n| *n).no_timeout().await?;
        assert_eq!(value, -20);
        agent.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn agt_016_the_initial_call_of_an_agent_is_its_first_function() {
    both("AGT-16", async || {
        let call = || beamline::initial_call().expect("an agent was started");
        let agent = Agent::start_link(call).await?;
        let call = agent.get(|call| *call).no_timeout().await?;
        assert!(call.contains("agt_016_the_initial_call"), "{call}");
        agent.cast(|_| exit_now(ExitReason::Shutdown));
        let _ = mailbox().receive_timeout::<Go>(Duration::ZERO).await;
        Ok::<(), ExitReason>(())
    });
}
