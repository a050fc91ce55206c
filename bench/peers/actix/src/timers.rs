//! Workloads that set timers: W9A and W9B, by `AsyncContext::notify_later`.
//!
//! A context keeps its timers in a vector that it searches, so that W9C, with all of them pending
//! at once, would be quadratic; W9A is, and is measured with a smaller number.

use crate::collector::Number;
use crate::measure::{Figures, Stopwatch};
use crate::shape;
use actix::{Actor, AsyncContext, Context, Handler, Message};
use tokio::sync::oneshot;

/// The actor that sets timers for itself.
struct Owner {
    missing: u64,
    watch: Stopwatch,
    operations: u64,
    done: Option<oneshot::Sender<Figures>>,
}

impl Owner {
    fn start(missing: u64, operations: u64) -> (actix::Addr<Owner>, oneshot::Receiver<Figures>) {
        let (done, figures) = oneshot::channel();
        let watch = Stopwatch::start();
        (
            Owner {
                missing,
                watch,
                operations,
                done: Some(done),
            }
            .start(),
            figures,
        )
    }

    /// One step of the workload is done; after the last one the figures are sent.
    fn step(&mut self) {
        self.missing -= 1;
        if self.missing == 0 {
            let done = self.done.take().expect("no message after the last");
            let _ = done.send(self.watch.stop(self.operations));
        }
    }
}

impl Actor for Owner {
    type Context = Context<Self>;
}

impl Handler<Number> for Owner {
    type Result = ();

    fn handle(&mut self, _timer: Number, _context: &mut Context<Self>) {
        self.step();
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct SetAll;

impl Handler<SetAll> for Owner {
    type Result = ();

    fn handle(&mut self, _message: SetAll, context: &mut Context<Self>) {
        self.watch = Stopwatch::start();
        for number in 0..self.operations {
            context.notify_later(Number(number), shape::soon(number));
        }
    }
}

/// W9A: timers set, fired and received within a second or so.
pub(crate) async fn fire(n: u64) -> Figures {
    let (owner, figures) = Owner::start(n, n);
    owner.do_send(SetAll);
    figures.await.expect("the figures")
}

#[derive(Message)]
#[rtype(result = "()")]
struct Group;

impl Handler<Group> for Owner {
    type Result = ();

    fn handle(&mut self, _message: Group, context: &mut Context<Self>) {
        let set = |number| context.notify_later(Number(number), shape::late(number));
        let timers: Vec<_> = (0..shape::GROUP).map(set).collect();
        for timer in timers {
            context.cancel_future(timer);
        }
        self.step();
        if self.missing > 0 {
            // The context drops the cancelled timers between two messages.
            context.notify(Group);
        }
    }
}

/// W9B: timers set and cancelled in groups.
pub(crate) async fn cancel_in_groups(n: u64) -> Figures {
    let groups = n / shape::GROUP;
    let (owner, figures) = Owner::start(groups, groups * shape::GROUP);
    owner.do_send(Group);
    figures.await.expect("the figures")
}
