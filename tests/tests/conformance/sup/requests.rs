//! SUP-10xx: what a supervisor can be asked.

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
