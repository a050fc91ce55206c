//! APP-16, APP-32 to APP-35 and LOG-11: applications that fail, or end by themselves.

use beamline::FailedToStart;

use super::*;

/// What became of the controller when an application ended with a reason: nothing, unless that
/// ends all.
async fn fate(start_type: StartType, reason: ExitReason, ends_all: bool) -> Option<ExitReason> {
    let mut mailbox = mailbox();
    trap_exit(true);
    let log = Log::default();
    let apps = applications([App::new("a", &log), App::new("b", &log)]).await;
    apps.start("b", StartType::Temporary)
        .await
        .expect("it starts");
    apps.start("a", start_type).await.expect("it starts");
    end("a", reason).await;
    while apps.running().await.is_ok_and(|running| running.len() == 2) {
        sleep(Duration::from_millis(1)).await;
    }
    let count = |name| {
        let lines = log.0.lock().expect("nobody panics here");
        lines
            .iter()
            .filter(|line| **line == format!("stop {name}"))
            .count()
    };
    assert_eq!(count("a"), 1, "its callbacks are called");
    if !ends_all {
        assert_eq!(apps.running().await, Ok(names(&["b"])));
        apps.shutdown().await.expect("it runs");
        mailbox.receive::<Exit>().await;
        return None;
    }
    let exit = mailbox.receive::<Exit>().await;
    assert_eq!(exit.from, apps.pid());
    assert_eq!(count("b"), 1, "the others are stopped");
    Some(exit.reason)
}

#[test]
fn app_032_what_the_end_of_an_application_does_to_the_others() {
    both("APP-32", async || {
        use StartType::{Permanent, Temporary};
        let cases = [
            (Temporary, boom(), false),
            (Temporary, ExitReason::Normal, false),
            (Permanent, ExitReason::Normal, true),
            (Permanent, boom(), true),
        ];
        ends(cases).await;
    });
}

#[test]
fn app_033_a_shutdown_of_a_transient_application_is_no_normal_end() {
    both("APP-33", async || {
        let cases = [
            (StartType::Transient, ExitReason::Normal, false),
            (StartType::Transient, ExitReason::Shutdown, true),
            (StartType::Transient, boom(), true),
        ];
        ends(cases).await;
    });
}

/// Which ends of an application end all.
async fn ends(cases: impl IntoIterator<Item = (StartType, ExitReason, bool)>) {
    for (start_type, reason, ends_all) in cases {
        let fate = fate(start_type, reason.clone(), ends_all).await;
        let application = "a".into();
        let failure = ExitReason::other(ApplicationFailure::Ended {
            application,
            start_type,
            reason,
        });
        assert_eq!(fate, ends_all.then_some(failure), "{start_type}");
    }
}

#[test]
fn app_034_what_a_failed_start_does_to_the_others() {
    both("APP-34", async || {
        use StartType::{Permanent, Temporary, Transient};
        let mut mailbox = mailbox();
        trap_exit(true);
        let cases = [
            (Temporary, boom(), false),
            (Transient, ExitReason::Normal, false),
            (Transient, boom(), true),
            (Permanent, boom(), true),
        ];
        for (start_type, reason, ends_all) in cases {
            let app = App::new("a", &Log::default());
            let apps = applications([app.begins(Begin::Fail(reason.clone()))]).await;
            let answer = apps.start("a", start_type).await;
            let application: Name = "a".into();
            let failed = ApplicationError::Start {
                application: application.clone(),
                reason: reason.clone(),
            };
            assert_eq!(answer, Err(failed));
            if !ends_all {
                apps.shutdown().await.expect("it runs");
                mailbox.receive::<Exit>().await;
                continue;
            }
            let failure = ApplicationFailure::Start {
                application,
                start_type,
                reason,
            };
            let exit = mailbox.receive::<Exit>().await;
            assert_eq!(exit.reason, ExitReason::other(failure));
        }
    });
}

#[test]
fn app_016_the_failure_of_a_child_is_the_error_of_the_start() {
    struct Faulty;
    impl Application for Faulty {
        type State = ();
        fn spec(&self) -> ApplicationSpec {
            ApplicationSpec::new("faulty")
        }
        async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
            let child = ChildSpec::new("child", || async {
                Err::<Pid, _>(StartError::Failed(boom()))
            });
            Ok(Supervisor::start_link([child]).await?.into())
        }
    }
    both("APP-16 child", async || {
        let release = Release::new().with(Faulty).start_link().await;
        let apps = release.expect("it starts");
        let failed = apps.start("faulty", StartType::Temporary).await;
        let failure = FailedToStart {
            id: "child".into(),
            error: StartError::Failed(boom()),
        };
        let reason = StartError::Failed(ExitReason::shutdown_with(failure)).into();
        let application = "faulty".into();
        let expected = ApplicationError::Start {
            application,
            reason,
        };
        assert_eq!(failed, Err(expected));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_035_a_stop_ends_nobody_else() {
    both("APP-35", async || {
        let log = Log::default();
        let apps = applications([App::new("a", &log), App::new("b", &log)]).await;
        for name in ["a", "b"] {
            apps.start(name, StartType::Permanent)
                .await
                .expect("it starts");
        }
        assert_eq!(apps.stop("a").await, Ok(()));
        assert_eq!(apps.running().await, Ok(names(&["b"])));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn log_011_the_end_of_an_application_is_reported() {
    both("LOG-11", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let apps = applications([App::new("a", &Log::default())]).await;
        for stopped in [true, false] {
            apps.start("a", StartType::Temporary)
                .await
                .expect("it starts");
            match stopped {
                true => apps.stop("a").await.expect("it runs"),
                false => end("a", boom()).await,
            }
            let report = mailbox.receive::<ApplicationReport>().await;
            let reason = (!stopped).then(boom);
            let application = "a".into();
            let start_type = StartType::Temporary;
            assert_eq!(
                report,
                ApplicationReport {
                    application,
                    start_type,
                    reason
                }
            );
        }
        settle().await;
        apps.shutdown().await.expect("it runs");
    });
}
