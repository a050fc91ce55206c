//! Elixir's library: GenServer, Task, Task.Supervisor, Agent, Registry and PartitionSupervisor.

use beamline::prelude::*;
use beamline::{AlreadyRegistered, PartitionSupervisor};

use crate::case::Note::{Otp, Ours};
use crate::case::cases;
use crate::scripted::started;
use crate::steps::{dead, down, drain, next, take};
use crate::tasks::*;
use crate::written::{because, before, list, reason};

cases! { "library":
    server_without_handle_info => server_without_handle_info();
    server_without_handle_call => server_without_handle_call();
    server_child_restarted => server_child_restarted();
    task_await => task_await();
    task_messages => task_messages();
    task_crash_untrapped => joining(async { panic!("boom") });
    task_exit_untrapped => joining(async { exit_now(because("boom")) });
    task_exit_trapping => task_exit_trapping();
    task_normal_exit => task_normal_exit();
    task_timeout => task_timeout();
    task_owner_ends [
        Ours("noproc", "SIG-2: the monitor may come after the exit"),
    ] => task_owner_ends();
    task_start_link_crash => task_start_link_crash();
    task_start_crash => task_start_crash();
    task_await_many => task_await_many();
    task_await_many_exit => task_await_many_exit();
    task_yield => task_yield();
    task_yield_twice => task_yield_twice();
    task_yield_against_end => task_yield_against_end();
    task_shutdown => task_shutdown();
    task_shutdown_against_end => task_shutdown_against_end();
    task_shutdown_brutally => task_shutdown_brutally();
    task_ignore => task_ignore();
    task_completed => task_completed();
    stream_of_one => stream_of_one();
    stream_exit_trapping => stream_exit_trapping();
    stream_exit_untrapped => stream_exit_untrapped();
    stream_killing_late_ones => stream_killing_late_ones();
    supervised_task => supervised_task();
    supervised_nolink_exit => supervised_nolink_exit();
    supervised_nolink_yield => supervised_nolink_yield();
    supervised_shutdown_exited => supervised_shutdown_exited();
    supervised_child => supervised_child();
    supervised_terminate [
        Ours("ok, not_found, noproc", "SIG-2: the monitor may come after the exit"),
    ] => supervised_terminate();
    supervised_limit => supervised_limit();
    supervisor_stops [
        Ours("noproc", "SIG-2: the monitor may come after the exit"),
    ] => supervisor_stops();
    supervised_stream_exit [
        Otp("exit noproc", "TSUP-20: ends before it is watched, and keeps its reason"),
    ] => supervised_stream_exit();
    agent_get => agent_get();
    agent_update => agent_update();
    agent_get_and_update => agent_get_and_update();
    agent_cast => agent_cast();
    agent_stop => agent_stop();
    agent_exit => agent_ends(|| exit_now(because("boom")));
    agent_crash => agent_ends(|| panic!("boom"));
    agent_start_exit => agent_start_exit();
    agent_dead => agent_dead();
    agent_missing_name => agent_missing_name();
    agent_named => agent_named();
    agent_two_updates => agent_two_updates();
    registry_lookup => registry_lookup();
    registry_taken => registry_taken();
    registry_owner_ends => registry_owner_ends();
    registry_against_another => registry_against_another();
    registry_unregister => registry_unregister();
    registry_duplicate => registry_duplicate();
    registry_dispatch => registry_dispatch();
    registry_via => registry_via();
    registry_via_taken => registry_via_taken();
    registry_via_missing => registry_via_missing();
    registry_update => registry_update();
    registry_keys => registry_keys();
    partition_route => partition_route();
    partition_count => partition_count();
    partition_restart => partition_restart();
}

/// How a call of the library came out.
fn answer<T>(result: Result<T, CallError>, words: impl FnOnce(T) -> String) -> String {
    crate::scripted::answer(result.map(words))
}

// --- GenServer

/// A server with nothing but a call.
struct Counter(u64);

impl GenServer for Counter {
    type Args = u64;
    type Call = Caller<u64>;
    type Cast = &'static str;
    type Info = Message;
    type Continue = Never;

    async fn init(value: u64) -> Init<Self> {
        Ok(Counter(value).into())
    }

    async fn handle_call(&mut self, caller: Caller<u64>) -> Flow<Self> {
        caller.reply(self.0);
        Ok(Next::Wait)
    }
}

async fn counter() -> Server<Counter> {
    Counter::start(7).await.expect("it starts")
}

async fn server_without_handle_info() -> String {
    let server = counter().await;
    send(server.pid(), "hello");
    answer(server.call(|caller| caller).no_timeout().await, |value| {
        value.to_string()
    })
}

