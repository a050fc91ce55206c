//! MON-19 to MON-25: tags, and monitors whose reference is an alias.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{both, down, idle};

use super::nothing_more;
use crate::sig::{Go, Item, boom};

/// A monitor of `pid` whose reference is an alias of this kind.
fn watch_with(pid: Pid, mode: AliasMode) -> Ref {
    monitor_with(pid, MonitorOptions::new().alias(mode))
}

/// Whether a message sent through this reference arrives.
async fn is_open(mailbox: &mut Mailbox, reference: Ref) -> bool {
    send(reference, Item(0));
    mailbox
        .receive_timeout::<Item>(Duration::ZERO)
        .await
        .is_some()
}

const MODES: [AliasMode; 3] = [
    AliasMode::ExplicitUnalias,
    AliasMode::Demonitor,
    AliasMode::ReplyDemonitor,
];

#[test]
fn mon_019_a_tag_is_in_the_down() {
    both("mon_019_a_tag_is_in_the_down", async || {
        let mut mailbox = mailbox();
        let watched = idle();
        let tagged = monitor_with(watched, MonitorOptions::new().tag("the worker"));
        exit(watched, boom());
        let death = mailbox.receive::<Down>().await;
        assert_eq!((death.reference, death.reason), (tagged, boom()));
        assert_eq!(death.tag.as_deref(), Some("the worker"));
        let late = monitor_with(watched, MonitorOptions::new().tag("the dead"));
        let death = mailbox.receive::<Down>().await;
        assert_eq!((death.reference, death.reason), (late, ExitReason::NoProc));
        assert_eq!(death.tag.as_deref(), Some("the dead"));
    });
}

#[test]
fn mon_020_an_explicit_alias_outlives_down_and_demonitor() {
    both(
        "mon_020_an_explicit_alias_outlives_down_and_demonitor",
        async || {
            let mut mailbox = mailbox();
            let watched = idle();
            let ended = watch_with(watched, AliasMode::ExplicitUnalias);
            let fired = watch_with(watched, AliasMode::ExplicitUnalias);
            assert!(is_open(&mut mailbox, ended).await && is_open(&mut mailbox, fired).await);
            assert!(demonitor(ended));
            exit(watched, boom());
            assert_eq!(down(&mut mailbox, fired).await, boom());
            for reference in [ended, fired] {
                assert!(is_open(&mut mailbox, reference).await);
                assert!(
                    is_open(&mut mailbox, reference).await,
                    "any number of messages"
                );
                assert!(unalias(reference));
                assert!(!is_open(&mut mailbox, reference).await);
            }
        },
    );
}

#[test]
fn mon_021_a_demonitor_alias_ends_with_demonitor_or_down() {
    both(
        "mon_021_a_demonitor_alias_ends_with_demonitor_or_down",
        async || {
            let mut mailbox = mailbox();
            let watched = idle();
            let ended = watch_with(watched, AliasMode::Demonitor);
            let fired = watch_with(watched, AliasMode::Demonitor);
            for reference in [ended, fired, ended] {
                assert!(is_open(&mut mailbox, reference).await);
            }
            assert!(demonitor(ended));
            assert!(!is_open(&mut mailbox, ended).await);
            exit(watched, boom());
            assert_eq!(down(&mut mailbox, fired).await, boom());
            assert!(!is_open(&mut mailbox, fired).await);
            assert!(!unalias(ended) && !unalias(fired));
        },
    );
}

#[test]
fn mon_022_a_reply_alias_takes_one_message_and_the_monitor_with_it() {
    both(
        "mon_022_a_reply_alias_takes_one_message_and_the_monitor_with_it",
        async || {
            let mut mailbox = mailbox();
            let watched = idle();
            let replied = watch_with(watched, AliasMode::ReplyDemonitor);
            let ended = watch_with(watched, AliasMode::ReplyDemonitor);
            let fired = watch_with(watched, AliasMode::ReplyDemonitor);
            assert!(is_open(&mut mailbox, replied).await);
            assert!(!is_open(&mut mailbox, replied).await);
            assert!(!demonitor(replied), "the reply removed the monitor too");
            assert!(demonitor(ended));
            assert!(!is_open(&mut mailbox, ended).await);
            exit(watched, boom());
            let death = mailbox.receive::<Down>().await;
            assert_eq!((death.reference, death.reason), (fired, boom()));
            assert!(!is_open(&mut mailbox, fired).await);
            nothing_more(&mut mailbox).await;
        },
    );
}

