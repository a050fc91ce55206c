//! Calling something with all processes under a key.

use std::sync::Arc;

use super::handle::{Key, Registry, Value, shown};
use super::shared::Kind;
use crate::kernel::pid::Pid;
use crate::process::request::ended;
use crate::process::spawn_link;

impl<K: Key, V: Value> Registry<K, V> {
    /// Calls `each` with everybody under a key, in this process; not at all if there is nobody
    /// (RGY-26). A duplicate registry of several partitions calls it once for each partition that
    /// has some, the last one first (RGY-28).
    ///
    /// ```
    /// # use beamline::prelude::*;
    /// # use beamline::Registry;
    /// # beamline::Runtime::new().workers(1).run_with(async |mut mailbox: Mailbox| {
    /// let topics = Registry::<&str>::duplicate().start_link().await?;
    /// topics.register("orders", ()).await?;
    /// topics.dispatch(&"orders", |entries| {
    ///     for (pid, ()) in entries {
    ///         send(*pid, "order 7");
    ///     }
    /// }).await;
    /// assert_eq!(mailbox.receive::<&str>().await, "order 7");
    /// # Ok::<(), ExitReason>(())
    /// # });
    /// ```
    pub async fn dispatch(&self, key: &K, mut each: impl FnMut(&[(Pid, V)])) {
        for entries in self.by_partition(key).await {
            each(&entries);
        }
    }

    /// As [`dispatch`](Self::dispatch), with a linked process for each partition where there are
    /// several (RGY-27, RGY-28). Should `each` panic there, the caller gets the exit signal
    /// (RGY-29).
    #[doc(alias = "parallel: true")]
    pub async fn dispatch_parallel<F>(&self, key: &K, each: F)
    where
        F: Fn(&[(Pid, V)]) + Send + Sync + 'static,
    {
        let divided = self.shared.kind == Kind::DuplicateByPid && self.shared.partitions.len() > 1;
        if !divided {
            return self.dispatch(key, each).await;
        }
        let each = Arc::new(each);
        let run = |entries: Vec<(Pid, V)>| {
            let each = Arc::clone(&each);
            spawn_link(async move |_| each(&entries))
        };
        let workers: Vec<Pid> = self.by_partition(key).await.into_iter().map(run).collect();
        for worker in workers {
            ended(worker).await;
        }
    }

    /// Who is under a key, without empty partitions, the last partition first.
    async fn by_partition(&self, key: &K) -> Vec<Vec<(Pid, V)>> {
        self.shared.point("looks up a key", false).await;
        self.shared.must_run();
        let parts = self.shared.under(key).into_iter().rev();
        parts
            .filter(|part| !part.is_empty())
            .map(|part| part.iter().map(shown).collect())
            .collect()
    }
}