async fn server_without_handle_call() -> String {
    let server = counter().await;
    let watch = monitor(server.pid());
    server.cast("hello");
    let text = reason(&down(&mut mailbox(), watch).await);
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// What a child says when it is up.
#[derive(Debug)]
pub(crate) struct Up(pub(crate) Pid);

/// An agent as a child, which says when it is up.
fn rising() -> ChildSpec {
    let root = me();
    Agent::child(move || {
        send(root, Up(me()));
        0_u32
    })
}

/// Kills a child and waits for the next one.
async fn restarted() -> Vec<String> {
    let mut mailbox = mailbox();
    let Up(first) = mailbox.receive().await;
    let update = Agent::<u32>::of(first).update(|value| *value += 1);
    update.no_timeout().await.expect("it runs");
    let watch = monitor(first);
    exit(first, ExitReason::Kill);
    let killed = down(&mut mailbox, watch).await;
    let Up(second) = mailbox.receive().await;
    list![killed, value_of(Agent::of(second)).await]
}

async fn server_child_restarted() -> Vec<String> {
    Supervisor::start_link([rising()]).await.expect("it starts");
    restarted().await
}

// --- Agent

async fn agent() -> Agent<u32> {
    Agent::start(|| 0).await.expect("it starts")
}

async fn value_of(agent: Agent<u32>) -> String {
    answer(agent.get(|value| *value).no_timeout().await, |value| {
        value.to_string()
    })
}

async fn agent_get() -> String {
    value_of(agent().await).await
}

async fn agent_update() -> Vec<String> {
    let agent = agent().await;
    let updated = agent.update(|value| *value += 1).no_timeout().await;
    list![answer(updated, |()| "ok".into()), value_of(agent).await]
}

async fn agent_get_and_update() -> Vec<String> {
    let agent = agent().await;
    let got = agent.get_and_update(|value| {
        *value += 1;
        *value - 1
    });
    let got = answer(got.no_timeout().await, |got: u32| got.to_string());
    list![got, value_of(agent).await]
}

async fn agent_cast() -> Vec<String> {
    let agent = agent().await;
    agent.cast(|value| *value += 1);
    agent.cast(|value| *value *= 10);
    list!["ok", value_of(agent).await]
}

async fn agent_stop() -> Vec<String> {
    let agent = agent().await;
    let watch = monitor(agent.pid());
    let stopped = agent.stop_with(because("boom"), None).await;
    list![
        answer(stopped, |()| "ok".into()),
        down(&mut mailbox(), watch).await
    ]
}

async fn agent_ends(ends: fn() -> u32) -> String {
    let got = agent().await.get(move |_| ends()).no_timeout().await;
    answer(got, |value| value.to_string())
}

async fn agent_start_exit() -> String {
    started(&Agent::start(|| -> u32 { exit_now(because("boom")) }).await)
}

async fn agent_dead() -> String {
    value_of(Agent::of(dead().await)).await
}

async fn agent_missing_name() -> String {
    let agent = Agent::<u32, Name>::named("server");
    answer(agent.get(|value| *value).no_timeout().await, |value| {
        value.to_string()
    })
}

async fn agent_named() -> Vec<String> {
    Agent::start(|| 0_u32)
        .name("server")
        .await
        .expect("it starts");
    let again = Agent::start(|| 0_u32).name("server").await;
    list![started(&again), agent_missing_name().await]
}

async fn agent_two_updates() -> String {
    let agent = agent().await;
    spawn(async move |_: Mailbox| agent.update(|value| *value += 1).no_timeout().await);
    let update = agent.update(|value| *value = *value * 10 + 2);
    update.no_timeout().await.expect("it runs");
    value_of(agent).await
}

// --- Registry

type Values = Registry<&'static str, &'static str>;

async fn unique() -> Values {
    Registry::unique().start_link().await.expect("it starts")
}

async fn duplicate() -> Values {
    Registry::duplicate().start_link().await.expect("it starts")
}

/// A process that has a key until it is told to stop.
async fn holder(registry: &Values, key: &'static str, value: &'static str) -> Pid {
    let (registry, root) = (registry.clone(), me());
    let pid = spawn(async move |mut mailbox: Mailbox| {
        registry.register(key, value).await.expect("it is free");
        send(root, "registered");
        take(&mut mailbox, "stop").await;
    });
    take(&mut mailbox(), "registered").await;
    pid
}

async fn values(registry: &Values, key: &'static str) -> Vec<String> {
    let found = registry.lookup(&key).await;
    found
        .into_iter()
        .map(|(_, value)| value.to_owned())
        .collect()
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words
}

async fn registry_lookup() -> Vec<String> {
    let registry = unique().await;
    holder(&registry, "key", "value").await;
    let mut found = values(&registry, "key").await;
    found.extend(values(&registry, "other").await);
    found
}

async fn registry_taken() -> Vec<String> {
    let registry = unique().await;
    let pid = holder(&registry, "key", "value").await;
    let taken = registry.register("key", "own").await;
    list![
        taken.map_or("already_registered", |_| "registered"),
        taken == Err(AlreadyRegistered { pid })
    ]
}

async fn registry_owner_ends() -> Vec<String> {
    let registry = unique().await;
    let pid = holder(&registry, "key", "value").await;
    let watch = monitor(pid);
    send(pid, "stop");
    down(&mut mailbox(), watch).await;
    values(&registry, "key").await
}

fn won<T, E>(result: &Result<T, E>) -> &'static str {
    if result.is_ok() { "ok" } else { "error" }
}

