//! DSUP: how children that come and go are stopped, and what else a dynamic supervisor shares with
//! others.

use beamline::ChildType;

use super::dynamic::patient_dynamic;
use super::*;

/// A dynamic supervisor that tries again as often as it takes, and its child that fails, which is
/// being restarted.
pub(super) async fn trying() -> (DynamicSupervisor, Pid, Arc<AtomicU32>) {
    trying_under(DynamicSupervisor::start_link()).await
}

pub(super) async fn trying_under(
    options: beamline::DynamicSupervisorOptions,
) -> (DynamicSupervisor, Pid, Arc<AtomicU32>) {
    let mut mailbox = mailbox();
    let supervisor = options.max_restarts(1_000_000, LONG).await;
    let supervisor = supervisor.expect("it starts");
    let (spec, starts) = failing("a", u32::MAX);
    let a = supervisor.start_child(spec).await.expect("it starts");
    ups(["a"]).await;
    end(&mut mailbox, a, boom()).await;
    while starts.load(Ordering::SeqCst) < 2 {
        sleep(Duration::from_millis(1)).await;
    }
    (supervisor, a, starts)
}

pub(super) async fn counts(supervisor: &DynamicSupervisor) -> Counts {
    supervisor.count_children().await.expect("it runs")
}

#[test]
fn dsup_023_one_child_is_stopped_like_all() {
    both("DSUP-23", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let supervisor = patient_dynamic().await.expect("it starts");
        for shutdown in [Shutdown::Brutal, Shutdown::Timeout(SHORT)] {
            let deaf = child_with("a", Manner::Deaf).shutdown(shutdown);
            let a = supervisor.start_child(deaf).await.expect("it starts");
            let watch = watch(a).await;
            assert_eq!(supervisor.terminate_child(a).await, Ok(()));
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        }
        // DSUP-26: the kill was what the first was to have.
        assert_eq!(complaints(&mut mailbox).await, [ExitReason::Killed]);
    });
}

#[test]
fn dsup_024_all_are_asked_and_each_has_its_own_time() {
    both("DSUP-24", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let supervisor = patient_dynamic().await.expect("it starts");
        let mut watches = Vec::new();
        for (manner, shutdown, killed) in [
            (Manner::Polite, Shutdown::Infinity, false),
            (Manner::Deaf, Shutdown::Brutal, true),
            (Manner::Deaf, Shutdown::Timeout(SHORT), true),
            (Manner::Slow(3 * SHORT), Shutdown::Infinity, false),
            (Manner::Deaf, Shutdown::Timeout(2 * SHORT), true),
        ] {
            let spec = child_with("a", manner).shutdown(shutdown);
            let a = supervisor.start_child(spec).await.expect("it starts");
            watches.push((watch(a).await, killed));
        }
        supervisor.stop().await.expect("it runs");
        for (watch, killed) in watches {
            let reason = down(&mut mailbox, watch).await;
            assert_eq!(reason == ExitReason::Killed, killed, "{reason}");
        }
        // DSUP-28: one by one, and not for the one that was to be killed.
        let twice = [ExitReason::Killed, ExitReason::Killed];
        assert_eq!(complaints(&mut mailbox).await, twice);
    });
}

#[test]
fn dsup_026_which_reasons_are_fine() {
    both("DSUP-26", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        for (restart, ending, fine) in [
            (Restart::Permanent, ExitReason::Shutdown, true),
            (Restart::Permanent, ExitReason::shutdown_with(1), true),
            (Restart::Permanent, ExitReason::Normal, false),
            (Restart::Temporary, ExitReason::Normal, true),
            (Restart::Transient, boom(), false),
        ] {
            let supervisor = patient_dynamic().await.expect("it starts");
            for _ in 0..2 {
                let spec = ends_with("a", ending.clone()).restart(restart);
                assert!(supervisor.start_child(spec).await.is_ok());
            }
            assert_eq!(supervisor.stop().await, Ok(()));
            let expected = if fine { vec![] } else { vec![ending; 2] };
            assert_eq!(complaints(&mut mailbox).await, expected);
        }
    });
}

#[test]
fn dsup_027_who_was_dead_before_is_reported() {
    both("DSUP-27", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let supervisor = patient_dynamic().await.expect("it starts");
        let mut children = Vec::new();
        for (restart, reason) in [
            (Restart::Transient, boom()),
            (Restart::Transient, ExitReason::Shutdown),
            (Restart::Transient, ExitReason::Normal),
            (Restart::Permanent, ExitReason::Normal),
        ] {
            let spec = child("a").restart(restart);
            let a = supervisor.start_child(spec).await.expect("it starts");
            children.push((a, reason));
        }
        suspended(&supervisor).await;
        for (a, reason) in children {
            end(&mut mailbox, a, reason).await;
        }
        // A stop is heard by a suspended process, the exits in its mailbox are not.
        supervisor.stop().await.expect("it runs");
        let told = complaints(&mut mailbox).await;
        assert_eq!(told, [boom(), ExitReason::Shutdown, ExitReason::Normal]);
    });
}

