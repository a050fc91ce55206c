//! Registries and global names against deaths: of the owner, of the process that keeps the table,
//! and of one of two registrants.
//!
//! The simulator may kill the victim before any event, and the search tries every place. Each
//! program ends with the table as it must be: nothing is left behind, nobody hangs, and no message
//! that nobody asked for is in a mailbox. How many traces there are is pinned.

use beamline::prelude::*;
use beamline::{LockId, Retries};
use beamline_sim::{Check, Faults, outcome};
use std::collections::BTreeSet;
use std::time::Duration;

use crate::program::{Go, LATE};

/// Searches a program in which a process with the label `victim` may be killed at any event: its
/// outcomes, and how many distinct traces it has. Nothing is early, so that who sleeps wakes up
/// when nothing else can happen.
fn search<Fut>(name: &str, program: fn() -> Fut) -> (BTreeSet<String>, u64)
where
    Fut: Future<Output = &'static str> + Send + 'static,
{
    let check = Check::new(name).regressions(None).early_firings(0);
    let check = check.faults(Faults::none().crashes(1).victims(["victim"]));
    let found = check.explore(async move || outcome(program().await));
    assert!(found.complete, "{name}: the search did not finish");
    assert_eq!(found.failing_traces, 0, "{name}: {found}");
    (found.outcomes.into_keys().collect(), found.traces)
}

macro_rules! searches {
    ($($name:ident => $traces:literal, [$($outcome:literal),+ $(,)?];)+) => {
        $(
            #[test]
            fn $name() {
                let found = search(stringify!($name), programs::$name);
                let outcomes = [$($outcome.to_string()),+].into();
                println!("{}: {} distinct traces", stringify!($name), found.1);
                assert_eq!(found, (outcomes, $traces));
            }
        )+
    };
}

searches! {
    register_against_death_of_the_owner => 15, ["free", "taken"];
    register_against_death_of_the_registry => 24, ["fell with it", "refused"];
    unregister_against_death_of_the_owner => 44, ["found", "nobody"];
    lookup_against_death_of_the_owner => 9, ["found", "nobody"];
    two_registrants_against_death_of_one => 17, ["one", "the other"];
    global_register_against_death_of_the_owner => 180, ["free", "taken"];
    global_register_of_who_dies => 7, ["free again"];
    global_register_against_death_of_the_service => 21, ["registered", "the service ended"];
    global_lock_against_death_of_its_holder => 124, ["locked"];
}

mod programs {
    use super::*;

    type Keys = Registry<&'static str>;
    type Names = Global<&'static str>;

    fn victim() -> SpawnOptions {
        SpawnOptions::new().label("victim")
    }

