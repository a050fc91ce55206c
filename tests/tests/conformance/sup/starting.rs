//! SUP-1xx to SUP-3xx: specifications, starting.

use beamline::SpecError;

use super::*;

async fn failure(options: beamline::SupervisorOptions) -> StartError {
    match options.await {
        Ok(supervisor) => panic!("{supervisor:?} runs"),
        Err(error) => error,
    }
}

#[test]
fn sup_103_defaults_of_a_specification() {
    both("SUP-103", async || {
        let spec = ChildSpec::new("a", || async { Err::<Pid, _>(StartError::Ignore) });
        assert_eq!(spec.get_restart(), Restart::Permanent);
        assert_eq!(spec.get_kind(), beamline::ChildType::Worker);
        let five = Shutdown::Timeout(Duration::from_secs(5));
        assert_eq!(spec.get_shutdown(), five);
        assert!(!spec.is_significant());
        let nested = Supervisor::child([spec]);
        assert_eq!(nested.get_shutdown(), Shutdown::Infinity);
        assert_eq!(nested.get_kind(), beamline::ChildType::Supervisor);
    });
}

#[test]
fn sup_113_two_children_of_one_id_are_refused_before_any_starts() {
    both("SUP-113", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let error = failure(patient([child("a"), child("b"), child("a")])).await;
        let StartError::Failed(ExitReason::Error(reason)) = error else {
            panic!("{error:?}")
        };
        let duplicate = SpecError::DuplicateId { id: "a".into() };
        assert_eq!(reason.to_string(), duplicate.to_string());
        assert_eq!(log().take(), None, "no child was started");
        expect_nothing(&mut mailbox, "all is in the error").await;
    });
}

#[test]
fn sup_116_a_significant_child_needs_a_supervisor_that_ends_by_it() {
    both("SUP-116", async || {
        trap_exit(true);
        let significant = child("a").restart(Restart::Transient).significant(true);
        let error = failure(patient([significant.clone()])).await;
        assert!(format!("{error}").contains("auto_shutdown"), "{error}");
        let supervisor = patient([]).await.expect("without children");
        let refused = supervisor.start_child(significant).await;
        let id = "a".into();
        let expected = SpecError::SignificantForNothing { id };
        assert_eq!(refused, Err(SupervisorError::Spec(expected)));
    });
}

#[test]
fn sup_117_a_significant_child_is_not_permanent() {
    both("SUP-117", async || {
        trap_exit(true);
        let permanent = child("a").significant(true);
        let options = patient([permanent]).auto_shutdown(AutoShutdown::AnySignificant);
        let error = failure(options).await;
        assert!(format!("{error}").contains("permanent"), "{error}");
    });
}

#[test]
fn sup_214_a_taken_name_is_refused_and_nothing_is_started() {
    both("SUP-214", async || {
        let first = patient([]).name("sup").await.expect("the name is free");
        let error = failure(patient([child("a")]).name("sup")).await;
        let holder = first.whereis().await;
        assert_eq!(error, StartError::AlreadyStarted(holder));
        assert_eq!(log().take(), None, "no child was started");
    });
}

#[test]
fn sup_301_children_are_started_in_order() {
    both("SUP-301", async || {
        let supervisor = patient([child("a"), child("b"), child("c")]).await;
        let supervisor = supervisor.expect("all of them start");
        ups(["a", "b", "c"]).await;
        let counts = supervisor.count_children().await;
        let three = Counts {
            specs: 3,
            active: 3,
            supervisors: 0,
            workers: 3,
        };
        assert_eq!(counts, Ok(three));
    });
}

#[test]
fn sup_307_a_child_that_does_not_want_to_run_is_kept_unless_it_is_temporary() {
    both("SUP-307", async || {
        let unwilling =
            |id: &'static str| ChildSpec::new(id, || async { Err::<Pid, _>(StartError::Ignore) });
        let temporary = unwilling("b").restart(Restart::Temporary);
        let supervisor = patient([unwilling("a"), temporary]).await;
        let supervisor = supervisor.expect("that is no failure");
        assert_eq!(state(&supervisor, "a").await, ChildState::Stopped);
        let gone = supervisor.which_child("b").await;
        assert_eq!(gone, Err(SupervisorError::NotFound));
    });
}

#[test]
fn sup_308_a_child_that_fails_to_start_ends_the_start_of_all() {
    both("SUP-308", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let broken = ChildSpec::new("c", || async { Err::<Pid, _>(StartError::Failed(boom())) });
        let children = [child("a"), child("b"), broken, child("d")];
        let error = failure(patient(children).name("sup")).await;
        let expected = FailedToStart {
            id: "c".into(),
            error: StartError::Failed(boom()),
        };
        assert_eq!(
            error,
            StartError::Failed(ExitReason::shutdown_with(expected))
        );
        ups(["a", "b"]).await;
        stops(["b", "a"]).await;
        assert_eq!(whereis("sup").await, None);
        settle().await;
        assert_eq!(log().take(), None, "nothing else has happened");
        expect_nothing(&mut mailbox, "all is in the error").await;
    });
}

