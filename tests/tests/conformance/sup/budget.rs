//! SUP-6xx, SUP-701 to SUP-704: how many restarts are too many.

use super::*;

/// A supervisor of the test's, and a monitor on it.
async fn watched(options: beamline::SupervisorOptions) -> (Supervisor, Ref) {
    trap_exit(true);
    let supervisor = options.await.expect("it starts");
    let pid = supervisor.whereis().await.expect("it runs");
    (supervisor, watch(pid).await)
}

#[test]
fn sup_604_one_restart_too_many_ends_the_supervisor() {
    both("SUP-604", async || {
        let mut mailbox = mailbox();
        let children = [child("a"), child("b")];
        let options = Supervisor::start_link(children).max_restarts(2, LONG);
        let (_, watch) = watched(options).await;
        let [mut a, _] = ups(["a", "b"]).await;
        for _ in 0..2 {
            end(&mut mailbox, a, boom()).await;
            [a] = ups(["a"]).await;
        }
        end(&mut mailbox, a, boom()).await;
        // SUP-611
        stops(["b"]).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn sup_601_all_children_share_one_budget() {
    both("SUP-601", async || {
        let mut mailbox = mailbox();
        let children = [child("a"), child("b")];
        let options = Supervisor::start_link(children).max_restarts(1, LONG);
        let (_, watch) = watched(options).await;
        let [a, b] = ups(["a", "b"]).await;
        end(&mut mailbox, a, boom()).await;
        ups(["a"]).await;
        end(&mut mailbox, b, boom()).await;
        stops(["a"]).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn sup_603_restarts_long_ago_do_not_count() {
    beamline_tests::on_sim("SUP-603", async || {
        let mut mailbox = mailbox();
        let window = Duration::from_secs(2);
        let options = Supervisor::start_link([child("a")]).max_restarts(1, window);
        let (supervisor, _) = watched(options).await;
        let [mut a] = ups(["a"]).await;
        for _ in 0..5 {
            end(&mut mailbox, a, boom()).await;
            [a] = ups(["a"]).await;
            sleep(Duration::from_secs(3)).await;
        }
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
    });
}

#[test]
fn sup_606_the_grid_of_seconds_decides_at_the_boundary() {
    let outcomes = beamline_tests::outcomes("SUP-606", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let window = Duration::from_secs(2);
        let options = Supervisor::start_link([child("a")]).max_restarts(1, window);
        let (_, watch) = watched(options).await;
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        let [a] = ups(["a"]).await;
        sleep(Duration::from_millis(2_500)).await;
        end(&mut mailbox, a, boom()).await;
        let gave_up = loop {
            if let Some(Told::Up(..)) = log().take() {
                break false;
            }
            let timeout = Duration::from_millis(1);
            let is_it = |down: &Down| down.reference == watch;
            if mailbox
                .receive_where_timeout(timeout, is_it)
                .await
                .is_some()
            {
                break true;
            }
        };
        beamline_sim::outcome(if gave_up { "gave up" } else { "survived" });
    });
    let both: Vec<_> = outcomes.iter().map(String::as_str).collect();
    assert_eq!(both, ["gave up", "survived"]);
}

#[test]
fn sup_607_no_restart_at_all_may_be_allowed() {
    both("SUP-607", async || {
        let mut mailbox = mailbox();
        let options = Supervisor::start_link([child("a")]).max_restarts(0, LONG);
        let (_, watch) = watched(options).await;
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
        assert_eq!(log().take(), None, "nobody was started");
    });
}

#[test]
fn sup_703_a_child_that_never_starts_again_is_tried_as_often_as_allowed() {
    both("SUP-703", async || {
        let mut mailbox = mailbox();
        let (a, starts) = failing("a", u32::MAX);
        let options = Supervisor::start_link([a]).max_restarts(3, LONG);
        let (_, watch) = watched(options).await;
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
        assert_eq!(starts.load(Ordering::SeqCst), 1 + 3);
    });
}

#[test]
fn sup_1204_the_reports_of_a_loop_of_failures() {
    both("SUP-1204", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let (a, _) = failing("a", u32::MAX);
        let options = Supervisor::start_link([a]).max_restarts(2, LONG);
        let (_, watch) = watched(options).await;
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        down(&mut mailbox, watch).await;
        let failed = || SupervisorEvent::StartError(StartError::Failed(boom()));
        for (event, child) in [
            (SupervisorEvent::Started, ChildState::Running(a)),
            (
                SupervisorEvent::ChildTerminated(boom()),
                ChildState::Running(a),
            ),
            (failed(), ChildState::Running(a)),
            (failed(), ChildState::Restarting(Some(a))),
            (SupervisorEvent::Shutdown, ChildState::Restarting(Some(a))),
        ] {
            let report = mailbox.receive::<SupervisorReport>().await;
            assert_eq!((report.event, report.offender.child), (event, child));
        }
    });
}

#[test]
fn sup_1401_a_nested_supervisor_that_gives_up_is_restarted_with_its_first_children() {
    both("SUP-1401", async || {
        let mut mailbox = mailbox();
        let inner = Supervisor::start_link([child("a")]).max_restarts(0, LONG);
        let outer = patient([inner.name("inner").child().id("inner")]).await;
        let _outer = outer.expect("it starts");
        let [a] = ups(["a"]).await;
        let inner = Supervisor::at("inner");
        let added = inner.start_child(child("b")).await;
        assert!(added.is_ok(), "{added:?}");
        ups(["b"]).await;
        end(&mut mailbox, a, boom()).await;
        stops(["b"]).await;
        ups(["a"]).await;
        let known = inner.count_children().await.expect("it runs again");
        assert_eq!(known.specs, 1, "what was added is lost");
    });
}

#[test]
fn sup_1402_a_transient_supervisor_that_gives_up_stays_down() {
    both("SUP-1402", async || {
        let mut mailbox = mailbox();
        let inner = Supervisor::start_link([child("a")]).max_restarts(0, LONG);
        let inner = inner.child().id("inner").restart(Restart::Transient);
        let outer = patient([inner]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        becomes(&outer, "inner", ChildState::Stopped).await;
    });
}

/// Whether a supervisor of a child that crashes after each of these times gives up.
async fn gives_up(options: beamline::SupervisorOptions, pauses: &[Duration]) -> bool {
    let mut mailbox = mailbox();
    let (_, watch) = watched(options).await;
    let [mut a] = ups(["a"]).await;
    for (at, pause) in pauses.iter().enumerate() {
        sleep(*pause).await;
        end(&mut mailbox, a, boom()).await;
        a = loop {
            if let Some(Told::Up(_, pid)) = log().take() {
                break pid;
            }
            let is_it = |down: &Down| down.reference == watch;
            let wait = Duration::from_nanos(1);
            if mailbox.receive_where_timeout(wait, is_it).await.is_some() {
                assert_eq!(at + 1, pauses.len(), "it gave up too soon");
                return true;
            }
        };
    }
    false
}

#[test]
fn sup_602_an_exact_window_compares_times_as_they_are() {
    beamline_tests::on_sim("SUP-602", async || {
        let second = Duration::from_secs(1);
        let window = || Supervisor::start_link([child("a")]).max_restarts(1, 2 * second);
        let pauses = [second, Duration::from_millis(2_100)];
        assert!(!gives_up(window().exact_window(), &pauses).await);
        let pauses = [second, Duration::from_millis(1_900)];
        assert!(gives_up(window().exact_window(), &pauses).await);
    });
}

#[test]
fn sup_605_so_many_restarts_within_the_period_are_too_many() {
    beamline_tests::on_sim("SUP-605", async || {
        let second = Duration::from_secs(1);
        let window = || Supervisor::start_link([child("a")]).max_restarts(2, 3 * second);
        assert!(gives_up(window(), &[second; 3]).await);
        assert!(!gives_up(window(), &[2 * second; 6]).await);
    });
}

#[test]
fn sup_608_nothing_but_restarts_by_itself_counts() {
    both("SUP-608", async || {
        let mut mailbox = mailbox();
        let temporary = child("b").restart(Restart::Temporary);
        let options = Supervisor::start_link([child("a"), temporary]).max_restarts(0, LONG);
        let supervisor = options.await.expect("it starts");
        let [_, b] = ups(["a", "b"]).await;
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        assert!(supervisor.restart_child("a").await.is_ok());
        end(&mut mailbox, b, boom()).await;
        forgets(&supervisor, "b").await;
        assert!(supervisor.start_child(child("c")).await.is_ok());
        assert_eq!(
            supervisor.count_children().await.expect("it runs").active,
            2
        );
    });
}

#[test]
fn sup_609_each_retry_counts() {
    both("SUP-609", async || {
        let mut mailbox = mailbox();
        let (a, starts) = failing("a", 2);
        let options = Supervisor::start_link([a]).max_restarts(3, LONG);
        let (supervisor, watch) = watched(options).await;
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        // The third attempt succeeds, and nothing is left for another crash.
        let [a] = ups(["a"]).await;
        assert_eq!(starts.load(Ordering::SeqCst), 4);
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
        end(&mut mailbox, a, boom()).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn sup_610_a_success_clears_nothing() {
    both("SUP-610", async || {
        let mut mailbox = mailbox();
        let options = Supervisor::start_link([child("a")]).max_restarts(1, LONG);
        let (supervisor, watch) = watched(options).await;
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        let [a] = ups(["a"]).await;
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
        settle().await;
        end(&mut mailbox, a, boom()).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn sup_611_what_a_supervisor_does_that_gives_up() {
    both("SUP-611", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let children = [child("a"), child("b"), child("c")];
        let options = Supervisor::start_link(children).max_restarts(0, LONG);
        let (_, watch) = watched(options).await;
        let [a, b, c] = ups(["a", "b", "c"]).await;
        end(&mut mailbox, b, boom()).await;
        stops(["c", "a"]).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
        for pid in [a, c] {
            assert!(!alive(pid).await);
        }
        let events = reports(&mut mailbox).await.into_iter();
        let events: Vec<_> = events.map(|report| report.event).skip(3).collect();
        let expected = [
            SupervisorEvent::ChildTerminated(boom()),
            SupervisorEvent::Shutdown,
        ];
        assert_eq!(events, expected);
    });
}
