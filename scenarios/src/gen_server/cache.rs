//! A cache whose entries expire.
//!
//! The server looks at the clock when it is asked, so an answer may be older than its reader
//! thinks, but an entry that had expired when the question was sent is never given out.

use std::collections::BTreeMap;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::cache", cache)
            .about("a cache whose entries expire")
            .expects(["cache.hit", "cache.expired"])
            .no_leaks(),
    ]
}

const LIFE: Duration = Duration::from_millis(10);

#[derive(Debug, Clone, PartialEq)]
enum Found {
    Value(&'static str),
    Expired,
    Nothing,
}

#[derive(Default)]
struct Cache(BTreeMap<u32, (&'static str, Instant)>);

#[derive(Debug)]
enum Request {
    Put(u32, &'static str, Duration, Caller<()>),
    Get(u32, Caller<Found>),
}

impl GenServer for Cache {
    type Args = ();
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Cache::default().into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match request {
            Request::Put(key, value, life, caller) => {
                self.0.insert(key, (value, now() + life));
                caller.reply(());
            }
            Request::Get(key, caller) => caller.reply(match self.0.get(&key) {
                Some((value, end)) if now() < *end => Found::Value(value),
                Some(_) => Found::Expired,
                None => Found::Nothing,
            }),
        }
        Ok(Next::Wait)
    }
}

async fn cache() -> Result<(), ExitReason> {
    let cache = Cache::start_link(()).await?;
    let put = |caller| Request::Put(1, "tea", LIFE, caller);
    cache.call(put).no_timeout().await?;
    let written = now();
    let get = |key| {
        cache
            .call(move |caller| Request::Get(key, caller))
            .no_timeout()
    };
    for _ in 0..3 {
        let asked = now();
        let found = get(1).await?;
        sometimes!("cache.hit", found == Found::Value("tea"));
        sometimes!("cache.expired", found == Found::Expired);
        let stale = asked - written >= LIFE && found != Found::Expired;
        always!(
            "cache.fresh",
            !stale,
            "{found:?} after {:?}",
            asked - written
        );
        sleep(LIFE / 2).await;
    }
    let found = get(2).await?;
    always!("cache.absent", found == Found::Nothing, "{found:?}");
    Ok(cache.stop().await?)
}
