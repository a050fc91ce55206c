//! APP-3 to APP-11 and APP-40: settings.

use super::*;

const TEMPORARY: StartType = StartType::Temporary;

/// `a` with a default of its own.
fn sized(log: &Log) -> App {
    App::new("a", log).spec(|spec| spec.default(&SIZE, 10))
}

#[test]
fn app_003_settings_are_read_with_and_without_a_default() {
    both("APP-3", async || {
        let apps = applications([sized(&Log::default())]).await;
        let env = apps.environment("a");
        assert_eq!(env.get(&SIZE).await, Some(10));
        assert_eq!(env.get(&HOST).await, None);
        assert_eq!(env.get_or(&HOST, "here".into()).await, "here");
        assert_eq!(env.fetch(&SIZE).await, Ok(10));
        let error = env.fetch(&HOST).await.expect_err("it is not set");
        let text = "setting \"host\" (alloc::string::String) of application a is not set: give \
                    it a default in the application's specification, or a value in the \
                    configuration";
        assert_eq!(error.to_string(), text);
        assert_eq!(env.all().await, [("size", "10".to_string())]);
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_003_a_required_setting_that_is_missing_stops_the_start() {
    both("APP-3 required", async || {
        let log = Log::default();
        let app = App::new("a", &log).spec(|spec| spec.required(&SIZE));
        let apps = applications([app]).await;
        let error = apps
            .start("a", TEMPORARY)
            .await
            .expect_err("it has no size");
        let missing = SettingError::NotSet {
            application: "a".into(),
            key: "size",
            expected: "u32",
        };
        assert_eq!(error, ApplicationError::Setting(missing));
        assert!(log.take().is_empty(), "nothing was started");
        apps.environment("a")
            .put(&SIZE, 1)
            .await
            .expect("it is a u32");
        assert_eq!(apps.start("a", TEMPORARY).await, Ok(()));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_004_loading_sets_back_what_the_application_defines() {
    both("APP-4", async || {
        let log = Log::default();
        let apps = applications([]).await;
        let env = apps.environment("a");
        env.put(&SIZE, 1).await.expect("nothing is there");
        env.put(&HOST, "there".into())
            .await
            .expect("nothing is there");
        apps.load(sized(&log)).await.expect("it is new");
        assert_eq!(env.get(&SIZE).await, Some(10), "the application defines it");
        assert_eq!(env.get(&HOST).await, Some("there".into()), "it does not");
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_004_what_is_persistent_survives_loading() {
    both("APP-4 persistent", async || {
        let log = Log::default();
        let apps = applications([]).await;
        let env = apps.environment("a");
        env.put_persistent(&SIZE, 1)
            .await
            .expect("nothing is there");
        apps.load(sized(&log)).await.expect("it is new");
        assert_eq!(env.get(&SIZE).await, Some(1));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_007_unloading_forgets_all_but_what_is_persistent() {
    both("APP-7", async || {
        let log = Log::default();
        let apps = applications([sized(&log)]).await;
        let env = apps.environment("a");
        env.put_persistent(&SIZE, 1).await.expect("it is a u32");
        env.put(&HOST, "there".into())
            .await
            .expect("nothing is there");
        apps.unload("a").await.expect("it does not run");
        assert_eq!(env.all().await, []);
        apps.load(sized(&log)).await.expect("it is new");
        assert_eq!(env.all().await, [("size", "1".to_string())]);
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_005_a_setting_is_deleted_and_its_persistent_value_too() {
    both("APP-5", async || {
        let log = Log::default();
        let apps = applications([sized(&log)]).await;
        let env = apps.environment("a");
        env.put_persistent(&SIZE, 1).await.expect("it is a u32");
        env.delete(&SIZE).await;
        assert_eq!(env.get(&SIZE).await, None);
        apps.unload("a").await.expect("it does not run");
        apps.load(sized(&log)).await.expect("it is new");
        assert_eq!(env.get(&SIZE).await, Some(1));
        env.delete_persistent(&SIZE).await;
        apps.unload("a").await.expect("it does not run");
        apps.load(sized(&log)).await.expect("it is new");
        assert_eq!(env.get(&SIZE).await, Some(10));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_006_a_configuration_covers_the_defaults() {
    both("APP-6", async || {
        let log = Log::default();
        let early = Config::new().set("a", &SIZE, 20);
        let late = Config::new()
            .parse("a", &SIZE, Some("30"))
            .and_then(|config| config.parse("a", &HOST, None))
            .expect("30 is a u32");
        let release = Release::new().with(sized(&log)).config(early).config(late);
        let apps = release.start_link().await.expect("it starts");
        assert_eq!(apps.environment("a").get(&SIZE).await, Some(30));
        assert_eq!(apps.environment("a").get(&HOST).await, None);
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_006_bad_settings_are_told_with_what_was_expected() {
    let unreadable = Config::new().parse("a", &SIZE, Some("many"));
    let text = "setting \"size\" of application a is a u32, which \"many\" is not: invalid \
                digit found in string";
    assert_eq!(unreadable.expect_err("it is no number").to_string(), text);
    let twice = std::panic::catch_unwind(|| {
        let once = Config::new().set("a", &SIZE, 1);
        drop(once.set("a", &SIZE, 2));
    });
    let panic = twice.expect_err("it is set twice");
    let text = panic.downcast_ref::<String>().expect("it has a text");
    assert!(
        text.contains("\"size\" of application a is set twice"),
        "{text}"
    );
}

#[test]
fn app_006_a_setting_of_another_type_is_refused() {
    const WRONG: Key<i64> = Key::new("size");
    both("APP-6 types", async || {
        trap_exit(true);
        let log = Log::default();
        let release = Release::new().with(sized(&log));
        let wrong = release.config(Config::new().set("a", &WRONG, 1));
        let error = wrong
            .start_link()
            .await
            .expect_err("it is no u32")
            .to_string();
        let text = "setting \"size\" of application a is of type i64, expected u32";
        assert!(error.contains(text), "{error}");
        let apps = applications([sized(&log)]).await;
        let put = apps.environment("a").put(&WRONG, 1).await;
        let found = SettingError::WrongType {
            application: "a".into(),
            key: "size",
            expected: "i64",
            found: "u32",
        };
        assert_eq!(put, Err(found.clone()));
        assert_eq!(apps.environment("a").fetch(&WRONG).await, Err(found));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_008_what_was_compiled_in_is_a_setting_like_others() {
    both("APP-8", async || {
        let app = App::new("a", &Log::default()).spec(|spec| spec.compiled(&SIZE, 4));
        let apps = applications([app]).await;
        assert_eq!(apps.environment("a").get(&SIZE).await, Some(4));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_009_what_was_compiled_in_cannot_be_configured_away() {
    both("APP-9", async || {
        trap_exit(true);
        let log = Log::default();
        let app = || App::new("a", &log).spec(|spec| spec.compiled(&SIZE, 4));
        let same = Config::new().set("a", &SIZE, 4);
        let apps = Release::new().with(app()).config(same).start_link().await;
        let apps = apps.expect("it says the same");
        apps.shutdown().await.expect("it runs");
        let other = Release::new()
            .with(app())
            .config(Config::new().set("a", &SIZE, 5));
        let error = other
            .start_link()
            .await
            .expect_err("it says something else")
            .to_string();
        assert!(
            error.contains("was compiled in as 4, but the configuration says 5"),
            "{error}"
        );
    });
}

#[test]
fn app_010_readers_see_the_last_write() {
    both("APP-10", async || {
        let apps = applications([sized(&Log::default())]).await;
        let (env, mut mailbox, root) = (apps.environment("a"), mailbox(), me());
        let own = env.clone();
        spawn_link(async move |_| {
            own.put(&SIZE, 11).await?;
            send(root, ());
            Ok::<(), ExitReason>(())
        });
        let seen = env.get(&SIZE).await;
        assert!(matches!(seen, Some(10 | 11)), "{seen:?}");
        mailbox.receive::<()>().await;
        assert_eq!(env.get(&SIZE).await, Some(11));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_040_running_applications_hear_of_changed_settings() {
    both("APP-40", async || {
        let log = Log::default();
        let a = sized(&log).spec(|spec| spec.default(&HOST, "here".into()));
        let apps = applications([a, App::new("b", &log), App::new("c", &log)]).await;
        apps.start("a", TEMPORARY).await.expect("it starts");
        apps.start("b", TEMPORARY).await.expect("it starts");
        log.take();
        let config = Config::new().set("a", &SIZE, 11).set("c", &SIZE, 1);
        apps.configure(config).await.expect("it fits");
        let change = ConfigChange {
            changed: vec!["size"],
            ..ConfigChange::default()
        };
        assert_eq!(log.take(), [format!("{change:?} Some(11) a")]);
        assert_eq!(
            apps.environment("c").get(&SIZE).await,
            Some(1),
            "it does not run"
        );
        apps.configure(Config::new().set("b", &SIZE, 2))
            .await
            .expect("it fits");
        let new = ConfigChange {
            new: vec!["size"],
            ..ConfigChange::default()
        };
        let lines = [
            format!("{change:?} Some(10) a"),
            format!("{new:?} Some(2) b"),
        ];
        let mut told = log.take();
        told.sort();
        assert_eq!(told, lines);
        // What does not fit changes nothing.
        const WRONG: Key<i64> = Key::new("size");
        let wrong = apps.configure(Config::new().set("a", &WRONG, 1)).await;
        assert!(matches!(wrong, Err(ApplicationError::Setting(_))));
        assert_eq!(apps.environment("b").get(&SIZE).await, Some(2));
        apps.shutdown().await.expect("it runs");
    });
}

/// An application whose settings are never taken in.
struct Stuck(Log);

impl Application for Stuck {
    type State = ();

    fn spec(&self) -> ApplicationSpec {
        ApplicationSpec::new("a").default(&SIZE, 1)
    }

    async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
        Ok(Supervisor::start_link([]).await?.into())
    }

    async fn config_change(&self, _: &ConfigChange, _: &Environment) {
        self.0.note("hears", &"a".into());
        std::future::pending().await
    }
}

#[test]
fn app_040_one_that_never_comes_to_an_end_keeps_nobody_else_from_hearing() {
    both("APP-40 stuck", async || {
        let log = Log::default();
        let b = App::new("b", &log).spec(|spec| spec.default(&SIZE, 10));
        let release = Release::new().with(Stuck(log.clone())).with(b);
        let apps = release.start_link().await?;
        apps.ensure_all_started(["a", "b"], TEMPORARY).await?;
        log.take();
        let own = apps.clone();
        let caller = spawn(async move |_: Mailbox| {
            let both = Config::new().set("a", &SIZE, 7).set("b", &SIZE, 7);
            own.configure(both)
                .await
                .expect("it is killed before it is answered");
        });
        while !log.holds("hears a") {
            sleep(Duration::from_millis(1)).await;
        }
        // Whether or not whoever changed the settings is still there.
        exit(caller, ExitReason::Kill);
        let mut seen = Vec::new();
        while seen.is_empty() {
            sleep(Duration::from_millis(1)).await;
            seen = log.take();
            seen.retain(|line| line.ends_with(" b"));
        }
        let change = ConfigChange {
            changed: vec!["size"],
            ..ConfigChange::default()
        };
        assert_eq!(seen, [format!("{change:?} Some(7) b")]);
        exit(apps.pid(), ExitReason::Kill);
        Ok::<(), ExitReason>(())
    });
}
