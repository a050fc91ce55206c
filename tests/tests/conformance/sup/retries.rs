//! SUP-7xx: restarts that fail.

use super::*;

/// A supervisor that tries again as often as it takes.
fn stubborn(children: impl IntoIterator<Item = ChildSpec>) -> beamline::SupervisorOptions {
    Supervisor::start_link(children).max_restarts(1_000_000, LONG)
}

#[test]
fn sup_701_between_two_attempts_others_are_served() {
    both("SUP-701", async || {
        let mut mailbox = mailbox();
        let (a, starts) = failing("a", u32::MAX);
        let supervisor = stubborn([a]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        while starts.load(Ordering::SeqCst) < 3 {
            sleep(Duration::from_millis(1)).await;
        }
        assert!(supervisor.start_child(child("b")).await.is_ok());
        ups(["b"]).await;
        let twice = supervisor.restart_child("a").await;
        assert_eq!(twice, Err(SupervisorError::Restarting));
        let deleted = supervisor.delete_child("a").await;
        assert_eq!(deleted, Err(SupervisorError::Restarting));
        let (again, _) = failing("a", 0);
        let present = supervisor.start_child(again).await;
        assert_eq!(present, Err(SupervisorError::AlreadyPresent));
        let counts = supervisor.count_children().await.expect("it runs");
        assert_eq!((counts.specs, counts.active, counts.workers), (2, 1, 2));
        assert!(supervisor.child_spec("a").await.is_ok());
        // It hears that it is to stop as well.
        assert_eq!(supervisor.stop().await, Ok(()));
        stops(["b"]).await;
    });
}

#[test]
fn sup_701_the_end_of_the_parent_is_heard_while_it_tries() {
    both("SUP-701", async || {
        let mut mailbox = mailbox();
        let (a, starts) = failing("a", u32::MAX);
        let options = stubborn([a]);
        let test = me();
        let parent = spawn(async move |mut mailbox: Mailbox| {
            let supervisor = options.await.expect("it starts");
            send(test, supervisor.whereis().await);
            mailbox.receive::<End>().await.0
        });
        let [a] = ups(["a"]).await;
        let pid = mailbox.receive::<Option<Pid>>().await.expect("it runs");
        let watch = watch(pid).await;
        end(&mut mailbox, a, boom()).await;
        while starts.load(Ordering::SeqCst) < 3 {
            sleep(Duration::from_millis(1)).await;
        }
        send(parent, End(boom()));
        assert_eq!(down(&mut mailbox, watch).await, boom());
    });
}

#[test]
fn sup_702_a_retry_is_decided_anew() {
    both("SUP-702", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let (a, starts) = failing("a", 1);
        let supervisor = Supervisor::start_link([a]).max_restarts(1, LONG).await;
        let supervisor = supervisor.expect("it starts");
        let watch = watch(supervisor.whereis().await.expect("it runs")).await;
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
        assert_eq!(starts.load(Ordering::SeqCst), 2, "the retry was refused");
    });
}

#[test]
fn sup_703_no_strategy_gets_on_without_a_child_that_never_starts() {
    both("SUP-703", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
            let (b, starts) = failing("b", u32::MAX);
            let children = [child("a"), b, child("c")];
            let options = Supervisor::start_link(children).max_restarts(3, LONG);
            let supervisor = options.strategy(strategy).await.expect("it starts");
            let watch = watch(supervisor.whereis().await.expect("it runs")).await;
            let [a, b, c] = ups(["a", "b", "c"]).await;
            end(&mut mailbox, b, boom()).await;
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
            assert_eq!(starts.load(Ordering::SeqCst), 1 + 3);
            let mut pids = vec![a, c];
            while let Some(told) = log().take() {
                if let Told::Up(_, again) = told {
                    pids.push(again);
                }
            }
            for pid in pids {
                assert!(!alive(pid).await);
            }
        }
    });
}

