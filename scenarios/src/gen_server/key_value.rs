//! A key-value store: writing and deleting are cast, reading is a call.

use std::collections::BTreeMap;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::key_value", key_value)
            .about("a key-value store that reads its own writes")
            .expects(["kv.read", "kv.overwritten_by_other"])
            .no_leaks(),
    ]
}

type Key = &'static str;

#[derive(Default)]
struct Store(BTreeMap<Key, u32>);

#[derive(Debug)]
struct Get(Key, Caller<Option<u32>>);

#[derive(Debug)]
enum Write {
    Put(Key, u32),
    Delete(Key),
}

impl GenServer for Store {
    type Args = ();
    type Call = Get;
    type Cast = Write;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Store::default().into())
    }

    async fn handle_call(&mut self, Get(key, caller): Get) -> Flow<Self> {
        caller.reply(self.0.get(key).copied());
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, write: Write) -> Flow<Self> {
        match write {
            Write::Put(key, value) => drop(self.0.insert(key, value)),
            Write::Delete(key) => drop(self.0.remove(key)),
        }
        Ok(Next::Wait)
    }
}

async fn key_value() -> Result<(), ExitReason> {
    let (mut mailbox, store) = (mailbox(), Store::start_link(()).await?);
    let (_, other) = spawn_monitor(async move |_: Mailbox| store.cast(Write::Put("shared", 2)));
    let get = |key| store.call(move |caller| Get(key, caller)).no_timeout();
    store.cast(Write::Put("own", 1));
    store.cast(Write::Put("shared", 1));
    let (own, shared) = (get("own").await?, get("shared").await?);
    always!("kv.own_write", own == Some(1), "{own:?}");
    always!("kv.some_write", matches!(shared, Some(1 | 2)), "{shared:?}");
    sometimes!("kv.read", shared == Some(1));
    sometimes!("kv.overwritten_by_other", shared == Some(2));
    store.cast(Write::Delete("own"));
    let own = get("own").await?;
    always!("kv.deleted", own.is_none(), "{own:?}");
    mailbox
        .receive_where(|down: &Down| down.reference == other)
        .await;
    Ok(store.stop().await?)
}
