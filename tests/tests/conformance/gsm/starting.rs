//! GSM-101 to GSM-112, GSM-203 to GSM-206: starts, and what states are.

use std::time::Duration;

use beamline::prelude::*;
use beamline::{CrashPhase, CrashReport, report, state_machine};
use beamline_tests::{both, down, expect_nothing};

use crate::machines::{Noted, Puppet, Script, own, plays, rest, seen, zero};
use crate::servers::boom;

/// How a machine begins.
#[derive(Debug, Clone)]
enum How {
    Fine,
    Ignore,
    Stop,
    Error,
    Panic,
    Forever,
}

/// A machine that begins so, and has one function for each state.
struct Opening(Pid);

/// A state may be anything that can be compared.
#[derive(Debug, Clone, PartialEq)]
enum Phase {
    Even(Vec<u64>),
    Odd(Vec<u64>),
}

#[derive(Debug)]
enum Count {
    Add(u64),
    Tell(Caller<(&'static str, Vec<u64>)>),
}

impl Opening {
    fn even(&mut self, seen: &[u64], event: Event<Self>) -> Transition<Self> {
        match event {
            Event::Info(Count::Add(number)) => next_state(Phase::Odd(with(seen, number))),
            Event::Call(Count::Tell(caller)) => keep_state().reply(caller, ("even", seen.to_vec())),
            event => unexpected(event),
        }
    }

    fn odd(&mut self, seen: &[u64], event: Event<Self>) -> Transition<Self> {
        match event {
            Event::Info(Count::Add(number)) => next_state(Phase::Even(with(seen, number))),
            Event::Call(Count::Tell(caller)) => keep_state().reply(caller, ("odd", seen.to_vec())),
            event => unexpected(event),
        }
    }
}

fn with(seen: &[u64], number: u64) -> Vec<u64> {
    let mut seen = seen.to_vec();
    seen.push(number);
    seen
}

impl From<Message> for Count {
    fn from(message: Message) -> Self {
        Count::Add(message.downcast().expect("the tests send numbers"))
    }
}

impl GenStateMachine for Opening {
    type Args = (How, Pid);
    type State = Phase;
    type Call = Count;
    type Cast = Never;
    type Info = Count;
    type Internal = Never;
    type TimerName = Never;

    async fn init((how, watcher): (How, Pid)) -> Begin<Self> {
        match how {
            How::Fine => begin(Phase::Even(Vec::new()), Opening(watcher)),
            How::Ignore => Err(Refusal::Ignore),
            How::Stop => Err(Refusal::Stop(boom())),
            How::Error => Err(Refusal::Error(boom())),
            How::Panic => panic!("init"),
            How::Forever => std::future::pending().await,
        }
    }

    async fn handle_event(&mut self, state: &Phase, event: Event<Self>) -> Transition<Self> {
        match state {
            Phase::Even(seen) => self.even(seen, event),
            Phase::Odd(seen) => self.odd(seen, event),
        }
    }

    async fn terminate(&mut self, _: &ExitReason, _: &Phase) {
        send(self.0, Noted("terminate".to_string()));
    }
}

#[test]
fn gsm_101_a_start_waits_for_init_and_for_no_longer() {
    both("gsm_101", async || {
        let slow = Opening::start((How::Forever, me())).timeout(Duration::from_millis(2));
        assert_eq!(slow.await.err(), Some(StartError::Timeout));
        let machine = Opening::start((How::Fine, me())).await?;
        assert_eq!(machine.call(Count::Tell).await?, ("even", Vec::new()));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_102_init_may_refuse() {
    both("gsm_102", async || {
        for how in [How::Ignore, How::Stop, How::Error] {
            assert!(Opening::start((how, me())).await.is_err());
        }
        assert!(Opening::start((How::Fine, me())).await.is_ok());
    });
}

#[test]
fn gsm_103_what_the_starter_learns() {
    both("gsm_103", async || {
        let start = async |how| Opening::start((how, me())).await.err();
        assert_eq!(start(How::Fine).await, None);
        assert_eq!(start(How::Ignore).await, Some(StartError::Ignore));
        assert_eq!(start(How::Stop).await, Some(StartError::Failed(boom())));
        assert_eq!(start(How::Error).await, Some(StartError::Declined(boom())));
    });
}

#[test]
fn gsm_103_an_error_of_init_is_not_reported() {
    both("gsm_103 error", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        assert!(Opening::start((How::Error, me())).await.is_err());
        assert!(Opening::start((How::Panic, me())).await.is_err());
        // The report of the panic would come after that of the error.
        let report = mailbox.receive::<CrashReport>().await;
        assert!(matches!(report.reason, ExitReason::Panicked(_)), "{report}");
    });
}

#[test]
fn gsm_104_a_crash_of_init_is_a_failed_start_and_reported() {
    both("gsm_104", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let failed = Opening::start((How::Panic, me())).await.err();
        assert!(matches!(
            failed,
            Some(StartError::Failed(ExitReason::Panicked(_)))
        ));
        let report = mailbox.receive::<CrashReport>().await;
        assert_eq!(report.phase, CrashPhase::Starting);
    });
}

#[test]
fn gsm_105_who_never_ran_does_not_terminate() {
    both("gsm_105", async || {
        let mut mailbox = mailbox();
        for how in [How::Ignore, How::Stop, How::Error, How::Panic] {
            assert!(Opening::start((how, me())).await.is_err());
        }
        assert_eq!(rest(&mut mailbox).await, [""; 0]);
    });
}

#[test]
fn gsm_106_the_starter_is_told_before_the_first_state_is_entered() {
    both("gsm_106", async || {
        let script = Script::new(|_, _, _, _| keep_state()).enter(|_, _, _| Err(boom()));
        // It started, and crashed then.
        let (reason, noted) = script.end(&[]).await;
        assert_eq!(reason, boom());
        assert_eq!(noted[0], "enter a>a");
        assert!(noted[1].starts_with("terminate in a"), "{noted:?}");
    });
}

#[test]
fn gsm_107_actions_of_init_are_done() {
    both("gsm_107", async || {
        let script = Script::new(|_, _, _, _| keep_state()).init(|puppet| {
            begin("b", puppet)
                .next_event(own("i"))
                .state_timeout(zero())
                .timer("t", zero())
        });
        let noted = script.play(&["last"], 4).await;
        assert_eq!(noted[..3], ["b internal i", "b state", "b timer t"]);
    });
}

#[test]
fn gsm_108_first_its_actions_then_entering_then_events() {
    both("gsm_108", async || {
        let script = Script::new(|_, _, _, _| keep_state())
            .init(|puppet| {
                begin("a", puppet)
                    .next_event(own("i"))
                    .state_timeout(zero())
            })
            .enter(|_, _, _| Enter::done());
        let noted = script.play(&[], 3).await;
        assert_eq!(noted, ["enter a>a", "a internal i", "a state"]);
    });
}

#[test]
fn gsm_109_plain_linked_monitored_and_under_a_name() {
    both("gsm_109", async || {
        let mut mailbox = mailbox();
        let script = || Script::new(|_, _, _, _| keep_state());
        let linked = Puppet::start_link(script()).name("puppet").await?;
        let again = Puppet::start(script()).name("puppet").await.err();
        assert_eq!(again, Some(StartError::AlreadyStarted(Some(linked.pid()))));
        let (monitored, reference) = Puppet::start_monitor(script()).await?;
        monitored.stop().await?;
        assert_eq!(mailbox.receive::<Down>().await.reference, reference);
        let by_name: StateMachine<Puppet, Name> = StateMachine::named("puppet");
        assert_eq!(by_name.whereis().await, Some(linked));
        by_name.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_109_only_a_linked_machine_takes_its_starter_along() {
    both("gsm_109 links", async || {
        let mut mailbox = mailbox();
        for links in [true, false] {
            let (_, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
                let script = Script::new(|_, _, _, _| Err(boom()));
                let machine = match links {
                    true => Puppet::start_link(script).await,
                    false => Puppet::start(script).await,
                };
                let machine = machine.expect("it starts");
                let watch = monitor(machine.pid());
                machine.cast("end");
                down(&mut mailbox, watch).await;
                if links {
                    // The exit comes in its own time.
                    mailbox.receive::<Never>().await;
                }
            });
            let reason = down(&mut mailbox, watch).await;
            assert_eq!(reason == boom(), links, "{reason}");
        }
    });
}

#[test]
fn gsm_109_a_taken_global_or_registered_name_is_refused() {
    both("gsm_109 names", async || {
        let names = Global::<&'static str>::start_link().await?;
        let registry = Registry::<&'static str>::unique().start_link().await?;
        let script = || Script::new(|_, _, _, _| keep_state());
        let global = Puppet::start(script()).address(names.address("puppet"));
        let global = global.await?;
        let taken = Some(StartError::AlreadyStarted(Some(global.pid())));
        let again = Puppet::start(script()).address(names.address("puppet"));
        assert_eq!(again.await.err(), taken);
        let linked = Puppet::start_link(script()).address(names.address("puppet"));
        assert_eq!(linked.await.err(), taken);
        let key = via(&registry, "puppet");
        let registered = Puppet::start_link(script()).address(key.clone()).await?;
        let taken = Some(StartError::AlreadyStarted(Some(registered.pid())));
        assert_eq!(
            Puppet::start(script()).address(key.clone()).await.err(),
            taken
        );
        StateMachine::<Puppet, _>::at(names.address("puppet"))
            .stop()
            .await?;
        StateMachine::<Puppet, _>::at(key).stop().await?;
        assert!(!alive(global.pid()).await && !alive(registered.pid()).await);
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_110_any_process_may_become_a_machine() {
    both("gsm_110", async || {
        let mut mailbox = mailbox();
        let script = Script::new(|_, _, _, _| keep_state());
        let process = spawn(async move |mailbox| {
            let puppet = Puppet {
                script,
                number: 0,
                kept: Vec::new(),
            };
            state_machine::enter_loop(mailbox, begin("b", puppet).next_event(own("i"))).await
        });
        let machine: StateMachine<Puppet> = StateMachine::of(process);
        machine.cast("c");
        assert_eq!(seen(&mut mailbox, 2).await, ["b internal i", "b cast c"]);
        machine.stop().await
    });
}

#[test]
fn gsm_111_a_failed_start_leaves_no_message() {
    both("gsm_111", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        assert!(Opening::start_link((How::Stop, me())).await.is_err());
        assert!(Opening::start_monitor((How::Stop, me())).await.is_err());
        expect_nothing(&mut mailbox, "what the failed starts left").await;
    });
}

#[test]
fn gsm_112_the_name_is_free_before_the_starter_is_told() {
    both("gsm_112", async || {
        for how in [How::Stop, How::Ignore, How::Panic] {
            assert!(Opening::start((how, me())).name("opening").await.is_err());
            assert_eq!(whereis("opening").await, None);
        }
        Opening::start((How::Fine, me()))
            .name("opening")
            .await?
            .stop()
            .await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_203_each_state_may_have_a_function_of_its_own() {
    both("gsm_203", async || {
        let machine = Opening::start((How::Fine, me())).await?;
        send(machine.pid(), 1u64);
        assert_eq!(machine.call(Count::Tell).await?, ("odd", vec![1]));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_205_a_state_may_be_any_value() {
    both("gsm_205", async || {
        let machine = Opening::start((How::Fine, me())).await?;
        send(machine.pid(), 1u64);
        send(machine.pid(), 2u64);
        assert_eq!(machine.call(Count::Tell).await?, ("even", vec![1, 2]));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gsm_206_equal_states_are_the_same_state() {
    plays(
        "gsm_206",
        &["p", "go", "other"],
        |_, state, what, event| match (state, what) {
            ("a", "cast p") => postpone(event),
            ("a", "cast go") => next_state("a"),
            ("a", _) => next_state("b"),
            _ => keep_state(),
        },
        &["a cast p", "a cast go", "a cast other", "b cast p"],
    );
}