    /// A process that may be killed and lives until it is told to go.
    fn doomed<F: Future<Output = ()> + Send + 'static>(first: F) -> Pid {
        let life = async move |mut mailbox: Mailbox| {
            first.await;
            mailbox.receive::<Go>().await;
        };
        spawn_with(victim(), life).expect("there is room").pid
    }

    async fn registry() -> Keys {
        Keys::unique()
            .start_link()
            .await
            .expect("nothing is in its way")
    }

    async fn names() -> Names {
        Names::start_link().await.expect("nothing is in its way")
    }

    /// The outcome, if all is as it must be when everything has settled: so many entries are left,
    /// and no message that nobody asked for.
    async fn at_rest(outcome: &'static str, left: usize, expected: usize) -> &'static str {
        let message = mailbox().receive_any_timeout(Duration::ZERO).await;
        match (left == expected, message) {
            (true, None) => outcome,
            (false, _) => "an entry is left, or lost",
            (_, Some(_)) => "a message is left",
        }
    }

    /// Ends a process, if it lives still, and lets everything happen that can.
    async fn ends(owner: Pid) {
        send(owner, Go);
        sleep(LATE).await;
    }

    pub(super) async fn register_against_death_of_the_owner() -> &'static str {
        let registry = registry().await;
        let theirs = registry.clone();
        let owner = doomed(async move {
            let _ = theirs.register("key", ()).await;
        });
        let outcome = match registry.register("key", ()).await {
            Ok(_) => "free",
            Err(_) => "taken",
        };
        ends(owner).await;
        let own = usize::from(outcome == "free");
        at_rest(outcome, registry.count().await, own).await
    }

    /// Whoever is registered falls with the registry.
    pub(super) async fn register_against_death_of_the_registry() -> &'static str {
        trap_exit(true);
        let start = Keys::unique().name("keys").start_link();
        let registry = start.await.expect("nothing is in its way");
        let (_, watch) = spawn_monitor(async move |_: Mailbox| {
            let _ = registry.register("key", ()).await;
            std::future::pending::<()>().await;
        });
        let keeper = whereis("keys").await.expect("it runs");
        exit(keeper, ExitReason::Kill);
        let mut mailbox = mailbox();
        let down = mailbox.receive_where(|down: &Down| down.reference == watch);
        match down.await.reason {
            ExitReason::Panicked(_) => "refused",
            _ => "fell with it",
        }
    }

    pub(super) async fn unregister_against_death_of_the_owner() -> &'static str {
        let registry = registry().await;
        let theirs = registry.clone();
        let owner = doomed(async move {
            let _ = theirs.register("key", ()).await;
            theirs.unregister(&"key").await;
        });
        let outcome = match registry.whereis(&"key").await {
            Some(_) => "found",
            None => "nobody",
        };
        ends(owner).await;
        at_rest(outcome, registry.count().await, 0).await
    }

    pub(super) async fn lookup_against_death_of_the_owner() -> &'static str {
        let registry = registry().await;
        let theirs = registry.clone();
        let owner = doomed(async move {
            let _ = theirs.register("key", ()).await;
        });
        let found = registry.whereis(&"key").await;
        ends(owner).await;
        let outcome = match found {
            Some(pid) if pid == owner => "found",
            None => "nobody",
            Some(_) => "somebody else",
        };
        at_rest(outcome, registry.count().await, 0).await
    }

    pub(super) async fn two_registrants_against_death_of_one() -> &'static str {
        let registry = registry().await;
        let (one, other) = (registry.clone(), registry.clone());
        let one = doomed(async move {
            let _ = one.register("key", ()).await;
        });
        let root = me();
        let other = spawn(async move |mut mailbox: Mailbox| {
            let won = other.register("key", ()).await.is_ok();
            send(root, won);
            mailbox.receive::<Go>().await;
        });
        let won = mailbox().receive::<bool>().await;
        ends(one).await;
        let (outcome, left) = if won { ("the other", 1) } else { ("one", 0) };
        let outcome = at_rest(outcome, registry.count().await, left).await;
        ends(other).await;
        at_rest(outcome, registry.count().await, 0).await
    }

    pub(super) async fn global_register_against_death_of_the_owner() -> &'static str {
        let names = names().await;
        let theirs = names.clone();
        let owner = doomed(async move {
            drop(theirs.register_name("name", me()).await);
        });
        let outcome = match names.register_name("name", me()).await {
            Ok(()) => "free",
            Err(_) => "taken",
        };
        ends(owner).await;
        let own = usize::from(outcome == "free");
        at_rest(outcome, names.registered_names().await.len(), own).await
    }

    pub(super) async fn global_register_of_who_dies() -> &'static str {
        let names = names().await;
        let owner = doomed(async {});
        let registered = names.register_name("name", owner).await;
        ends(owner).await;
        let outcome = match (registered, names.whereis_name(&"name").await) {
            (Ok(()), None) => "free again",
            _ => "another end",
        };
        at_rest(outcome, names.registered_names().await.len(), 0).await
    }

    pub(super) async fn global_register_against_death_of_the_service() -> &'static str {
        trap_exit(true);
        let names = Names::start_link().name("names").await;
        let names = names.expect("nothing is in its way");
        let service = whereis("names").await.expect("it runs");
        drop(spawn_with(victim(), async move |_: Mailbox| {
            exit(service, ExitReason::Kill);
        }));
        let (_, watch) = spawn_monitor(async move |_: Mailbox| {
            drop(names.register_name("name", me()).await);
        });
        let reason = mailbox()
            .receive_where(|down: &Down| down.reference == watch)
            .await
            .reason;
        match reason {
            ExitReason::Normal => "registered",
            _ => "the service ended",
        }
    }

    pub(super) async fn global_lock_against_death_of_its_holder() -> &'static str {
        let names = names().await;
        let theirs = names.clone();
        let owner = doomed(async move {
            theirs
                .set_lock(&LockId::new("disk"), Retries::Forever)
                .await;
        });
        send(owner, Go);
        let locked = names.set_lock(&LockId::new("disk"), Retries::Forever).await;
        at_rest(if locked { "locked" } else { "refused" }, 0, 0).await
    }
}
