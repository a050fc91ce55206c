//! SUP-13xx, SUP-14xx, SUP-1507: the supervisor as a process, and as a child.

use super::*;

/// A supervisor that some process of its own has started, and that process.
async fn orphaned_by(mailbox: &mut Mailbox, options: beamline::SupervisorOptions) -> (Pid, Pid) {
    let test = me();
    let parent = spawn(async move |mut mailbox: Mailbox| {
        let supervisor = options.await.expect("it starts");
        send(test, supervisor.whereis().await);
        mailbox.receive::<End>().await.0
    });
    let pid = mailbox.receive::<Option<Pid>>().await;
    (parent, pid.expect("it runs"))
}

#[test]
fn sup_1302_exit_signals_of_others_are_ignored() {
    both("SUP-1302", async || {
        let supervisor = patient([child("a")]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let pid = supervisor.whereis().await.expect("it runs");
        for reason in [ExitReason::Normal, ExitReason::Shutdown, boom()] {
            let (_, over) = spawn_monitor(async move |_: Mailbox| exit(pid, reason));
            down(&mut mailbox(), over).await;
        }
        settle().await;
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
        assert_eq!(log().take(), None);
    });
}

#[test]
fn sup_1303_the_death_of_a_linked_stranger_is_ignored() {
    both("SUP-1303", async || {
        let supervisor = patient([child("a")]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let pid = supervisor.whereis().await.expect("it runs");
        let (_, over) = spawn_monitor(async move |_: Mailbox| {
            link(pid);
            boom()
        });
        down(&mut mailbox(), over).await;
        settle().await;
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
        assert_eq!(log().take(), None);
    });
}

#[test]
fn sup_1304_a_kill_ends_it_at_once() {
    both("SUP-1304", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        // It would take its time if it were asked to stop.
        let slow = child_with("a", Manner::Stubborn);
        let supervisor = patient([slow]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let pid = supervisor.whereis().await.expect("it runs");
        let (watch_a, watch) = (watch(a).await, watch(pid).await);
        exit(pid, ExitReason::Kill);
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        assert_eq!(down(&mut mailbox, watch_a).await, ExitReason::Killed);
    });
}

#[test]
fn sup_1305_told_to_stop_it_ends_with_the_reason() {
    both("SUP-1305", async || {
        trap_exit(true);
        for reason in [ExitReason::Normal, ExitReason::shutdown_with(7), boom()] {
            let supervisor = patient([child("a"), child("b")]).await;
            let supervisor = supervisor.expect("it starts");
            ups(["a", "b"]).await;
            let stopped = beamline::stop(supervisor.clone(), reason.clone(), None).await;
            assert_eq!(stopped, Ok(()));
            stops(["b", "a"]).await;
            let exit = mailbox().receive::<Exit>().await;
            assert_eq!(exit.reason, reason);
        }
    });
}

#[test]
fn sup_1306_suspended_it_hears_the_end_of_its_parent_alone() {
    both("SUP-1306", async || {
        let mut mailbox = mailbox();
        let (parent, pid) = orphaned_by(&mut mailbox, patient([child("a"), child("b")])).await;
        let [a, _] = ups(["a", "b"]).await;
        let watch = watch(pid).await;
        let supervisor = Supervisor::of(pid);
        suspended(&supervisor).await;
        end(&mut mailbox, a, boom()).await;
        queue_of(pid, 1).await;
        settle().await;
        assert_eq!(log().take(), None, "nobody is restarted");
        send(parent, End(boom()));
        stops(["b"]).await;
        assert_eq!(down(&mut mailbox, watch).await, boom());
    });
}

#[test]
fn sup_1306_what_was_queued_is_handled_when_it_goes_on() {
    both("SUP-1306", async || {
        let mut mailbox = mailbox();
        let supervisor = patient([child("a")]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        suspended(&supervisor).await;
        end(&mut mailbox, a, boom()).await;
        settle().await;
        assert_eq!(log().take(), None, "nobody is restarted");
        resumed(&supervisor).await;
        ups(["a"]).await;
    });
}

#[test]
fn sup_1312_requests_wait_behind_starts_and_stops() {
    both("SUP-1312", async || {
        let supervisor = patient([]).await.expect("it starts");
        let pid = supervisor.whereis().await.expect("it runs");
        suspended(&supervisor).await;
        let slow = slow_start("a", SHORT);
        let starting = supervisor.clone();
        let starting = Task::spawn(async move { starting.start_child(slow).await });
        queue_of(pid, 1).await;
        let stopping = supervisor.clone();
        let stopping = Task::spawn(async move { stopping.terminate_child("a").await });
        queue_of(pid, 2).await;
        resumed(&supervisor).await;
        assert_eq!(stopping.join(None).await, Ok(Ok(())));
        assert!(starting.join(None).await.expect("it ends").is_ok());
        assert_eq!(log().next().await, Told::Begins("a"));
        ups(["a"]).await;
        stops(["a"]).await;
    });
}

#[test]
fn sup_1507_a_stop_tells_when_the_reason_was_another() {
    both("SUP-1507", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let supervisor = patient([child_with("a", Manner::Stubborn)]).await;
        let supervisor = supervisor.expect("it starts");
        ups(["a"]).await;
        let pid = supervisor.whereis().await.expect("it runs");
        let stopping = supervisor.clone();
        let stopping = Task::spawn(async move { stopping.stop().await });
        stops(["a"]).await;
        exit(pid, ExitReason::Kill);
        let told = stopping.join(None).await.expect("it ends");
        assert_eq!(told, Err(CallError::Down(ExitReason::Killed)));
        mailbox.receive::<Exit>().await;
        let again = supervisor.stop().await;
        assert_eq!(again, Err(CallError::NoProc));
    });
}

#[test]
fn sup_1403_a_temporary_supervisor_that_gives_up_is_forgotten() {
    both("SUP-1403", async || {
        let mut mailbox = mailbox();
        let inner = Supervisor::start_link([child("a")]).max_restarts(0, LONG);
        let inner = inner.child().id("inner").restart(Restart::Temporary);
        let outer = patient([inner]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        forgets(&outer, "inner").await;
    });
}

#[test]
fn sup_1404_a_supervisor_that_gives_up_is_a_child_that_ends() {
    both("SUP-1404", async || {
        let mut mailbox = mailbox();
        let inner = Supervisor::start_link([child("b"), child("c")]).max_restarts(0, LONG);
        let children = [child("a"), inner.child(), child("d")];
        let outer = patient(children).strategy(Strategy::OneForAll).await;
        let _outer = outer.expect("it starts");
        let [_, b, ..] = ups(["a", "b", "c", "d"]).await;
        end(&mut mailbox, b, boom()).await;
        stops(["c", "d", "a"]).await;
        ups(["a", "b", "c", "d"]).await;
    });
}

#[test]
fn sup_1405_a_failure_to_start_travels_up() {
    both("SUP-1405", async || {
        trap_exit(true);
        let inner = Supervisor::child([child("a"), broken("b")]).id("inner");
        let failed = patient([child("c"), inner]).await.map(|_| ());
        let failed_inside = |id: &str, error| {
            let failed = FailedToStart {
                id: id.into(),
                error,
            };
            StartError::Failed(ExitReason::shutdown_with(failed))
        };
        let within = failed_inside("b", StartError::Failed(boom()));
        assert_eq!(failed, Err(failed_inside("inner", within)));
        ups(["c", "a"]).await;
        stops(["a", "c"]).await;
    });
}

#[test]
fn sup_1407_a_supervisor_without_enough_time_is_killed_while_it_stops() {
    both("SUP-1407", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let inner = Supervisor::child([child_with("a", Manner::Stubborn)]);
        let outer = patient([inner.shutdown(SHORT)]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let watch = watch(a).await;
        assert_eq!(outer.stop().await, Ok(()));
        // SUP-816: over its link.
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        assert_eq!(complaints(&mut mailbox).await, [ExitReason::Killed]);
    });
}
