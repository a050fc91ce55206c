//! SUP-404 to SUP-408, SUP-506 to SUP-510: ends of children, several at a time.

use super::*;

/// The ends that a supervisor has reported.
async fn ends(mailbox: &mut Mailbox, supervisor: &Supervisor) -> Vec<ExitReason> {
    assert!(supervisor.count_children().await.is_ok());
    let reports = reports(mailbox).await.into_iter();
    let ends = reports.filter_map(|report| match report.event {
        SupervisorEvent::ChildTerminated(reason) => Some(reason),
        _ => None,
    });
    ends.collect()
}

#[test]
fn sup_404_a_transient_child_that_crashes_is_reported_and_restarted() {
    both("SUP-404", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let transient = child("a").restart(Restart::Transient);
        let supervisor = patient([transient]).await.expect("it starts");
        let [a] = ups(["a"]).await;
        end(&mut mailbox, a, boom()).await;
        let [again] = ups(["a"]).await;
        assert_eq!(ends(&mut mailbox, &supervisor).await, [boom()]);
        end(&mut mailbox, again, ExitReason::shutdown_with(1)).await;
        becomes(&supervisor, "a", ChildState::Stopped).await;
        assert_eq!(ends(&mut mailbox, &supervisor).await, [], "SUP-403");
    });
}

#[test]
fn sup_406_a_temporary_child_that_crashes_is_reported_and_forgotten() {
    both("SUP-406", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let supervisor = patient([]).await.expect("it starts");
        for (reason, reported) in [(boom(), true), (ExitReason::Normal, false)] {
            let temporary = child("a").restart(Restart::Temporary);
            let a = supervisor.start_child(temporary).await.expect("it starts");
            ups(["a"]).await;
            end(&mut mailbox, a, reason.clone()).await;
            forgets(&supervisor, "a").await;
            let expected: Vec<_> = Some(reason).filter(|_| reported).into_iter().collect();
            assert_eq!(ends(&mut mailbox, &supervisor).await, expected);
        }
        assert_eq!(log().take(), None, "nobody was started again");
    });
}

#[test]
fn sup_407_all_other_reasons_are_crashes() {
    both("SUP-407", async || {
        let mut mailbox = mailbox();
        let transient = child("a").restart(Restart::Transient);
        let supervisor = patient([transient]).await.expect("it starts");
        let [mut a] = ups(["a"]).await;
        for reason in [
            ExitReason::Killed,
            ExitReason::NoProc,
            ExitReason::NoConnection,
            ExitReason::Timeout,
            ExitReason::other("normal"),
        ] {
            end(&mut mailbox, a, reason).await;
            [a] = ups(["a"]).await;
        }
        assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
    });
}

#[test]
fn sup_408_an_end_without_a_restart_concerns_nobody_else() {
    both("SUP-408", async || {
        let mut mailbox = mailbox();
        for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
            let children = [
                child("a").restart(Restart::Temporary),
                child("b").restart(Restart::Transient),
                child("c"),
            ];
            let supervisor = patient(children).strategy(strategy).await;
            let supervisor = supervisor.expect("it starts");
            let [a, b, c] = ups(["a", "b", "c"]).await;
            end(&mut mailbox, a, boom()).await;
            end(&mut mailbox, b, ExitReason::Shutdown).await;
            forgets(&supervisor, "a").await;
            becomes(&supervisor, "b", ChildState::Stopped).await;
            assert_eq!(state(&supervisor, "c").await, ChildState::Running(c));
            assert_eq!(log().take(), None, "nobody was stopped or started");
            supervisor.stop().await.expect("it runs");
            stops(["c"]).await;
        }
    });
}

/// Ends children of a supervisor one after another while it is suspended; it sees their exits in
/// this order when it goes on.
async fn end_unseen(mailbox: &mut Mailbox, supervisor: &Supervisor, children: &[Pid]) {
    suspended(supervisor).await;
    let pid = supervisor.whereis().await.expect("it runs");
    for (before, child) in children.iter().enumerate() {
        end(mailbox, *child, boom()).await;
        queue_of(pid, before + 1).await;
    }
    resumed(supervisor).await;
}

#[test]
fn sup_506_a_sibling_that_is_dead_already_is_no_restart_of_its_own() {
    both("SUP-506", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let supervisor = Supervisor::start_link([child("a"), child("b")])
            .strategy(Strategy::OneForAll)
            .max_restarts(1, LONG)
            .await;
        let supervisor = supervisor.expect("it starts");
        let [a, b] = ups(["a", "b"]).await;
        end_unseen(&mut mailbox, &supervisor, &[a, b]).await;
        ups(["a", "b"]).await;
        assert!(
            supervisor.count_children().await.is_ok(),
            "it has not given up"
        );
        let told: Vec<_> = (reports(&mut mailbox).await.into_iter())
            .filter(|report| report.event != SupervisorEvent::Started)
            .map(|report| (report.event, report.offender.child))
            .collect();
        let expected = [
            (
                SupervisorEvent::ChildTerminated(boom()),
                ChildState::Running(a),
            ),
            (
                SupervisorEvent::ShutdownError(boom()),
                ChildState::Running(b),
            ),
        ];
        assert_eq!(told, expected);
    });
}

#[test]
fn sup_507_under_one_for_one_they_count_twice() {
    both("SUP-507", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let options = Supervisor::start_link([child("a"), child("b")]);
        let supervisor = options.max_restarts(1, LONG).await.expect("it starts");
        let watch = watch(supervisor.whereis().await.expect("it runs")).await;
        let [a, b] = ups(["a", "b"]).await;
        end_unseen(&mut mailbox, &supervisor, &[a, b]).await;
        ups(["a"]).await;
        stops(["a"]).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn sup_508_under_rest_for_one_the_crash_of_an_elder_sibling_is_handled_after_it() {
    both("SUP-508", async || {
        let mut mailbox = mailbox();
        let supervisor = Supervisor::start_link([child("a"), child("b")])
            .strategy(Strategy::RestForOne)
            .max_restarts(2, LONG)
            .await;
        let supervisor = supervisor.expect("it starts");
        let [a, b] = ups(["a", "b"]).await;
        end_unseen(&mut mailbox, &supervisor, &[b, a]).await;
        ups(["b"]).await;
        stops(["b"]).await;
        ups(["a", "b"]).await;
        assert!(supervisor.count_children().await.is_ok());
    });
}

#[test]
fn sup_510_siblings_that_are_stopped_end_no_supervisor() {
    both("SUP-510", async || {
        let mut mailbox = mailbox();
        for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
            let significant = child("b").restart(Restart::Temporary).significant(true);
            let supervisor = patient([child("a"), significant])
                .strategy(strategy)
                .auto_shutdown(AutoShutdown::AnySignificant)
                .await;
            let supervisor = supervisor.expect("it starts");
            let [a, _] = ups(["a", "b"]).await;
            end(&mut mailbox, a, boom()).await;
            stops(["b"]).await;
            let [a] = ups(["a"]).await;
            assert_eq!(state(&supervisor, "a").await, ChildState::Running(a));
            supervisor.stop().await.expect("it runs");
            stops(["a"]).await;
        }
    });
}
