//! GSM-1501 to GSM-1506: what Elixir's library adds to gen_statem.

use beamline::prelude::*;
use beamline::state_machine::UnexpectedEvent;
use beamline::{CrashReport, report};
use beamline_tests::both;

use crate::machines::{Ask, Puppet, Script, seen};

/// Knows nothing to do about calls.
fn no_calls(_: &mut Puppet, _: &'static str, _: &str, event: Event<Puppet>) -> Transition<Puppet> {
    match event {
        Event::Call(_) => unexpected(event),
        _ => keep_state(),
    }
}

#[test]
fn gsm_1502_an_unexpected_event_is_a_crash_that_names_it() {
    both("gsm_1502", async || {
        let machine = Script::new(no_calls).start().await;
        let asked = machine.call(|caller| Ask("riddle", caller)).await;
        let Err(CallError::Down(ExitReason::Error(error))) = asked else {
            panic!("{asked:?}");
        };
        let error = error.downcast_ref::<UnexpectedEvent>().expect("it says so");
        assert!(error.event.contains("riddle"), "{error}");
        assert!(error.machine.ends_with("Puppet"), "{error}");
    });
}

#[test]
fn gsm_1503_a_machine_makes_its_child_specification() {
    both("gsm_1503", async || {
        let mut mailbox = mailbox();
        let spec = Puppet::child(Script::new(no_calls).enter(|_, _, _| Enter::done()));
        assert_eq!(spec.get_id().to_string(), "Puppet");
        assert_eq!(spec.get_restart(), Restart::Permanent);
        assert_eq!(spec.get_shutdown(), Shutdown::default());
        let supervisor = Supervisor::start_link([spec.name("puppet")]).await?;
        let machine: StateMachine<Puppet, Name> = StateMachine::named("puppet");
        machine.cast("one").await;
        assert_eq!(seen(&mut mailbox, 2).await, ["enter a>a", "a cast one"]);
        let _ = machine.call(|caller| Ask("crash", caller)).await;
        // It was started again.
        let noted = seen(&mut mailbox, 3).await;
        assert!(noted.contains(&"enter a>a".to_string()), "{noted:?}");
        supervisor.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_1504_a_machine_has_a_name() {
    both("gsm_1504", async || {
        let machine = Puppet::start_link(Script::new(no_calls))
            .name("puppet")
            .await?;
        assert_eq!(whereis("puppet").await, Some(machine.pid()));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_1505_machines_are_called_cast_to_and_stopped_as_servers_are() {
    both("gsm_1505", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(|_, _, _, event| match event {
            Event::Call(Ask(_, caller)) => keep_state().reply(caller, "yes"),
            _ => keep_state(),
        });
        let machine = machine.start().await;
        machine.cast("x");
        assert_eq!(machine.call(|caller| Ask("q", caller)).await, Ok("yes"));
        assert_eq!(seen(&mut mailbox, 2).await, ["a cast x", "a call q"]);
        machine.stop().await
    });
}

#[test]
fn gsm_1506_the_report_of_a_crash_reads_well() {
    both("gsm_1506", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let machine = Puppet::start(Script::new(no_calls)).name("puppet").await?;
        let _ = machine.call(|caller| Ask("riddle", caller)).await;
        let report = mailbox.receive::<CrashReport>().await.to_string();
        for part in ["puppet", "Puppet", "riddle", "\"a\""] {
            assert!(report.contains(part), "no {part} in: {report}");
        }
        Ok::<(), ExitReason>(())
    });
}
