//! PSUP-5, PSUP-11, PSUP-17, PSUP-18: partitions that come and go, and supervisors that do.

use beamline::{PartitionSupervisor, Reach};

use super::partition::{numbered, three};
use super::*;

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
fn psup_017_partitions_are_never_more_than_at_the_start() {
    both("PSUP-17 more", async || {
        let mut mailbox = mailbox();
        let (supervisor, pids) = three().await;
        assert_eq!(supervisor.resize(3).await, Ok(3));
        let own = supervisor.clone();
        let (_, watch) = spawn_monitor(async move |_: Mailbox| own.resize(4).await.map(drop));
        let reason = down(&mut mailbox, watch).await;
        assert!(format!("{reason}").contains("between 0 and 3"), "{reason}");
        assert_eq!(supervisor.at(2).await, pids[2]);
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

#[test]
fn psup_005_a_name_is_the_id_and_may_be_an_address() {
    both("PSUP-5", async || {
        let registry = Registry::<Name>::unique().start_link().await?;
        let address = via(&registry, "parts");
        let options = || PartitionSupervisor::start_link_with(numbered).partitions(2);
        let (plain, spec) = options().name("parts").child();
        assert_eq!(spec.get_id().as_str(), "parts");
        assert_eq!(spec.get_kind(), beamline::ChildType::Supervisor);
        assert_eq!(spec.get_shutdown(), Shutdown::Infinity);
        let (addressed, other) = options().name(address.clone()).child();
        assert_eq!(other.get_id().as_str(), address.to_string());
        let _supervisor = Supervisor::start_link([spec, other]).await?;
        ups(["0", "1", "0", "1"]).await;
        assert_eq!(plain.reach().find().await, whereis("parts").await);
        assert_eq!(addressed.reach().find().await, address.reach().find().await);
        assert_ne!(plain.at(0).await, addressed.at(0).await);
        let again = options().name("parts").await;
        assert!(
            matches!(again, Err(StartError::AlreadyStarted(Some(_)))),
            "{again:?}"
        );
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn psup_005_a_supervised_one_is_restarted_whole() {
    both("PSUP-5 restarted", async || {
        let mut mailbox = mailbox();
        let options = PartitionSupervisor::start_link_with(numbered).partitions(2);
        let (partitions, spec) = options.name("parts").child();
        let _supervisor = Supervisor::start_link([spec])
            .max_restarts(1_000, Duration::from_secs(1))
            .await?;
        let old = ups(["0", "1"]).await;
        assert_eq!(partitions.resize(1).await, Ok(2));
        stops(["1"]).await;
        let first = whereis("parts").await.expect("it runs");
        let watch = monitor(first);
        exit(first, ExitReason::Kill);
        down(&mut mailbox, watch).await;
        // Its partitions end with it, in any order with the new ones.
        let mut new = Vec::new();
        while new.len() < 2 {
            if let Told::Up(_, pid) = log().next().await {
                new.push(pid);
            }
        }
        // It panics until all of them are noted.
        while partitions.count_children().await.is_err() {
            sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(partitions.partitions().await, 2);
        let at = [partitions.at(0).await, partitions.at(1).await];
        assert_eq!(at[..], new[..]);
        assert!(!old.contains(&at[0]) && !old.contains(&at[1]));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn psup_011_who_does_not_run_routes_nobody() {
    both("PSUP-11", async || {
        let mut mailbox = mailbox();
        let (ended, _) = three().await;
        ended.stop().await.expect("it runs");
        let (never, _) = PartitionSupervisor::start_link(child("a")).child();
        for supervisor in [ended, never] {
            let count = supervisor.count_children().await;
            assert_eq!(count, Err(CallError::NoProc));
            let asked = supervisor.clone();
            let (_, watch) = spawn_monitor(async move |_: Mailbox| {
                let _ = asked.partitions().await;
            });
            let reason = down(&mut mailbox, watch).await;
            assert!(format!("{reason}").contains("is not running"), "{reason}");
            let (_, watch) = spawn_monitor(async move |_: Mailbox| {
                supervisor.route("key").await;
            });
            let reason = down(&mut mailbox, watch).await;
            assert!(format!("{reason}").contains("is not running"), "{reason}");
        }
    });
}

#[test]
fn psup_011_a_start_that_fails_closes_nothing() {
    both("PSUP-11 twice", async || {
        trap_exit(true);
        let options = PartitionSupervisor::start_link_with(numbered).partitions(2);
        let (partitions, spec) = options.name("parts").child();
        let _first = Supervisor::start_link([spec.clone()]).await?;
        let pids = ups(["0", "1"]).await;
        let second = Supervisor::start_link([spec]).await;
        assert!(second.is_err(), "{second:?}");
        assert_eq!([partitions.at(0).await, partitions.at(1).await], pids);
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn psup_005_one_that_outlives_the_next_closes_nothing() {
    both("PSUP-5 outlived", async || {
        let mut mailbox = mailbox();
        let slow = |partition| {
            let id = ["0", "1"][partition];
            child_with(id, Manner::Hesitant(SHORT)).shutdown(Shutdown::Infinity)
        };
        let options = PartitionSupervisor::start_link_with(slow).partitions(2);
        let (partitions, spec) = options.child();
        let supervisor = Supervisor::start_link([spec.shutdown(Shutdown::Brutal)]);
        let supervisor = supervisor.await?;
        ups(["0", "1"]).await;
        let old = partitions.reach().find().await.expect("it runs");
        let watch = monitor(old);
        // Killed at once, it leaves partitions behind that end in their own time.
        assert_eq!(supervisor.terminate_child("partitions").await, Ok(()));
        assert!(supervisor.restart_child("partitions").await.is_ok());
        down(&mut mailbox, watch).await;
        let mut new = Vec::new();
        while new.len() < 2 {
            if let Told::Up(_, pid) = log().next().await {
                new.push(pid);
            }
        }
        sleep(2 * SHORT).await;
        assert_eq!(partitions.at(0).await, new[0]);
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn psup_017_partitions_that_run_although_out_of_use_are_no_obstacle() {
    both("PSUP-17 revived", async || {
        let mut mailbox = mailbox();
        let options = PartitionSupervisor::start_link_with(numbered).partitions(2);
        let partitions = options.strategy(Strategy::OneForAll).await?;
        ups(["0", "1"]).await;
        assert_eq!(partitions.resize(1).await, Ok(2));
        stops(["1"]).await;
        // SUP-505: the restart of one is the start of all.
        end(&mut mailbox, partitions.at(0).await, boom()).await;
        let [_, one] = ups(["0", "1"]).await;
        assert_eq!(partitions.resize(1).await, Ok(1));
        stops(["1"]).await;
        assert!(!alive(one).await);
        assert_eq!(partitions.resize(2).await, Ok(1));
        let [one] = ups(["1"]).await;
        assert_eq!(partitions.resize(2).await, Ok(2));
        assert_eq!(partitions.at(1).await, one);
        Ok::<(), ExitReason>(())
    });
}
