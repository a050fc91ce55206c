//! Stories of small programs: what is told, what is left out, and in which words.

use std::time::Duration;

use beamline::prelude::*;

use crate::campaign::{Campaign, Settings};
use crate::faults::Faults;
use crate::story::{length, tell};
use crate::strategy::Strategy;
use crate::world::{Body, Limits};
use crate::{always, eventually, note};

mod calls;

fn settings() -> Settings {
    Settings {
        runs: 20_000,
        ..Settings::default()
    }
}

/// The shrunk story of the failure that a campaign finds.
fn story_of<F, R>(settings: Settings, body: F) -> Vec<String>
where
    F: AsyncFn() -> R + Send + Sync + 'static,
    R: beamline::Outcome + 'static,
{
    let campaign = Campaign {
        name: "story".into(),
        body: Body::new(body),
        settings,
    };
    let report = campaign.run();
    let finding = report.findings.first().expect("the planted bug is found");
    let verdict = Some(&finding.verdict);
    assert_eq!(tell(&finding.trace, verdict), finding.story);
    assert_eq!(length(&finding.trace, verdict), finding.story.events.len());
    finding.story.events_text()
}

#[derive(Debug)]
enum Counter {
    Get(Pid),
    Set(u64),
}

async fn counter(mut mailbox: Mailbox) {
    let mut value = 0;
    loop {
        match mailbox.receive().await {
            Counter::Get(from) => send(from, value),
            Counter::Set(new) => value = new,
        }
    }
}

async fn client(mut mailbox: Mailbox, counter: Pid, root: Pid) {
    send(counter, Counter::Get(me()));
    let value: u64 = mailbox.receive().await;
    send(counter, Counter::Set(value + 1));
    send(root, "done");
}

async fn lost_update() {
    let (root, mut mailbox) = (me(), mailbox());
    let counter = spawn(counter);
    for _ in 0..2 {
        spawn(move |mailbox| client(mailbox, counter, root));
    }
    for _ in 0..2 {
        mailbox.receive::<&str>().await;
    }
    send(counter, Counter::Get(root));
    let value: u64 = mailbox.receive().await;
    always!("counted", value == 2, "two additions make {value}");
}

#[test]
fn a_race_is_told_in_a_few_lines() {
    let story = story_of(
        Settings {
            strategy: Strategy::random(),
            ..settings()
        },
        lost_update,
    );
    assert!(story.len() <= 10, "{story:#?}");
    let first = &story[0];
    assert!(
        first.starts_with("counter (0.0) receives Get(<0.") && first.contains("sends 0 to client"),
        "{story:#?}"
    );
    assert_eq!(
        story.last().map(String::as_str),
        Some("0 (root) receives 1 from counter (0.0); counted is broken: two additions make 1")
    );
    // Nobody begins anything in it: every run begins like that.
    assert!(
        !story.iter().any(|line| line.contains("spawns")),
        "{story:#?}"
    );
}

#[test]
fn what_did_not_lead_to_it_is_left_out() {
    let story = story_of(settings(), async || {
        // A talkative pair of which nobody hears.
        let left = spawn_with(
            SpawnOptions::new().label("left"),
            async |mut mailbox: Mailbox| {
                loop {
                    let other: Pid = mailbox.receive().await;
                    send(other, me());
                }
            },
        );
        let left = left.expect("there is room").pid;
        spawn(async move |mut mailbox: Mailbox| {
            for _ in 0..3 {
                send(left, me());
                mailbox.receive::<Pid>().await;
            }
        });
        let root = me();
        for letter in ['a', 'b'] {
            spawn(async move |_| send(root, letter));
        }
        let first: char = mailbox().receive().await;
        always!("order", first == 'a');
    });
    assert_eq!(
        story,
        ["0 (root) receives 'b' from 0.3; order is broken: first == 'a' does not hold"]
    );
}

#[test]
fn faults_ends_and_names_are_told() {
    let settings = Settings {
        faults: Faults::none().crashes(1).victims(["store"]),
        ..settings()
    };
    let story = story_of(settings, async || {
        let (root, mut mailbox) = (me(), mailbox());
        let (store, reference) = spawn_monitor(async |mut mailbox: Mailbox| {
            mailbox.receive::<()>().await;
        });
        register("store", store).await.expect("the name is free");
        spawn(async move |_| {
            link(store);
            sleep(Duration::from_secs(1)).await;
            send(root, "survived");
        });
        let down = mailbox
            .receive_timeout::<Down>(Duration::from_secs(9))
            .await;
        let Some(down) = down else { return };
        always!(
            "store.lives",
            down.reference != reference,
            "it ended: {}",
            down.reason
        );
    });
    assert_eq!(
        story,
        [
            "fault: store (0.0) is killed, frees the name \"store\"",
            "0 (root) is told that store (0.0) is down: killed; store.lives is broken: it ended: \
             killed",
        ]
    );
}

