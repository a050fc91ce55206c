//! SIG-1 to SIG-3 and SIG-7 to SIG-12: what is ordered, and what is not.

use beamline::prelude::*;
use beamline_sim::outcome;
use beamline_tests::{Stop, both, down, idle, outcomes};

use super::{Go, Item, boom, number, set};

#[test]
fn sig_001_messages_and_exit_signals_of_one_sender_keep_their_order() {
    both(
        "sig_001_messages_and_exit_signals_of_one_sender_keep_their_order",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            trap_exit(true);
            spawn(async move |_: Mailbox| {
                send(root, Item(1));
                exit(root, ExitReason::other(2u32));
                send(root, Item(3));
                exit(root, ExitReason::other(4u32));
                send(root, Item(5));
            });
            for expected in 1..=5 {
                assert_eq!(number(mailbox.receive_any().await), expected);
            }
        },
    );
}

/// Asks a process whether it sees the asker among its links and its watchers.
#[derive(Debug)]
struct Look(Pid);

/// Whether the asker is linked, and whether it watches.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    linked: bool,
    watched: bool,
}

#[test]
fn sig_001_links_and_monitors_keep_their_place_among_messages() {
    both(
        "sig_001_links_and_monitors_keep_their_place_among_messages",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let target = spawn(async |mut mailbox: Mailbox| {
                for _ in 0..5 {
                    let Look(asker) = mailbox.receive().await;
                    let own = info(me()).await.expect("the process that asks is alive");
                    let linked = own.links.contains(&asker);
                    send(
                        asker,
                        Seen {
                            linked,
                            watched: own.monitored_by.contains(&asker),
                        },
                    );
                }
            });
            // One at a time: later signals may be received before an earlier message is looked at.
            let mut ask = async || {
                send(target, Look(root));
                mailbox.receive::<Seen>().await
            };
            let seen = |linked, watched| Seen { linked, watched };
            assert_eq!(ask().await, seen(false, false));
            link(target);
            assert_eq!(ask().await, seen(true, false));
            let watch = monitor(target);
            assert_eq!(ask().await, seen(true, true));
            unlink(target);
            assert_eq!(ask().await, seen(false, true));
            demonitor(watch);
            assert_eq!(ask().await, seen(false, false));
        },
    );
}

/// Every kind of signal from several processes at once, to one that receives all the while.
#[test]
fn sig_001_many_kinds_of_signals_at_once_keep_each_senders_order() {
    both(
        "sig_001_many_kinds_of_signals_at_once_keep_each_senders_order",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            trap_exit(true);
            let mut senders = Vec::new();
            for _ in 0..4 {
                senders.push(spawn(async move |mut mailbox: Mailbox| {
                    for round in 0..4u32 {
                        send(root, (me(), 4 * round));
                        link(root);
                        exit(root, ExitReason::other(4 * round + 1));
                        let watch = monitor(root);
                        send(root, (me(), 4 * round + 2));
                        unlink(root);
                        assert!(alive(root).await);
                        demonitor(watch);
                        exit(root, ExitReason::other(4 * round + 3));
                        let seen = info(root).await.expect("it receives");
                        assert!(!seen.links.contains(&me()) && !seen.monitored_by.contains(&me()));
                    }
                    mailbox.receive::<Go>().await;
                }));
            }
            let mut next = vec![0; senders.len()];
            for _ in 0..16 * senders.len() {
                let message = mailbox.receive_any().await;
                let (sender, number) = match message.downcast::<Exit>() {
                    Ok(exit) => (
                        exit.from,
                        *exit.reason.downcast_ref::<u32>().expect("a number"),
                    ),
                    Err(message) => message.downcast().expect("a sender and its number"),
                };
                let sender = senders
                    .iter()
                    .position(|&pid| pid == sender)
                    .expect("a sender");
                assert_eq!(number, next[sender], "sender {sender}");
                next[sender] += 1;
            }
            let own = info(root).await.expect("it runs");
            assert_eq!(own.message_queue_len, 0);
            for sender in senders {
                assert!(alive(sender).await, "its own assertions held");
            }
        },
    );
}

#[test]
fn sig_001_a_question_about_a_process_follows_what_was_sent_to_it() {
    both(
        "sig_001_a_question_about_a_process_follows_what_was_sent_to_it",
        async || {
            let target = idle();
            for number in 0..10 {
                send(target, Item(number));
            }
            let seen = info(target).await.expect("it waits to be stopped");
            assert_eq!(seen.message_queue_len, 10);
            exit(target, ExitReason::Kill);
            assert!(
                !alive(target).await,
                "the kill was sent before the question"
            );
        },
    );
}