#[test]
fn sup_704_a_child_that_fails_goes_by_the_pid_it_had() {
    both("SUP-704", async || {
        let mut mailbox = mailbox();
        let (a, _) = failing("a", u32::MAX);
        let supervisor = stubborn([a]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        becomes(&supervisor, "a", ChildState::Restarting(Some(a))).await;
    });
}

#[test]
fn sup_705_the_rest_waits_for_the_one_that_fails() {
    both("SUP-705", async || {
        let mut mailbox = mailbox();
        let (b, _) = failing("b", u32::MAX);
        let supervisor = stubborn([child("a"), b, child("c")]);
        let supervisor = supervisor.strategy(Strategy::RestForOne).await;
        let supervisor = supervisor.expect("it starts");
        let [a, ..] = ups(["a", "b", "c"]).await;
        end(&mut mailbox, a, boom()).await;
        stops(["c", "b"]).await;
        let [a] = ups(["a"]).await;
        becomes(&supervisor, "b", ChildState::Restarting(None)).await;
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
        assert_eq!(state(&supervisor, "c").await, ChildState::Stopped);
    });
}

#[test]
fn sup_705_the_one_that_died_is_still_known_when_it_does_not_start() {
    both("SUP-705 itself", async || {
        let mut mailbox = mailbox();
        for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
            let (a, _) = failing("a", u32::MAX);
            let supervisor = stubborn([a, child("b")]).strategy(strategy).await;
            let supervisor = supervisor.expect("it starts");
            let [a, _] = ups(["a", "b"]).await;
            end(&mut mailbox, a, boom()).await;
            stops(["b"]).await;
            becomes(&supervisor, "a", ChildState::Restarting(Some(a))).await;
            supervisor.stop().await.expect("it runs");
        }
    });
}

#[test]
fn sup_708_a_retry_of_the_rest_begins_with_the_one_that_failed() {
    both("SUP-708", async || {
        let mut mailbox = mailbox();
        let (c, _) = failing("c", 1);
        let supervisor = patient([child("a"), child("b"), c, child("d")]);
        let supervisor = supervisor.strategy(Strategy::RestForOne).await;
        let supervisor = supervisor.expect("it starts");
        let [_, b, ..] = ups(["a", "b", "c", "d"]).await;
        end(&mut mailbox, b, boom()).await;
        stops(["d", "c"]).await;
        let [b, ..] = ups(["b", "c", "d"]).await;
        assert_eq!(state(&supervisor, "b").await, ChildState::Running(b));
    });
}

#[test]
fn sup_709_a_retry_for_a_child_that_is_no_longer_restarted_is_ignored() {
    both("SUP-709", async || {
        let mut mailbox = mailbox();
        let (a, starts) = failing("a", u32::MAX);
        let supervisor = stubborn([a]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        becomes(&supervisor, "a", ChildState::Restarting(Some(a))).await;
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        let tried = starts.load(Ordering::SeqCst);
        settle().await;
        assert_eq!(state(&supervisor, "a").await, ChildState::Stopped);
        assert_eq!(starts.load(Ordering::SeqCst), tried);
        assert_eq!(supervisor.delete_child("a").await, Ok(()));
        assert_eq!(supervisor.count_children().await, Ok(Counts::default()));
    });
}

#[test]
fn sup_711_retries_do_not_wait() {
    beamline_tests::on_sim("SUP-711", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let (a, starts) = failing("a", 1_000);
        let supervisor = Supervisor::start_link([a]).max_restarts(50, LONG).await;
        let supervisor = supervisor.expect("it starts");
        let watch = watch(supervisor.whereis().await.expect("it runs")).await;
        let [a] = ups(["a"]).await;
        let begun = now();
        end(&mut mailbox, a, boom()).await;
        down(&mut mailbox, watch).await;
        assert_eq!(starts.load(Ordering::SeqCst), 51);
        assert_eq!(begun.elapsed(), Duration::ZERO);
    });
}

#[test]
fn sup_713_a_restart_among_others_is_reported_without_a_pid() {
    both("SUP-713", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let (b, _) = failing("b", 1);
        let supervisor = patient([child("a"), b]).strategy(Strategy::OneForAll).await;
        let supervisor = supervisor.expect("it starts");
        let [a, _] = ups(["a", "b"]).await;
        end(&mut mailbox, a, boom()).await;
        stops(["b"]).await;
        ups(["a"]).await;
        stops(["a"]).await;
        ups(["a", "b"]).await;
        assert!(supervisor.count_children().await.is_ok());
        let reports = reports(&mut mailbox).await.into_iter();
        let failures: Vec<_> = reports
            .filter(|report| matches!(report.event, SupervisorEvent::StartError(_)))
            .map(|report| (report.offender.id, report.offender.child))
            .collect();
        assert_eq!(failures, [(Some("b".into()), ChildState::Stopped)]);
    });
}
