//! The actor that receives the results of a workload and tells the driver when all are in.

use kameo::Actor;
use kameo::actor::{ActorRef, Spawn};
use kameo::mailbox;
use kameo::message::{Context, Message};
use tokio::sync::oneshot;

/// Sums numbers until all are in.
#[derive(Actor)]
pub(crate) struct Collector {
    missing: u64,
    sum: u64,
    done: Option<oneshot::Sender<u64>>,
}

impl Message<u64> for Collector {
    type Reply = ();

    async fn handle(&mut self, number: u64, _context: &mut Context<Self, ()>) {
        self.sum += number;
        self.missing -= 1;
        if self.missing == 0 {
            let done = self.done.take().expect("no message after the last");
            let _ = done.send(self.sum);
        }
    }
}

impl Collector {
    fn new(numbers: u64) -> (Collector, oneshot::Receiver<u64>) {
        let (done, sum) = oneshot::channel();
        (
            Collector {
                missing: numbers,
                sum: 0,
                done: Some(done),
            },
            sum,
        )
    }
}

/// Starts a collector of so many numbers; their sum arrives once all are in.
pub(crate) fn collector(numbers: u64) -> (ActorRef<Collector>, oneshot::Receiver<u64>) {
    let (collector, sum) = Collector::new(numbers);
    (start(collector), sum)
}

/// As [`collector`], with the bounded mailbox that is kameo's default.
pub(crate) fn bounded_collector(numbers: u64) -> (ActorRef<Collector>, oneshot::Receiver<u64>) {
    let (collector, sum) = Collector::new(numbers);
    (Collector::spawn(collector), sum)
}

/// Starts an actor with an unbounded mailbox.
pub(crate) fn start<A: Actor<Args = A>>(actor: A) -> ActorRef<A> {
    A::spawn_with_mailbox(actor, mailbox::unbounded())
}