#[test]
fn dsup_028_complaints_come_one_by_one_when_all_are_dead() {
    both("DSUP-28", async || {
        let mut mailbox = mailbox();
        let supervisor = patient_dynamic().await.expect("it starts");
        let mut children = Vec::new();
        for time in [SHORT, 2 * SHORT, SHORT] {
            let deaf = child_with("a", Manner::Deaf).shutdown(time);
            children.push(supervisor.start_child(deaf).await.expect("it starts"));
        }
        report::subscribe().await;
        let stopping = supervisor.clone();
        let stopping = Task::spawn(async move { stopping.stop().await });
        let first = mailbox.receive::<SupervisorReport>().await;
        assert_eq!(
            first.event,
            SupervisorEvent::ShutdownError(ExitReason::Killed)
        );
        for pid in children {
            assert!(!alive(pid).await);
        }
        for _ in 0..2 {
            assert_eq!(
                mailbox.receive::<SupervisorReport>().await.event,
                first.event
            );
        }
        assert_eq!(stopping.join(None).await, Ok(Ok(())));
    });
}

#[test]
fn dsup_029_children_that_are_being_restarted_are_skipped() {
    both("DSUP-29", async || {
        let (supervisor, _, _) = trying().await;
        assert!(supervisor.start_child(child("b")).await.is_ok());
        ups(["b"]).await;
        assert_eq!(supervisor.stop().await, Ok(()));
        stops(["b"]).await;
    });
}

#[test]
fn dsup_030_a_child_that_is_being_stopped_dies_with_its_supervisor() {
    both("DSUP-30", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let supervisor = patient_dynamic().await.expect("it starts");
        let stubborn = child_with("a", Manner::Stubborn);
        let a = supervisor.start_child(stubborn).await.expect("it starts");
        ups(["a"]).await;
        let watch = watch(a).await;
        let pid = supervisor.whereis().await.expect("it runs");
        let stopping = supervisor.clone();
        let (_, over) = spawn_monitor(async move |_: Mailbox| stopping.stop().await);
        stops(["a"]).await;
        exit(pid, ExitReason::Kill);
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        down(&mut mailbox, over).await;
    });
}

#[test]
fn dsup_031_the_youngest_comes_first() {
    both("DSUP-31", async || {
        let supervisor = patient_dynamic().await.expect("it starts");
        let a = supervisor.start_child(child("a")).await.expect("it starts");
        let nested = supervisor.start_child(Supervisor::child([])).await;
        let nested = nested.expect("it starts");
        let children = supervisor.which_children().await.expect("it runs");
        let told: Vec<_> = (children.into_iter())
            .map(|info| (info.id, info.child, info.kind))
            .collect();
        let expected = [
            (None, ChildState::Running(nested), ChildType::Supervisor),
            (None, ChildState::Running(a), ChildType::Worker),
        ];
        assert_eq!(told, expected);
        supervisor.stop().await.expect("it runs");
    });
}

#[test]
fn dsup_032_children_are_counted_by_type_and_state() {
    both("DSUP-32", async || {
        let (supervisor, _, _) = trying().await;
        let nested = supervisor.start_child(Supervisor::child([])).await;
        assert!(nested.is_ok(), "{nested:?}");
        let expected = Counts {
            specs: 2,
            active: 1,
            supervisors: 1,
            workers: 1,
        };
        assert_eq!(counts(&supervisor).await, expected);
        supervisor.stop().await.expect("it runs");
    });
}

#[test]
fn dsup_036_as_a_child_it_goes_by_its_type() {
    both("DSUP-36", async || {
        let named = |name: &'static str| DynamicSupervisor::start_link().name(name).child();
        assert_eq!(named("one").get_id(), &Name::from("DynamicSupervisor"));
        let children = [named("one"), named("two").id("two")];
        let supervisor = patient(children).await.expect("it starts");
        for name in ["one", "two"] {
            let dynamic = DynamicSupervisor::at(name);
            assert!(dynamic.start_child(child("a")).await.is_ok());
        }
        supervisor.stop().await.expect("it runs");
    });
}

#[test]
fn dsup_037_reports_have_no_id() {
    both("DSUP-37", async || {
        report::subscribe().await;
        let (supervisor, a, _) = trying().await;
        assert_eq!(supervisor.terminate_child(a).await, Ok(()));
        let reports = reports(&mut mailbox()).await;
        assert!(reports.iter().all(|report| report.offender.id.is_none()));
        let told: Vec<_> = (reports.into_iter().take(3))
            .map(|report| (report.event, report.offender.child))
            .collect();
        let failed = SupervisorEvent::StartError(StartError::Failed(boom()));
        let expected = [
            (SupervisorEvent::Started, ChildState::Running(a)),
            (
                SupervisorEvent::ChildTerminated(boom()),
                ChildState::Running(a),
            ),
            // DSUP-18: already at the first failure.
            (failed, ChildState::Restarting(Some(a))),
        ];
        assert_eq!(told, expected);
    });
}

#[test]
fn dsup_038_messages_that_mean_nothing_are_dropped() {
    both("DSUP-38", async || {
        let supervisor = patient_dynamic().await.expect("it starts");
        send(supervisor.whereis().await.expect("it runs"), "what?");
        assert_eq!(counts(&supervisor).await, Counts::default());
    });
}

#[test]
fn dsup_039_a_slow_start_keeps_others_waiting() {
    both("DSUP-39", async || {
        let supervisor = patient_dynamic().await.expect("it starts");
        let starting = supervisor.clone();
        let slow = slow_start("a", SHORT);
        let starting = Task::spawn(async move { starting.start_child(slow).await });
        assert_eq!(log().next().await, Told::Begins("a"));
        assert_eq!(counts(&supervisor).await.active, 1);
        assert!(starting.join(None).await.expect("it ends").is_ok());
    });
}
