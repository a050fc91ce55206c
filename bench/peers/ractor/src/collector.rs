//! The actor that receives the results of a workload and tells the driver when all are in.

use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::sync::oneshot;

struct Collector;

struct Progress {
    missing: u64,
    sum: u64,
    done: Option<oneshot::Sender<u64>>,
}

impl Actor for Collector {
    type Msg = u64;
    type State = Progress;
    type Arguments = Progress;

    async fn pre_start(
        &self,
        _myself: ActorRef<u64>,
        progress: Progress,
    ) -> Result<Progress, ActorProcessingErr> {
        Ok(progress)
    }

    async fn handle(
        &self,
        _myself: ActorRef<u64>,
        number: u64,
        progress: &mut Progress,
    ) -> Result<(), ActorProcessingErr> {
        progress.sum += number;
        progress.missing -= 1;
        if progress.missing == 0 {
            let done = progress.done.take().expect("no message after the last");
            let _ = done.send(progress.sum);
        }
        Ok(())
    }
}

/// Starts a collector of so many numbers; their sum arrives once all are in.
pub(crate) async fn collector(numbers: u64) -> (ActorRef<u64>, oneshot::Receiver<u64>) {
    let (done, sum) = oneshot::channel();
    let progress = Progress {
        missing: numbers,
        sum: 0,
        done: Some(done),
    };
    let (actor, _) = Actor::spawn(None, Collector, progress)
        .await
        .expect("a collector");
    (actor, sum)
}
