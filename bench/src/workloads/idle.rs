//! M1 to M5: the memory of behaviours that wait for their first message.

use crate::measure::{Figures, Stopwatch, resident_bytes};
use beamline::prelude::*;

/// Started by the driver one after the other; what each holds is a number.
async fn idle<F, P>(n: u64, start: impl Fn(u64) -> F) -> Figures
where
    F: Future<Output = P>,
{
    // The first ones fill tables and caches.
    let mut kept = vec![start(0).await];
    kept.reserve(n as usize);
    let before = resident_bytes();
    let watch = Stopwatch::start();
    for number in 0..n {
        kept.push(start(number).await);
    }
    let figures = watch.stop(n);
    let bytes = (resident_bytes() - before) / n as f64;
    figures.with("bytes", bytes)
}

struct Number(u64);

impl GenServer for Number {
    type Args = u64;
    type Call = Caller<u64>;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init(number: u64) -> Init<Self> {
        Ok(Number(number).into())
    }

    async fn handle_call(&mut self, caller: Caller<u64>) -> Flow<Self> {
        caller.reply(self.0);
        Ok(Next::Wait)
    }
}

impl GenStateMachine for Number {
    type Args = u64;
    type State = bool;
    type Call = Caller<u64>;
    type Cast = Never;
    type Info = Message;
    type Internal = Never;
    type TimerName = Never;

    async fn init(number: u64) -> Begin<Self> {
        begin(false, Number(number))
    }

    async fn handle_event(&mut self, _: &bool, event: Event<Self>) -> Transition<Self> {
        match event {
            Event::Call(caller) => {
                caller.reply(self.0);
                keep_state()
            }
            event => unexpected(event),
        }
    }
}

/// M1: servers.
pub(crate) async fn servers(_: Mailbox, n: u64) -> Figures {
    idle(n, async |number| {
        let server = <Number as GenServer>::start(number).await;
        server.expect("it starts").pid()
    })
    .await
}

/// M2: state machines.
pub(crate) async fn machines(_: Mailbox, n: u64) -> Figures {
    idle(n, async |number| {
        let machine = <Number as GenStateMachine>::start(number).await;
        machine.expect("it starts").pid()
    })
    .await
}

/// M3: agents.
pub(crate) async fn agents(_: Mailbox, n: u64) -> Figures {
    idle(n, async |number| {
        let agent = Agent::start(move || number).await;
        agent.expect("it starts").pid()
    })
    .await
}

/// M4: supervisors without children, linked to the driver.
pub(crate) async fn supervisors(_: Mailbox, n: u64) -> Figures {
    idle(n, async |_| {
        let supervisor = Supervisor::start_link([]).await;
        supervisor.expect("it starts")
    })
    .await
}

/// M5: servers that are children of one dynamic supervisor, which keeps a line of its own for each.
pub(crate) async fn children(_: Mailbox, n: u64) -> Figures {
    let supervisor = DynamicSupervisor::start_link().await.expect("it starts");
    idle(n, async |number| {
        let spec = <Number as GenServer>::child(number);
        supervisor.start_child(spec).await.expect("it starts")
    })
    .await
}