#[test]
fn links_say_whose_end_ends_a_process() {
    let story = story_of(settings(), async || {
        let mut mailbox = mailbox();
        set_label("family");
        spawn_monitor(async |_| {
            let child = spawn_link(async |mut mailbox: Mailbox| {
                set_label("child");
                mailbox.receive::<()>().await;
                Err::<(), _>(ExitReason::other("broken"))
            });
            send(child, ());
            sleep(Duration::from_secs(1)).await;
        });
        let down = mailbox.receive::<Down>().await;
        always!("ends_well", down.reason.is_normal());
    });
    assert_eq!(
        story,
        [
            "child (0.0.0) receives () from 0.0, ends: \"broken\"",
            "0.0 ends because of child (0.0.0): \"broken\"",
            "family (0) is told that 0.0 is down: \"broken\"; ends_well is broken: \
             down.reason.is_normal() does not hold",
        ]
    );
}

#[test]
fn timeouts_and_timers_are_told_with_their_times() {
    let story = story_of(settings(), async || {
        let mut mailbox = mailbox();
        let echo = spawn(async |mut mailbox: Mailbox| {
            let (from, value): (Pid, u32) = mailbox.receive().await;
            sleep(Duration::from_secs(2)).await;
            send(from, value);
        });
        send(echo, (me(), 7u32));
        send_after(me(), "tick", Duration::from_millis(1500));
        let early = mailbox.receive_timeout::<u32>(Duration::from_secs(1)).await;
        let tick = mailbox.receive::<&str>().await;
        note(format!("{early:?} and {tick}"));
        let late = mailbox.receive::<u32>().await;
        always!("in_time", early == Some(late));
    });
    assert_eq!(
        story,
        [
            "0 (root) waits 1s in vain (timeout)",
            "0 (root) receives \"tick\" from its timer, notes: None and tick",
            "0.0 receives (<0>, 7) from 0 (root), wakes after 2s, sends 7 to 0 (root)",
            "0 (root) receives 7 from 0.0; in_time is broken: early == Some(late) does not hold",
        ]
    );
}

#[test]
fn look_ups_say_what_they_find() {
    let story = story_of(settings(), async || {
        let (root, mut mailbox) = (me(), mailbox());
        for _ in 0..2 {
            spawn(async move |_| {
                let free = whereis("leader").await.is_none();
                let won = free && register("leader", me()).await.is_ok();
                send(root, (free, won));
                sleep(Duration::from_secs(1)).await;
            });
        }
        for _ in 0..2 {
            let (free, won) = mailbox.receive::<(bool, bool)>().await;
            always!("won", free == won);
        }
    });
    let [.., lost, last] = story.as_slice() else {
        panic!("{story:#?}")
    };
    assert!(
        story[0].ends_with("looks up \"leader\" and finds nobody"),
        "{story:#?}"
    );
    assert!(
        lost.contains("fails to register \"leader\", which leader (0.")
            && lost.ends_with(" has, sends (true, false) to 0 (root)"),
        "{story:#?}"
    );
    assert!(last.contains("won is broken"), "{story:#?}");
    assert!(
        story
            .iter()
            .any(|line| line.contains("takes the name \"leader\"")),
        "{story:#?}"
    );
    assert!(story.len() <= 5, "{story:#?}");
}

#[test]
fn a_deadlock_ends_with_its_circle() {
    let story = story_of(settings(), async || {
        set_label("asker");
        let other = spawn(async |mut mailbox: Mailbox| {
            let asker: Pid = mailbox.receive().await;
            send(asker, me());
            mailbox.receive::<u8>().await;
        });
        send(other, me());
        mailbox().receive::<u8>().await;
    });
    assert_eq!(
        story,
        [
            "0.0 receives <0> from asker (0), sends <0.0> to asker (0)",
            "deadlock: nothing can happen any more, and the root has not ended; a circle: 0 \
             \"asker\" -> 0.0 -> 0 \"asker\"",
        ]
    );
}

