//! SUP-2xx, SUP-1501: options, and the start of a supervisor.

use beamline::SpecError;

use super::*;

#[test]
fn sup_201_defaults() {
    both("SUP-201", async || {
        let mut mailbox = mailbox();
        let transient = child("b").restart(Restart::Transient);
        let supervisor = Supervisor::start_link([child("a"), transient]).await;
        let supervisor = supervisor.expect("it starts");
        let [a, b] = ups(["a", "b"]).await;
        // One for one, and nobody's end is the supervisor's.
        end(&mut mailbox, a, boom()).await;
        ups(["a"]).await;
        assert_eq!(state(&supervisor, "b").await, ChildState::Running(b));
        end(&mut mailbox, b, ExitReason::Normal).await;
        becomes(&supervisor, "b", ChildState::Stopped).await;
    });
}

#[test]
fn sup_1501_three_restarts_are_allowed_unless_told_otherwise() {
    beamline_tests::on_sim("SUP-1501", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let supervisor = Supervisor::start_link([child("a")]).await;
        let supervisor = supervisor.expect("it starts");
        let watch = watch(supervisor.whereis().await.expect("it runs")).await;
        let [mut a] = ups(["a"]).await;
        for _ in 0..3 {
            end(&mut mailbox, a, boom()).await;
            [a] = ups(["a"]).await;
        }
        end(&mut mailbox, a, boom()).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn sup_204_a_window_of_no_time_is_refused_where_it_is_given() {
    both("SUP-204", async || {
        let mut mailbox = mailbox();
        let (_, watch) = spawn_monitor(async |_: Mailbox| {
            let _ = Supervisor::start_link([]).max_restarts(1, Duration::ZERO);
        });
        let reason = down(&mut mailbox, watch).await;
        assert!(format!("{reason}").contains("max_restarts"), "{reason}");
    });
}

#[test]
fn sup_210_a_wrong_specification_is_the_error_of_the_start() {
    both("SUP-210", async || {
        trap_exit(true);
        let failed = patient([child("a"), child("a")]).await.map(|_| ());
        let id = "a".into();
        let wrong = SpecError::DuplicateId { id };
        assert_eq!(failed, Err(StartError::Failed(wrong.into())));
    });
}

#[test]
fn sup_211_all_are_checked_before_the_first_is_started() {
    both("SUP-211", async || {
        trap_exit(true);
        let wrong = child("c").significant(true);
        let failed = patient([child("a"), child("b"), wrong]).await;
        assert!(failed.is_err());
        assert_eq!(log().take(), None, "nobody was started");
    });
}

#[test]
fn sup_212_a_supervisor_traps_exits_before_it_starts_anybody() {
    both("SUP-212", async || {
        let log = log();
        let curious = ChildSpec::new("a", move || {
            let log = log.clone();
            async move {
                let own = info(me()).await.expect("it runs");
                assert!(own.trap_exit, "an end of a child would be its own");
                start("a", log, Manner::Polite).await
            }
        });
        let supervisor = patient([curious]).await;
        assert!(supervisor.is_ok(), "{supervisor:?}");
    });
}

#[test]
fn sup_213_the_start_lasts_until_all_children_run() {
    both("SUP-213", async || {
        let slow = slow_start("b", SHORT);
        let supervisor = patient([child("a"), slow]).await.expect("it starts");
        assert!(matches!(log().take(), Some(Told::Up("a", _))));
        assert_eq!(log().take(), Some(Told::Begins("b")));
        assert!(matches!(log().take(), Some(Told::Up("b", _))));
        assert_eq!(
            supervisor.count_children().await.expect("it runs").active,
            2
        );
    });
}

#[test]
fn sup_215_a_failed_start_leaves_no_exit_and_no_name() {
    both("SUP-215", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        for _ in 0..2 {
            let failed = patient([broken("a")]).name("sup").await;
            assert!(failed.is_err());
            expect_nothing(&mut mailbox, "all is in the error").await;
        }
        let supervisor = patient([]).name("sup").await;
        assert!(supervisor.is_ok(), "the name is free");
    });
}

#[test]
fn sup_216_a_supervisor_can_be_stopped() {
    both("SUP-216", async || {
        let brutal = child("b").shutdown(Shutdown::Brutal);
        let supervisor = patient([child("a"), brutal]).await.expect("it starts");
        let pid = supervisor.whereis().await.expect("it runs");
        let [a, b] = ups(["a", "b"]).await;
        assert_eq!(supervisor.stop().await, Ok(()));
        stops(["a"]).await;
        for pid in [pid, a, b] {
            assert!(!alive(pid).await);
        }
    });
}

#[test]
fn sup_216_a_stop_that_takes_too_long_goes_on() {
    both("SUP-216", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let supervisor = patient([child_with("a", Manner::Stubborn)]).await;
        let supervisor = supervisor.expect("it starts");
        let watch = watch(supervisor.whereis().await.expect("it runs")).await;
        let [a] = ups(["a"]).await;
        let stopped = beamline::stop(supervisor.clone(), ExitReason::Normal, Some(SHORT));
        assert_eq!(stopped.await, Err(CallError::Timeout));
        stops(["a"]).await;
        exit(a, ExitReason::Kill);
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
    });
}