#[test]
fn sup_306_a_start_function_that_panics_fails() {
    both("SUP-306", async || {
        trap_exit(true);
        let supervisor = patient([]).await.expect("without children");
        let panics = ChildSpec::new("a", || async {
            assert!(now() > now() + LONG, "no start today");
            Ok::<_, StartError>(me())
        });
        let Err(SupervisorError::Start(StartError::Failed(reason))) =
            supervisor.start_child(panics).await
        else {
            panic!("it has started")
        };
        assert!(format!("{reason}").contains("no start today"), "{reason}");
        let nobody = supervisor.count_children().await;
        assert_eq!(nobody, Ok(Counts::default()), "it still serves");
    });
}

#[test]
fn sup_312_and_later_children_come_last() {
    both("SUP-312", async || {
        let supervisor = patient([child("a")]).await.expect("it starts");
        let started = supervisor.start_child(child("b")).await;
        let [_, b] = ups(["a", "b"]).await;
        assert_eq!(started, Ok(b));
        let ids = supervisor.which_children().await.expect("it runs");
        let ids: Vec<_> = ids.into_iter().filter_map(|info| info.id).collect();
        assert_eq!(
            ids,
            [Name::from("b"), Name::from("a")],
            "SUP-1014: the last one first"
        );
        supervisor.stop().await.expect("it runs");
        stops(["b", "a"]).await;
    });
}

#[test]
fn sup_302_a_slow_start_keeps_others_waiting() {
    both("SUP-302", async || {
        let supervisor = patient([]).await.expect("it starts");
        let starting = supervisor.clone();
        let slow = slow_start("a", SHORT);
        let start = Task::spawn(async move { starting.start_child(slow).await });
        assert_eq!(log().next().await, Told::Begins("a"));
        let counts = supervisor.count_children().await.expect("it runs");
        assert_eq!(counts.active, 1, "it answers when the start is over");
        assert!(start.join(None).await.expect("it ends").is_ok());
    });
}

#[test]
fn sup_303_a_start_answers_with_the_pid() {
    both("SUP-303", async || {
        let supervisor = patient([]).await.expect("it starts");
        let started = supervisor.start_child(child("a")).await;
        let [a] = ups(["a"]).await;
        assert_eq!(started, Ok(a));
    });
}

#[test]
fn sup_304_the_error_of_a_start_is_the_reason_of_the_failure() {
    both("SUP-304", async || {
        trap_exit(true);
        let supervisor = patient([]).await.expect("it starts");
        for error in [StartError::Timeout, StartError::Failed(boom())] {
            let told = error.clone();
            let spec = ChildSpec::new("a", move || {
                let error = told.clone();
                async move { Err::<Pid, _>(error) }
            });
            let failed = supervisor.start_child(spec).await;
            assert_eq!(failed, Err(SupervisorError::Start(error)));
        }
    });
}

#[test]
fn sup_309_a_child_that_fails_to_start_at_first_is_not_tried_again() {
    both("SUP-309", async || {
        trap_exit(true);
        let tries = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&tries);
        let broken = ChildSpec::new("a", move || {
            counted.fetch_add(1, Ordering::SeqCst);
            async { Err::<Pid, _>(StartError::Failed(boom())) }
        });
        failure(patient([broken])).await;
        assert_eq!(tries.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn sup_310_every_start_is_reported() {
    both("SUP-310", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let supervisor = patient([child("a")]).await.expect("it starts");
        assert!(supervisor.start_child(child("b")).await.is_ok());
        assert_eq!(supervisor.terminate_child("b").await, Ok(()));
        assert!(supervisor.restart_child("b").await.is_ok());
        let reports = reports(&mut mailbox).await;
        let started = |report: &SupervisorReport| report.event == SupervisorEvent::Started;
        assert!(reports.iter().all(started), "{reports:?}");
        let ids = reports.into_iter().filter_map(|report| report.offender.id);
        let ids: Vec<_> = ids.collect();
        assert_eq!(ids, ["a", "b", "b"].map(Name::from));
    });
}

#[test]
fn sup_311_a_child_that_is_not_linked_is_not_noticed() {
    both("SUP-311", async || {
        let mut mailbox = mailbox();
        let spec = ChildSpec::new("a", || async {
            Ok::<_, StartError>(spawn(async |mut mailbox: Mailbox| {
                mailbox.receive::<End>().await.0
            }))
        });
        let supervisor = patient([spec]).await.expect("it starts");
        let a = state(&supervisor, "a").await.pid().expect("it runs");
        end(&mut mailbox, a, boom()).await;
        settle().await;
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
        assert_eq!(
            supervisor.count_children().await.expect("it runs").active,
            0
        );
    });
}

#[test]
fn sup_313_a_restart_keeps_the_place_and_a_deletion_loses_it() {
    both("SUP-313", async || {
        let mut mailbox = mailbox();
        let supervisor = patient([child("a"), child("b"), child("c")]).await;
        let supervisor = supervisor.expect("it starts");
        let [a, ..] = ups(["a", "b", "c"]).await;
        end(&mut mailbox, a, boom()).await;
        ups(["a"]).await;
        assert_eq!(supervisor.terminate_child("b").await, Ok(()));
        assert!(supervisor.restart_child("b").await.is_ok());
        assert_eq!(listed(&supervisor).await, ["c", "b", "a"].map(Name::from));
        assert_eq!(supervisor.terminate_child("b").await, Ok(()));
        assert_eq!(supervisor.delete_child("b").await, Ok(()));
        assert!(supervisor.start_child(child("b")).await.is_ok());
        assert_eq!(listed(&supervisor).await, ["b", "c", "a"].map(Name::from));
    });
}