#[test]
fn sig_002_signals_of_two_senders_arrive_in_either_order() {
    let seen = outcomes(
        "sig_002_signals_of_two_senders_arrive_in_either_order",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            spawn(async move |_: Mailbox| send(root, Item(1)));
            spawn(async move |_: Mailbox| send(root, Item(2)));
            let Item(first) = mailbox.receive().await;
            outcome(first.to_string());
        },
    );
    assert_eq!(seen, set(&["1", "2"]));
}

#[test]
fn sig_002_signals_to_two_receivers_arrive_in_either_order() {
    let seen = outcomes(
        "sig_002_signals_to_two_receivers_arrive_in_either_order",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let relay = async move |mut mailbox: Mailbox| {
                let item: Item = mailbox.receive().await;
                send(root, item);
            };
            let (one, two) = (spawn(relay), spawn(relay));
            send(one, Item(1));
            send(two, Item(2));
            let Item(first) = mailbox.receive().await;
            outcome(first.to_string());
        },
    );
    assert_eq!(seen, set(&["1", "2"]));
}

#[test]
fn sig_003_an_effect_may_arrive_before_its_cause() {
    let seen = outcomes(
        "sig_003_an_effect_may_arrive_before_its_cause",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let relay = spawn(async move |mut mailbox: Mailbox| {
                let item: Item = mailbox.receive().await;
                send(root, item);
            });
            spawn(async move |_: Mailbox| {
                send(root, Item(1));
                send(relay, Item(2));
            });
            let Item(first) = mailbox.receive().await;
            outcome(first.to_string());
        },
    );
    assert_eq!(seen, set(&["1", "2"]));
}

#[test]
fn sig_007_order_holds_across_pid_name_and_aliases() {
    both(
        "sig_007_order_holds_across_pid_name_and_aliases",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            register("sig_007", root).await.expect("the name is free");
            let plain = alias();
            let sender = spawn(async move |mut mailbox: Mailbox| {
                let watching: Ref = mailbox.receive().await;
                send(watching, Item(1));
                send(root, Item(2));
                send("sig_007", Item(3)).await?;
                send(plain, Item(4));
                send("sig_007", Item(5)).await?;
                send(watching, Item(6));
                send(root, Item(7));
                Ok::<(), NotRegistered>(())
            });
            let watch = monitor_with(
                sender,
                MonitorOptions::new().alias(AliasMode::ExplicitUnalias),
            );
            send(sender, watch);
            for expected in 1..=7 {
                assert_eq!(number(mailbox.receive_any().await), expected);
            }
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
        },
    );
}

#[test]
fn sig_008_what_a_process_sent_arrives_before_its_exit_and_down() {
    both(
        "sig_008_what_a_process_sent_arrives_before_its_exit_and_down",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            trap_exit(true);
            let options = SpawnOptions::new().link().monitor();
            spawn_with(options, async move |_: Mailbox| {
                for number in 1..=3 {
                    send(root, Item(number));
                }
                boom()
            })
            .expect("there is room for a process");
            for expected in 1..=3 {
                assert_eq!(number(mailbox.receive_any().await), expected);
            }
            let rest = [mailbox.receive_any().await, mailbox.receive_any().await];
            assert!(rest.iter().any(Message::is::<Exit>) && rest.iter().any(Message::is::<Down>));
        },
    );
}

#[test]
fn sig_009_exit_and_down_of_one_death_arrive_in_either_order() {
    let seen = outcomes(
        "sig_009_exit_and_down_of_one_death_arrive_in_either_order",
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            spawn_with(SpawnOptions::new().link().monitor(), async |_: Mailbox| {
                boom()
            })
            .expect("there is room for a process");
            let first = mailbox.receive_any().await;
            outcome(if first.is::<Exit>() { "exit" } else { "down" });
        },
    );
    assert_eq!(seen, set(&["down", "exit"]));
}

#[test]
fn sig_010_observers_learn_of_a_death_in_either_order() {
    let seen = outcomes(
        "sig_010_observers_learn_of_a_death_in_either_order",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let dying = idle();
            for number in 1..=2 {
                spawn(async move |mut mailbox: Mailbox| {
                    let watch = monitor(dying);
                    send(root, Go);
                    down(&mut mailbox, watch).await;
                    send(root, Item(number));
                });
            }
            mailbox.receive::<Go>().await;
            mailbox.receive::<Go>().await;
            send(dying, Stop);
            let Item(first) = mailbox.receive().await;
            outcome(first.to_string());
        },
    );
    assert_eq!(seen, set(&["1", "2"]));
}

#[test]
fn sig_012_questions_of_two_askers_are_answered_in_either_order() {
    let seen = outcomes(
        "sig_012_questions_of_two_askers_are_answered_in_either_order",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let target = idle();
            for number in 1..=2 {
                spawn(async move |_: Mailbox| {
                    let _ = info(target).await;
                    send(root, Item(number));
                });
            }
            let Item(first) = mailbox.receive().await;
            outcome(first.to_string());
        },
    );
    assert_eq!(seen, set(&["1", "2"]));
}
