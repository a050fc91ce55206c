//! Reports as events of `tracing`, seen by a subscriber of our own.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use beamline::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::{Event, Level, Metadata, Subscriber};

/// An event as it was seen.
#[derive(Debug, Clone)]
struct Seen {
    level: Level,
    target: String,
    fields: BTreeMap<&'static str, String>,
}

impl Seen {
    /// A field; nothing if the event does not have it, or has nothing in it.
    fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// Keeps every event.
#[derive(Debug, Default, Clone)]
struct Keeper(Arc<Mutex<Vec<Seen>>>);

impl Keeper {
    fn take(&self) -> Vec<Seen> {
        let mut seen = self.0.lock().expect("nobody panics here");
        std::mem::take(&mut *seen)
    }
}

impl Subscriber for Keeper {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("beamline::")
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut seen = Seen {
            level: *metadata.level(),
            target: metadata.target().to_owned(),
            fields: BTreeMap::new(),
        };
        event.record(&mut seen);
        self.0.lock().expect("nobody panics here").push(seen);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Ends when it is asked to.
struct Till(u32);

#[derive(Debug)]
enum Ask {
    Get(Caller<u32>),
    End(ExitReason),
}

impl GenServer for Till {
    type Args = u32;
    type Call = Ask;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init(start: u32) -> Init<Self> {
        Ok(Till(start).into())
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        match ask {
            Ask::Get(caller) => caller.reply(self.0),
            Ask::End(reason) => return Err(reason),
        }
        Ok(Next::Wait)
    }

