//! Timers (TMR).

use std::time::Duration;

use beamline::prelude::*;

use crate::case::Note::{OnTime, Ours};
use crate::case::cases;
use crate::steps::{SOON, Told, dead, down, drain, idle, next, pause, take, take_within, these};
use crate::written::{before, list};

/// A time that no run lasts.
const FAR: Duration = Duration::from_secs(100);

cases! { "timers":
    fires => fires();
    fires_with_its_reference => fires_with_its_reference();
    cancel_in_time [
        OnTime,
    ] => cancel_in_time();
    cancel_twice [
        OnTime,
    ] => cancel_twice();
    cancel_late => cancel_late();
    cancel_against_firing => cancel_against_firing();
    cancel_by_another [
        OnTime,
    ] => cancel_by_another();
    cancel_by_two [
        OnTime,
    ] => cancel_by_two();
    read_in_time [
        OnTime,
    ] => read_in_time();
    read_late => read_late();
    read_against_firing => read_against_firing();
    zero_against_a_send => zero_against_a_send();
    two_of_one_time [
        Ours("two, one", "TMR-7: timers of equal time fire in any order"),
    ] => two_of_one_time();
    sooner_and_later [
        Ours("later, sooner", "SIG-11: what the timer service sends is in no mutual order"),
    ] => sooner_and_later();
    to_a_name_that_moves => to_a_name_that_moves();
    to_a_name_of_the_ending => to_a_name_of_the_ending();
    to_the_dead => to_the_dead();
    to_the_killed => to_the_killed();
    of_the_dead => of_the_dead();
    against_a_timeout [
        Ours("tick", "TMR-7: either of two equal deadlines may come first"),
    ] => against_a_timeout();
    against_a_message => against_a_message();
}

/// Whether a timer still had time to go.
fn left(remaining: Option<Duration>) -> &'static str {
    if remaining.is_some() { "left" } else { "gone" }
}

async fn fires() -> String {
    send_after(me(), "tick", SOON);
    next(&mut mailbox(), &[]).await
}

async fn fires_with_its_reference() -> String {
    let timer = start_timer(me(), "tick", SOON);
    let fired: TimerFired = mailbox().receive().await;
    assert_eq!(fired.timer, timer);
    format!("timeout {}", crate::written::show(&fired.payload, &[]))
}

async fn cancel_in_time() -> Vec<String> {
    let timer = send_after(me(), "tick", FAR);
    let cancelled = left(cancel(timer).await);
    before(cancelled, drain(&mut mailbox(), &[]).await)
}

async fn cancel_twice() -> Vec<String> {
    let timer = send_after(me(), "tick", FAR);
    list![left(cancel(timer).await), left(cancel(timer).await)]
}

async fn cancel_late() -> Vec<String> {
    let timer = send_after(me(), "tick", Duration::ZERO);
    hibernate().await;
    let cancelled = left(cancel(timer).await);
    before(cancelled, drain(&mut mailbox(), &[]).await)
}

/// What was not cancelled comes.
async fn cancel_against_firing() -> Vec<String> {
    let mut mailbox = mailbox();
    let timer = send_after(me(), "tick", SOON);
    pause().await;
    match left(cancel(timer).await) {
        "left" => before("left", drain(&mut mailbox, &[]).await),
        gone => list![gone, next(&mut mailbox, &[]).await],
    }
}

async fn cancel_by_another() -> Vec<String> {
    let root = me();
    let timer = send_after(root, "tick", FAR);
    spawn(async move |_: Mailbox| send(root, left(cancel(timer).await)));
    let its = next(&mut mailbox(), &[]).await;
    list![its, left(read_timer(timer).await)]
}

async fn cancel_by_two() -> Vec<String> {
    let root = me();
    let timer = send_after(root, "tick", FAR);
    spawn(async move |_: Mailbox| send(root, left(cancel(timer).await)));
    let own = left(cancel(timer).await);
    list![own, next(&mut mailbox(), &[]).await]
}

async fn read_in_time() -> Vec<String> {
    let timer = send_after(me(), "tick", FAR);
    list![left(read_timer(timer).await), left(read_timer(timer).await)]
}

async fn read_late() -> &'static str {
    let timer = send_after(me(), "tick", Duration::ZERO);
    take(&mut mailbox(), "tick").await;
    left(read_timer(timer).await)
}

async fn read_against_firing() -> &'static str {
    let timer = send_after(me(), "tick", SOON);
    pause().await;
    let left = left(read_timer(timer).await);
    take(&mut mailbox(), "tick").await;
    left
}

async fn zero_against_a_send() -> Vec<String> {
    send_after(me(), "tick", Duration::ZERO);
    send(me(), "own");
    these(&mut mailbox(), 2, &[]).await
}

async fn two_of_one_time() -> Vec<String> {
    let at = now() + 2 * SOON;
    for text in ["one", "two"] {
        send_at(me(), text, at);
    }
    these(&mut mailbox(), 2, &[]).await
}

async fn sooner_and_later() -> Vec<String> {
    send_after(me(), "later", 3 * SOON);
    send_after(me(), "sooner", SOON);
    these(&mut mailbox(), 2, &[]).await
}

/// A process that says its name when a timer reaches it.
fn named(name: &'static str) -> Pid {
    let root = me();
    spawn(async move |mut mailbox: Mailbox| {
        take(&mut mailbox, "tick").await;
        send(root, Told(name.to_owned()));
    })
}

/// Who owns the name when the timer fires, if anybody.
async fn to_a_name_that_moves() -> String {
    let (first, second) = (named("first"), named("second"));
    register("server", first).await.expect("the name is free");
    send_after("server", "tick", SOON);
    // It is gone with its owner, if the timer was first.
    let _ = unregister("server").await;
    register("server", second).await.expect("the name is free");
    let told = mailbox().receive_timeout::<Told>(6 * SOON).await;
    told.map_or("nobody".to_owned(), |told| told.0)
}

async fn to_a_name_of_the_ending() -> String {
    let root = me();
    let pid = spawn(async move |mut mailbox: Mailbox| {
        let first: &'static str = mailbox.receive().await;
        send(root, if first == "tick" { "came" } else { "stopped" });
    });
    register("server", pid).await.expect("the name is free");
    send_after("server", "tick", SOON);
    pause().await;
    send(pid, "stop");
    next(&mut mailbox(), &[]).await
}

async fn to_the_dead() -> &'static str {
    let timer = send_after(dead().await, "tick", FAR);
    left(read_timer(timer).await)
}

async fn to_the_killed() -> Vec<String> {
    let pid = idle();
    let watch = monitor(pid);
    let timer = send_after(pid, "tick", FAR);
    exit(pid, ExitReason::Kill);
    list![
        down(&mut mailbox(), watch).await,
        left(read_timer(timer).await)
    ]
}

async fn of_the_dead() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let (_, watch) = spawn_monitor(async move |_: Mailbox| {
        send_after(root, "tick", SOON);
    });
    list![
        down(&mut mailbox, watch).await,
        next(&mut mailbox, &[]).await
    ]
}

async fn against_a_timeout() -> Vec<String> {
    let mut mailbox = mailbox();
    send_after(me(), "tick", SOON);
    if take_within(&mut mailbox, "tick", SOON).await {
        list!["tick"]
    } else {
        list!["timeout", next(&mut mailbox, &[]).await]
    }
}

async fn against_a_message() -> Vec<String> {
    let root = me();
    send_after(root, "tick", SOON);
    spawn(async move |_: Mailbox| send(root, "hello"));
    these(&mut mailbox(), 2, &[]).await
}
