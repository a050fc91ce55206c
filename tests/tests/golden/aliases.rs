//! Aliases, of themselves and of monitors (SIG-33 to SIG-37, MON-20 to MON-25).

use beamline::prelude::*;

use crate::case::cases;
use crate::steps::{dead, down, drain, idle, next, pause, take};
use crate::written::{because, before, list};

cases! { "aliases":
    reaches_its_maker => reaches_its_maker();
    unalias => unalias_twice();
    unalias_of_another => unalias_of_another();
    message_after_unalias => message_after_unalias();
    message_against_unalias => message_against_unalias();
    for_one_reply => for_one_reply();
    no_alias => no_alias();
    of_the_dead => of_the_dead();
    explicit_after_down => after_down(AliasMode::ExplicitUnalias);
    demonitor_after_down => after_down(AliasMode::Demonitor);
    reply_after_down => after_down(AliasMode::ReplyDemonitor);
    explicit_after_demonitor => after_demonitor(AliasMode::ExplicitUnalias);
    demonitor_after_demonitor => after_demonitor(AliasMode::Demonitor);
    reply_after_demonitor => after_demonitor(AliasMode::ReplyDemonitor);
    explicit_two_replies => two_replies(AliasMode::ExplicitUnalias);
    demonitor_two_replies => two_replies(AliasMode::Demonitor);
    reply_two_replies => two_replies(AliasMode::ReplyDemonitor);
    reply_against_end => reply_against_end();
    unalias_keeps_the_monitor => unalias_keeps_the_monitor();
    explicit_of_the_dead => explicit_of_the_dead();
}

async fn reaches_its_maker() -> String {
    let alias = alias();
    spawn(async move |_: Mailbox| send(alias, "hello"));
    next(&mut mailbox(), &[]).await
}

async fn unalias_twice() -> Vec<String> {
    let alias = alias();
    list![unalias(alias), unalias(alias)]
}

async fn unalias_of_another() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let alias = alias();
    spawn(async move |_: Mailbox| send(root, unalias(alias)));
    let found: bool = mailbox.receive().await;
    send(alias, "hello");
    list![found, next(&mut mailbox, &[]).await]
}

/// What a [`sender`] is to send.
#[derive(Debug)]
struct Send(&'static str);

/// A process that sends through a reference what it is told to, and says so directly.
fn sender(reference: Ref) -> Pid {
    let root = me();
    spawn(async move |mut mailbox: Mailbox| -> ExitReason {
        loop {
            let Send(text) = mailbox.receive().await;
            send(reference, text);
            send(root, "sent");
        }
    })
}

/// Has a text sent, and waits until it is.
async fn sent(mailbox: &mut Mailbox, sender: Pid, text: &'static str) {
    send(sender, Send(text));
    take(mailbox, "sent").await;
}

async fn message_after_unalias() -> Vec<String> {
    let mut mailbox = mailbox();
    let alias = alias();
    let sender = sender(alias);
    unalias(alias);
    sent(&mut mailbox, sender, "hello").await;
    drain(&mut mailbox, &[]).await
}

async fn message_against_unalias() -> Vec<String> {
    let mut mailbox = mailbox();
    let alias = alias();
    send(sender(alias), Send("hello"));
    pause().await;
    unalias(alias);
    take(&mut mailbox, "sent").await;
    drain(&mut mailbox, &[]).await
}

async fn for_one_reply() -> Vec<String> {
    let mut mailbox = mailbox();
    let sender = sender(alias_once());
    sent(&mut mailbox, sender, "one").await;
    sent(&mut mailbox, sender, "two").await;
    drain(&mut mailbox, &[]).await
}

async fn no_alias() -> Vec<String> {
    let mut mailbox = mailbox();
    let sender = sender(make_ref());
    sent(&mut mailbox, sender, "hello").await;
    drain(&mut mailbox, &[]).await
}

async fn of_the_dead() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let (_, watch) = spawn_monitor(async move |_: Mailbox| send(root, alias()));
    let alias: Ref = mailbox.receive().await;
    down(&mut mailbox, watch).await;
    let sender = sender(alias);
    sent(&mut mailbox, sender, "hello").await;
    drain(&mut mailbox, &[]).await
}

async fn after_down(mode: AliasMode) -> Vec<String> {
    let mut mailbox = mailbox();
    let pid = idle();
    let watch = monitor_with(pid, MonitorOptions::new().alias(mode));
    let sender = sender(watch);
    exit(pid, because("boom"));
    let reason = down(&mut mailbox, watch).await;
    sent(&mut mailbox, sender, "hello").await;
    before(reason, drain(&mut mailbox, &[]).await)
}

async fn after_demonitor(mode: AliasMode) -> Vec<String> {
    let mut mailbox = mailbox();
    let watch = monitor_with(idle(), MonitorOptions::new().alias(mode));
    let sender = sender(watch);
    let found = demonitor(watch);
    sent(&mut mailbox, sender, "hello").await;
    before(found, drain(&mut mailbox, &[]).await)
}

/// Whether a second reply, and a down, come after a first one.
async fn two_replies(mode: AliasMode) -> Vec<String> {
    let mut mailbox = mailbox();
    let pid = idle();
    let watch = monitor_with(pid, MonitorOptions::new().alias(mode));
    let sender = sender(watch);
    sent(&mut mailbox, sender, "one").await;
    sent(&mut mailbox, sender, "two").await;
    let second = monitor(pid);
    exit(pid, because("boom"));
    down(&mut mailbox, second).await;
    drain(&mut mailbox, &[(pid, "peer")]).await
}

async fn reply_against_end() -> Vec<String> {
    let mut mailbox = mailbox();
    let pid = spawn(async |mut mailbox: Mailbox| take(&mut mailbox, "go").await);
    let watch = monitor_with(pid, MonitorOptions::new().alias(AliasMode::ReplyDemonitor));
    let second = monitor(pid);
    let sender = sender(watch);
    send(pid, "go");
    sent(&mut mailbox, sender, "reply").await;
    down(&mut mailbox, second).await;
    drain(&mut mailbox, &[(pid, "peer")]).await
}

async fn unalias_keeps_the_monitor() -> Vec<String> {
    let pid = idle();
    let watch = monitor_with(pid, MonitorOptions::new().alias(AliasMode::Demonitor));
    let found = unalias(watch);
    exit(pid, because("boom"));
    list![found, down(&mut mailbox(), watch).await]
}

async fn explicit_of_the_dead() -> Vec<String> {
    let options = MonitorOptions::new().alias(AliasMode::ExplicitUnalias);
    let watch = monitor_with(dead().await, options);
    let mut mailbox = mailbox();
    let reason = down(&mut mailbox, watch).await;
    send(watch, "hello");
    list![reason, next(&mut mailbox, &[]).await]
}
