//! SUP-11xx: supervisors that end because of a child.

use super::*;

fn significant(id: &'static str, restart: Restart) -> ChildSpec {
    child(id).restart(restart).significant(true)
}

#[test]
fn sup_1104_any_significant_child_ends_its_supervisor() {
    both("SUP-1104", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        for (restart, reason) in [
            (Restart::Transient, ExitReason::Normal),
            (Restart::Temporary, ExitReason::Normal),
            (Restart::Temporary, boom()),
        ] {
            let children = [child("a"), significant("b", restart), child("c")];
            let supervisor = patient(children)
                .auto_shutdown(AutoShutdown::AnySignificant)
                .await;
            let pid = supervisor.expect("it starts").whereis().await;
            let watch = watch(pid.expect("it runs")).await;
            let [_, b, _] = ups(["a", "b", "c"]).await;
            send(b, End(reason));
            // SUP-1110
            stops(["c", "a"]).await;
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
        }
    });
}

#[test]
fn sup_1103_other_children_do_not() {
    both("SUP-1103", async || {
        let mut mailbox = mailbox();
        for auto in [AutoShutdown::AnySignificant, AutoShutdown::AllSignificant] {
            let children = [
                child("a").restart(Restart::Temporary),
                significant("b", Restart::Transient),
                child("c").restart(Restart::Transient),
            ];
            let supervisor = patient(children).auto_shutdown(auto).await;
            let supervisor = supervisor.expect("it starts");
            let [a, _, c] = ups(["a", "b", "c"]).await;
            end(&mut mailbox, a, ExitReason::Normal).await;
            forgets(&supervisor, "a").await;
            end(&mut mailbox, c, ExitReason::Shutdown).await;
            becomes(&supervisor, "c", ChildState::Stopped).await;
            let counts = supervisor.count_children().await.expect("it runs");
            assert_eq!(counts.active, 1);
            supervisor.stop().await.expect("it runs");
            stops(["b"]).await;
        }
    });
}

