//! PSUP: supervisors of equal children that share the keys.

use beamline::PartitionSupervisor;
use std::sync::OnceLock;

use super::*;

/// A child that tells its partition.
pub(super) fn numbered(partition: usize) -> ChildSpec {
    let log = log();
    let names = ["0", "1", "2", "3"];
    let spec = ChildSpec::new("any", move || {
        let log = log.clone();
        start(names[partition], log, Manner::Polite)
    });
    spec.shutdown(Shutdown::Infinity)
}

pub(super) async fn three() -> (PartitionSupervisor, [Pid; 3]) {
    let started = PartitionSupervisor::start_link_with(numbered)
        .partitions(3)
        .max_restarts(1_000, Duration::from_secs(1))
        .await;
    let supervisor = started.expect("it starts");
    (supervisor, ups(["0", "1", "2"]).await)
}

#[test]
fn psup_001_as_many_copies_as_partitions() {
    both("PSUP-1", async || {
        let (supervisor, pids) = three().await;
        let counts = supervisor.count_children().await.expect("it runs");
        assert_eq!((counts.specs, counts.active), (3, 3));
        assert_eq!(supervisor.partitions().await, 3);
        for (number, pid) in pids.into_iter().enumerate() {
            assert_eq!(supervisor.at(number as u64).await, pid);
        }
    });
}

#[test]
fn psup_003_no_partitions_are_refused() {
    both("PSUP-3", async || {
        let mut mailbox = mailbox();
        let (_, watch) = spawn_monitor(async |_: Mailbox| {
            let _ = PartitionSupervisor::start_link(child("a")).partitions(0);
        });
        let reason = down(&mut mailbox, watch).await;
        assert!(format!("{reason}").contains("at least"), "{reason}");
    });
}

#[test]
fn psup_007_children_are_numbered() {
    both("PSUP-7", async || {
        let (supervisor, _) = three().await;
        let children = supervisor.which_children().await.expect("it runs");
        let ids: Vec<_> = children.into_iter().filter_map(|child| child.id).collect();
        assert_eq!(ids, [Name::from("2"), Name::from("1"), Name::from("0")]);
    });
}

#[test]
fn psup_008_numbers_go_round_and_every_key_has_its_partition() {
    both("PSUP-8", async || {
        let (supervisor, pids) = three().await;
        assert_eq!(supervisor.at(7).await, pids[1]);
        for key in ["ada", "grace", "barbara"] {
            let pid = supervisor.route(key).await;
            assert!(pids.contains(&pid));
            assert_eq!(supervisor.route(key).await, pid);
        }
    });
}

#[test]
fn psup_009_a_key_keeps_its_partition_when_that_is_restarted() {
    both("PSUP-9", async || {
        let mut mailbox = mailbox();
        let (supervisor, pids) = three().await;
        end(&mut mailbox, pids[1], boom()).await;
        let [again] = ups(["1"]).await;
        while supervisor.at(1).await != again {
            yield_now().await;
        }
        assert_ne!(again, pids[1]);
        assert_eq!(supervisor.at(0).await, pids[0]);
    });
}

#[test]
fn psup_010_who_is_not_restarted_is_still_routed_to() {
    both("PSUP-10", async || {
        let mut mailbox = mailbox();
        let make = |partition| numbered(partition).restart(Restart::Temporary);
        let started = PartitionSupervisor::start_link_with(make)
            .partitions(1)
            .await;
        let supervisor = started.expect("it starts");
        let [a] = ups(["0"]).await;
        end(&mut mailbox, a, ExitReason::Normal).await;
        assert_eq!(supervisor.route("key").await, a);
    });
}

#[test]
fn psup_014_all_are_dead_after_a_stop() {
    both("PSUP-14", async || {
        let (supervisor, pids) = three().await;
        supervisor.stop().await.expect("it runs");
        for pid in pids {
            assert!(!alive(pid).await);
        }
        stops(["2", "1", "0"]).await;
    });
}

#[test]
fn psup_015_all_partitions_share_one_budget() {
    both("PSUP-15", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let started = PartitionSupervisor::start_link_with(numbered)
            .partitions(2)
            .max_restarts(1, LONG)
            .name("parts")
            .await;
        let _supervisor = started.expect("it starts");
        let watch = watch(whereis("parts").await.expect("it runs")).await;
        let [a, b] = ups(["0", "1"]).await;
        end(&mut mailbox, a, boom()).await;
        ups(["0"]).await;
        end(&mut mailbox, b, boom()).await;
        stops(["0"]).await;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
    });
}

