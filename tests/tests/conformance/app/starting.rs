//! APP-1, APP-2, APP-12 to APP-19, APP-24 to APP-27, APP-44, APP-45: loading and starting.

use super::*;

const TEMPORARY: StartType = StartType::Temporary;

#[test]
fn app_001_an_application_is_loaded_once() {
    both("APP-1", async || {
        let log = Log::default();
        let apps = applications([App::new("a", &log)]).await;
        let again = apps.load(App::new("a", &log)).await;
        assert_eq!(again, Err(ApplicationError::AlreadyLoaded("a".into())));
        assert_eq!(apps.load(App::new("b", &log)).await, Ok(()));
        assert_eq!(apps.start("b", TEMPORARY).await, Ok(()));
        let unknown = apps.start("c", TEMPORARY).await;
        assert_eq!(unknown, Err(ApplicationError::NotLoaded("c".into())));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_001_two_applications_of_one_name_make_no_release() {
    both("APP-1 release", async || {
        trap_exit(true);
        let log = Log::default();
        let two = Release::new()
            .with(App::new("a", &log))
            .with(App::new("a", &log));
        let error = two.start_link().await.expect_err("they have one name");
        assert!(
            error
                .to_string()
                .contains("application a is loaded already"),
            "{error}"
        );
    });
}

#[test]
fn app_002_only_what_does_not_run_is_unloaded() {
    both("APP-2", async || {
        let apps = applications([App::new("a", &Log::default())]).await;
        apps.start("a", TEMPORARY).await.expect("it starts");
        let running = apps.unload("a").await;
        assert_eq!(running, Err(ApplicationError::Running("a".into())));
        apps.stop("a").await.expect("it runs");
        assert_eq!(apps.unload("a").await, Ok(()));
        let gone = apps.unload("a").await;
        assert_eq!(gone, Err(ApplicationError::NotLoaded("a".into())));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_012_what_is_not_loaded_is_not_started() {
    both("APP-12", async || {
        let log = Log::default();
        let apps = applications([]).await;
        let error = Err(ApplicationError::NotLoaded("a".into()));
        assert_eq!(apps.start("a", TEMPORARY).await, error);
        apps.load(App::new("a", &log)).await.expect("it is new");
        assert_eq!(apps.start("a", TEMPORARY).await, Ok(()));
        assert_eq!(log.take(), ["start a"]);
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_013_what_is_needed_has_to_run_first() {
    both("APP-13", async || {
        let log = Log::default();
        let apps = applications([App::new("b", &log).needs("a"), App::new("a", &log)]).await;
        let early = apps.start("b", TEMPORARY).await;
        let (application, needed) = ("b".into(), "a".into());
        let needs = ApplicationError::Needs {
            application,
            needed,
        };
        assert_eq!(early, Err(needs));
        assert!(log.take().is_empty(), "nothing was started");
        apps.start("a", TEMPORARY).await.expect("it starts");
        assert_eq!(apps.start("b", TEMPORARY).await, Ok(()));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_014_a_running_application_is_not_started_again() {
    both("APP-14", async || {
        let apps = applications([App::new("a", &Log::default())]).await;
        assert_eq!(apps.ensure_started("a", TEMPORARY).await, Ok(()));
        let again = apps.start("a", TEMPORARY).await;
        assert_eq!(again, Err(ApplicationError::AlreadyStarted("a".into())));
        assert_eq!(apps.ensure_started("a", TEMPORARY).await, Ok(()));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_016_the_error_of_a_failed_start_is_told() {
    both("APP-16", async || {
        let app = App::new("a", &Log::default());
        let apps = applications([app.begins(Begin::Fail(boom()))]).await;
        let (application, reason) = ("a".into(), boom());
        let error = ApplicationError::Start {
            application,
            reason,
        };
        assert_eq!(apps.start("a", TEMPORARY).await, Err(error));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_017_exits_and_crashes_of_a_start_are_told() {
    both("APP-17", async || {
        let log = Log::default();
        let begins = [
            (
                Begin::Exit(ExitReason::Normal),
                ExitReason::Normal.to_string(),
            ),
            (Begin::Panic, "cannot start".to_string()),
        ];
        for (begin, told) in begins {
            let apps = applications([App::new("a", &log).begins(begin)]).await;
            match apps.start("a", TEMPORARY).await {
                Err(ApplicationError::Start {
                    application,
                    reason,
                }) => {
                    assert_eq!(&*application, "a");
                    assert!(reason.to_string().contains(&told), "{reason}");
                }
                other => panic!("it was started: {other:?}"),
            }
            assert_eq!(apps.running().await, Ok(vec![]));
            apps.shutdown().await.expect("it runs");
        }
    });
}

#[test]
fn app_015_a_top_process_that_is_not_there_is_a_failed_start() {
    struct Nobody;
    impl Application for Nobody {
        type State = ();
        fn spec(&self) -> ApplicationSpec {
            ApplicationSpec::new("nobody")
        }
        async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
            Ok(Name::from("nobody at all").into())
        }
    }
    both("APP-15", async || {
        let apps = Release::new()
            .with(Nobody)
            .start_link()
            .await
            .expect("it starts");
        let error = apps
            .start("nobody", TEMPORARY)
            .await
            .expect_err("nobody is there");
        let reason = ExitReason::NoProc;
        let application = "nobody".into();
        assert_eq!(
            error,
            ApplicationError::Start {
                application,
                reason
            }
        );
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_019_a_library_has_no_process() {
    both("APP-19", async || {
        let spec = ApplicationSpec::new("library").default(&SIZE, 3);
        let release = Release::new().with_library(spec);
        let apps = release.start_link().await.expect("it starts");
        assert_eq!(apps.start("library", TEMPORARY).await, Ok(()));
        assert_eq!(apps.running().await, Ok(names(&["library"])));
        assert_eq!(apps.environment("library").get(&SIZE).await, Some(3));
        assert_eq!(apps.stop("library").await, Ok(()));
        assert_eq!(apps.running().await, Ok(vec![]));
        apps.shutdown().await.expect("it runs");
    });
}

/// Three starts of an application at once, and whether it ran when each was answered.
async fn three_starts(apps: &Applications) -> Vec<(Result<(), ApplicationError>, bool)> {
    let starts = (0..3).map(|_| {
        let apps = apps.clone();
        Task::spawn(async move {
            let answer = apps.start("a", TEMPORARY).await;
            (answer, apps.running().await == Ok(names(&["a"])))
        })
    });
    let answers = Task::join_all(starts.collect::<Vec<_>>(), None).await;
    answers.expect("nobody ends before it answers")
}

#[test]
fn app_024_starts_of_one_application_at_once_are_one_start() {
    both("APP-24", async || {
        let log = Log::default();
        let slow = Begin::Slowly(Duration::from_millis(5));
        let apps = applications([App::new("a", &log).begins(slow)]).await;
        // Whoever comes too late is told so; nobody is answered before it runs.
        let already = Err(ApplicationError::AlreadyStarted("a".into()));
        for (answer, runs) in three_starts(&apps).await {
            assert!(answer == Ok(()) || answer == already, "{answer:?}");
            assert!(runs);
        }
        assert_eq!(log.take(), ["start a"]);
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_024_all_who_wait_for_a_start_hear_of_its_failure() {
    both("APP-24 failing", async || {
        let failing = Begin::Fail(boom());
        let apps = applications([App::new("a", &Log::default()).begins(failing)]).await;
        let (application, reason) = ("a".into(), boom());
        let failed = ApplicationError::Start {
            application,
            reason,
        };
        for answer in three_starts(&apps).await {
            assert_eq!(answer, (Err(failed.clone()), false));
        }
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_014_what_is_being_stopped_is_started_when_it_has_stopped() {
    both("APP-14 stopping", async || {
        let log = Log::default();
        let needy = App::new("b", &log).needs("a");
        let apps = applications([App::new("a", &log).hesitates(), needy]).await;
        apps.start("a", TEMPORARY).await.expect("it starts");
        for again in ["a", "b"] {
            let own = apps.clone();
            let stop = Task::spawn(async move { own.stop("a").await });
            while !log.holds("prep_stop a") {
                sleep(Duration::from_millis(1)).await;
            }
            let started = apps.start(again, TEMPORARY).await;
            assert_eq!(stop.join(None).await, Ok(Ok(())));
            log.take();
            if again == "a" {
                assert_eq!(started, Ok(()));
                assert_eq!(apps.running().await, Ok(names(&["a"])));
            } else {
                let (application, needed) = ("b".into(), "a".into());
                let needs = ApplicationError::Needs {
                    application,
                    needed,
                };
                assert_eq!(started, Err(needs));
            }
        }
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_025_others_are_started_while_one_starts() {
    struct Starter(Log, Arc<Mutex<Option<Applications>>>);
    impl Application for Starter {
        type State = ();
        fn spec(&self) -> ApplicationSpec {
            ApplicationSpec::new("starter")
        }
        async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
            let apps = self.1.lock().expect("nobody panics here").clone();
            let apps = apps.expect("it is there before the start");
            apps.load(App::new("other", &self.0)).await?;
            apps.start("other", TEMPORARY).await?;
            Ok(spawn_link(async |mut mailbox: Mailbox| {
                mailbox.receive_any().await;
            })
            .into())
        }
    }
    both("APP-25", async || {
        let (log, cell) = (Log::default(), Arc::default());
        let release = Release::new().with(Starter(log, Arc::clone(&cell)));
        let apps = release.start_link().await.expect("it starts");
        *cell.lock().expect("nobody panics here") = Some(apps.clone());
        assert_eq!(apps.start("starter", TEMPORARY).await, Ok(()));
        assert_eq!(apps.running().await, Ok(names(&["starter", "other"])));
        cell.lock().expect("nobody panics here").take();
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_026_phases_follow_the_start_in_order() {
    both("APP-26", async || {
        let log = Log::default();
        let phased = |app: App| app.spec(|spec| spec.phase("init").phase("go"));
        let failing = App::new("b", &log).begins(Begin::FailPhase("init"));
        let apps = applications([phased(App::new("a", &log)), phased(failing)]).await;
        apps.start("a", TEMPORARY).await.expect("it starts");
        assert_eq!(log.take(), ["start a", "init a", "go a"]);
        let failed = apps.start("b", TEMPORARY).await;
        let (application, reason) = ("b".into(), boom());
        assert_eq!(
            failed,
            Err(ApplicationError::Start {
                application,
                reason
            })
        );
        assert_eq!(log.take()[..2], ["start b", "init b"]);
        assert_eq!(whereis("b").await, None, "the tree has ended");
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_027_a_process_knows_its_application() {
    struct Asks(Arc<Mutex<Option<Applications>>>, Pid);
    impl Application for Asks {
        type State = ();
        fn spec(&self) -> ApplicationSpec {
            ApplicationSpec::new("asks")
        }
        async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
            let apps = self.0.lock().expect("nobody panics here").clone();
            let (apps, root) = (apps.expect("it is there before the start"), self.1);
            let child = TaskSupervisor::child().name("tasks");
            let top = Supervisor::start_link([child]).await?;
            let tasks = TaskSupervisor::whereis("tasks").await.expect("it runs");
            let task = async move { send(root, apps.of_caller().await) };
            tasks.start_child(task).await?;
            Ok(top.into())
        }
    }
    both("APP-27", async || {
        let (cell, mut mailbox) = (Arc::default(), mailbox());
        let release = Release::new().with(Asks(Arc::clone(&cell), me()));
        let apps = release.start_link().await.expect("it starts");
        *cell.lock().expect("nobody panics here") = Some(apps.clone());
        apps.start("asks", TEMPORARY).await.expect("it starts");
        let told = mailbox.receive::<Result<Option<Name>, CallError>>().await;
        assert_eq!(told, Ok(Some("asks".into())));
        assert_eq!(apps.of_caller().await, Ok(None));
        cell.lock().expect("nobody panics here").take();
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_045_what_is_known_of_an_application() {
    both("APP-45", async || {
        let log = Log::default();
        let described = |spec: ApplicationSpec| spec.description("the first").version("1.2");
        let a = App::new("a", &log).needs("b").spec(described);
        let apps = applications([a.clone(), App::new("b", &log)]).await;
        let spec = apps
            .spec("a")
            .await
            .expect("it runs")
            .expect("it is loaded");
        assert_eq!(spec, a.spec);
        assert_eq!(
            (spec.get_description(), spec.get_version()),
            ("the first", "1.2")
        );
        assert_eq!(spec.get_dependencies(), names(&["b"]));
        assert_eq!(apps.spec("c").await, Ok(None));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_044_errors_say_what_is_wrong() {
    let a = || Name::from("a");
    let errors = [
        (
            ApplicationError::AlreadyStarted(a()),
            "application a has already been started",
        ),
        (
            ApplicationError::NotStarted(a()),
            "application a has not been started",
        ),
        (
            ApplicationError::AlreadyLoaded(a()),
            "application a is loaded already",
        ),
        (
            ApplicationError::Running(a()),
            "application a is running: stop it first",
        ),
        (
            ApplicationError::NotLoaded(a()),
            "unknown application a: add it to the release, or load it",
        ),
    ];
    for (error, text) in errors {
        assert_eq!(error.to_string(), text);
    }
}