#[test]
fn a_message_to_the_dead_tells_of_their_end() {
    let story = story_of(settings(), async || {
        let server = spawn(async |mut mailbox: Mailbox| {
            mailbox.receive::<&str>().await;
        });
        spawn(async move |_| send(server, "stop"));
        send(server, "status");
        send(server, me());
        let mut mailbox = mailbox();
        mailbox.receive::<u8>().await;
    });
    assert!(story[0].starts_with("0.0 receives \"st") && story[0].ends_with(", ends: normal"));
    assert!(story[1].starts_with("deadlock: "), "{story:#?}");
}

#[test]
fn a_panic_of_the_root_is_told_where_it_happens() {
    let story = story_of(settings(), async || {
        let root = me();
        let reference = alias();
        spawn(async move |_| {
            send(reference, 5u8);
            exit(root, ExitReason::Normal);
        });
        let value: u8 = mailbox().receive().await;
        assert_eq!(value, 6, "wrong");
    });
    let [only] = story.as_slice() else {
        panic!("{story:#?}")
    };
    assert!(
        only.starts_with("0 (root) receives 5 from 0.0, panics: "),
        "{only}"
    );
}

#[test]
fn a_run_away_tells_its_last_events() {
    let limits = Limits::default().steps(1_000);
    let story = story_of(
        Settings {
            limits,
            ..settings()
        },
        async || {
            let mut mailbox = mailbox();
            loop {
                spawn(async move |mut mailbox: Mailbox| {
                    let from: Pid = mailbox.receive().await;
                    send(from, "more");
                });
                let child = spawn(async |mut mailbox: Mailbox| {
                    let from: Pid = mailbox.receive().await;
                    send(from, "more");
                });
                send(child, me());
                mailbox.receive::<&str>().await;
            }
        },
    );
    assert_eq!(story.len(), 9, "{story:#?}");
    let last = story.last().map_or("", String::as_str);
    assert!(last.starts_with("steps: 1000 events were made"), "{last}");
    assert!(last.ends_with("events came before these"), "{last}");
}

#[test]
fn a_promise_that_is_not_kept_has_a_line_of_its_own() {
    let story = story_of(settings(), async || {
        let root = me();
        spawn(async move |_| send(root, 1u8));
        let mut mailbox = mailbox();
        let got = mailbox.receive_timeout::<u8>(Duration::from_secs(1)).await;
        eventually!("answered", got == Some(2));
    });
    assert_eq!(
        story,
        [
            "0 (root) receives 1 from 0.0, ends: normal",
            "eventually answered: got == Some(2) does not hold in the end",
        ]
    );
}

#[test]
fn a_sound_run_is_told_whole() {
    let campaign = Campaign {
        name: "sound".into(),
        body: Body::new(async || {
            let root = me();
            let echo = spawn(async move |mut mailbox: Mailbox| {
                let text: &str = mailbox.receive().await;
                send(root, text);
            });
            send(echo, "hello");
            mailbox().receive::<&str>().await;
        }),
        settings: settings(),
    };
    let replayed = crate::campaign::replay_seed(&campaign, 0);
    assert_eq!(replayed.verdict, None);
    assert_eq!(
        replayed.story.events_text(),
        [
            "0.0 receives \"hello\" from 0 (root), sends \"hello\" to 0 (root)",
            "0 (root) receives \"hello\" from 0.0, ends: normal",
        ]
    );
}

/// Without the cause it would read as if the child had never been.
#[test]
fn a_monitor_or_link_that_came_too_late_says_so() {
    let story = story_of(
        Settings {
            strategy: Strategy::random(),
            ..settings()
        },
        async || {
            trap_exit(true);
            let child = spawn_link(async |mut mailbox: Mailbox| {
                mailbox.receive::<u8>().await;
            });
            spawn(async move |_| send(child, 1u8));
            unlink(child);
            monitor(child);
            let down: Down = mailbox().receive().await;
            always!("reason", down.reason == ExitReason::Normal);
        },
    );
    assert!(story[0].contains("unlinks 0.0, monitors 0.0"), "{story:#?}");
    let last = story.last().map_or("", String::as_str);
    let told = "is told that 0.0 is down: noproc (the monitor came after its end: normal); reason";
    assert!(last.contains(told), "{story:#?}");
}
