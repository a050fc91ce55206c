//! GSM-1301 to GSM-1307, GSM-1401 to GSM-1404: system messages and hibernation.

use std::time::Duration;

use beamline::prelude::*;
use beamline::sys::{self, EventKind, SysError};
use beamline_tests::both;

use crate::machines::{Ask, Puppet, Script, own, plays, rest, seen, soon};
use crate::servers::{boom, insist};

/// State and data.
type Whole = (&'static str, Puppet);

/// Goes to `b`, keeps what it is not made for.
fn plain(_: &mut Puppet, _: &'static str, what: &str, _: Event<Puppet>) -> Transition<Puppet> {
    match what {
        "cast go" => next_state("b"),
        "cast timeout" => keep_state().state_timeout(soon()),
        _ => keep_state(),
    }
}

#[test]
fn gsm_1301_state_and_data_are_seen_and_replaced() {
    both("gsm_1301", async || {
        let machine = Script::new(plain).start().await;
        machine.cast("go");
        let look = || sys::with_state(machine, |whole: &mut Whole| (whole.0, whole.1.number));
        assert_eq!(insist(look).await?, ("b", 0));
        let replace = || sys::with_state(machine, |whole: &mut Whole| whole.0 = "c");
        insist(replace).await?;
        let failed =
            insist(|| sys::with_state(machine, |_: &mut Whole| -> u8 { exit_now(boom()) }));
        assert_eq!(failed.await, Err(SysError::Failed(boom())));
        assert_eq!(insist(look).await?, ("c", 0));
        Ok::<(), SysError>(())
    });
}

#[test]
fn gsm_1301_suspended_too() {
    both("gsm_1301 suspended", async || {
        let machine = Script::new(plain).start().await;
        insist(|| sys::suspend(machine)).await?;
        machine.cast("go");
        let look = || sys::with_state(machine, |whole: &mut Whole| whole.0);
        assert_eq!(insist(look).await?, "a");
        insist(|| sys::resume(machine)).await?;
        assert_eq!(insist(look).await?, "b");
        Ok::<(), SysError>(())
    });
}

#[test]
fn gsm_1302_replacing_is_silent() {
    both("gsm_1302", async || {
        let mut mailbox = mailbox();
        let script = Script::new(|_, state, what, event| match (state, what) {
            ("a", "cast p") => postpone(event),
            (_, "cast timeout") => keep_state().state_timeout(soon()),
            _ => keep_state(),
        });
        let machine = script.enter(|_, _, _| Enter::done()).start().await;
        machine.cast("p");
        machine.cast("timeout");
        insist(|| sys::with_state(machine, |whole: &mut Whole| whole.0 = "b")).await?;
        // No entering, no retrying; the state timeout runs on into the other state.
        let noted = seen(&mut mailbox, 4).await;
        assert_eq!(noted[..3], ["enter a>a", "a cast p", "a cast timeout"]);
        assert!(noted[3].ends_with(" state"), "{noted:?}");
        Ok::<(), SysError>(())
    });
}

#[test]
fn gsm_1303_suspended_it_handles_nothing_and_resumed_everything_in_order() {
    both("gsm_1303", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(plain).start().await;
        insist(|| sys::suspend(machine)).await?;
        machine.cast("one");
        machine.cast("two");
        let status = insist(|| async move { sys::status(machine).await.map_err(SysError::from) });
        assert!(status.await?.suspended);
        assert_eq!(rest(&mut mailbox).await, [""; 0]);
        insist(|| sys::resume(machine)).await?;
        assert_eq!(seen(&mut mailbox, 2).await, ["a cast one", "a cast two"]);
        Ok::<(), SysError>(())
    });
}

#[test]
fn gsm_1303_calls_are_answered_when_it_goes_on() {
    both("gsm_1303 calls", async || {
        let script = Script::new(|_, _, _, event| match event {
            Event::Call(Ask(_, caller)) => keep_state().reply(caller, "yes"),
            _ => keep_state(),
        });
        let machine = script.start().await;
        insist(|| sys::suspend(machine)).await?;
        let mut request = machine.request(|caller| Ask("q", caller)).await;
        assert_eq!(request.wait(Duration::from_millis(2)).await, None);
        insist(|| sys::resume(machine)).await?;
        assert_eq!(request.receive().await, Ok("yes"));
        Ok::<(), SysError>(())
    });
}

/// A machine whose code changes its state, or does not.
struct Versioned;

impl GenStateMachine for Versioned {
    type Args = ();
    type State = u32;
    type Call = Never;
    type Cast = Never;
    type Info = Message;
    type Internal = Never;
    type TimerName = Never;

    async fn init((): ()) -> Begin<Self> {
        begin(1, Versioned)
    }

    async fn handle_event(&mut self, _: &u32, event: Event<Self>) -> Transition<Self> {
        unexpected(event)
    }

