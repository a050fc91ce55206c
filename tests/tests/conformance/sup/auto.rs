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
        let children = [
            child("a").restart(Restart::Temporary),
            significant("b", Restart::Transient),
        ];
        let supervisor = patient(children)
            .auto_shutdown(AutoShutdown::AnySignificant)
            .await;
        let supervisor = supervisor.expect("it starts");
        let [a, _] = ups(["a", "b"]).await;
        end(&mut mailbox, a, ExitReason::Normal).await;
        forgets(&supervisor, "a").await;
        let counts = supervisor.count_children().await.expect("it runs");
        assert_eq!(counts.active, 1);
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