#[test]
fn psup_006_each_child_is_made_of_its_number() {
    both("PSUP-6", async || {
        let numbers = |partition: usize| Agent::child(move || partition * 10);
        let partitions = PartitionSupervisor::start_link_with(numbers).partitions(3);
        let partitions = partitions.await?;
        for number in 0..3 {
            let agent = Agent::<usize>::of(partitions.at(number).await);
            let value = agent.get(|value| *value).no_timeout().await?;
            assert_eq!(value, number as usize * 10);
        }
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn psup_013_children_are_listed_and_counted_as_a_supervisors() {
    both("PSUP-13", async || {
        let (workers, pids) = three().await;
        let listed = workers.which_children().await?;
        let listed: Vec<_> = listed.into_iter().map(|child| child.child).collect();
        let running = pids.map(ChildState::Running);
        assert_eq!(listed, [running[2], running[1], running[0]]);
        let counts = |workers, supervisors| Counts {
            specs: 3,
            active: 3,
            supervisors,
            workers,
        };
        assert_eq!(workers.count_children().await, Ok(counts(3, 0)));
        let start = PartitionSupervisor::start_link(DynamicSupervisor::child());
        let supervisors = start.partitions(3).await?;
        assert_eq!(supervisors.count_children().await, Ok(counts(0, 3)));
        workers.stop().await?;
        assert_eq!(workers.which_children().await, Err(CallError::NoProc));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn psup_016_any_static_strategy_will_do() {
    both("PSUP-16", async || {
        let mut mailbox = mailbox();
        let started = PartitionSupervisor::start_link_with(numbered)
            .partitions(3)
            .strategy(Strategy::RestForOne)
            .max_restarts(1_000, Duration::from_secs(1))
            .await;
        let supervisor = started.expect("it starts");
        let [first, second, _] = ups(["0", "1", "2"]).await;
        end(&mut mailbox, second, boom()).await;
        stops(["2"]).await;
        let [one, two] = ups(["1", "2"]).await;
        while supervisor.at(2).await != two {
            yield_now().await;
        }
        assert_eq!(supervisor.at(0).await, first);
        assert_eq!(supervisor.at(1).await, one);
    });
}

/// How many partitions are in use, as its children see it when they start and stop.
type Seen = Arc<Mutex<Vec<(&'static str, usize)>>>;

/// A child that notes the number of partitions when it starts and when it is asked to stop.
fn counting(of: &Arc<OnceLock<PartitionSupervisor>>, seen: &Seen) -> ChildSpec {
    let (of, seen) = (Arc::clone(of), Arc::clone(seen));
    let spec = ChildSpec::new("counting", move || {
        let (of, seen) = (Arc::clone(&of), Arc::clone(&seen));
        async move {
            let note = async move |what: &'static str| {
                if let Some(partitions) = of.get() {
                    let count = partitions.partitions().await;
                    seen.lock().expect("nobody panics").push((what, count));
                }
            };
            note("starts").await;
            let options = beamline::start::StartOptions::new().link();
            let started =
                beamline::start::start(options, "counting", async |mut mailbox: Mailbox| {
                    trap_exit(true);
                    let life = async move {
                        let exit = mailbox.receive::<Exit>().await;
                        note("stops").await;
                        exit.reason
                    };
                    Ok(((), life))
                });
            Ok::<Pid, StartError>(started.await?.pid)
        }
    });
    spec.shutdown(Shutdown::Infinity)
}

#[test]
fn psup_019_nobody_is_routed_to_who_stops_or_starts() {
    both("PSUP-19", async || {
        let (of, seen) = (Arc::new(OnceLock::new()), Seen::default());
        let child = counting(&of, &seen);
        let partitions = PartitionSupervisor::start_link(child).partitions(2).await?;
        of.set(partitions.clone()).expect("it is set once");
        assert_eq!(partitions.resize(1).await, Ok(2));
        assert_eq!(partitions.resize(2).await, Ok(1));
        let seen = seen.lock().expect("nobody panics").clone();
        assert_eq!(seen, [("stops", 1), ("starts", 1)]);
        Ok::<(), ExitReason>(())
    });
}
