//! SUP-1xx, SUP-15xx: specifications, and what makes them.

use beamline::{ChildType, SpecError};

use super::*;

/// A server that does nothing.
#[derive(Debug)]
pub(super) struct Idle;

impl GenServer for Idle {
    type Args = ();
    type Call = Never;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Idle.into())
    }
}

fn plain() -> ChildSpec {
    ChildSpec::new("a", || async { Err::<Pid, _>(StartError::Ignore) })
}

fn significant(id: &'static str) -> ChildSpec {
    child(id).restart(Restart::Transient).significant(true)
}

#[test]
fn sup_104_children_are_workers_unless_told_otherwise() {
    both("SUP-104", async || {
        assert_eq!(plain().get_kind(), ChildType::Worker);
        let told = plain().kind(ChildType::Supervisor);
        assert_eq!(told.get_kind(), ChildType::Supervisor);
    });
}

#[test]
fn sup_105_who_has_how_long_to_stop() {
    both("SUP-105", async || {
        let five = Shutdown::Timeout(Duration::from_secs(5));
        assert_eq!(plain().get_shutdown(), five);
        let supervisor = plain().kind(ChildType::Supervisor);
        assert_eq!(supervisor.get_shutdown(), Shutdown::Infinity);
        let told = supervisor.shutdown(SHORT);
        assert_eq!(told.get_shutdown(), Shutdown::Timeout(SHORT));
    });
}

#[test]
fn sup_106_children_are_not_significant_unless_told_otherwise() {
    both("SUP-106", async || {
        assert!(!plain().is_significant());
        assert!(plain().significant(true).is_significant());
    });
}

#[test]
fn sup_108_any_time_is_a_shutdown() {
    both("SUP-108", async || {
        let supervisor = patient([]).await.expect("it starts");
        let (zero, one) = (Duration::ZERO, Duration::from_millis(1));
        for shutdown in [
            Shutdown::Timeout(zero),
            Shutdown::Timeout(one),
            Shutdown::Infinity,
            Shutdown::Brutal,
        ] {
            let spec = child("a").shutdown(shutdown);
            assert!(supervisor.start_child(spec).await.is_ok());
            let kept = supervisor.child_spec("a").await.expect("it is a child");
            assert_eq!(kept.get_shutdown(), shutdown);
            assert_eq!(supervisor.terminate_child("a").await, Ok(()));
            assert_eq!(supervisor.delete_child("a").await, Ok(()));
        }
    });
}

#[test]
fn sup_114_children_are_checked_one_after_another() {
    both("SUP-114", async || {
        let permanent = |id| child(id).significant(true);
        let twice = patient([child("a"), child("a"), permanent("b")]);
        let id = "a".into();
        assert_eq!(twice.check(), Err(SpecError::DuplicateId { id }));
        let first = patient([permanent("b"), child("a"), child("a")]);
        let id = "b".into();
        assert_eq!(first.check(), Err(SpecError::SignificantForNothing { id }));
    });
}