async fn registry_against_another() -> Vec<String> {
    let registry = unique().await;
    let (theirs, root) = (registry.clone(), me());
    spawn(async move |mut mailbox: Mailbox| {
        let result = theirs.register("key", "theirs").await;
        send(root, format!("theirs {}", won(&result)));
        take(&mut mailbox, "never").await;
    });
    let result = registry.register("key", "ours").await;
    list![won(&result), next(&mut mailbox(), &[]).await]
}

/// To unregister is always ok, and gives nothing back.
async fn registry_unregister() -> Vec<String> {
    let registry = unique().await;
    registry.register("key", "value").await.expect("it is free");
    registry.unregister(&"key").await;
    registry.unregister(&"key").await;
    before("ok", before("ok", values(&registry, "key").await))
}

async fn registry_duplicate() -> Vec<String> {
    let registry = duplicate().await;
    for value in ["one", "two"] {
        registry.register("key", value).await.expect("it is free");
    }
    holder(&registry, "key", "three").await;
    sorted(values(&registry, "key").await)
}

async fn registry_dispatch() -> Vec<String> {
    let registry = duplicate().await;
    registry.register("key", "one").await.expect("it is free");
    holder(&registry, "key", "two").await;
    let to_oneself = |entries: &[(Pid, &'static str)]| {
        for (_, value) in entries {
            send(me(), *value);
        }
    };
    registry.dispatch(&"key", to_oneself).await;
    sorted(drain(&mut mailbox(), &[]).await)
}

async fn keyed() -> Registry<&'static str> {
    let registry = Registry::unique().start_link().await;
    registry.expect("it starts")
}

async fn call_by_key(registry: &Registry<&'static str>) -> String {
    let server = Server::<Counter, _>::at(via(registry, "key"));
    answer(server.call(|caller| caller).no_timeout().await, |value| {
        value.to_string()
    })
}

async fn registry_via() -> String {
    let registry = keyed().await;
    let server = Counter::start(7).address(via(&registry, "key")).await;
    server.expect("it starts");
    call_by_key(&registry).await
}

async fn registry_via_taken() -> String {
    let registry = keyed().await;
    let start = |value| Counter::start(value).address(via(&registry, "key"));
    start(7).await.expect("it starts");
    started(&start(8).await)
}

async fn registry_via_missing() -> String {
    call_by_key(&keyed().await).await
}

async fn registry_update() -> Vec<String> {
    let registry: Registry<&'static str, usize> =
        Registry::unique().start_link().await.expect("it starts");
    registry.register("key", 1).await.expect("it is free");
    let updated = registry.update_value(&"key", |value| value + 1).await;
    let (new, old) = updated.expect("it is registered");
    let other = registry.update_value(&"other", |value| value + 1).await;
    list![old, new, other.map_or("error", |_| "ok")]
}

async fn registry_keys() -> Vec<String> {
    let registry = unique().await;
    for key in ["one", "two"] {
        registry.register(key, key).await.expect("it is free");
    }
    let keys = registry.keys(me()).await;
    sorted(keys.into_iter().map(str::to_owned).collect())
}

// --- PartitionSupervisor

async fn partitions() -> PartitionSupervisor {
    let start = PartitionSupervisor::start_link(Agent::child(|| 0_u32));
    start.partitions(2).await.expect("it starts")
}

async fn partition_route() -> Vec<String> {
    let supervisor = partitions().await;
    let first = supervisor.at(0).await;
    let update = Agent::<u32>::of(first).update(|value| *value += 1);
    update.no_timeout().await.expect("it runs");
    let (other, third) = (supervisor.at(1).await, supervisor.at(2).await);
    list![
        first == third,
        first == other,
        value_of(Agent::of(first)).await,
        value_of(Agent::of(other)).await
    ]
}

async fn partition_count() -> Vec<String> {
    let supervisor = partitions().await;
    let counted = supervisor.count_children().await.expect("it runs");
    list![supervisor.partitions().await, counted.active]
}

async fn partition_restart() -> Vec<String> {
    let start = PartitionSupervisor::start_link(rising()).partitions(1);
    start.await.expect("it starts");
    restarted().await
}
