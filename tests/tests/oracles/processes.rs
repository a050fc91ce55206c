//! Programs on processes, each of which gives some oracles something to judge.

use std::time::Duration;

use beamline::prelude::*;

use super::Body;

const SOON: Duration = Duration::from_millis(20);

/// A process sends several messages of two types, which are taken in another order.
pub(crate) fn messages() -> Body {
    Box::pin(async {
        let (root, mut mailbox) = (me(), mailbox());
        spawn(async move |_| {
            for number in 0..4u32 {
                send(root, number);
                send(root, number.to_string());
            }
        });
        for _ in 0..4 {
            mailbox.receive::<String>().await;
        }
        for _ in 0..4 {
            mailbox.receive::<u32>().await;
        }
    })
}

/// Messages of two types that arrive one by one, and are taken in another order when all are there.
pub(crate) fn letters() -> Body {
    Box::pin(async {
        let (root, mut mailbox) = (me(), mailbox());
        spawn(async move |_| {
            for number in 0..4u32 {
                send(root, number);
                send(root, number.to_string());
                sleep(SOON / 20).await;
            }
        });
        sleep(SOON).await;
        while mailbox.receive_timeout::<String>(SOON).await.is_some() {}
        while mailbox.receive_timeout::<u32>(SOON).await.is_some() {}
    })
}

/// A receive whose time may be up when its message comes.
pub(crate) fn patience() -> Body {
    Box::pin(async {
        let (root, mut mailbox) = (me(), mailbox());
        spawn(async move |_| {
            sleep(SOON).await;
            send(root, 1u32);
        });
        mailbox.receive_timeout::<u32>(SOON).await;
    })
}

async fn idle(mut mailbox: Mailbox) {
    mailbox.receive::<()>().await;
}

/// Links that are set, removed, trapped and fatal; all comes to rest.
pub(crate) fn links() -> Body {
    Box::pin(async {
        trap_exit(true);
        let mut mailbox = mailbox();
        let (kept, left) = (spawn_link(idle), spawn(idle));
        exit(kept, ExitReason::Normal);
        spawn(async move |mailbox| {
            link(left);
            idle(mailbox).await;
        });
        spawn_link(async move |_| {
            let grandchild = spawn_link(idle);
            sleep(SOON).await;
            unlink(grandchild);
            link(grandchild);
            sleep(SOON).await;
            exit(me(), ExitReason::Kill);
        });
        mailbox.receive_timeout::<Exit>(SOON * 10).await;
    })
}

/// Monitors that tell, that are removed and that find nobody.
pub(crate) fn monitors() -> Body {
    Box::pin(async {
        let brief = spawn(async |_| sleep(SOON).await);
        spawn(async move |mut mailbox: Mailbox| {
            monitor(brief);
            demonitor(monitor(brief));
            mailbox.receive_timeout::<Down>(SOON * 10).await;
            monitor(brief);
            mailbox.receive_timeout::<Down>(SOON * 10).await;
            idle(mailbox).await;
        });
    })
}

/// Names that are bound, found, freed and left behind by the dead.
pub(crate) fn names() -> Body {
    Box::pin(async {
        let holder = spawn(async |_| {
            let _ = register("holder", me()).await;
            sleep(SOON).await;
        });
        let _ = register("root", me()).await;
        let _ = whereis("root").await;
        sleep(SOON / 2).await;
        let _ = whereis("holder").await;
        sleep(SOON).await;
        let _ = whereis("holder").await;
        assert!(holder != me());
        let _ = unregister("root").await;
    })
}

/// Timers that fire and timers that are cancelled.
pub(crate) fn timers() -> Body {
    Box::pin(async {
        let mut mailbox = mailbox();
        send_after(me(), 1u32, SOON);
        let cancelled = send_after(me(), 2u32, SOON * 2);
        mailbox.receive_timeout::<u32>(SOON * 10).await;
        cancel(cancelled).await;
        send_after(me(), 3u32, SOON);
        mailbox.receive_timeout::<u32>(SOON * 10).await;
    })
}
