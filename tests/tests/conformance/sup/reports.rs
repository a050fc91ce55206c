//! What supervisors report, and when. Child specifications of servers (GS-87).

use beamline::{ChildType, CrashReport, Report};
use beamline_tests::on_sim;

use super::*;

/// A server that ends as it is told, and whose start fails when told so.
#[derive(Debug)]
struct Obedient;

impl GenServer for Obedient {
    type Args = Option<ExitReason>;
    type Call = Never;
    type Cast = End;
    type Info = Message;
    type Continue = Never;

    async fn init(fails: Self::Args) -> Init<Self> {
        match fails {
            Some(reason) => Err(Refusal::Stop(reason)),
            None => Ok(Obedient.into()),
        }
    }

    async fn handle_cast(&mut self, End(reason): End) -> Flow<Self> {
        Ok(Next::Stop(reason))
    }
}

async fn running(supervisor: &Supervisor, id: &str) -> Pid {
    match state(supervisor, id).await {
        ChildState::Running(pid) => pid,
        other => panic!("it should run, but {other:?}"),
    }
}

#[test]
fn gs_087_a_server_makes_a_specification_of_a_permanent_worker() {
    both("GS-87", async || {
        let spec = Obedient::child(None);
        assert_eq!(spec.get_id(), &Name::from("Obedient"));
        assert_eq!(spec.get_restart(), Restart::Permanent);
        assert_eq!(spec.get_kind(), ChildType::Worker);
        // What a supervisor is to do otherwise is said of the specification.
        let other = Obedient::child(None)
            .id("other")
            .restart(Restart::Temporary);
        assert_eq!(other.get_id(), &Name::from("other"));
        assert_eq!(other.get_restart(), Restart::Temporary);
        let supervisor = patient([spec, other]).await.expect("it starts");
        let pid = running(&supervisor, "Obedient").await;
        Server::<Obedient>::of(pid).cast(End(boom()));
        Server::<Obedient>::of(running(&supervisor, "other").await).cast(End(boom()));
        forgets(&supervisor, "other").await;
        while state(&supervisor, "Obedient").await == ChildState::Running(pid) {
            sleep(Duration::from_millis(1)).await;
        }
        supervisor.stop().await.expect("it runs");
    });
}

#[test]
fn log_010_a_supervisor_reports_what_befalls_its_children() {
    both("LOG-10", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let supervisor = patient([]).name("boss").await.expect("it starts");
        let spec = Obedient::child(None).restart(Restart::Temporary);
        let pid = supervisor.start_child(spec).await.expect("it starts");
        Server::<Obedient>::of(pid).cast(End(boom()));
        let deaf = child_with("deaf", Manner::Deaf).shutdown(Shutdown::Brutal);
        let deaf = supervisor.start_child(deaf).await.expect("it starts");
        supervisor
            .terminate_child("deaf")
            .await
            .expect("it is a child");
        for (id, event, child) in [
            ("Obedient", SupervisorEvent::Started, Some(pid)),
            (
                "Obedient",
                SupervisorEvent::ChildTerminated(boom()),
                Some(pid),
            ),
            ("deaf", SupervisorEvent::Started, Some(deaf)),
        ] {
            let about = |report: &SupervisorReport| {
                report.offender.id == Some(Name::from(id)) && report.event == event
            };
            let report = mailbox.receive_where(about).await;
            assert_eq!(Some(report.supervisor), supervisor.whereis().await);
            assert_eq!(report.name, Some(Name::from("boss")));
            let offender = &report.offender;
            let running = match offender.child {
                ChildState::Running(pid) => Some(pid),
                _ => None,
            };
            assert_eq!(running, child, "{report}");
            assert_eq!(offender.kind, ChildType::Worker);
            let restart = match id {
                "Obedient" => Restart::Temporary,
                _ => Restart::Permanent,
            };
            assert_eq!(offender.restart, restart);
        }
        supervisor.stop().await.expect("it runs");
        // The start of its first children is reported as well, that of later ones answered.
        trap_exit(true);
        let failed = Obedient::child(Some(boom()));
        assert!(patient([failed]).name("luckless").await.is_err());
        let failed = SupervisorEvent::StartError(StartError::Failed(boom()));
        let about = |report: &SupervisorReport| report.event == failed;
        let report = mailbox.receive_where(about).await;
        assert_eq!(report.name, Some(Name::from("luckless")));
        assert_eq!(report.offender.child, ChildState::Stopped);
    });
}

/// Whose report it is; nobody's if it tells of no end.
fn of_whom(report: &Report<'_>) -> Option<&'static str> {
    match report {
        Report::Crash(_) => Some("the child"),
        Report::Supervisor(report) if report.event != SupervisorEvent::Started => {
            Some("its supervisor")
        }
        _ => None,
    }
}

async fn one_crash() -> Result<(), ExitReason> {
    let supervisor = patient([Obedient::child(None)]).await?;
    let pid = running(&supervisor, "Obedient").await;
    Server::<Obedient>::of(pid).cast(End(boom()));
    while state(&supervisor, "Obedient").await == ChildState::Running(pid) {
        sleep(Duration::from_millis(1)).await;
    }
    supervisor.stop().await?;
    Ok(())
}

#[test]
fn log_013_the_supervisor_reports_after_the_child() {
    // As messages the two come from two processes, in any order.
    on_sim("LOG-13", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        one_crash().await?;
        assert_eq!(mailbox.receive::<CrashReport>().await.reason, boom());
        let ended =
            |report: &SupervisorReport| report.event == SupervisorEvent::ChildTerminated(boom());
        mailbox.receive_where(ended).await;
        Ok::<(), ExitReason>(())
    });
    // A hook sees in which order they are made.
    for _ in 0..20 {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&seen);
        let hook = move |report: &Report<'_>| {
            let mut noted = noted.lock().expect("nobody panics here");
            noted.extend(of_whom(report));
        };
        let runtime = Runtime::new().workers(2).on_report(hook);
        assert_eq!(runtime.run(one_crash()), ExitReason::Normal);
        let seen = seen.lock().expect("nobody panics here");
        assert_eq!(*seen, ["the child", "its supervisor"]);
    }
}
