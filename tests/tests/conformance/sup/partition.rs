//! PSUP: supervisors of equal children that share the keys.

use beamline::PartitionSupervisor;

use super::*;

/// A child that tells its partition.
fn numbered(partition: usize) -> ChildSpec {
    let log = log();
    let names = ["0", "1", "2", "3"];
    let spec = ChildSpec::new("any", move || {
        let log = log.clone();
        start(names[partition], log, Manner::Polite)
    });
    spec.shutdown(Shutdown::Infinity)
}

async fn three() -> (PartitionSupervisor, [Pid; 3]) {
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
fn psup_017_partitions_can_be_fewer_for_a_while() {
    both("PSUP-17", async || {
        let (supervisor, pids) = three().await;
        assert_eq!(supervisor.resize(1).await, Ok(3));
        stops(["1", "2"]).await;
        assert_eq!(supervisor.partitions().await, 1);
        assert_eq!(supervisor.at(2).await, pids[0]);
        assert_eq!(supervisor.resize(3).await, Ok(1));
        let [_, two] = ups(["1", "2"]).await;
        assert_eq!(supervisor.at(2).await, two);
    });
}

#[test]
fn psup_018_nobody_serves_zero_partitions() {
    both("PSUP-18", async || {
        let mut mailbox = mailbox();
        let (supervisor, _) = three().await;
        assert_eq!(supervisor.resize(0).await, Ok(3));
        let (_, watch) = spawn_monitor(async move |_: Mailbox| {
            supervisor.route("key").await;
        });
        let reason = down(&mut mailbox, watch).await;
        assert!(format!("{reason}").contains("zero partitions"), "{reason}");
    });
}
