//! GSM-1101 to GSM-1116: asking, telling and stopping machines.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use beamline::Requests;
use beamline::prelude::*;
use beamline_tests::{both, expect_nothing, on_sim};

use crate::machines::{Ask, Puppet, Script, seen};
use crate::servers::boom;

const SHORT: Duration = Duration::from_millis(2);

/// Keeps callers until it is cast `release`; answers calls of `now`.
async fn keeper() -> StateMachine<Puppet> {
    let script = Script::new(|puppet, _, _, event| match event {
        Event::Call(Ask("now", caller)) => keep_state().reply(caller, "at once"),
        Event::Call(Ask(_, caller)) => {
            puppet.kept.push(caller);
            keep_state()
        }
        Event::Cast("release") => {
            for caller in puppet.kept.drain(..) {
                caller.reply("released");
            }
            keep_state()
        }
        Event::Cast("end") => stop(boom()),
        _ => keep_state(),
    });
    script.start().await
}

#[test]
fn gsm_1101_a_call_waits_for_ever_unless_told_otherwise() {
    on_sim("gsm_1101", async || {
        let machine = keeper().await;
        spawn(async move |_: Mailbox| {
            // Again and again, for the call may be late.
            loop {
                sleep(Duration::from_secs(100_000)).await;
                machine.cast("release");
            }
        });
        assert_eq!(
            machine.call(|caller| Ask("wait", caller)).await,
            Ok("released")
        );
    });
}

#[test]
fn gsm_1102_a_call_that_fails_is_an_error() {
    both("gsm_1102", async || {
        let machine = keeper().await;
        let request = machine.request(|caller| Ask("wait", caller)).await;
        machine.cast("end");
        let failed = request.receive().await;
        assert_eq!(failed, Err(CallError::Down(boom())));
        // As a reason it is around the call's error, by `?`.
        let reason: ExitReason = failed.expect_err("it failed").into();
        assert!(matches!(reason, ExitReason::Error(_)));
    });
}