    fn format_status(&self) -> Option<String> {
        Some(format!("{} coins", self.0))
    }
}

/// The events of a program.
fn events_of<F>(keeper: &Keeper, program: F) -> Vec<Seen>
where
    F: Future<Output = Result<(), ExitReason>> + Send + 'static,
{
    let runtime = Runtime::new().workers(1).on_panic(PanicPolicy::Silent);
    assert_eq!(runtime.run(program), ExitReason::Normal);
    keeper.take()
}

#[test]
fn reports_are_events_with_fields() {
    let keeper = Keeper::default();
    tracing::subscriber::set_global_default(keeper.clone()).expect("there is none yet");
    crashes(&keeper);
    supervisors(&keeper);
    unhandled_messages(&keeper);
    orderly_ends(&keeper);
}

fn crashes(keeper: &Keeper) {
    let seen = events_of(keeper, async {
        let till = Till::start(7).name("till").await?;
        let oops = |_: Caller<()>| Ask::End(ExitReason::other("oops"));
        till.call(oops).await.expect_err("it ends");
        Ok(())
    });
    let [crash] = &seen[..] else {
        panic!("one event is expected: {seen:#?}");
    };
    assert_eq!(
        (crash.level, &*crash.target),
        (Level::ERROR, "beamline::crash")
    );
    assert!(crash.field("pid").is_some_and(|pid| pid.starts_with('<')));
    assert_eq!(crash.field("name"), Some("till"));
    assert_eq!(crash.field("behaviour"), Some("tracing::Till"));
    assert_eq!(crash.field("phase"), Some("Serving"));
    assert_eq!(crash.field("reason"), Some("\"oops\""));
    assert_eq!(crash.field("last_message"), Some("tracing::Ask"));
    assert_eq!(crash.field("last_caller"), crash.field("ancestors"));
    assert_eq!(crash.field("callers"), Some(""));
    assert_eq!(crash.field("state"), Some("7 coins"));
    assert_eq!(crash.field("label"), None);
    assert!(
        crash
            .field("message")
            .is_some_and(|text| text.contains("till crashed"))
    );

    // A task says on whose behalf it worked.
    let seen = events_of(keeper, async {
        let tasks = TaskSupervisor::start_link().await?;
        let task = tasks.spawn_nolink(async { panic!("spilt") }).await;
        let spilt = task.expect("it starts").join(None).await;
        spilt.map_or_else(|_| Ok(()), |()| Err(ExitReason::other("no crash")))
    });
    let crash = seen.iter().find(|seen| seen.target == "beamline::crash");
    let crash = crash.expect("the task has crashed");
    assert!(
        crash
            .field("reason")
            .is_some_and(|reason| reason.contains("spilt"))
    );
    assert_ne!(crash.field("callers"), Some(""));
}

fn supervisors(keeper: &Keeper) {
    let seen = events_of(keeper, async {
        let till = Till::child(1).restart(Restart::Temporary);
        let supervisor = Supervisor::start_link([till]).name("shop").await?;
        let children = supervisor.which_children().await?;
        let till = children[0].child.pid().expect("it runs");
        let watch = monitor(till);
        send(till, 1u8);
        Server::<Till>::of(till)
            .stop_with(ExitReason::other("broke"), None)
            .await?;
        demonitor_flush(watch);
        // It has heard of the end when it answers.
        while supervisor.count_children().await?.specs > 0 {
            yield_now().await;
        }
        supervisor.stop().await?;
        Ok(())
    });
    let of_shop = |seen: &&Seen| seen.target == "beamline::supervisor";
    let of_shop: Vec<_> = seen.iter().filter(of_shop).collect();
    let [started, ended] = of_shop[..] else {
        panic!("two events are expected: {seen:#?}");
    };
    assert_eq!((started.level, ended.level), (Level::INFO, Level::ERROR));
    assert_eq!(started.field("event"), Some("started"));
    assert_eq!(started.field("reason"), None);
    assert_eq!(ended.field("event"), Some("child_terminated"));
    assert_eq!(ended.field("reason"), Some("\"broke\""));
    for event in of_shop {
        assert_eq!(event.field("name"), Some("shop"));
        assert_eq!(event.field("child"), Some("Till"));
        assert!(event.field("child_pid").is_some());
        assert_eq!(event.field("restart"), Some("Temporary"));
        assert_eq!(event.field("significant"), Some("false"));
    }
    // The server's own, before: the message that it did not handle, and its crash.
    let order: Vec<_> = seen.iter().map(|seen| &*seen.target).collect();
    assert_eq!(
        order,
        [
            "beamline::supervisor",
            "beamline::unhandled",
            "beamline::crash",
            "beamline::supervisor"
        ]
    );
}

fn unhandled_messages(keeper: &Keeper) {
    let seen = events_of(keeper, async {
        let till = Till::start(7).name("till").await?;
        send(till.pid(), "psst");
        till.stop().await?;
        Ok(())
    });
    let [event] = &seen[..] else {
        panic!("one event is expected: {seen:#?}");
    };
    assert_eq!(
        (event.level, &*event.target),
        (Level::ERROR, "beamline::unhandled")
    );
    assert_eq!(event.field("name"), Some("till"));
    assert_eq!(event.field("behaviour"), Some("tracing::Till"));
    assert_eq!(event.field("unhandled"), Some("\"psst\""));
}

fn orderly_ends(keeper: &Keeper) {
    let seen = events_of(keeper, async {
        for reason in [
            ExitReason::Normal,
            ExitReason::Shutdown,
            ExitReason::shutdown_with(1),
        ] {
            let till = Till::start(7).await?;
            assert_eq!(till.call(Ask::Get).await, Ok(7));
            till.stop_with(reason, None).await?;
        }
        // Neither an exit of a plain process nor one by a signal is a crash.
        for ends in [ExitReason::other("own"), ExitReason::Normal] {
            let (_, watch) = spawn_monitor(async move |_| ends);
            mailbox()
                .receive_where(move |down: &Down| down.reference == watch)
                .await;
        }
        let till = Till::start(7).await?;
        exit(till.pid(), ExitReason::other("signal"));
        let gone = till.call(Ask::Get).await;
        assert!(gone.is_err());
        Ok(())
    });
    assert!(seen.is_empty(), "no event is expected: {seen:#?}");
}
