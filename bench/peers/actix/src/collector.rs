//! The actor that receives the results of a workload and tells the driver when all are in.

use actix::{Actor, Addr, Context, Handler, Message};
use tokio::sync::oneshot;

/// A number to add.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Number(pub(crate) u64);

/// Sums numbers until all are in.
pub(crate) struct Collector {
    missing: u64,
    sum: u64,
    done: Option<oneshot::Sender<u64>>,
}

impl Actor for Collector {
    type Context = Context<Self>;
}

impl Handler<Number> for Collector {
    type Result = ();

    fn handle(&mut self, Number(number): Number, _context: &mut Context<Self>) {
        self.sum += number;
        self.missing -= 1;
        if self.missing == 0 {
            let done = self.done.take().expect("no message after the last");
            let _ = done.send(self.sum);
        }
    }
}

/// Starts a collector of so many numbers; their sum arrives once all are in.
pub(crate) fn collector(numbers: u64) -> (Addr<Collector>, oneshot::Receiver<u64>) {
    let (done, sum) = oneshot::channel();
    let collector = Collector {
        missing: numbers,
        sum: 0,
        done: Some(done),
    };
    (collector.start(), sum)
}
