//! APP-20 to APP-23, APP-41, APP-42: starting applications with what they need.

use super::*;

const TEMPORARY: StartType = StartType::Temporary;

/// `d` needs `b` and `c`, which both need `a`.
fn diamond(log: &Log) -> [App; 4] {
    [
        App::new("d", log).needs("b").needs("c"),
        App::new("c", log).needs("a"),
        App::new("b", log).needs("a"),
        App::new("a", log),
    ]
}

#[test]
fn app_020_what_is_needed_is_started_first() {
    both("APP-20", async || {
        let log = Log::default();
        let apps = applications(diamond(&log)).await;
        let started = apps.ensure_all_started(["d"], TEMPORARY).await;
        assert_eq!(started, Ok(names(&["a", "b", "c", "d"])));
        assert_eq!(log.take(), ["start a", "start b", "start c", "start d"]);
        let again = apps.ensure_all_started(["c", "d"], TEMPORARY).await;
        assert_eq!(again, Ok(vec![]));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_020_what_is_needed_and_unknown_starts_nothing() {
    both("APP-20 unknown", async || {
        let log = Log::default();
        let apps = applications([
            App::new("b", &log).needs("a").needs("c"),
            App::new("a", &log),
        ]);
        let apps = apps.await;
        for name in ["b", "c"] {
            let failed = apps.ensure_all_started([name], TEMPORARY).await;
            assert_eq!(failed, Err(ApplicationError::NotLoaded("c".into())));
        }
        assert_eq!(apps.running().await, Ok(vec![]));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_020_optional_ones_start_where_they_are_listed() {
    both("APP-20 optional", async || {
        let log = Log::default();
        let wanting = App::new("c", &log).spec(|spec| {
            let spec = spec.depends_on_if_present("a").depends_on_if_present("x");
            spec.depends_on("b")
        });
        let apps = applications([wanting, App::new("b", &log), App::new("a", &log)]).await;
        let started = apps.ensure_all_started(["c"], TEMPORARY).await;
        assert_eq!(started, Ok(names(&["a", "b", "c"])));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_022_what_is_optional_need_not_run() {
    both("APP-22 alone", async || {
        let log = Log::default();
        let wanting = App::new("b", &log).spec(|spec| spec.depends_on_if_present("a"));
        let apps = applications([wanting, App::new("a", &log)]).await;
        assert_eq!(apps.start("b", TEMPORARY).await, Ok(()));
        assert_eq!(apps.running().await, Ok(names(&["b"])));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_041_what_runs_is_listed_the_latest_first() {
    both("APP-41", async || {
        let apps = applications(diamond(&Log::default())).await;
        let started = apps.ensure_all_started(["d"], TEMPORARY).await;
        assert!(started.is_ok());
        assert_eq!(apps.running().await, Ok(names(&["d", "c", "b", "a"])));
        let loaded = apps.loaded().await.expect("it runs");
        assert!(loaded.keys().cloned().eq(names(&["a", "b", "c", "d"])));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_021_a_failure_stops_what_was_started_again() {
    both("APP-21", async || {
        let log = Log::default();
        let [mut d, c, b, a] = diamond(&log);
        d.begin = Begin::Fail(boom());
        let apps = applications([a, b, c, d]).await;
        apps.start("a", TEMPORARY).await.expect("it starts");
        log.take();
        let failed = apps.ensure_all_started(["d"], TEMPORARY).await;
        let (application, reason) = ("d".into(), boom());
        assert_eq!(
            failed,
            Err(ApplicationError::Start {
                application,
                reason
            })
        );
        assert_eq!(apps.running().await, Ok(names(&["a"])), "it ran before");
        let (starts, rest) = (log.take(), 3);
        assert_eq!(starts[..rest], ["start b", "start c", "start d"]);
        let stops = starts.iter().filter(|line| line.starts_with("stop"));
        assert!(stops.eq(["stop c", "stop b"]));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_022_what_is_optional_and_not_there_is_skipped() {
    both("APP-22", async || {
        let log = Log::default();
        let optional = |app: App| app.spec(|spec| spec.depends_on_if_present("a"));
        let apps = applications([optional(App::new("b", &log))]).await;
        let started = apps.ensure_all_started(["b"], TEMPORARY).await;
        assert_eq!(started, Ok(names(&["b"])));
        apps.shutdown().await.expect("it runs");
        let apps = applications([optional(App::new("b", &log)), App::new("a", &log)]).await;
        let started = apps.ensure_all_started(["b"], TEMPORARY).await;
        assert_eq!(started, Ok(names(&["a", "b"])));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_023_independent_applications_start_at_the_same_time() {
    // Each of the two in the middle starts when the other has begun to.
    both("APP-23", async || {
        let log = Log::default();
        let [d, c, b, a] = diamond(&log);
        let (b, c) = (
            b.begins(Begin::After("start c")),
            c.begins(Begin::After("start b")),
        );
        let apps = applications([d, c, b, a]).await;
        let started = apps.ensure_all_started_concurrently(["d"], TEMPORARY).await;
        let started = started.expect("they start");
        assert_eq!(started.len(), 4);
        assert_eq!((&*started[0], &*started[3]), ("a", "d"));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_023_a_failure_among_them_stops_the_others() {
    both("APP-23 failure", async || {
        let log = Log::default();
        let [d, c, mut b, a] = diamond(&log);
        b.begin = Begin::Fail(boom());
        let apps = applications([d, c, b, a]).await;
        let failed = apps.ensure_all_started_concurrently(["d"], TEMPORARY).await;
        let (application, reason) = ("b".into(), boom());
        assert_eq!(
            failed,
            Err(ApplicationError::Start {
                application,
                reason
            })
        );
        assert_eq!(apps.running().await, Ok(vec![]));
        apps.shutdown().await.expect("it runs");
    });
}

#[test]
fn app_042_applications_that_need_each_other_are_refused() {
    both("APP-42", async || {
        let log = Log::default();
        let apps = applications([
            App::new("a", &log).needs("b"),
            App::new("b", &log).needs("c"),
            App::new("c", &log).needs("b"),
        ])
        .await;
        let circle = apps.ensure_all_started(["a"], TEMPORARY).await;
        let error = circle.expect_err("none can be the first");
        assert_eq!(error, ApplicationError::Circle(names(&["b", "c", "b"])));
        let text = "applications depend on each other in a circle: b -> c -> b";
        assert_eq!(error.to_string(), text);
        apps.shutdown().await.expect("it runs");
    });
}
