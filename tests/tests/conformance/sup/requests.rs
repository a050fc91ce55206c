//! SUP-10xx: what a supervisor can be asked.

use beamline::ChildType;

use super::*;

#[test]
fn sup_1001_starting_a_child_of_an_id_that_is_there() {
    both("SUP-1001", async || {
        let supervisor = patient([child("a")]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let running = supervisor.start_child(child("a")).await;
        assert_eq!(running, Err(SupervisorError::AlreadyStarted(a)));
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        let stopped = supervisor.start_child(child("a")).await;
        assert_eq!(stopped, Err(SupervisorError::AlreadyPresent));
    });
}

#[test]
fn sup_1002_terminating_a_child() {
    both("SUP-1002", async || {
        let temporary = child("b").restart(Restart::Temporary);
        let supervisor = patient([child("a"), temporary]).await.expect("it starts");
        ups(["a", "b"]).await;
        let unknown = supervisor.terminate_child("c").await;
        assert_eq!(unknown, Err(SupervisorError::NotFound));
        for id in ["a", "b"] {
            assert_eq!(supervisor.terminate_child(id).await, Ok(()));
            stops([id]).await;
        }
        assert_eq!(supervisor.terminate_child("a").await, Ok(()), "once more");
        assert_eq!(state(&supervisor, "a").await, ChildState::Stopped);
        let gone = supervisor.terminate_child("b").await;
        assert_eq!(gone, Err(SupervisorError::NotFound));
    });
}

#[test]
fn sup_1003_restarting_a_child() {
    both("SUP-1003", async || {
        let supervisor = patient([child("a")]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let unknown = supervisor.restart_child("b").await;
        assert_eq!(unknown, Err(SupervisorError::NotFound));
        let running = supervisor.restart_child("a").await;
        assert_eq!(running, Err(SupervisorError::Running(a)));
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        stops(["a"]).await;
        let again = supervisor.restart_child("a").await;
        let [a] = ups(["a"]).await;
        assert_eq!(again, Ok(a));
    });
}

#[test]
fn sup_1004_deleting_a_child() {
    both("SUP-1004", async || {
        let supervisor = patient([child("a")]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let running = supervisor.delete_child("a").await;
        assert_eq!(running, Err(SupervisorError::Running(a)));
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        assert_eq!(supervisor.delete_child("a").await, Ok(()));
        let gone = supervisor.delete_child("a").await;
        assert_eq!(gone, Err(SupervisorError::NotFound));
    });
}

#[test]
fn sup_1005_the_specification_of_a_child() {
    both("SUP-1005", async || {
        let spec = child("a").shutdown(SHORT).restart(Restart::Transient);
        let supervisor = patient([spec]).await.expect("it starts");
        let spec = supervisor.child_spec("a").await.expect("it is a child");
        assert_eq!(spec.get_shutdown(), Shutdown::Timeout(SHORT));
        assert_eq!(spec.get_restart(), Restart::Transient);
        let unknown = supervisor.child_spec("b").await.map(|_| ());
        assert_eq!(unknown, Err(SupervisorError::NotFound));
    });
}

#[test]
fn sup_1008_a_child_that_cannot_be_started_is_not_kept() {
    both("SUP-1008", async || {
        let supervisor = patient([]).await.expect("it starts");
        let broken = || ChildSpec::new("a", || async { Err::<Pid, _>(StartError::Failed(boom())) });
        for _ in 0..2 {
            let failed = supervisor.start_child(broken()).await;
            assert_eq!(failed, Err(StartError::Failed(boom()).into()));
        }
        assert_eq!(supervisor.count_children().await, Ok(Counts::default()));
    });
}

#[test]
fn sup_1011_a_restart_by_request_is_not_tried_again() {
    both("SUP-1011", async || {
        let (a, starts) = failing("a", 1);
        let supervisor = patient([a]).await.expect("it starts");
        ups(["a"]).await;
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        stops(["a"]).await;
        let failed = supervisor.restart_child("a").await;
        assert_eq!(failed, Err(StartError::Failed(boom()).into()));
        assert_eq!(state(&supervisor, "a").await, ChildState::Stopped);
        assert_eq!(starts.load(Ordering::SeqCst), 2);
        assert!(supervisor.restart_child("a").await.is_ok());
    });
}

#[test]
fn sup_1017_a_child_stopped_by_request_concerns_nobody() {
    both("SUP-1017", async || {
        let significant = child("b").restart(Restart::Transient).significant(true);
        let supervisor = Supervisor::start_link([child("a"), significant, child("c")])
            .strategy(Strategy::OneForAll)
            .max_restarts(0, LONG)
            .auto_shutdown(AutoShutdown::AnySignificant)
            .await;
        let supervisor = supervisor.expect("it starts");
        ups(["a", "b", "c"]).await;
        assert_eq!(supervisor.terminate_child("b").await, Ok(()));
        stops(["b"]).await;
        settle().await;
        let counts = supervisor.count_children().await.expect("it runs");
        assert_eq!(counts.active, 2);
    });
}

#[test]
fn sup_1020_messages_that_mean_nothing_are_dropped() {
    both("SUP-1020", async || {
        let supervisor = patient([child("a")]).await.expect("it starts");
        let pid = supervisor.whereis().await.expect("it runs");
        send(pid, "what?");
        let counts = supervisor.count_children().await.expect("it runs");
        assert_eq!(counts.active, 1);
    });
}

#[test]
fn sup_1006_and_what_the_list_of_children_says() {
    both("SUP-1006", async || {
        let mut mailbox = mailbox();
        let (b, _) = failing("b", u32::MAX);
        let nested = Supervisor::child([]).id("c");
        let supervisor = Supervisor::start_link([child("a"), b, nested, child("d")]);
        let supervisor = supervisor.max_restarts(1_000_000, LONG).await;
        let supervisor = supervisor.expect("it starts");
        let [a, b, _] = ups(["a", "b", "d"]).await;
        assert_eq!(supervisor.terminate_child("d").await, Ok(()));
        end(&mut mailbox, b, boom()).await;
        becomes(&supervisor, "b", ChildState::Restarting(Some(b))).await;
        let list = supervisor.which_children().await.expect("it runs");
        let told = list
            .iter()
            .map(|info| (info.id.clone(), info.child, info.kind));
        let told: Vec<_> = told.collect();
        let (worker, above) = (ChildType::Worker, ChildType::Supervisor);
        let id = |id: &str| Some(Name::from(id));
        assert_eq!(told[0], (id("d"), ChildState::Stopped, worker));
        assert_eq!((&told[1].0, told[1].2), (&id("c"), above));
        assert_eq!(told[2], (id("b"), ChildState::Restarting(Some(b)), worker));
        assert_eq!(told[3], (id("a"), ChildState::Running(a), worker));
    });
}

#[test]
fn sup_1007_one_child_is_told_as_in_the_list() {
    both("SUP-1007", async || {
        let supervisor = patient([child("a"), child("b")]).await.expect("it starts");
        ups(["a", "b"]).await;
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        for told in supervisor.which_children().await.expect("it runs") {
            let id = told.id.clone().expect("it has one");
            assert_eq!(supervisor.which_child(id).await, Ok(told));
        }
        let unknown = supervisor.which_child("c").await;
        assert_eq!(unknown, Err(SupervisorError::NotFound));
    });
}

#[test]
fn sup_1009_a_name_clash_is_told_as_it_is() {
    both("SUP-1009", async || {
        let outside = specs::Idle::start_link(()).name("taken").await;
        let outside = outside.expect("the name is free").pid();
        let supervisor = patient([]).await.expect("it starts");
        let clash = supervisor
            .start_child(specs::Idle::child(()).name("taken"))
            .await;
        let taken = StartError::AlreadyStarted(Some(outside));
        assert_eq!(clash, Err(SupervisorError::Start(taken)));
        assert_eq!(supervisor.count_children().await, Ok(Counts::default()));
    });
}

#[test]
fn sup_1010_who_decides_not_to_run_is_kept_unless_temporary() {
    both("SUP-1010", async || {
        let supervisor = patient([]).await.expect("it starts");
        let unwilling =
            |id: &'static str| ChildSpec::new(id, || async { Err::<Pid, _>(StartError::Ignore) });
        let ignored = Err(SupervisorError::Start(StartError::Ignore));
        assert_eq!(supervisor.start_child(unwilling("a")).await, ignored);
        let temporary = unwilling("b").restart(Restart::Temporary);
        assert_eq!(supervisor.start_child(temporary).await, ignored);
        assert_eq!(listed(&supervisor).await, ["a"].map(Name::from));
        assert_eq!(state(&supervisor, "a").await, ChildState::Stopped);
    });
}

#[test]
fn sup_1012_who_decides_not_to_run_again_stays_as_it_was() {
    both("SUP-1012", async || {
        let supervisor = patient([once("a")]).await.expect("it starts");
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        let ignored = supervisor.restart_child("a").await;
        assert_eq!(ignored, Err(SupervisorError::Start(StartError::Ignore)));
        assert_eq!(state(&supervisor, "a").await, ChildState::Stopped);
    });
}

#[test]
fn sup_1014_the_last_comes_first() {
    both("SUP-1014", async || {
        let supervisor = patient([child("a"), child("b")]).await.expect("it starts");
        assert!(supervisor.start_child(child("c")).await.is_ok());
        assert_eq!(listed(&supervisor).await, ["c", "b", "a"].map(Name::from));
    });
}

#[test]
fn sup_1015_a_child_counts_as_active_if_it_is_alive() {
    both("SUP-1015", async || {
        let mut mailbox = mailbox();
        let supervisor = patient([child("a"), child("b")]).await.expect("it starts");
        let pid = supervisor.whereis().await.expect("it runs");
        let [a, _] = ups(["a", "b"]).await;
        suspended(&supervisor).await;
        let counting = supervisor.clone();
        let counting = Task::spawn(async move { counting.count_children().await });
        queue_of(pid, 1).await;
        end(&mut mailbox, a, boom()).await;
        resumed(&supervisor).await;
        let counts = counting
            .join(None)
            .await
            .expect("it ends")
            .expect("it runs");
        assert_eq!((counts.specs, counts.active), (2, 1));
        ups(["a"]).await;
    });
}

#[test]
fn sup_1016_an_exit_that_came_first_is_handled_first() {
    both("SUP-1016", async || {
        let mut mailbox = mailbox();
        let supervisor = patient([child("a")]).await.expect("it starts");
        let pid = supervisor.whereis().await.expect("it runs");
        let [a] = ups(["a"]).await;
        suspended(&supervisor).await;
        end(&mut mailbox, a, boom()).await;
        queue_of(pid, 1).await;
        let asking = supervisor.clone();
        let asking = Task::spawn(async move { asking.which_child("a").await });
        queue_of(pid, 2).await;
        resumed(&supervisor).await;
        let told = asking
            .join(None)
            .await
            .expect("it ends")
            .expect("it is a child");
        let [again] = ups(["a"]).await;
        assert_eq!(told.child, ChildState::Running(again));
    });
}

#[test]
fn sup_1018_a_child_is_dead_when_its_stop_is_answered() {
    both("SUP-1018", async || {
        for manner in [Manner::Polite, Manner::Slow(SHORT)] {
            let supervisor = patient([child_with("a", manner)]).await;
            let supervisor = supervisor.expect("it starts");
            let [a] = ups(["a"]).await;
            assert_eq!(supervisor.terminate_child("a").await, Ok(()));
            assert!(!alive(a).await);
            stops(["a"]).await;
        }
    });
}

#[test]
fn sup_1019_a_child_that_asks_to_be_stopped_waits_until_it_is_killed() {
    both("SUP-1019", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let spec = ChildSpec::new("a", || {
            let above = Supervisor::of(me());
            async move {
                Ok::<_, StartError>(spawn_link(async move |mut mailbox: Mailbox| {
                    trap_exit(true);
                    mailbox.receive::<End>().await;
                    let _ = above.terminate_child("a").await;
                }))
            }
        });
        let supervisor = patient([spec.shutdown(SHORT)]).await.expect("it starts");
        let a = state(&supervisor, "a").await.pid().expect("it runs");
        end(&mut mailbox, a, boom()).await;
        becomes(&supervisor, "a", ChildState::Stopped).await;
        assert_eq!(complaints(&mut mailbox).await, [ExitReason::Killed]);
    });
}

#[test]
fn sup_1013_a_static_child_is_not_addressed_by_its_pid() {
    both("SUP-1013", async || {
        let supervisor = patient([child("a")]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let pid = supervisor.whereis().await.expect("it runs");
        let stopped = DynamicSupervisor::of(pid).terminate_child(a).await;
        assert_eq!(stopped, Err(SupervisorError::NotFound));
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
    });
}
