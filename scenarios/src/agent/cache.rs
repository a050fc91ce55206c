//! A cache whose entries expire.
//!
//! A sweeper removes what has expired, whenever an entry has come to its end.
//!
//! Broken: reading trusts the sweeper, so an entry is as old as the sweeper is late.
//!
//! Failing order: the time of the entry is up for reader and sweeper at the same instant, and the
//! reader's call reaches the cache one event before the sweeper's.
//!
//! Mend: reading looks at the clock itself; the sweeper only frees memory.

use std::collections::BTreeMap;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("agent::cache", cache)
            .about("entries that are there, replaced, and expired")
            .expects(["cache.hit", "cache.expired"])
            .no_leaks(),
        Scenario::new("broken::cache_expiry", broken)
            .about("an entry is read after its end, one event before it is swept")
            .broken("always cache.fresh", 8)
            .mended("mended::cache_expiry"),
        Scenario::new("mended::cache_expiry", mended)
            .about("reading looks at the clock, whenever the sweeper comes")
            .expects(["cache.swept", "cache.not_swept"])
            .no_leaks(),
    ]
}

/// Keys, values, and until when they hold.
type Entries = BTreeMap<&'static str, (u32, Instant)>;

/// The cache; a handle that can be copied.
#[derive(Debug, Clone, Copy)]
struct Cache(Agent<Entries>);

impl Cache {
    async fn start() -> Result<Cache, ExitReason> {
        Ok(Cache(Agent::start_link(Entries::new).await?))
    }

    async fn put(self, key: &'static str, value: u32, ttl: Duration) -> Result<Instant, CallError> {
        let put = self.0.get_and_update(move |entries| {
            let until = now() + ttl;
            entries.insert(key, (value, until));
            until
        });
        put.no_timeout().await
    }

    /// The entry, if its time is not up.
    async fn get(self, key: &'static str) -> Result<Option<(u32, Instant)>, CallError> {
        let get = self.0.get(move |entries| {
            let entry = entries.get(key).copied();
            entry.filter(|(_, until)| now() < *until)
        });
        get.no_timeout().await
    }

    /// The entry, if it has not been swept.
    async fn get_unswept(self, key: &'static str) -> Result<Option<(u32, Instant)>, CallError> {
        let get = self.0.get(move |entries| entries.get(key).copied());
        get.no_timeout().await
    }

    /// Removes what has expired; how many entries that were.
    async fn sweep(self) -> Result<usize, CallError> {
        let sweep = self.0.get_and_update(|entries| {
            let before = entries.len();
            entries.retain(|_, (_, until)| now() < *until);
            before - entries.len()
        });
        sweep.no_timeout().await
    }
}

const TTL: Duration = Duration::from_millis(10);

async fn cache() -> Result<(), ExitReason> {
    let cache = Cache::start().await?;
    cache.put("rate", 7, TTL).await?;
    let until = cache.put("rate", 8, TTL).await?;
    sleep(Duration::from_millis(random_range(0..2) * 10)).await;
    match cache.get("rate").await? {
        Some((value, _)) => {
            sometimes!("cache.hit", true);
            always!("cache.replaced", value == 8, "{value}");
        }
        None => {
            sometimes!("cache.expired", true);
            always!("cache.held_till_the_end", now() >= until);
        }
    }
    always!("cache.unknown_key", cache.get("tax").await?.is_none());
    cache.0.stop().await?;
    Ok(())
}

/// Reads when the entry's time is up, while the sweeper removes it.
async fn read_and_sweep<F>(get: fn(Cache, &'static str) -> F) -> Result<(), ExitReason>
where
    F: Future<Output = Result<Option<(u32, Instant)>, CallError>> + Send + 'static,
{
    let cache = Cache::start().await?;
    let until = cache.put("rate", 7, TTL).await?;
    let sweeper = Task::spawn(async move {
        sleep(until - now()).await;
        cache.sweep().await
    });
    sleep(until - now()).await;
    let asked = now();
    if let Some((_, end)) = get(cache, "rate").await? {
        always!(
            "cache.fresh",
            asked < end,
            "asked at {asked:?}, but it ended at {end:?}"
        );
    }
    let left = cache.0.get(BTreeMap::len).no_timeout().await?;
    sometimes!("cache.swept", left == 0);
    sometimes!("cache.not_swept", left == 1);
    sweeper.join(None).await??;
    cache.0.stop().await?;
    Ok(())
}

async fn broken() -> Result<(), ExitReason> {
    read_and_sweep(Cache::get_unswept).await
}

async fn mended() -> Result<(), ExitReason> {
    read_and_sweep(Cache::get).await
}
