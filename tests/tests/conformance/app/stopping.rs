//! APP-18, APP-29 to APP-31, APP-36 to APP-39, APP-43: stopping, and what is not defined.

use super::*;

const TEMPORARY: StartType = StartType::Temporary;

#[test]
fn app_018_the_state_passes_through_the_callbacks() {
    // Every callback of `App` asserts what it is given; a panic would leave its line out.
    both("APP-18", async || {
        let log = Log::default();
        let apps = applications([App::new("a", &log)]).await;
        apps.start("a", TEMPORARY).await.expect("it starts");
        end("a", boom()).await;
        while apps.running().await != Ok(vec![]) {
            sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(log.take(), ["start a", "prep_stop a", "stop a"]);
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_043_callbacks_that_are_not_defined_do_nothing() {
    struct Bare;
    impl Application for Bare {
        type State = ();
        fn spec(&self) -> ApplicationSpec {
            ApplicationSpec::new("bare").phase("go")
        }
        async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
            Ok(Supervisor::start_link([]).await?.into())
        }
    }
    both("APP-43", async || {
        let apps = Release::new()
            .with(Bare)
            .start_link()
            .await
            .expect("it starts");
        apps.start_all().await.expect("it starts");
        apps.configure(Config::new().set("bare", &SIZE, 1))
            .await
            .expect("it fits");
        assert_eq!(apps.stop("bare").await, Ok(()));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_029_stopping_what_does_not_run_is_an_error() {
    both("APP-29", async || {
        let apps = applications([App::new("a", &Log::default())]).await;
        let error = Err(ApplicationError::NotStarted("a".into()));
        assert_eq!(apps.stop("a").await, error);
        apps.start("a", TEMPORARY).await.expect("it starts");
        assert_eq!(apps.stop("a").await, Ok(()));
        assert_eq!(apps.stop("a").await, error);
        assert_eq!(whereis("a").await, None);
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_030_callbacks_before_and_after_the_tree_ends() {
    both("APP-30", async || {
        let log = Log::default();
        let apps = applications([App::new("a", &log)]).await;
        apps.start("a", TEMPORARY).await.expect("it starts");
        end_when_there("a").await;
        apps.stop("a").await.expect("it runs");
        assert_eq!(log.take(), ["start a", "prep_stop a", "end a", "stop a"]);
        // It can be started again.
        assert_eq!(apps.start("a", TEMPORARY).await, Ok(()));
        apps.shutdown().await.expect("it runs");
    });
}

/// Waits until the process of an application traps exits: before, being asked to stop ends it
/// without a word.
async fn end_when_there(name: &str) {
    while whereis(name).await.is_none() {
        sleep(Duration::from_millis(1)).await;
    }
}

#[test]
fn app_030_what_else_is_linked_to_the_application_is_killed() {
    struct Loose(Pid);
    impl Application for Loose {
        type State = ();
        fn spec(&self) -> ApplicationSpec {
            ApplicationSpec::new("loose")
        }
        async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
            let deaf = spawn_link(async |mut mailbox: Mailbox| {
                trap_exit(true);
                loop {
                    mailbox.receive_any().await;
                }
            });
            send(self.0, deaf);
            Ok(Supervisor::start_link([]).await?.into())
        }
    }
    both("APP-30 leftovers", async || {
        let mut mailbox = mailbox();
        let release = Release::new().with(Loose(me()));
        let apps = release.start_link().await.expect("it starts");
        apps.start("loose", TEMPORARY).await.expect("it starts");
        let deaf = mailbox.receive::<Pid>().await;
        let watch = monitor(deaf);
        apps.stop("loose").await.expect("it runs");
        let reason = beamline_tests::down(&mut mailbox, watch).await;
        assert!(matches!(reason, ExitReason::Killed | ExitReason::NoProc));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_031_dependants_do_not_hold_up_a_stop() {
    both("APP-31", async || {
        let log = Log::default();
        let apps = applications([App::new("b", &log).needs("a"), App::new("a", &log)]).await;
        apps.ensure_all_started(["b"], TEMPORARY)
            .await
            .expect("they start");
        assert_eq!(apps.stop("a").await, Ok(()));
        assert_eq!(apps.running().await, Ok(names(&["b"])));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_036_all_are_stopped_the_latest_first() {
    both("APP-36", async || {
        let log = Log::default();
        let b = App::new("b", &log).needs("a");
        let c = App::new("c", &log).needs("b");
        let apps = applications([c, b, App::new("a", &log)]).await;
        apps.ensure_all_started(["c"], TEMPORARY)
            .await
            .expect("they start");
        log.take();
        apps.shutdown().await.expect("it runs");
        let lines = log.take();
        let stops = lines.iter().filter(|line| !line.starts_with("end"));
        let order = [
            "prep_stop c",
            "stop c",
            "prep_stop b",
            "stop b",
            "prep_stop a",
            "stop a",
        ];
        assert!(stops.eq(order), "{lines:?}");
        assert!(!alive(apps.pid()).await);
    });
}

#[test]
fn app_036_what_takes_too_long_is_killed() {
    both("APP-36 timeout", async || {
        let log = Log::default();
        let mut slow = App::new("slow", &log);
        slow.manner = Manner::Deaf;
        let release = Release::new().with(App::new("a", &log)).with(slow);
        let timeout = Duration::from_millis(20);
        let apps = release
            .shutdown_timeout(timeout)
            .start_link()
            .await
            .expect("it starts");
        apps.start_all().await.expect("they start");
        end_when_there("slow").await;
        end_when_there("a").await;
        let top = whereis("slow").await.expect("it runs");
        log.take();
        apps.shutdown().await.expect("it runs");
        let lines = log.take();
        // A deadline may be met early in the simulator, by the other one too.
        assert!(!lines.contains(&"stop slow".to_string()), "it was killed");
        // Its tree is asked to stop by its end, as any tree whose parent is killed.
        exit(top, ExitReason::Kill);
    });
}

#[test]
fn app_036_the_end_of_whoever_started_them_stops_them() {
    both("APP-36 parent", async || {
        let (log, mut mailbox) = (Log::default(), mailbox());
        let (own, root) = (log.clone(), me());
        let starter = spawn(async move |mut mailbox: Mailbox| {
            let apps = applications([App::new("a", &own)]).await;
            apps.start("a", TEMPORARY).await?;
            send(root, apps.pid());
            mailbox.receive_any().await;
            Ok::<(), ExitReason>(())
        });
        let controller = mailbox.receive::<Pid>().await;
        let watch = crate::tsup::watch(controller).await;
        end_when_there("a").await;
        exit(starter, ExitReason::Shutdown);
        let reason = beamline_tests::down(&mut mailbox, watch).await;
        assert_eq!(reason, ExitReason::Shutdown);
        assert_eq!(log.take(), ["start a", "prep_stop a", "end a", "stop a"]);
    });
}

#[test]
fn app_036_one_that_is_just_starting_is_ended_too() {
    both("APP-36 starting", async || {
        let log = Log::default();
        let apps = applications([App::new("a", &log).begins(Begin::Hang)]).await;
        let own = apps.clone();
        let (_, watch) = spawn_monitor(async move |_| {
            let answer = own.start("a", TEMPORARY).await;
            assert_eq!(answer, Err(ApplicationError::ShuttingDown));
        });
        while log.take().is_empty() {
            sleep(Duration::from_millis(1)).await;
        }
        apps.shutdown().await.expect("it runs");
        let mut mailbox = mailbox();
        assert_eq!(
            beamline_tests::down(&mut mailbox, watch).await,
            ExitReason::Normal
        );
    });
}

#[test]
fn app_037_the_hook_hears_first_that_all_is_to_end() {
    both("APP-37", async || {
        let log = Log::default();
        let own = log.clone();
        let release = Release::new().with(App::new("a", &log));
        let release = release.on_shutdown(move |reason| {
            own.note(&reason.to_string(), &"hook".into());
            panic!("a panic of the hook harms nobody");
        });
        let apps = release.start_link().await.expect("it starts");
        apps.start_all().await.expect("it starts");
        end_when_there("a").await;
        log.take();
        apps.shutdown().await.expect("it runs");
        let lines = log.take();
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert_eq!(lines[0], format!("{} hook", ExitReason::Normal));
    });
}

#[test]
fn app_038_a_killed_application_takes_its_tree_along() {
    both("APP-38", async || {
        let (log, mut mailbox) = (Log::default(), mailbox());
        let apps = applications([App::new("a", &log)]).await;
        apps.start("a", TEMPORARY).await.expect("it starts");
        end_when_there("a").await;
        let top = whereis("a").await.expect("it runs");
        let watch = monitor(top);
        let parent = info(top).await.and_then(|info| info.parent);
        exit(parent.expect("it was spawned"), ExitReason::Kill);
        assert_eq!(
            beamline_tests::down(&mut mailbox, watch).await,
            ExitReason::Killed
        );
        while apps.running().await != Ok(vec![]) {
            sleep(Duration::from_millis(1)).await;
        }
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_039_callbacks_may_ask_while_all_is_stopped() {
    struct Curious(Arc<Mutex<Option<Applications>>>, Pid);
    impl Application for Curious {
        type State = ();
        fn spec(&self) -> ApplicationSpec {
            ApplicationSpec::new("curious")
        }
        async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
            Ok(Supervisor::start_link([]).await?.into())
        }
        async fn stop(&self, (): ()) {
            let apps = self.0.lock().expect("nobody panics here").take();
            let apps = apps.expect("it was put there");
            let running = apps.running().await;
            let (stop, start) = (apps.stop("a").await, apps.start("a", TEMPORARY).await);
            send(self.1, (running, stop, start));
        }
    }
    type Seen = (Result<Vec<Name>, CallError>, Refused, Refused);
    type Refused = Result<(), ApplicationError>;
    both("APP-39", async || {
        let (cell, mut mailbox) = (Arc::default(), mailbox());
        let log = Log::default();
        let release = Release::new().with(App::new("a", &log));
        let release = release.with(Curious(Arc::clone(&cell), me()));
        let apps = release.start_link().await.expect("it starts");
        *cell.lock().expect("nobody panics here") = Some(apps.clone());
        apps.start_all().await.expect("they start");
        apps.shutdown().await.expect("it runs");
        let (running, stop, start) = mailbox.receive::<Seen>().await;
        assert_eq!(running, Ok(names(&["curious", "a"])));
        assert_eq!(stop, Err(ApplicationError::ShuttingDown));
        assert_eq!(start, Err(ApplicationError::ShuttingDown));
    });
}

#[test]
fn app_036_a_suspended_controller_stops_all_the_same() {
    both("APP-36 suspended", async || {
        let log = Log::default();
        let apps = applications([App::new("a", &log)]).await;
        apps.start("a", TEMPORARY).await.expect("it starts");
        log.take();
        // It may be slow to answer.
        while beamline::sys::suspend(apps.clone()).await.is_err() {}
        apps.shutdown().await.expect("it runs");
        let told = log.take();
        assert_eq!(told[0], "prep_stop a");
        assert_eq!(told[told.len() - 1], "stop a");
    });
}

#[test]
fn app_032_the_end_of_the_last_may_be_the_end_of_all() {
    both("APP-32 last", async || {
        trap_exit(true);
        let (log, mut mailbox) = (Log::default(), mailbox());
        let release = Release::new()
            .with(App::new("a", &log))
            .with(App::new("b", &log));
        let apps = release.start_link().await?;
        apps.ensure_all_started(["a", "b"], TEMPORARY).await?;
        apps.end_with_the_last();
        // What is stopped on request is not meant, even if nothing runs then.
        apps.stop("a").await?;
        apps.stop("b").await?;
        apps.ensure_all_started(["a", "b"], TEMPORARY).await?;
        for last in ["a", "b"] {
            end(last, ExitReason::Normal).await;
            if last == "a" {
                while apps.running().await? != names(&["b"]) {
                    sleep(Duration::from_millis(1)).await;
                }
            }
        }
        let ended = mailbox
            .receive_where(|exit: &Exit| exit.from == apps.pid())
            .await;
        assert_eq!(ended.reason, ExitReason::Normal);
        Ok::<(), ExitReason>(())
    });
}
