//! Programs on applications, which give their oracles something to judge.

use std::time::Duration;

use beamline::application::{Application, ApplicationSpec, Environment, Release, StartType, Top};
use beamline::prelude::*;

use super::Body;

const SOON: Duration = Duration::from_millis(20);

/// An application whose tree is empty and has its name.
struct App(&'static str, &'static [&'static str]);

impl Application for App {
    type State = ();

    fn spec(&self) -> ApplicationSpec {
        let spec = ApplicationSpec::new(self.0);
        let needs = self.1.iter();
        needs.fold(spec, |spec, needed| spec.depends_on(*needed))
    }

    async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
        Ok(Supervisor::start_link([]).name(self.0).await?.into())
    }
}

fn release() -> Release {
    let release = Release::new().with(App("web", &["store"]));
    release.with(App("store", &[]))
}

/// An application is wanted before what it needs; then both are started, and stopped.
pub(crate) fn early() -> Body {
    Box::pin(async {
        let Ok(applications) = release().start_link().await else {
            return;
        };
        for name in ["web", "store", "web"] {
            let _ = applications.start(name, StartType::Temporary).await;
        }
        let _ = applications.shutdown().await;
    })
}

/// A permanent application crashes.
pub(crate) fn fatal() -> Body {
    Box::pin(async {
        spawn(async |mut mailbox: Mailbox| {
            let Ok(applications) = release().start_link().await else {
                return;
            };
            let _ = applications.start("store", StartType::Permanent).await;
            if let Some(top) = whereis("store").await {
                exit(top, ExitReason::Kill);
            }
            mailbox.receive::<()>().await;
        });
        sleep(SOON).await;
    })
}