#[test]
fn sup_115_errors_name_the_child_and_what_to_do() {
    both("SUP-115", async || {
        for (options, words) in [
            (patient([child("a"), child("a")]), ["\"a\"", ".id("]),
            (patient([significant("b")]), ["\"b\"", "auto_shutdown"]),
        ] {
            let error = options.check().expect_err("it is wrong").to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
    });
}

#[test]
fn sup_118_children_can_be_checked_without_being_started() {
    both("SUP-118", async || {
        assert_eq!(patient([child("a"), child("b")]).check(), Ok(()));
        let any = patient([significant("a")]).auto_shutdown(AutoShutdown::AnySignificant);
        assert_eq!(any.check(), Ok(()));
        assert_eq!(log().take(), None, "nobody was started");
    });
}

#[test]
fn sup_119_a_late_child_is_checked_like_the_first_ones() {
    both("SUP-119", async || {
        let options = patient([]).auto_shutdown(AutoShutdown::AnySignificant);
        let supervisor = options.await.expect("it starts");
        let permanent = child("a").significant(true);
        let id = "a".into();
        let wrong = SpecError::SignificantButPermanent { id };
        let refused = supervisor.start_child(permanent).await;
        assert_eq!(refused, Err(SupervisorError::Spec(wrong)));
        assert!(supervisor.start_child(significant("a")).await.is_ok());
    });
}

#[test]
fn sup_1502_behaviours_make_specifications() {
    both("SUP-1502", async || {
        let children = [
            Idle::child(()),
            Agent::child(|| 1_u8),
            Task::child(async || sleep(LONG).await),
            TaskSupervisor::child(),
            Supervisor::child([]),
            DynamicSupervisor::child(),
        ];
        let supervisor = patient(children).await.expect("it starts");
        let counts = supervisor.count_children().await.expect("it runs");
        assert_eq!((counts.supervisors, counts.active >= 5), (3, true));
        let ids = supervisor.which_children().await.expect("it runs");
        let known = |id: &str| ids.iter().any(|info| info.id == Some(Name::from(id)));
        assert!(known("Idle") && known("Agent") && known("Supervisor"));
        supervisor.stop().await.expect("it runs");
    });
}

#[test]
fn sup_1503_supervisors_make_specifications_of_supervisors() {
    both("SUP-1503", async || {
        for spec in [Supervisor::child([]), DynamicSupervisor::child()] {
            assert_eq!(spec.get_kind(), ChildType::Supervisor);
            assert_eq!(spec.get_restart(), Restart::Permanent);
            assert_eq!(spec.get_shutdown(), Shutdown::Infinity);
        }
    });
}

#[test]
fn sup_1504_every_field_can_be_overridden() {
    both("SUP-1504", async || {
        let spec = Idle::child(())
            .id("other")
            .restart(Restart::Temporary)
            .shutdown(Shutdown::Brutal)
            .kind(ChildType::Supervisor)
            .significant(true);
        assert_eq!(spec.get_id(), &Name::from("other"));
        assert_eq!(spec.get_restart(), Restart::Temporary);
        assert_eq!(spec.get_shutdown(), Shutdown::Brutal);
        assert_eq!(spec.get_kind(), ChildType::Supervisor);
        assert!(spec.is_significant());
    });
}

#[test]
fn sup_1505_a_supervisor_has_a_name_or_an_address() {
    both("SUP-1505", async || {
        let registry = Registry::<String>::unique().start_link().await;
        let registry = registry.expect("it starts");
        let local = patient([child("a")]).name("sup").await.expect("it starts");
        let key = via(&registry, "sup".to_owned());
        let other = patient([]).name(key.clone()).await.expect("it starts");
        let by_name = Supervisor::at("sup").count_children().await;
        assert_eq!(by_name.expect("it runs").specs, 1);
        let by_key = Supervisor::at(key).count_children().await;
        assert_eq!(by_key, Ok(Counts::default()));
        for supervisor in [local, other] {
            supervisor.stop().await.expect("it runs");
        }
        let nobody = Supervisor::at("sup").count_children().await;
        assert_eq!(nobody, Err(CallError::NoProc));
    });
}

#[test]
fn sup_1505_a_supervisor_may_have_a_global_name() {
    both("SUP-1505 global", async || {
        let names = Global::<&'static str>::start_link().await?;
        let name = || names.address("sup");
        let supervisor = patient([child("a")]).name(name()).await?;
        let pid = supervisor.whereis().await;
        assert_eq!(names.whereis_name(&"sup").await, pid);
        let again = patient([]).name(name()).await.map(|_| ());
        assert_eq!(again, Err(StartError::AlreadyStarted(pid)));
        Supervisor::at(name()).stop().await?;
        assert_eq!(names.whereis_name(&"sup").await, None);
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn sup_1505_a_killed_supervisor_is_replaced_under_its_global_name() {
    both("SUP-1505 killed", async || {
        let mut mailbox = mailbox();
        let names = Global::<&'static str>::start_link().await?;
        let (inner, worker) = (names.address("inner"), names.address("worker"));
        let children = [Idle::child(()).name(worker)];
        let inner = patient(children).name(inner).child();
        let outer = patient([inner]).await?;
        for name in ["worker", "inner"] {
            let old = names.whereis_name(&name).await.expect("it runs");
            let watch = watch(old).await;
            exit(old, ExitReason::Kill);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
            while names
                .whereis_name(&"worker")
                .await
                .is_none_or(|new| new == old)
                || names.whereis_name(&name).await.is_none_or(|new| new == old)
            {
                sleep(Duration::from_millis(1)).await;
            }
        }
        outer.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn sup_1506_counts_are_one_value() {
    both("SUP-1506", async || {
        let nested = Supervisor::child([]).id("b");
        let supervisor = patient([child("a"), nested]).await.expect("it starts");
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        let counts = Counts {
            specs: 2,
            active: 1,
            supervisors: 1,
            workers: 1,
        };
        assert_eq!(supervisor.count_children().await, Ok(counts));
        supervisor.stop().await.expect("it runs");
    });
}

#[test]
fn sup_1508_a_server_of_a_known_id_is_refused() {
    both("SUP-1508", async || {
        let supervisor = patient([]).await.expect("it starts");
        let first = supervisor.start_child(Idle::child(())).await;
        let first = first.expect("it starts");
        let second = supervisor.start_child(Idle::child(())).await;
        assert_eq!(second, Err(SupervisorError::AlreadyStarted(first)));
        let other = Idle::child(()).id("other");
        assert!(supervisor.start_child(other).await.is_ok());
        supervisor.stop().await.expect("it runs");
    });
}
