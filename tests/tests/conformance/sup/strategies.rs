//! SUP-4xx, SUP-5xx, SUP-7xx: what the end of a child does.

use super::*;

#[test]
fn sup_401_exits_of_strangers_are_ignored() {
    both("SUP-401", async || {
        let mut mailbox = mailbox();
        let supervisor = patient([child("a")]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        let pid = supervisor.whereis().await.expect("it runs");
        let stranger = spawn(async move |_: Mailbox| exit(pid, boom()));
        let watch = monitor(stranger);
        down(&mut mailbox, watch).await;
        settle().await;
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
    });
}

#[test]
fn sup_402_a_permanent_child_is_always_restarted() {
    both("SUP-402", async || {
        let mut mailbox = mailbox();
        let supervisor = patient([child("a")]).await.expect("it starts");
        let [mut a] = ups(["a"]).await;
        for reason in [ExitReason::Normal, ExitReason::Shutdown, boom()] {
            end(&mut mailbox, a, reason).await;
            let [again] = ups(["a"]).await;
            assert_ne!(a, again);
            a = again;
        }
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
    });
}

#[test]
fn sup_403_a_transient_child_is_restarted_after_a_crash_alone() {
    both("SUP-403", async || {
        let mut mailbox = mailbox();
        for (reason, restarts) in [
            (ExitReason::Normal, false),
            (ExitReason::Shutdown, false),
            (ExitReason::shutdown_with(7), false),
            (ExitReason::NoProc, true),
            (boom(), true),
        ] {
            let transient = child("a").restart(Restart::Transient);
            let supervisor = patient([transient]).await.expect("it starts");
            let [a] = ups(["a"]).await;
            end(&mut mailbox, a, reason).await;
            if restarts {
                ups(["a"]).await;
            } else {
                becomes(&supervisor, "a", ChildState::Stopped).await;
            }
        }
    });
}

#[test]
fn sup_405_a_temporary_child_is_forgotten() {
    both("SUP-405", async || {
        let mut mailbox = mailbox();
        for reason in [ExitReason::Normal, ExitReason::Shutdown, boom()] {
            let temporary = child("a").restart(Restart::Temporary);
            let supervisor = patient([temporary]).await.expect("it starts");
            let [a] = ups(["a"]).await;
            end(&mut mailbox, a, reason).await;
            forgets(&supervisor, "a").await;
        }
    });
}

#[test]
fn sup_501_one_for_one_touches_nobody_else() {
    both("SUP-501", async || {
        let mut mailbox = mailbox();
        let children = [child("a"), child("b"), child("c")];
        let supervisor = patient(children).await.expect("it starts");
        let [a, b, c] = ups(["a", "b", "c"]).await;
        end(&mut mailbox, b, boom()).await;
        ups(["b"]).await;
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
        assert_eq!(state(&supervisor, "c").await, ChildState::Running(c));
    });
}

#[test]
fn sup_502_one_for_all_stops_in_reverse_and_starts_in_order() {
    both("SUP-502", async || {
        let mut mailbox = mailbox();
        let children = [child("a"), child("b"), child("c")];
        let supervisor = patient(children).strategy(Strategy::OneForAll).await;
        let _supervisor = supervisor.expect("it starts");
        let [_, b, _] = ups(["a", "b", "c"]).await;
        end(&mut mailbox, b, boom()).await;
        stops(["c", "a"]).await;
        ups(["a", "b", "c"]).await;
    });
}

#[test]
fn sup_503_rest_for_one_restarts_the_younger_ones() {
    both("SUP-503", async || {
        let mut mailbox = mailbox();
        let children = [child("a"), child("b"), child("c"), child("d")];
        let supervisor = patient(children).strategy(Strategy::RestForOne).await;
        let supervisor = supervisor.expect("it starts");
        let [a, b, ..] = ups(["a", "b", "c", "d"]).await;
        end(&mut mailbox, b, boom()).await;
        stops(["d", "c"]).await;
        ups(["b", "c", "d"]).await;
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
    });
}

#[test]
fn sup_504_temporary_siblings_are_stopped_for_good() {
    both("SUP-504", async || {
        let mut mailbox = mailbox();
        let children = [child("a"), child("b").restart(Restart::Temporary)];
        let supervisor = patient(children).strategy(Strategy::OneForAll).await;
        let supervisor = supervisor.expect("it starts");
        let [a, _] = ups(["a", "b"]).await;
        end(&mut mailbox, a, boom()).await;
        stops(["b"]).await;
        ups(["a"]).await;
        let gone = supervisor.which_child("b").await;
        assert_eq!(gone, Err(SupervisorError::NotFound));
    });
}

#[test]
fn sup_505_whoever_had_stopped_is_started_again_with_the_others() {
    both("SUP-505", async || {
        let mut mailbox = mailbox();
        let children = [child("a"), child("b").restart(Restart::Transient)];
        let supervisor = patient(children).strategy(Strategy::OneForAll).await;
        let supervisor = supervisor.expect("it starts");
        let [a, b] = ups(["a", "b"]).await;
        end(&mut mailbox, b, ExitReason::Normal).await;
        becomes(&supervisor, "b", ChildState::Stopped).await;
        end(&mut mailbox, a, boom()).await;
        ups(["a", "b"]).await;
    });
}

#[test]
fn sup_509_a_restart_of_many_counts_once() {
    both("SUP-509", async || {
        let mut mailbox = mailbox();
        let children = [child("a"), child("b"), child("c")];
        let supervisor = Supervisor::start_link(children)
            .strategy(Strategy::OneForAll)
            .max_restarts(1, LONG)
            .await;
        let supervisor = supervisor.expect("it starts");
        let [a, ..] = ups(["a", "b", "c"]).await;
        end(&mut mailbox, a, boom()).await;
        stops(["c", "b"]).await;
        ups(["a", "b", "c"]).await;
        assert!(supervisor.count_children().await.is_ok());
    });
}

#[test]
fn sup_706_the_one_that_failed_to_start_is_tried_again() {
    both("SUP-706", async || {
        let mut mailbox = mailbox();
        let (b, starts) = failing("b", 2);
        let children = [child("a"), b, child("c")];
        let supervisor = patient(children).strategy(Strategy::RestForOne).await;
        let supervisor = supervisor.expect("the first start succeeds");
        let [a, ..] = ups(["a", "b", "c"]).await;
        end(&mut mailbox, a, boom()).await;
        stops(["c", "b"]).await;
        // SUP-708: `a` was restarted before `b` failed, and is left alone.
        let [a] = ups(["a"]).await;
        ups(["b", "c"]).await;
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
        assert_eq!(starts.load(Ordering::SeqCst), 4);
    });
}

#[test]
fn sup_707_a_retry_of_all_begins_with_the_first() {
    both("SUP-707", async || {
        let mut mailbox = mailbox();
        let (b, _) = failing("b", 1);
        let children = [child("a"), b, child("c")];
        let supervisor = patient(children).strategy(Strategy::OneForAll).await;
        let _supervisor = supervisor.expect("the first start succeeds");
        let [.., c] = ups(["a", "b", "c"]).await;
        end(&mut mailbox, c, boom()).await;
        stops(["b", "a"]).await;
        ups(["a"]).await;
        stops(["a"]).await;
        ups(["a", "b", "c"]).await;
    });
}

#[test]
fn sup_710_who_does_not_want_to_be_restarted_is_left_alone() {
    both("SUP-710", async || {
        let mut mailbox = mailbox();
        let supervisor = patient([once("a")]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        becomes(&supervisor, "a", ChildState::Stopped).await;
    });
}
