//! What the end of one application does to the others.

use beamline::application::{
    Application, ApplicationFailure, ApplicationSpec, Environment, Release, StartType, Top,
};
use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("application::start_types", start_types)
            .about("permanent, transient and temporary applications that end in three ways")
            .expects(["start_types.all_ended", "start_types.others_live"])
            .no_leaks(),
    ]
}

/// An application whose only process ends as it is told.
struct Worker(&'static str);

impl Application for Worker {
    type State = ();

    fn spec(&self) -> ApplicationSpec {
        ApplicationSpec::new(self.0)
    }

    async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
        let worker = spawn_link(async |mut mailbox: Mailbox| {
            trap_exit(true);
            receive! { mailbox;
                reason in ExitReason => reason,
                exit in Exit => exit.reason,
            }
        });
        let name = self.0;
        register(name, worker).await?;
        Ok(worker.into())
    }
}

/// Whether an end with this reason is the end of all (APP-32, APP-33).
fn ends_all(start_type: StartType, reason: &ExitReason) -> bool {
    match start_type {
        StartType::Permanent => true,
        StartType::Transient => *reason != ExitReason::Normal,
        StartType::Temporary => false,
    }
}

async fn start_types() -> Result<(), ExitReason> {
    trap_exit(true);
    let mut mailbox = mailbox();
    let types = [
        StartType::Permanent,
        StartType::Transient,
        StartType::Temporary,
    ];
    let reasons = [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::other("boom"),
    ];
    let start_type = types[random_range(0..3) as usize];
    let reason = reasons[random_range(0..3) as usize].clone();
    let release = Release::new()
        .with_type(Worker("other"), StartType::Temporary)
        .with_type(Worker("worker"), start_type);
    let applications = release.start_link().await?;
    applications.start_all().await?;
    let worker = whereis("worker").await.ok_or(ExitReason::NoProc)?;
    send(worker, reason.clone());
    if ends_all(start_type, &reason) {
        let exit = mailbox
            .receive_where(|exit: &Exit| exit.from == applications.pid())
            .await;
        let application = "worker".into();
        let failure = ExitReason::other(ApplicationFailure::Ended {
            application,
            start_type,
            reason,
        });
        always!(
            "start_types.reason",
            exit.reason == failure,
            "{}",
            exit.reason
        );
        always!("start_types.none_left", whereis("other").await.is_none());
        sometimes!("start_types.all_ended", true);
        return Ok(());
    }
    while applications.running().await?.len() == 2 {
        yield_now().await;
    }
    let other = whereis("other").await;
    always!(
        "start_types.other_lives",
        other.is_some(),
        "{start_type}, {reason}"
    );
    sometimes!("start_types.others_live", true);
    Ok(applications.shutdown().await?)
}