#[test]
fn gsm_1103_why_a_call_fails() {
    both("gsm_1103", async || {
        let nobody: StateMachine<Puppet, Name> = StateMachine::named("nobody");
        let asked = nobody.call(|caller| Ask("q", caller)).await;
        assert_eq!(asked, Err(CallError::NoProc));
        let itself: StateMachine<Puppet> = StateMachine::of(me());
        let asked = itself.call(|caller| Ask("q", caller)).await;
        assert_eq!(asked, Err(CallError::CallingSelf));
        let machine = keeper().await;
        let asked = machine
            .call(|caller| Ask("wait", caller))
            .timeout(SHORT)
            .await;
        assert_eq!(asked, Err(CallError::Timeout));
        machine.stop().await?;
        let asked = machine.call(|caller| Ask("q", caller)).await;
        assert_eq!(asked, Err(CallError::NoProc));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_1105_a_late_answer_is_dropped() {
    both("gsm_1105", async || {
        let mut mailbox = mailbox();
        let machine = keeper().await;
        let asked = machine
            .call(|caller| Ask("wait", caller))
            .timeout(SHORT)
            .await;
        assert_eq!(asked, Err(CallError::Timeout));
        machine.cast("release");
        seen(&mut mailbox, 2).await;
        machine.stop().await?;
        mailbox
            .receive_timeout::<crate::machines::Noted>(Duration::ZERO)
            .await;
        expect_nothing(&mut mailbox, "the late answer is dropped").await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_1108_a_cast_never_fails() {
    both("gsm_1108", async || {
        let mut mailbox = mailbox();
        let machine = keeper().await;
        machine.cast("x");
        assert_eq!(seen(&mut mailbox, 1).await, ["a cast x"]);
        machine.stop().await?;
        machine.cast("y");
        let nobody: StateMachine<Puppet, Name> = StateMachine::named("nobody");
        nobody.cast("z").await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_1109_anybody_may_answer() {
    both("gsm_1109", async || {
        let script = Script::new(|_, _, _, event| match event {
            Event::Call(Ask(_, caller)) => {
                spawn(async |_: Mailbox| caller.reply("from another"));
                keep_state()
            }
            _ => keep_state(),
        });
        let machine = script.start().await;
        assert_eq!(
            machine.call(|caller| Ask("q", caller)).await,
            Ok("from another")
        );
    });
}

#[test]
fn gsm_1110_requests_are_waited_for_later() {
    both("gsm_1110", async || {
        let machine = keeper().await;
        let mut kept = machine.request(|caller| Ask("keep", caller)).await;
        assert_eq!(kept.wait(SHORT).await, None);
        let abandoned = machine.request(|caller| Ask("keep", caller)).await;
        assert_eq!(
            abandoned.receive_timeout(SHORT).await,
            Err(CallError::Timeout)
        );
        let mut requests = Requests::new();
        assert_eq!(requests.next(None).await, None);
        requests.add("kept", kept);
        requests.add("now", machine.request(|caller| Ask("now", caller)).await);
        assert_eq!(requests.next(None).await, Some(("now", Ok("at once"))));
        machine.cast("release");
        assert_eq!(requests.next(None).await, Some(("kept", Ok("released"))));
    });
}

#[test]
fn gsm_1111_a_request_to_the_dead_fails_when_it_is_waited_for() {
    both("gsm_1111", async || {
        let machine = keeper().await;
        machine.stop().await?;
        let request = machine.request(|caller| Ask("q", caller)).await;
        assert_eq!(request.receive().await, Err(CallError::NoProc));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_1112_stopping_waits_for_the_end() {
    both("gsm_1112", async || {
        let (normal, with_reason) = (keeper().await, keeper().await);
        assert_eq!(normal.stop().await, Ok(()));
        assert!(!alive(normal.pid()).await);
        assert_eq!(with_reason.stop_with(boom(), None).await, Ok(()));
        assert!(!alive(with_reason.pid()).await);
    });
}

#[test]
fn gsm_1112_the_name_of_a_stopped_machine_is_free() {
    both("gsm_1112 name", async || {
        let by_name: StateMachine<Puppet, Name> = StateMachine::named("puppet");
        for _ in 0..2 {
            let script = Script::new(|_, _, _, _| keep_state());
            Puppet::start(script).name("puppet").await?;
            by_name.stop().await?;
            assert_eq!(by_name.stop().await, Err(CallError::NoProc));
        }
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_1113_nobody_cannot_be_stopped() {
    both("gsm_1113", async || {
        let nobody: StateMachine<Puppet, Name> = StateMachine::named("nobody");
        assert_eq!(nobody.stop().await, Err(CallError::NoProc));
    });
}

/// Terminates when it may.
struct Lingering(Arc<AtomicBool>);

impl GenStateMachine for Lingering {
    type Args = Arc<AtomicBool>;
    type State = ();
    type Call = Never;
    type Cast = Never;
    type Info = Message;
    type Internal = Never;
    type TimerName = ();

    async fn init(may: Self::Args) -> Begin<Self> {
        begin((), Lingering(may))
    }

    async fn handle_event(&mut self, (): &(), _: Event<Self>) -> Transition<Self> {
        keep_state()
    }

    async fn terminate(&mut self, _: &ExitReason, (): &()) {
        while !self.0.load(Ordering::SeqCst) {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

#[test]
fn gsm_1114_stopping_may_take_too_long() {
    both("gsm_1114", async || {
        let (mut mailbox, may) = (mailbox(), Arc::new(AtomicBool::new(false)));
        let machine = Lingering::start(may.clone()).await.expect("it starts");
        let watch = monitor(machine.pid());
        let stopped = machine.stop_with(ExitReason::Normal, Some(Duration::from_millis(2)));
        assert_eq!(stopped.await, Err(CallError::Timeout));
        // It goes on terminating all the same.
        may.store(true, Ordering::SeqCst);
        let down = mailbox.receive_where(|down: &Down| down.reference == watch);
        assert_eq!(down.await.reason, ExitReason::Normal);
    });
}

#[test]
fn gsm_1115_a_machine_that_ends_otherwise_is_an_error() {
    both("gsm_1115", async || {
        let script = Script::new(|_, _, _, _| keep_state()).terminate(|_| exit_now(boom()));
        let machine = script.start().await;
        assert_eq!(machine.stop().await, Err(CallError::Down(boom())));
    });
}

#[test]
fn gsm_1116_a_machine_that_ends_so_by_itself_has_stopped() {
    both("gsm_1116", async || {
        let machine = keeper().await;
        machine.cast("end");
        let stopped = machine.stop_with(boom(), None).await;
        assert!(
            matches!(stopped, Ok(()) | Err(CallError::NoProc)),
            "{stopped:?}"
        );
    });
}
