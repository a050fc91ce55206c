//! GSM-1201 to GSM-1212: how machines end.

use beamline::prelude::*;
use beamline::{CrashPhase, CrashReport, report};
use beamline_tests::both;

use crate::machines::{Puppet, Script, own, rest, seen};
use crate::servers::boom;

/// Ends as the cast says.
fn ends(puppet: &mut Puppet, _: &'static str, what: &str, _: Event<Puppet>) -> Transition<Puppet> {
    puppet.number += 1;
    match what {
        "cast stop" => stop(boom()),
        "cast fail" => Err(boom()),
        "cast panic" => panic!("a callback"),
        "cast normal" => stop(ExitReason::Normal),
        "cast go" => next_state("b").next_event(own("i")),
        _ => keep_state(),
    }
}

#[test]
fn gsm_1201_terminate_is_called_for_each_end_of_its_own() {
    both("gsm_1201", async || {
        for cast in ["stop", "fail", "panic"] {
            let (reason, noted) = Script::new(ends).end(&[cast]).await;
            assert!(reason.is_abnormal());
            assert_eq!(noted.len(), 2, "{noted:?}");
            assert!(noted[1].starts_with("terminate in a with 1"), "{noted:?}");
        }
        let machine = Script::new(ends).start().await;
        assert_eq!(machine.stop_with(ExitReason::Shutdown, None).await, Ok(()));
        let noted = rest(&mut mailbox()).await;
        assert!(noted[0].starts_with("terminate in a with 0"), "{noted:?}");
    });
}

