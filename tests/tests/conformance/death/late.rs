//! What destructors of messages may do: while their process dies and its inbox is closed already,
//! and while it handles signals.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use beamline::prelude::*;
use beamline_tests::{both, down};

use crate::sig::Item;

/// A message that runs a function when it is dropped.
#[derive(Debug)]
struct Last(Pid, fn(Pid));

impl Drop for Last {
    fn drop(&mut self) {
        (self.1)(self.0);
    }
}

/// A process that ends with a `Last` in its mailbox.
async fn ends_with(mailbox: &mut Mailbox, action: fn(Pid)) -> Pid {
    let root = me();
    let (pid, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
        mailbox.receive::<Item>().await;
    });
    send(pid, Last(root, action));
    send(pid, Item(0));
    down(mailbox, watch).await;
    pid
}

/// The dead answer as the dead do: at once, and with `NoProc`.
async fn is_dead(mailbox: &mut Mailbox, pid: Pid) {
    assert!(!alive(pid).await);
    let watch = monitor(pid);
    assert_eq!(down(mailbox, watch).await, ExitReason::NoProc);
}

#[test]
fn death_drop_of_a_message_may_exit_its_process() {
    both("death_drop_of_a_message_may_exit_its_process", async || {
        let mut mailbox = mailbox();
        let pid = ends_with(&mut mailbox, |_| exit(me(), ExitReason::Kill)).await;
        is_dead(&mut mailbox, pid).await;
    });
}

#[test]
fn death_drop_of_a_message_may_look_at_the_mailbox() {
    both(
        "death_drop_of_a_message_may_look_at_the_mailbox",
        async || {
            let mut root = mailbox();
            let pid = ends_with(&mut root, |root| {
                send(root, Item(mailbox().len() as u32));
            })
            .await;
            assert_eq!(root.receive::<Item>().await, Item(0));
            is_dead(&mut root, pid).await;
        },
    );
}

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Polls once and does not wait.
fn poke(future: &mut Boxed) -> Poll<()> {
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

/// A message that holds a receive of the process that it was sent to, and looks once more at the
/// end, when what was dropped before it has become a message to another.
struct Receiving(Boxed, Pid);

impl fmt::Debug for Receiving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receiving")
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        send(self.1, Item(3));
        let _ = poke(&mut self.0);
    }
}

#[test]
fn death_drop_of_a_message_may_go_on_with_a_receive() {
    both(
        "death_drop_of_a_message_may_go_on_with_a_receive",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let (_, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
                send(me(), Item(1));
                let mut receiving: Boxed = Box::pin(async move {
                    mailbox.receive::<String>().await;
                });
                // It has looked at the item, which is the first message to be dropped.
                poll_fn(|_| Poll::Ready(poke(&mut receiving).is_pending())).await;
                send(me(), Receiving(receiving, root));
                // A trapped exit is looked for at once, so all of it is in the mailbox at the end.
                trap_exit(true);
                exit(me(), ExitReason::other("look"));
            });
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
            assert_eq!(mailbox.receive::<Item>().await, Item(3));
        },
    );
}

/// A message through an alias that is gone. Dropped while its receiver handles signals, it sends a
/// message and has the receiver look for news.
#[derive(Debug)]
struct Hasty;

impl Drop for Hasty {
    fn drop(&mut self) {
        send(me(), Item(2));
        exit(me(), ExitReason::other("look"));
    }
}

#[test]
fn sig_001_a_destructor_that_looks_for_news_overtakes_nothing() {
    both(
        "sig_001_a_destructor_that_looks_for_news_overtakes_nothing",
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            let gone = alias();
            unalias(gone);
            send(gone, Hasty);
            send(me(), Item(1));
            assert_eq!(mailbox.receive::<Item>().await, Item(1));
            assert_eq!(mailbox.receive::<Item>().await, Item(2));
            assert_eq!(mailbox.receive::<Exit>().await.from, me());
        },
    );
}
