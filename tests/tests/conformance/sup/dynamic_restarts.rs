//! DSUP: how children that come and go are started and started again.

use beamline::SpecError;

use super::dynamic::patient_dynamic;
use super::dynamic_ends::{counts, trying, trying_under};
use super::*;

/// One that allows so many restarts, and a monitor on it.
async fn limited(restarts: usize) -> (DynamicSupervisor, Ref) {
    trap_exit(true);
    let supervisor = DynamicSupervisor::start_link().max_restarts(restarts, LONG);
    let supervisor = supervisor.await.expect("it starts");
    let pid = supervisor.whereis().await.expect("it runs");
    (supervisor, watch(pid).await)
}

#[test]
fn dsup_002_three_restarts_are_allowed_unless_told_otherwise() {
    beamline_tests::on_sim("DSUP-2", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let supervisor = DynamicSupervisor::start_link().await.expect("it starts");
        let watch = watch(supervisor.whereis().await.expect("it runs")).await;
        let mut a = supervisor.start_child(child("a")).await.expect("it starts");
        ups(["a"]).await;
        for _ in 0..3 {
            end(&mut mailbox, a, boom()).await;
            [a] = ups(["a"]).await;
        }
        end(&mut mailbox, a, boom()).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn dsup_005_it_begins_without_children_and_traps_exits() {
    both("DSUP-5", async || {
        let supervisor = patient_dynamic().await.expect("it starts");
        assert_eq!(counts(&supervisor).await, Counts::default());
        let pid = supervisor.whereis().await.expect("it runs");
        assert!(info(pid).await.expect("it runs").trap_exit);
    });
}

#[test]
fn dsup_006_the_caller_checks_the_specification() {
    both("DSUP-6", async || {
        let nobody = DynamicSupervisor::at("nobody");
        let significant = child("a").restart(Restart::Transient).significant(true);
        let refused = nobody.start_child(significant).await;
        let id = "a".into();
        let wrong = SpecError::SignificantDynamic { id };
        assert_eq!(refused, Err(SupervisorError::Spec(wrong)));
        let lost = nobody.start_child(child("a")).await;
        let nobody = CallError::NoProc;
        assert_eq!(lost, Err(SupervisorError::Call(nobody)));
    });
}

#[test]
fn dsup_009_zero_is_a_time_to_stop() {
    both("DSUP-9", async || {
        let supervisor = patient_dynamic().await.expect("it starts");
        for time in [Duration::ZERO, Duration::from_millis(1)] {
            let deaf = child_with("a", Manner::Deaf).shutdown(time);
            let a = supervisor.start_child(deaf).await.expect("it starts");
            assert_eq!(supervisor.terminate_child(a).await, Ok(()));
            assert!(!alive(a).await);
        }
    });
}

#[test]
fn dsup_010_a_child_that_is_being_restarted_takes_a_place() {
    both("DSUP-10", async || {
        let (supervisor, ..) = trying_under(DynamicSupervisor::start_link().max_children(1)).await;
        let second = supervisor.start_child(child("b")).await;
        assert_eq!(second, Err(SupervisorError::MaxChildren));
    });
}

#[test]
fn dsup_010_a_child_that_was_restarted_takes_a_place() {
    both("DSUP-10", async || {
        let mut mailbox = mailbox();
        let supervisor = patient_dynamic().max_children(1).await.expect("it starts");
        let a = supervisor.start_child(child("a")).await.expect("it starts");
        ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        ups(["a"]).await;
        let second = supervisor.start_child(child("b")).await;
        assert_eq!(second, Err(SupervisorError::MaxChildren));
    });
}

#[test]
fn dsup_013_a_start_function_that_panics_fails() {
    both("DSUP-13", async || {
        let supervisor = patient_dynamic().await.expect("it starts");
        let exits = ChildSpec::new("a", || async {
            exit_now(boom());
            #[expect(unreachable_code, reason = "it says what the type is")]
            Ok::<Pid, StartError>(me())
        });
        let failed = supervisor.start_child(exits).await;
        assert_eq!(failed, Err(StartError::Failed(boom()).into()));
        let panics = ChildSpec::new("a", || async {
            assert!(now() > now() + LONG, "no start today");
            Ok::<_, StartError>(me())
        });
        let failed = supervisor.start_child(panics).await;
        let error = failed.expect_err("it fails").to_string();
        assert!(error.contains("no start today"), "{error}");
        assert_eq!(counts(&supervisor).await, Counts::default());
    });
}

#[test]
fn dsup_016_exits_of_strangers_are_ignored() {
    both("DSUP-16", async || {
        let supervisor = patient_dynamic().await.expect("it starts");
        let a = supervisor.start_child(child("a")).await.expect("it starts");
        let pid = supervisor.whereis().await.expect("it runs");
        let (_, over) = spawn_monitor(async move |_: Mailbox| {
            link(pid);
            exit(pid, boom());
            boom()
        });
        down(&mut mailbox(), over).await;
        settle().await;
        let children = supervisor.which_children().await.expect("it runs");
        assert_eq!(children[0].child, ChildState::Running(a));
    });
}

#[test]
fn dsup_017_all_children_share_one_budget() {
    both("DSUP-17", async || {
        let mut mailbox = mailbox();
        let (supervisor, watch) = limited(1).await;
        let a = supervisor.start_child(child("a")).await.expect("it starts");
        let b = supervisor.start_child(child("b")).await.expect("it starts");
        ups(["a", "b"]).await;
        end(&mut mailbox, a, boom()).await;
        ups(["a"]).await;
        end(&mut mailbox, b, boom()).await;
        stops(["a"]).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn dsup_018_a_child_that_is_being_restarted_goes_by_its_old_pid() {
    both("DSUP-18", async || {
        let (supervisor, a, _) = trying().await;
        let known = counts(&supervisor).await;
        assert_eq!((known.specs, known.active), (1, 0), "DSUP-32");
        let children = supervisor.which_children().await.expect("it runs");
        assert_eq!(children[0].child, ChildState::Restarting(Some(a)));
        assert_eq!(supervisor.terminate_child(a).await, Ok(()));
        assert_eq!(counts(&supervisor).await, Counts::default());
    });
}

#[test]
fn dsup_018_a_child_is_tried_again_until_it_starts() {
    both("DSUP-18", async || {
        let mut mailbox = mailbox();
        let supervisor = patient_dynamic().await.expect("it starts");
        let (spec, starts) = failing("a", 2);
        let a = supervisor.start_child(spec).await.expect("it starts");
        ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        let [again] = ups(["a"]).await;
        assert_eq!(starts.load(Ordering::SeqCst), 4);
        let children = supervisor.which_children().await.expect("it runs");
        assert_eq!(children[0].child, ChildState::Running(again));
        assert_eq!(supervisor.terminate_child(again).await, Ok(()));
    });
}

#[test]
fn dsup_019_a_retry_for_a_child_that_is_gone_is_ignored() {
    both("DSUP-19", async || {
        let (supervisor, a, starts) = trying().await;
        assert_eq!(supervisor.terminate_child(a).await, Ok(()));
        let tried = starts.load(Ordering::SeqCst);
        settle().await;
        assert_eq!(counts(&supervisor).await, Counts::default());
        assert_eq!(starts.load(Ordering::SeqCst), tried);
        let again = supervisor.terminate_child(a).await;
        assert_eq!(again, Err(SupervisorError::NotFound));
    });
}

#[test]
fn dsup_020_who_decides_not_to_run_again_is_forgotten() {
    both("DSUP-20", async || {
        let mut mailbox = mailbox();
        let supervisor = patient_dynamic().await.expect("it starts");
        let a = supervisor.start_child(once("a")).await.expect("it starts");
        ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        while counts(&supervisor).await != Counts::default() {
            sleep(Duration::from_millis(1)).await;
        }
    });
}

#[test]
fn dsup_021_one_restart_too_many_ends_it() {
    both("DSUP-21", async || {
        let mut mailbox = mailbox();
        let (supervisor, watch) = limited(0).await;
        let a = supervisor.start_child(child("a")).await.expect("it starts");
        assert!(supervisor.start_child(child("b")).await.is_ok());
        ups(["a", "b"]).await;
        end(&mut mailbox, a, boom()).await;
        stops(["b"]).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn dsup_021_a_restart_that_fails_for_ever_ends_it() {
    both("DSUP-21", async || {
        let mut mailbox = mailbox();
        let (supervisor, watch) = limited(3).await;
        let (spec, starts) = failing("a", u32::MAX);
        let a = supervisor.start_child(spec).await.expect("it starts");
        assert!(supervisor.start_child(child("b")).await.is_ok());
        ups(["a", "b"]).await;
        end(&mut mailbox, a, boom()).await;
        stops(["b"]).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
        assert_eq!(starts.load(Ordering::SeqCst), 1 + 3);
    });
}

#[test]
fn dsup_022_who_was_stopped_is_a_stranger() {
    both("DSUP-22", async || {
        let mut mailbox = mailbox();
        let supervisor = patient_dynamic().await.expect("it starts");
        for (shutdown, reason) in [
            (Shutdown::Brutal, ExitReason::Killed),
            (Shutdown::Infinity, ExitReason::Shutdown),
        ] {
            let spec = child("a").shutdown(shutdown);
            let a = supervisor.start_child(spec).await.expect("it starts");
            let watch = watch(a).await;
            assert_eq!(supervisor.terminate_child(a).await, Ok(()));
            assert_eq!(down(&mut mailbox, watch).await, reason);
            let again = supervisor.terminate_child(a).await;
            assert_eq!(again, Err(SupervisorError::NotFound));
        }
    });
}