#[test]
fn gsm_1202_not_for_signals_that_are_not_trapped() {
    both("gsm_1202", async || {
        let mut mailbox = mailbox();
        for reason in [boom(), ExitReason::Kill] {
            let (machine, watch) = Puppet::start_monitor(Script::new(ends)).await?;
            exit(machine.pid(), reason);
            mailbox
                .receive_where(|down: &Down| down.reference == watch)
                .await;
        }
        let (machine, watch) = Puppet::start_monitor(Script::new(ends).traps()).await?;
        exit(machine.pid(), ExitReason::Kill);
        mailbox
            .receive_where(|down: &Down| down.reference == watch)
            .await;
        assert_eq!(rest(&mut mailbox).await, [""; 0]);
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_1203_terminate_need_not_be_there() {
    struct Plain;

    impl GenStateMachine for Plain {
        type Args = ();
        type State = ();
        type Call = Never;
        type Cast = Never;
        type Info = Message;
        type Internal = Never;
        type TimerName = Never;

        async fn init((): ()) -> Begin<Self> {
            begin((), Plain)
        }

        async fn handle_event(&mut self, (): &(), event: Event<Self>) -> Transition<Self> {
            unexpected(event)
        }
    }

    both("gsm_1203", async || {
        let machine = Plain::start(()).await?;
        machine.stop_with(boom(), None).await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_1204_a_crash_of_terminate_is_the_reason() {
    both("gsm_1204", async || {
        let script = Script::new(ends).terminate(|_| panic!("the last words"));
        let (reason, _) = script.end(&["normal"]).await;
        assert!(matches!(reason, ExitReason::Panicked(_)), "{reason}");
    });
}

#[test]
fn gsm_1204_and_it_is_reported() {
    both("gsm_1204 report", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let script = Script::new(ends).terminate(|_| exit_now(boom()));
        script.start().await.cast("normal");
        assert_eq!(mailbox.receive::<CrashReport>().await.reason, boom());
    });
}

#[test]
fn gsm_1205_terminate_is_given_the_reason() {
    both("gsm_1205", async || {
        let (_, noted) = Script::new(ends).end(&["fail"]).await;
        assert_eq!(noted[1], format!("terminate in a with 1: {}", boom()));
        let (reason, noted) = Script::new(ends).end(&["panic"]).await;
        assert_eq!(noted[1], format!("terminate in a with 1: {reason}"));
    });
}

#[test]
fn gsm_1206_an_error_is_the_exit_reason_and_a_panic_is_told_as_one() {
    both("gsm_1206", async || {
        assert_eq!(Script::new(ends).end(&["fail"]).await.0, boom());
        let (reason, _) = Script::new(ends).end(&["panic"]).await;
        assert!(matches!(reason, ExitReason::Panicked(_)), "{reason}");
    });
}

#[test]
fn gsm_1207_only_crashes_are_reported() {
    both("gsm_1207", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        Script::new(ends).start().await.stop().await?;
        let shut = Script::new(ends).start().await;
        shut.stop_with(ExitReason::Shutdown, None).await?;
        let machine = Script::new(ends).start().await;
        machine.stop_with(boom(), None).await?;
        let report = mailbox.receive::<CrashReport>().await;
        assert_eq!(report.pid, machine.pid());
        assert_eq!(
            mailbox
                .receive_timeout::<CrashReport>(std::time::Duration::ZERO)
                .await,
            None
        );
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_1208_a_report_says_who_where_and_why() {
    both("gsm_1208", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let machine = Puppet::start(Script::new(ends)).name("puppet").await?;
        machine.cast("go");
        machine.cast("fail");
        let report = mailbox.receive::<CrashReport>().await;
        assert_eq!(report.pid, machine.pid());
        assert_eq!(report.name, Some("puppet".into()));
        assert!(
            report
                .behaviour
                .is_some_and(|name| name.ends_with("Puppet"))
        );
        assert_eq!(report.phase, CrashPhase::Serving);
        assert_eq!(report.state.as_deref(), Some("\"b\""));
        assert_eq!(report.reason, boom());
        assert!(report.last_message.is_some());
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_1209_a_crash_leaves_the_state_of_before() {
    both("gsm_1209", async || {
        let script = Script::new(|puppet, state, what, _| match (state, what) {
            ("a", "cast go") => next_state("b"),
            _ => {
                puppet.number = 7;
                Err(boom())
            }
        });
        let (_, noted) = script.end(&["go", "fail"]).await;
        // The data are as the callback left them, which is where Rust differs.
        assert!(noted[2].starts_with("terminate in b with 7"), "{noted:?}");
    });
}

/// A machine whose parent has ended with this reason; its reason and notes.
async fn orphan(end: ExitReason) -> (ExitReason, Vec<String>) {
    let mut mailbox = mailbox();
    let script = Script::new(ends).traps();
    let (root, reason) = (me(), end.clone());
    spawn(async move |mut mailbox: Mailbox| {
        let machine = Puppet::start_link(script).await?;
        send(root, machine.pid());
        mailbox.receive::<&str>().await;
        Err::<(), ExitReason>(reason)
    });
    let machine = mailbox.receive::<Pid>().await;
    let watch = monitor(machine);
    send(
        beamline::info(machine)
            .await
            .and_then(|info| info.parent)
            .unwrap_or(root),
        "end",
    );
    let down = mailbox
        .receive_where(|down: &Down| down.reference == watch)
        .await;
    (down.reason, rest(&mut mailbox).await)
}

#[test]
fn gsm_1211_the_end_of_the_parent_is_the_end() {
    both("gsm_1211", async || {
        let (reason, noted) = orphan(boom()).await;
        assert_eq!(reason, boom());
        assert!(noted[0].starts_with("terminate in a"), "{noted:?}");
        let (reason, noted) = orphan(ExitReason::Normal).await;
        assert_eq!(reason, ExitReason::Normal);
        assert_eq!(noted, ["terminate normal"]);
    });
}

#[test]
fn gsm_1212_the_end_of_another_is_an_event() {
    both("gsm_1212", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(ends).traps().start().await;
        exit(machine.pid(), boom());
        let noted = seen(&mut mailbox, 1).await;
        assert!(noted[0].starts_with("a info Exit"), "{noted:?}");
        machine.stop().await
    });
}
