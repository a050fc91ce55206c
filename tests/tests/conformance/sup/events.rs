//! SUP-12xx: what is reported of events.

use beamline::{ChildType, CrashReport, SupervisedChild};

use super::*;

/// A supervisor whose only child crashes, fails to restart once, and is stopped by a kill.
async fn eventful(mailbox: &mut Mailbox) -> (Supervisor, Pid, Pid) {
    report::subscribe().await;
    let (a, _) = failing("a", 1);
    let deaf = child_with("b", Manner::Deaf).shutdown(Duration::ZERO);
    let options = Supervisor::start_link([a, deaf]).max_restarts(2, LONG);
    let supervisor = options.name("sup").await.expect("it starts");
    let [first, _] = ups(["a", "b"]).await;
    end(mailbox, first, boom()).await;
    let [second] = ups(["a"]).await;
    (supervisor, first, second)
}

#[test]
fn sup_1201_five_things_are_reported() {
    both("SUP-1201", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let (supervisor, _, a) = eventful(&mut mailbox).await;
        let pid = supervisor.whereis().await.expect("it runs");
        let watch = watch(pid).await;
        end(&mut mailbox, a, boom()).await;
        down(&mut mailbox, watch).await;
        let events = reports(&mut mailbox).await.into_iter();
        let events: Vec<_> = events.map(|report| report.event).collect();
        let expected = [
            SupervisorEvent::Started,
            SupervisorEvent::Started,
            SupervisorEvent::ChildTerminated(boom()),
            SupervisorEvent::StartError(StartError::Failed(boom())),
            SupervisorEvent::Started,
            SupervisorEvent::ChildTerminated(boom()),
            SupervisorEvent::Shutdown,
            SupervisorEvent::ShutdownError(ExitReason::Killed),
        ];
        assert_eq!(events, expected);
    });
}

#[test]
fn sup_1202_a_report_says_who_and_what() {
    both("SUP-1202", async || {
        let mut mailbox = mailbox();
        let (supervisor, first, _) = eventful(&mut mailbox).await;
        assert!(supervisor.count_children().await.is_ok());
        let reports = reports(&mut mailbox).await;
        let offender = SupervisedChild {
            id: Some("a".into()),
            child: ChildState::Running(first),
            restart: Restart::Permanent,
            shutdown: Shutdown::Infinity,
            kind: ChildType::Worker,
            significant: false,
        };
        assert_eq!(reports[2].event, SupervisorEvent::ChildTerminated(boom()));
        assert_eq!(reports[2].offender, offender);
        let text = reports[2].to_string();
        assert!(text.contains("sup") && text.contains("boom"), "{text}");
        supervisor.stop().await.expect("it runs");
    });
}

#[test]
fn sup_1203_a_report_names_its_supervisor() {
    both("SUP-1203", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        for name in [Some("sup"), None] {
            let options = patient([child("a")]);
            let options = match name {
                Some(name) => options.name(name),
                None => options,
            };
            let supervisor = options.await.expect("it starts");
            let report = mailbox.receive::<SupervisorReport>().await;
            assert_eq!(Some(report.supervisor), supervisor.whereis().await);
            assert_eq!(report.name, name.map(Name::from));
        }
    });
}

#[test]
fn sup_1205_failures_of_requests_are_not_reported() {
    both("SUP-1205", async || {
        let mut mailbox = mailbox();
        let (a, _) = failing("a", 1);
        let supervisor = patient([a]).await.expect("it starts");
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        report::subscribe().await;
        assert!(supervisor.start_child(broken("b")).await.is_err());
        assert!(supervisor.restart_child("a").await.is_err());
        assert_eq!(reports(&mut mailbox).await, []);
    });
}

#[test]
fn sup_1206_the_orderly_end_of_a_permanent_child_is_reported() {
    both("SUP-1206", async || {
        let mut mailbox = mailbox();
        let supervisor = patient([child("a")]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        report::subscribe().await;
        end(&mut mailbox, a, ExitReason::Normal).await;
        ups(["a"]).await;
        assert!(supervisor.count_children().await.is_ok());
        let told = &reports(&mut mailbox).await[0];
        let ended = SupervisorEvent::ChildTerminated(ExitReason::Normal);
        assert_eq!(told.event, ended);
    });
}

#[test]
fn sup_1207_a_supervisor_that_crashes_is_reported_like_any_process() {
    both("SUP-1207", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let supervisor = patient([]).await.expect("it starts");
        let pid = supervisor.whereis().await.expect("it runs");
        report::subscribe().await;
        assert_eq!(
            beamline::stop(supervisor.clone(), boom(), None).await,
            Ok(())
        );
        let crash = mailbox.receive::<CrashReport>().await;
        assert_eq!((crash.pid, crash.reason), (pid, boom()));
    });
}
