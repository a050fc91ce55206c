//! Exit signals between processes (SIG-19 to SIG-32, P-35, P-42).

use std::future::Future;

use beamline::prelude::*;

use crate::case::cases;
use crate::steps::{dead, down, drain, fate, fate_after, next, pause, take, these, wait};
use crate::written::{because, before, telling};

cases! { "signals":
    normal_to_another => survives(ExitReason::Normal);
    normal_to_a_trapper => trapped(ExitReason::Normal);
    any_to_another => fate_after(wait, &[because("boom")]);
    any_to_a_trapper => trapped(because("boom"));
    kill_to_a_trapper => trapped(ExitReason::Kill);
    killed_to_another => fate_after(wait, &[ExitReason::Killed]);
    killed_to_a_trapper => trapped(ExitReason::Killed);
    shutdown_to_another => fate_after(wait, &[ExitReason::Shutdown]);
    noproc_to_another => fate_after(wait, &[ExitReason::NoProc]);
    exit_to_the_dead => exit_to_the_dead();
    kill_then_alive => survives(ExitReason::Kill);
    first_of_two_reasons => fate_after(wait, &[because("first"), because("second")]);
    normal_then_another => fate_after(wait, &[ExitReason::Normal, because("second")]);
    two_killers => two_killers();
    kill_of_itself_over_a_link => over_a_link(async |_: Mailbox| ExitReason::Kill);
    kill_of_itself_over_a_link_to_a_trapper => kill_of_itself_to_a_trapper();
    killed_over_a_link => over_a_link(killing_itself);
    explicit_exit_keeps_the_link => explicit_exit_keeps_the_link();
    forged_exit => forged_exit();
    messages_then_exit => messages_then_exit();
    exit_then_message => exit_then_message();
    trapped_exit_between_messages => trapped_exit_between_messages();
    trap_against_exit => trap_against_exit();
    untrap_against_exit => untrap_against_exit();
    two_trapped => two_trapped();
    trapped_against_message => trapped_against_message();
    suspended_and_killed => suspended_and_killed();
}

/// Whether a process lives that got this signal.
async fn survives(reason: ExitReason) -> bool {
    let pid = spawn(wait);
    exit(pid, reason);
    alive(pid).await
}

/// What a trapping process tells of this signal, or else its reason.
async fn trapped(reason: ExitReason) -> ExitReason {
    let (mut mailbox, root) = (mailbox(), me());
    let (pid, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
        trap_exit(true);
        send(root, "ready");
        telling(next(&mut mailbox, &[(root, "root")]).await)
    });
    take(&mut mailbox, "ready").await;
    exit(pid, reason);
    down(&mut mailbox, watch).await
}

async fn exit_to_the_dead() -> bool {
    // There is nothing to return; that it returns is all.
    exit(dead().await, because("boom"));
    true
}

async fn two_killers() -> ExitReason {
    let (pid, watch) = spawn_monitor(wait);
    for reason in ["first", "second"] {
        spawn(async move |_: Mailbox| exit(pid, because(reason)));
    }
    down(&mut mailbox(), watch).await
}

/// How a process ends that is linked to one that ends like this.
async fn over_a_link<F, Fut, R>(body: F) -> ExitReason
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: Outcome + 'static,
{
    fate(async move |mailbox: Mailbox| {
        spawn_link(body);
        wait(mailbox).await;
    })
    .await
}

async fn killing_itself(mailbox: Mailbox) {
    exit(me(), ExitReason::Kill);
    wait(mailbox).await;
}

async fn kill_of_itself_to_a_trapper() -> String {
    trap_exit(true);
    let child = spawn_link(async |_: Mailbox| ExitReason::Kill);
    next(&mut mailbox(), &[(child, "child")]).await
}

async fn explicit_exit_keeps_the_link() -> Vec<String> {
    let root = me();
    trap_exit(true);
    let child = spawn_link(async move |_: Mailbox| {
        exit(root, because("hello"));
        pause().await;
        because("boom")
    });
    these(&mut mailbox(), 2, &[(child, "child")]).await
}

async fn forged_exit() -> String {
    let (from, reason) = (me(), because("boom"));
    send(me(), Exit { from, reason });
    next(&mut mailbox(), &[(me(), "me")]).await
}

/// A body that sends back what it gets.
async fn echo(mut mailbox: Mailbox, to: Pid) {
    loop {
        let text: &'static str = mailbox.receive().await;
        send(to, text);
        pause().await;
    }
}

/// How much a process gets done between messages and an exit signal of one sender.
async fn messages_then_exit() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let (pid, watch) = spawn_monitor(move |mailbox| echo(mailbox, root));
    send(pid, "one");
    send(pid, "two");
    pause().await;
    exit(pid, because("boom"));
    let reason = down(&mut mailbox, watch).await;
    before(reason, drain(&mut mailbox, &[]).await)
}

async fn exit_then_message() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let (pid, watch) = spawn_monitor(move |mailbox| echo(mailbox, root));
    exit(pid, because("boom"));
    pause().await;
    send(pid, "one");
    let reason = down(&mut mailbox, watch).await;
    before(reason, drain(&mut mailbox, &[]).await)
}

async fn trapped_exit_between_messages() -> String {
    let (mut mailbox, root) = (mailbox(), me());
    let pid = spawn(async move |mut mailbox: Mailbox| {
        trap_exit(true);
        send(root, "ready");
        take(&mut mailbox, "show").await;
        send(
            root,
            drain(&mut mailbox, &[(root, "root")]).await.join(", "),
        );
    });
    take(&mut mailbox, "ready").await;
    send(pid, "one");
    exit(pid, because("boom"));
    send(pid, "two");
    send(pid, "show");
    next(&mut mailbox, &[]).await
}

async fn trap_against_exit() -> ExitReason {
    let root = me();
    let body = async move |mut mailbox: Mailbox| {
        pause().await;
        trap_exit(true);
        telling(next(&mut mailbox, &[(root, "root")]).await)
    };
    fate_after(body, &[because("boom")]).await
}

async fn untrap_against_exit() -> ExitReason {
    let (mut mailbox, root) = (mailbox(), me());
    let (pid, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
        trap_exit(true);
        send(root, "ready");
        pause().await;
        trap_exit(false);
        telling(next(&mut mailbox, &[(root, "root")]).await)
    });
    take(&mut mailbox, "ready").await;
    exit(pid, because("boom"));
    down(&mut mailbox, watch).await
}

async fn two_trapped() -> Vec<String> {
    let root = me();
    trap_exit(true);
    for reason in ["first", "second"] {
        spawn(async move |_: Mailbox| exit(root, because(reason)));
    }
    these(&mut mailbox(), 2, &[]).await
}

async fn trapped_against_message() -> Vec<String> {
    let root = me();
    trap_exit(true);
    spawn(async move |_: Mailbox| exit(root, because("boom")));
    spawn(async move |_: Mailbox| send(root, "hello"));
    these(&mut mailbox(), 2, &[]).await
}

async fn suspended_and_killed() -> ExitReason {
    let (pid, watch) = spawn_monitor(wait);
    suspend(pid).await.expect("it is alive");
    exit(pid, ExitReason::Kill);
    down(&mut mailbox(), watch).await
}
