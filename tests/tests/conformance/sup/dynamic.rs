//! DSUP: supervisors whose children come and go.

use super::*;

pub(super) fn patient_dynamic() -> beamline::DynamicSupervisorOptions {
    DynamicSupervisor::start_link().max_restarts(1_000, Duration::from_secs(1))
}

#[test]
fn dsup_008_ids_do_not_matter() {
    both("DSUP-8", async || {
        let supervisor = patient_dynamic().await.expect("it starts");
        for _ in 0..3 {
            assert!(supervisor.start_child(child("a")).await.is_ok());
        }
        ups(["a", "a", "a"]).await;
        let children = supervisor.which_children().await.expect("it runs");
        assert!(children.iter().all(|child| child.id.is_none()));
        assert_eq!(children.len(), 3);
    });
}

#[test]
fn dsup_010_there_may_be_so_many_children() {
    both("DSUP-10", async || {
        let supervisor = patient_dynamic().max_children(1).await.expect("it starts");
        let a = supervisor.start_child(child("a")).await.expect("the first");
        let second = supervisor.start_child(child("b")).await;
        assert_eq!(second, Err(SupervisorError::MaxChildren));
        assert_eq!(supervisor.terminate_child(a).await, Ok(()));
        assert!(supervisor.start_child(child("c")).await.is_ok());
        ups(["a"]).await;
        stops(["a"]).await;
        ups(["c"]).await;
    });
}

#[test]
fn dsup_012_who_does_not_run_is_not_kept() {
    both("DSUP-12", async || {
        let supervisor = patient_dynamic().await.expect("it starts");
        for error in [StartError::Ignore, StartError::Failed(boom())] {
            let told = error.clone();
            let spec = ChildSpec::new("a", move || {
                let error = told.clone();
                async move { Err::<Pid, _>(error) }
            });
            let failed = supervisor.start_child(spec).await;
            assert_eq!(failed, Err(error.into()));
        }
        assert_eq!(supervisor.count_children().await, Ok(Counts::default()));
    });
}

#[test]
fn dsup_015_who_is_not_restarted_is_forgotten() {
    both("DSUP-15", async || {
        let mut mailbox = mailbox();
        let supervisor = patient_dynamic().await.expect("it starts");
        for (restart, reason, restarts) in [
            (Restart::Permanent, ExitReason::Normal, true),
            (Restart::Permanent, ExitReason::Shutdown, true),
            (Restart::Permanent, boom(), true),
            (Restart::Transient, ExitReason::Normal, false),
            (Restart::Transient, ExitReason::Shutdown, false),
            (Restart::Transient, ExitReason::shutdown_with(1), false),
            (Restart::Transient, boom(), true),
            (Restart::Temporary, ExitReason::Normal, false),
            (Restart::Temporary, ExitReason::Shutdown, false),
            (Restart::Temporary, boom(), false),
        ] {
            let spec = child("a").restart(restart);
            let a = supervisor.start_child(spec).await.expect("it starts");
            ups(["a"]).await;
            end(&mut mailbox, a, reason).await;
            if restarts {
                let [again] = ups(["a"]).await;
                assert_eq!(supervisor.terminate_child(again).await, Ok(()));
                stops(["a"]).await;
            }
            while supervisor.count_children().await != Ok(Counts::default()) {
                sleep(Duration::from_millis(1)).await;
            }
        }
    });
}

#[test]
fn dsup_022_strangers_are_not_stopped() {
    both("DSUP-22", async || {
        let supervisor = patient_dynamic().await.expect("it starts");
        let stranger = beamline_tests::idle();
        let refused = supervisor.terminate_child(stranger).await;
        assert_eq!(refused, Err(SupervisorError::NotFound));
        assert!(alive(stranger).await);
    });
}

#[test]
fn dsup_025_children_stop_at_once() {
    both("DSUP-25", async || {
        let supervisor = patient_dynamic().await.expect("it starts");
        for _ in 0..4 {
            let slow = child_with("a", Manner::Slow(Duration::from_millis(20)));
            let slow = slow.shutdown(Shutdown::Infinity);
            assert!(supervisor.start_child(slow).await.is_ok());
        }
        ups(["a", "a", "a", "a"]).await;
        supervisor.stop().await.expect("it runs");
        stops(["a", "a", "a", "a"]).await;
    });
}

#[test]
fn dsup_025_the_whole_takes_as_long_as_the_slowest() {
    beamline_tests::on_sim("DSUP-25", async || {
        let supervisor = patient_dynamic().await.expect("it starts");
        for time in [100, 200, 300] {
            let time = Duration::from_millis(time);
            let deaf = child_with("a", Manner::Deaf).shutdown(time);
            assert!(supervisor.start_child(deaf).await.is_ok());
        }
        ups(["a", "a", "a"]).await;
        let begun = now();
        supervisor.stop().await.expect("it runs");
        assert!(begun.elapsed() <= Duration::from_millis(300));
    });
}

#[test]
fn dsup_026_which_ends_are_fine() {
    both("DSUP-26", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let supervisor = patient_dynamic().await.expect("it starts");
        let deaf = child_with("a", Manner::Deaf).shutdown(SHORT);
        let pids = [
            supervisor.start_child(child("a")).await,
            supervisor.start_child(deaf).await,
        ];
        ups(["a", "a"]).await;
        for pid in pids {
            let pid = pid.expect("it starts");
            assert_eq!(supervisor.terminate_child(pid).await, Ok(()));
        }
        assert_eq!(complaints(&mut mailbox).await, [ExitReason::Killed]);
    });
}

#[test]
fn dsup_034_the_end_of_the_parent_stops_all() {
    both("DSUP-34", async || {
        let mut mailbox = mailbox();
        let (test, spec) = (me(), child("a"));
        let parent = spawn(async move |mut mailbox: Mailbox| {
            let supervisor = patient_dynamic().await.expect("it starts");
            assert!(supervisor.start_child(spec).await.is_ok());
            send(test, supervisor.whereis().await);
            mailbox.receive::<End>().await.0
        });
        ups(["a"]).await;
        let pid = mailbox.receive::<Option<Pid>>().await.expect("it runs");
        let watch = watch(pid).await;
        send(parent, End(ExitReason::Normal));
        stops(["a"]).await;
        assert!(down(&mut mailbox, watch).await.is_normal());
    });
}
