//! A fatal exit signal against the one thing that its receiver was about to do: it is done, or it
//! is not.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::down;

use crate::program::{Go, LATE, SOON, boom, ends_at_go, programs};

/// The name that some of them are about.
const NAME: &str = "litmus";

programs! {
    sig_cancel_timer => ["armed", "gone"];
    sig_exit => ["its own", "the signal's"];
    sig_exit_2 => ["done", "not done"];
    sig_exit_now => ["its own", "the signal's"];
    sig_link => ["done", "not done"];
    sig_register => ["done", "not done"];
    sig_send => ["done", "not done"];
    sig_send_after => ["done", "not done"];
    sig_sig => ["first", "second"];
    sig_spawn => ["done", "not done"];
    sig_start_timer => ["done", "not done"];
    sig_trap_exit => ["its own", "the signal's"];
    sig_unlink_linked => ["its own", "the signal's"];
    sig_unlink_other => ["done", "not done"];
    sig_unregister => ["done", "not done"];
}

fn done(done: bool) -> &'static str {
    if done { "done" } else { "not done" }
}

/// Whose reason the victim died with.
fn whose(reason: ExitReason) -> &'static str {
    if reason == boom() {
        "the signal's"
    } else {
        "its own"
    }
}

/// Starts `deed` in a process of its own, sends that process a fatal exit signal, and waits for
/// its end.
async fn victim<F, Fut>(mailbox: &mut Mailbox, deed: F) -> ExitReason
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let (pid, watch) = spawn_monitor(deed);
    exit(pid, boom());
    down(mailbox, watch).await
}

async fn sig_cancel_timer() -> &'static str {
    let mut mailbox = mailbox();
    let timer = send_after(me(), Go, LATE);
    victim(&mut mailbox, async move |_| {
        cancel(timer).await;
    })
    .await;
    if read_timer(timer).await.is_some() {
        "armed"
    } else {
        "gone"
    }
}

async fn sig_exit() -> &'static str {
    whose(victim(&mut mailbox(), async |_| {}).await)
}

async fn sig_exit_2() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    trap_exit(true);
    victim(&mut mailbox, async move |_| exit(root, boom())).await;
    done(
        mailbox
            .receive_timeout::<Exit>(Duration::ZERO)
            .await
            .is_some(),
    )
}

async fn sig_exit_now() -> &'static str {
    whose(victim(&mut mailbox(), async |_| exit_now(ExitReason::Shutdown)).await)
}

/// The exit over the link may come after the down, and then it comes too late to be seen.
async fn sig_link() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    trap_exit(true);
    victim(&mut mailbox, async move |_| link(root)).await;
    done(
        mailbox
            .receive_timeout::<Exit>(Duration::ZERO)
            .await
            .is_some(),
    )
}

async fn sig_register() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    victim(&mut mailbox, async move |_| {
        let _ = register(NAME, root).await;
    })
    .await;
    done(whereis(NAME).await == Some(root))
}

async fn sig_send() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    victim(&mut mailbox, async move |_| send(root, Go)).await;
    done(
        mailbox
            .receive_timeout::<Go>(Duration::ZERO)
            .await
            .is_some(),
    )
}

async fn sig_send_after() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    victim(&mut mailbox, async move |_| {
        send_after(root, Go, SOON);
    })
    .await;
    done(mailbox.receive_timeout::<Go>(LATE).await.is_some())
}

/// Two fatal signals from two senders.
async fn sig_sig() -> &'static str {
    let mut mailbox = mailbox();
    let (pid, watch) = ends_at_go(ExitReason::Normal);
    for reason in ["first", "second"] {
        spawn(async move |_: Mailbox| exit(pid, ExitReason::other(reason)));
    }
    let reason = down(&mut mailbox, watch).await;
    reason
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("another reason")
}

async fn sig_spawn() -> &'static str {
    let mut mailbox = mailbox();
    let before = processes().await;
    let (pid, watch) = spawn_monitor(async |_: Mailbox| {
        spawn(async |mut mailbox: Mailbox| {
            mailbox.receive::<Go>().await;
        });
    });
    exit(pid, boom());
    down(&mut mailbox, watch).await;
    // A process that is on its way out may still be listed.
    let new = |other: &Pid| *other != pid && !before.contains(other);
    done(processes().await.iter().any(new))
}

async fn sig_start_timer() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    victim(&mut mailbox, async move |_| {
        start_timer(root, Go, SOON);
    })
    .await;
    done(mailbox.receive_timeout::<TimerFired>(LATE).await.is_some())
}

async fn sig_trap_exit() -> &'static str {
    let deed = async |mut mailbox: Mailbox| {
        trap_exit(true);
        mailbox.receive::<Exit>().await;
    };
    whose(victim(&mut mailbox(), deed).await)
}

/// The peer tells the victim to unlink it, and dies.
async fn sig_unlink_linked() -> &'static str {
    let mut mailbox = mailbox();
    let (pid, watch) = spawn_monitor(async |mut mailbox: Mailbox| {
        let peer: Pid = mailbox.receive().await;
        unlink(peer);
    });
    spawn(async move |_: Mailbox| {
        link(pid);
        send(pid, me());
        boom()
    });
    whose(down(&mut mailbox, watch).await)
}

/// The victim unlinks its parent, which then hears nothing of its end.
async fn sig_unlink_other() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    trap_exit(true);
    let options = SpawnOptions::new().link().monitor();
    let spawned = spawn_with(options, async move |_: Mailbox| unlink(root))
        .expect("there is room for a process");
    exit(spawned.pid, boom());
    let watch = spawned.monitor.expect("a monitor was asked for");
    down(&mut mailbox, watch).await;
    done(
        mailbox
            .receive_timeout::<Exit>(Duration::ZERO)
            .await
            .is_none(),
    )
}

async fn sig_unregister() -> &'static str {
    let mut mailbox = mailbox();
    register(NAME, me()).await.expect("nobody has it yet");
    victim(&mut mailbox, async |_| {
        let _ = unregister(NAME).await;
    })
    .await;
    done(whereis(NAME).await.is_none())
}