    async fn enter(&mut self, old: &u32, state: &u32) -> Entering<Self> {
        assert_eq!(old, state, "only the first state is entered");
        Enter::done()
    }

    async fn code_change(
        &mut self,
        state: &mut u32,
        from: &str,
        extra: Message,
    ) -> Result<(), ExitReason> {
        match from {
            "bad" => return Err(boom()),
            "panic" => panic!("out of cheese"),
            _ => {}
        }
        *state = extra.downcast().map_err(|_| boom())?;
        Ok(())
    }

    fn format_status(&self, state: &u32) -> Option<String> {
        assert!(*state != 13, "no status at thirteen");
        Some(format!("version {state}"))
    }
}

#[test]
fn gsm_1304_a_change_of_code_changes_the_state_or_nothing() {
    both("gsm_1304", async || {
        let machine = Versioned::start(()).await.expect("it starts");
        insist(|| sys::suspend(machine)).await?;
        insist(|| sys::change_code(machine, "1", 2u32)).await?;
        let failed = insist(|| sys::change_code(machine, "bad", 3u32)).await;
        assert_eq!(failed, Err(SysError::Failed(boom())));
        let failed = insist(|| sys::change_code(machine, "panic", 4u32)).await;
        assert!(
            format!("{failed:?}").contains("out of cheese"),
            "{failed:?}"
        );
        let state = insist(|| sys::with_state(machine, |whole: &mut (u32, Versioned)| whole.0));
        assert_eq!(state.await?, 2);
        Ok::<(), SysError>(())
    });
}

#[test]
fn gsm_1305_the_status_shows_what_the_machine_wants() {
    both("gsm_1305", async || {
        let machine = Versioned::start(()).await.expect("it starts");
        let status = || async move { sys::status(machine).await.map_err(SysError::from) };
        assert_eq!(insist(status).await?.state.as_deref(), Some("version 1"));
        insist(|| sys::with_state(machine, |whole: &mut (u32, Versioned)| whole.0 = 13)).await?;
        let state = insist(status).await?.state;
        assert!(state.is_some_and(|state| state.contains("panicked")));
        Ok::<(), SysError>(())
    });
}

#[test]
fn gsm_1306_its_work_can_be_watched() {
    both("gsm_1306", async || {
        let script = Script::new(|_, state, what, event| match (state, what) {
            ("a", "cast p") => postpone(event),
            ("a", "cast go") => next_state("b"),
            _ => keep_state(),
        });
        let machine = Puppet::start(script).log(20).await.expect("it starts");
        machine.cast("p");
        machine.cast("go");
        let log = insist(|| async move { sys::logged(machine).await.map_err(SysError::from) });
        let kinds: Vec<EventKind> = log.await?.into_iter().map(|event| event.kind).collect();
        let expected = [
            EventKind::Enter,
            EventKind::In,
            EventKind::Postpone,
            EventKind::In,
            EventKind::Enter,
            EventKind::Consume,
            EventKind::Consume,
        ];
        assert_eq!(kinds, expected);
        Ok::<(), SysError>(())
    });
}

/// Hibernates when it is cast `sleep`.
fn sleeper(_: &mut Puppet, _: &'static str, what: &str, _: Event<Puppet>) -> Transition<Puppet> {
    match what {
        "cast sleep" => keep_state().hibernate().state_timeout(soon()),
        "cast queue" => keep_state().hibernate().next_event(own("i")),
        "cast awake" => keep_state().hibernate().stay_awake(),
        _ => keep_state(),
    }
}

#[test]
fn gsm_1307_system_messages_are_answered_while_it_hibernates() {
    both("gsm_1307", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(sleeper).start().await;
        machine.cast("sleep");
        let state = insist(|| sys::with_state(machine, |whole: &mut Whole| whole.0));
        assert_eq!(state.await, Ok("a"));
        assert_eq!(seen(&mut mailbox, 2).await, ["a cast sleep", "a state"]);
    });
}

#[test]
fn gsm_1401_it_hibernates_when_nothing_is_queued() {
    plays(
        "gsm_1401",
        &["queue", "sleep"],
        sleeper,
        &["a cast queue", "a internal i", "a cast sleep", "a state"],
    );
}

#[test]
fn gsm_1402_what_is_queued_does_not_make_it_forget() {
    both("gsm_1402", async || {
        let mut mailbox = mailbox();
        let machine = Script::new(sleeper).start().await;
        machine.cast("queue");
        assert_eq!(
            seen(&mut mailbox, 2).await,
            ["a cast queue", "a internal i"]
        );
        sleep(Duration::from_millis(1)).await;
        machine.cast("wake");
        assert_eq!(seen(&mut mailbox, 1).await, ["a cast wake"]);
    });
}

#[test]
fn gsm_1404_timers_wake_it() {
    plays(
        "gsm_1404",
        &["sleep"],
        sleeper,
        &["a cast sleep", "a state"],
    );
}