#[test]
fn mon_022_a_reply_or_a_down_comes_but_not_a_reply_after_the_down() {
    both(
        "mon_022_a_reply_or_a_down_comes_but_not_a_reply_after_the_down",
        async || {
            let mut mailbox = mailbox();
            let server = spawn(async |mut mailbox: Mailbox| {
                let asker: Ref = mailbox.receive().await;
                // The answer comes from elsewhere, so that it may come after the down.
                spawn(async move |_: Mailbox| send(asker, Item(1)));
                boom()
            });
            let request = watch_with(server, AliasMode::ReplyDemonitor);
            send(server, request);
            let first = mailbox.receive_any().await;
            assert!(first.is::<Item>() || first.is::<Down>());
            nothing_more(&mut mailbox).await;
        },
    );
}

#[test]
fn mon_023_unalias_leaves_the_monitor_working() {
    both("mon_023_unalias_leaves_the_monitor_working", async || {
        let mut mailbox = mailbox();
        let watched = idle();
        let watches = MODES.map(|mode| watch_with(watched, mode));
        for watch in watches {
            assert!(unalias(watch));
            assert!(!unalias(watch));
            assert!(!is_open(&mut mailbox, watch).await);
        }
        exit(watched, boom());
        for watch in watches {
            assert_eq!(down(&mut mailbox, watch).await, boom());
        }
    });
}

#[test]
fn mon_024_an_explicit_alias_survives_the_noproc_of_the_dead() {
    both(
        "mon_024_an_explicit_alias_survives_the_noproc_of_the_dead",
        async || {
            let mut mailbox = mailbox();
            let (dead, watch) = spawn_monitor(async |_: Mailbox| {});
            down(&mut mailbox, watch).await;
            for (mode, stays) in MODES.into_iter().zip([true, false, false]) {
                let watch = monitor_with(dead, MonitorOptions::new().alias(mode).tag("gone"));
                let death = mailbox.receive::<Down>().await;
                assert_eq!((death.reference, death.reason), (watch, ExitReason::NoProc));
                assert_eq!(death.tag.as_deref(), Some("gone"));
                assert_eq!(is_open(&mut mailbox, watch).await, stays, "{mode:?}");
                assert_eq!(unalias(watch), stays, "{mode:?}");
            }
        },
    );
}

#[test]
fn mon_025_demonitor_works_and_repeats_on_every_kind_of_alias() {
    both(
        "mon_025_demonitor_works_and_repeats_on_every_kind_of_alias",
        async || {
            let mut mailbox = mailbox();
            let watched = idle();
            for mode in MODES {
                let watch = watch_with(watched, mode);
                assert!(demonitor(watch), "{mode:?}");
                assert!(!demonitor(watch), "{mode:?}");
                assert!(!demonitor_flush(watch), "{mode:?}");
                let stays = matches!(mode, AliasMode::ExplicitUnalias);
                assert_eq!(unalias(watch), stays, "{mode:?}");
            }
            assert!(!demonitor(alias()), "a plain alias is no monitor");
            let plain = alias();
            demonitor_flush(plain);
            assert!(is_open(&mut mailbox, plain).await, "and stays open");
        },
    );
}

#[test]
fn mon_025_a_monitor_at_birth_may_have_an_alias() {
    both("mon_025_a_monitor_at_birth_may_have_an_alias", async || {
        let mut mailbox = mailbox();
        let options =
            SpawnOptions::new().monitor_with(MonitorOptions::new().alias(AliasMode::Demonitor));
        let spawned = spawn_with(options, async |mut mailbox: Mailbox| {
            let parent: Ref = mailbox.receive().await;
            send(parent, Item(1));
            mailbox.receive::<Go>().await;
        })
        .expect("there is room for a process");
        let watch = spawned.monitor.expect("a monitor was asked for");
        send(spawned.pid, watch);
        assert_eq!(mailbox.receive::<Item>().await, Item(1));
        send(spawned.pid, Go);
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
        assert!(!is_open(&mut mailbox, watch).await);
    });
}