#[test]
fn sup_1105_all_significant_children_end_it_together() {
    both("SUP-1105", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let children = [
            significant("a", Restart::Transient),
            significant("b", Restart::Temporary),
            child("c"),
        ];
        let supervisor = patient(children)
            .auto_shutdown(AutoShutdown::AllSignificant)
            .await;
        let supervisor = supervisor.expect("it starts");
        let pid = supervisor.whereis().await.expect("it runs");
        let watch = watch(pid).await;
        let [a, b, _] = ups(["a", "b", "c"]).await;
        end(&mut mailbox, a, ExitReason::Normal).await;
        becomes(&supervisor, "a", ChildState::Stopped).await;
        send(b, End(boom()));
        stops(["c"]).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn sup_1108_a_significant_child_that_is_restarted_ends_nothing() {
    both("SUP-1108", async || {
        let mut mailbox = mailbox();
        let supervisor = patient([significant("a", Restart::Transient)])
            .auto_shutdown(AutoShutdown::AnySignificant)
            .await;
        let supervisor = supervisor.expect("it starts");
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        let [a] = ups(["a"]).await;
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
    });
}

/// A supervisor that ends like this, of these children.
async fn ending(
    auto_shutdown: AutoShutdown,
    children: impl IntoIterator<Item = ChildSpec>,
) -> (Supervisor, Ref) {
    trap_exit(true);
    let options = Supervisor::start_link(children).max_restarts(1_000_000, LONG);
    let supervisor = options.auto_shutdown(auto_shutdown).await;
    let supervisor = supervisor.expect("it starts");
    let pid = supervisor.whereis().await.expect("it runs");
    (supervisor, watch(pid).await)
}

#[test]
fn sup_1101_an_end_with_a_restart_is_no_end() {
    both("SUP-1101", async || {
        let mut mailbox = mailbox();
        let children = [child("a"), significant("b", Restart::Transient)];
        let (supervisor, _) = ending(AutoShutdown::AllSignificant, children).await;
        let [a, b] = ups(["a", "b"]).await;
        end(&mut mailbox, a, ExitReason::Normal).await;
        ups(["a"]).await;
        end(&mut mailbox, b, boom()).await;
        ups(["b"]).await;
        assert_eq!(
            supervisor.count_children().await.expect("it runs").active,
            2
        );
    });
}

#[test]
fn sup_1102_never_is_never() {
    both("SUP-1102", async || {
        let mut mailbox = mailbox();
        let temporary = child("b").restart(Restart::Temporary);
        let children = [child("a").restart(Restart::Transient), temporary];
        let (supervisor, _) = ending(AutoShutdown::Never, children).await;
        for pid in ups(["a", "b"]).await {
            end(&mut mailbox, pid, ExitReason::Normal).await;
        }
        forgets(&supervisor, "b").await;
        becomes(&supervisor, "a", ChildState::Stopped).await;
        assert_eq!(
            supervisor.count_children().await.expect("it runs").active,
            0
        );
    });
}

#[test]
fn sup_1106_a_child_that_is_being_restarted_still_counts() {
    both("SUP-1106", async || {
        let mut mailbox = mailbox();
        let (a, _) = failing("a", u32::MAX);
        let a = a.restart(Restart::Transient).significant(true);
        let children = [a, significant("b", Restart::Transient)];
        let (supervisor, _) = ending(AutoShutdown::AllSignificant, children).await;
        let [a, b] = ups(["a", "b"]).await;
        end(&mut mailbox, a, boom()).await;
        becomes(&supervisor, "a", ChildState::Restarting(Some(a))).await;
        end(&mut mailbox, b, ExitReason::Normal).await;
        becomes(&supervisor, "b", ChildState::Stopped).await;
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        assert!(supervisor.count_children().await.is_ok(), "it still runs");
    });
}

#[test]
fn sup_1107_who_was_stopped_by_request_no_longer_counts() {
    both("SUP-1107", async || {
        let mut mailbox = mailbox();
        let children = [
            significant("a", Restart::Transient),
            significant("b", Restart::Transient),
        ];
        let (supervisor, watch) = ending(AutoShutdown::AllSignificant, children).await;
        let [_, b] = ups(["a", "b"]).await;
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        assert!(supervisor.count_children().await.is_ok(), "it still runs");
        end(&mut mailbox, b, ExitReason::Normal).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn sup_1109_ends_that_a_supervisor_causes_do_not_count() {
    both("SUP-1109", async || {
        let mut mailbox = mailbox();
        let children = [
            significant("a", Restart::Temporary),
            child("b"),
            significant("c", Restart::Transient),
        ];
        trap_exit(true);
        let supervisor = patient(children)
            .strategy(Strategy::RestForOne)
            .auto_shutdown(AutoShutdown::AnySignificant)
            .await;
        let supervisor = supervisor.expect("it starts");
        let [_, b, _] = ups(["a", "b", "c"]).await;
        assert_eq!(supervisor.terminate_child("a").await, Ok(()));
        stops(["a"]).await;
        end(&mut mailbox, b, boom()).await;
        stops(["c"]).await;
        ups(["b", "c"]).await;
        assert_eq!(
            supervisor.count_children().await.expect("it runs").active,
            2
        );
    });
}

#[test]
fn sup_1110_it_stops_the_others_in_reverse() {
    both("SUP-1110", async || {
        let mut mailbox = mailbox();
        let children = [
            child("a"),
            child("b"),
            significant("c", Restart::Temporary),
            child("d"),
        ];
        let (_, watch) = ending(AutoShutdown::AnySignificant, children).await;
        let [_, _, c, _] = ups(["a", "b", "c", "d"]).await;
        send(c, End(ExitReason::Shutdown));
        stops(["d", "b", "a"]).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn sup_1111_that_is_not_reported() {
    both("SUP-1111", async || {
        let mut mailbox = mailbox();
        let children = [child("a"), significant("b", Restart::Transient)];
        let (_, watch) = ending(AutoShutdown::AnySignificant, children).await;
        let [_, b] = ups(["a", "b"]).await;
        report::subscribe().await;
        send(b, End(ExitReason::Normal));
        down(&mut mailbox, watch).await;
        assert_eq!(reports(&mut mailbox).await, []);
    });
}

#[test]
fn sup_1112_to_the_supervisor_above_it_is_an_orderly_end() {
    both("SUP-1112", async || {
        let mut mailbox = mailbox();
        let inner = || {
            let children = [significant("a", Restart::Transient)];
            let options = patient(children).auto_shutdown(AutoShutdown::AnySignificant);
            options.child().id("inner")
        };
        // A permanent one is restarted, a transient one is not.
        let (outer, _) = ending(AutoShutdown::Never, [inner()]).await;
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, ExitReason::Normal).await;
        ups(["a"]).await;
        outer.stop().await.expect("it runs");
        stops(["a"]).await;
        let transient = inner().restart(Restart::Transient);
        let (outer, _) = ending(AutoShutdown::Never, [transient]).await;
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, ExitReason::Normal).await;
        becomes(&outer, "inner", ChildState::Stopped).await;
        // A significant one ends the outer one too.
        let significant = inner().restart(Restart::Transient).significant(true);
        let (_, watch) = ending(AutoShutdown::AnySignificant, [significant]).await;
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, ExitReason::Normal).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}
