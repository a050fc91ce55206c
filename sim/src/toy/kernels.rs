//! The systems with a planted bug.
//!
//! Small, but of the shapes that real bugs have: an order of arrivals, a lost update, a late reply,
//! a message overtaken by its own consequences, two servers that wait for each other, a crash at
//! the wrong moment.

use super::{Delivery, Kernel, World};
use crate::choice::ChoiceKind;

fn no_verdict(_: &World<'_>) -> Option<&'static str> {
    None
}

/// `K` senders must arrive in exactly the opposite of the canonical order.
pub(crate) fn reversed<const K: u8>() -> Kernel {
    fn start<const K: u8>(world: &mut World<'_>) {
        world.state[0] = i64::from(K);
        (1..=K).for_each(|sender| world.send(sender, 0, 0));
    }
    fn receive(world: &mut World<'_>, Delivery { from, .. }: Delivery) {
        if i64::from(from) != world.state[0] {
            world.state[0] = -1;
        } else if from == 1 {
            world.violated = Some("always order");
        } else {
            world.state[0] -= 1;
        }
    }
    Kernel {
        name: "reversed",
        start: start::<K>,
        receive,
        finish: no_verdict,
    }
}

/// Of `a`, `b1`, `b2` and `c`, only the order c, b1, a, b2 fails: one of twelve.
pub(crate) fn one_order() -> Kernel {
    fn start(world: &mut World<'_>) {
        world.send(1, 0, 1);
        world.send(2, 0, 2);
        world.send(2, 0, 3);
        world.send(3, 0, 4);
    }
    fn receive(world: &mut World<'_>, Delivery { message, .. }: Delivery) {
        world.state[0] = world.state[0] * 10 + message;
        if world.state[0] == 4213 {
            world.violated = Some("always order");
        }
    }
    Kernel {
        name: "one order",
        start,
        receive,
        finish: no_verdict,
    }
}

/// Two clients each read a counter, then write it back raised by one.
pub(crate) fn lost_update() -> Kernel {
    const GET: i64 = -1;
    fn start(world: &mut World<'_>) {
        world.send(1, 0, GET);
        world.send(2, 0, GET);
    }
    fn receive(world: &mut World<'_>, Delivery { from, to, message }: Delivery) {
        match (to, message) {
            (0, GET) => world.send(0, from, world.state[0]),
            (0, value) => world.state[0] = value,
            (client, value) => world.send(client, 0, value + 1),
        }
    }
    fn finish(world: &World<'_>) -> Option<&'static str> {
        (world.state[0] != 2).then_some("always counted")
    }
    Kernel {
        name: "lost update",
        start,
        receive,
        finish,
    }
}

/// A client calls with a timeout and calls again; the late first reply is taken for the second.
pub(crate) fn late_reply() -> Kernel {
    const TIMEOUT: i64 = -1;
    fn call(world: &mut World<'_>) {
        world.state[0] += 1;
        world.send(1, 0, world.state[0]);
        world.arm(1, TIMEOUT);
    }
    fn receive(world: &mut World<'_>, Delivery { to, message, .. }: Delivery) {
        match (to, message) {
            (0, request) => world.send(0, 1, request),
            (_, TIMEOUT) if world.state[0] < 2 => call(world),
            (_, TIMEOUT) => {}
            (_, reply) if world.state[1] < world.state[0] => {
                world.disarm(1);
                if reply != world.state[0] {
                    world.violated = Some("always own reply");
                }
                world.state[1] = world.state[0];
                if world.state[0] < 2 {
                    call(world);
                }
            }
            _ => {}
        }
    }
    Kernel {
        name: "late reply",
        start: call,
        receive,
        finish: no_verdict,
    }
}

/// A message must stay in transit while its sender makes twenty exchanges and causes another one.
pub(crate) fn overtaken() -> Kernel {
    const EARLY: i64 = -1;
    fn start(world: &mut World<'_>) {
        world.send(0, 2, EARLY);
        world.send(0, 1, 20);
    }
    fn receive(world: &mut World<'_>, Delivery { from, to, message }: Delivery) {
        match (to, message) {
            (2, EARLY) => world.state[0] = 1,
            (2, _) if world.state[0] == 0 => world.violated = Some("always causal"),
            (2, _) => {}
            (1, 0) => world.send(1, 2, 0),
            (_, left) => world.send(to, from, if to == 1 { left - 1 } else { left }),
        }
    }
    Kernel {
        name: "overtaken",
        start,
        receive,
        finish: no_verdict,
    }
}

/// Two servers that call each other while serving.
pub(crate) fn mutual_call() -> Kernel {
    const GO: i64 = 0;
    const CALL: i64 = 1;
    const REPLY: i64 = 2;
    fn start(world: &mut World<'_>) {
        world.send(2, 0, GO);
        world.send(3, 1, GO);
    }
    /// While a server waits for a reply it leaves calls in its queue, where they stay: the other
    /// one sends its call after its reply, so a call that comes first means that both wait.
    fn receive(world: &mut World<'_>, Delivery { from, to, message }: Delivery) {
        let waits = usize::from(to);
        match message {
            GO => {
                world.state[waits] = 1;
                world.send(to, 1 - to, CALL);
            }
            CALL if world.state[waits] == 1 => {}
            CALL => world.send(to, from, REPLY),
            _ => world.state[waits] = 0,
        }
    }
    fn finish(world: &World<'_>) -> Option<&'static str> {
        (world.state[0] + world.state[1] > 0).then_some("deadlock")
    }
    Kernel {
        name: "mutual call",
        start,
        receive,
        finish,
    }
}

/// Two senders to each of five servers; fails when the second one is first at all of them.
pub(crate) fn all_overtaken() -> Kernel {
    fn start(world: &mut World<'_>) {
        for server in 2..7 {
            world.send(0, server, 0);
            world.send(1, server, 1);
        }
    }
    fn receive(world: &mut World<'_>, Delivery { to, message, .. }: Delivery) {
        let first = &mut world.state[usize::from(to)];
        *first = if *first == 0 { 1 + message } else { *first };
    }
    fn finish(world: &World<'_>) -> Option<&'static str> {
        world.state[2..7]
            .iter()
            .all(|&first| first == 2)
            .then_some("always some in order")
    }
    Kernel {
        name: "all overtaken",
        start,
        receive,
        finish,
    }
}

/// Eight jobs for a worker that may be killed at each; a kill in the sixth loses what it holds.
/// Other processes chatter meanwhile, and may be killed without harm.
pub(crate) fn killed_holding() -> Kernel {
    fn start(world: &mut World<'_>) {
        world.send(0, 1, 1);
        world.send(2, 3, 12);
        world.send(4, 5, 12);
    }
    fn receive(world: &mut World<'_>, Delivery { from, to, message }: Delivery) {
        if to % 2 == 1 && world.state[8] < 2 && world.strikes(ChoiceKind::Crash, to) {
            world.state[8] += 1;
            if to == 1 && message == 6 {
                world.violated = Some("always returned");
            }
        }
        match (to, message) {
            (1, job) => world.send(1, 0, job),
            (0, 8) => {}
            (0, job) => world.send(0, 1, job + 1),
            (_, 0) => {}
            (_, left) => world.send(to, from, left - 1),
        }
    }
    Kernel {
        name: "killed holding",
        start,
        receive,
        finish: no_verdict,
    }
}

/// Fails in two ways: a lucky draw of the program, or one order of two messages.
pub(crate) fn two_bugs() -> Kernel {
    fn start(world: &mut World<'_>) {
        (1..=4).for_each(|sender| world.send(sender, 0, 0));
    }
    fn receive(world: &mut World<'_>, Delivery { from, .. }: Delivery) {
        world.state[1] += 1;
        let drawn = world.choose(ChoiceKind::User, 1_000, "draw");
        if drawn >= 700 {
            world.violated = Some("always small");
        } else if from == 4 && world.state[1] == 1 {
            world.violated = Some("always order");
        }
    }
    Kernel {
        name: "two bugs",
        start,
        receive,
        finish: no_verdict,
    }
}
