//! Every kind of receive that a mailbox has, behind one function.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use beamline::prelude::*;

use super::messages::{Answer, Number, Word};
use super::operation::Guard;

/// What is looked for, with the references themselves.
#[derive(Debug, Clone, Copy)]
pub(super) enum Search {
    Number,
    Word(Guard),
    Any,
    Answer(Ref),
    Down(Ref),
    Clauses(Guard),
}

/// The number of the clause, 0 for receives of one, and the message.
pub(super) type Received = (u8, Message);

/// Receives; `None` when the timeout has passed.
pub(super) async fn receive(
    mailbox: &mut Mailbox,
    search: Search,
    timeout: Option<Duration>,
) -> Option<Received> {
    let message = match search {
        Search::Number => number(mailbox, timeout).await.map(Message::new),
        Search::Word(guard) => word(mailbox, guard, timeout).await.map(Message::new),
        Search::Any => match timeout {
            None => Some(mailbox.receive_any().await),
            Some(timeout) => mailbox.receive_any_timeout(timeout).await,
        },
        Search::Answer(reference) => {
            let own = |answer: &Answer| answer.0 == reference;
            let answer = mailbox.receive_since(reference, own, timeout).await;
            answer.map(Message::new)
        }
        Search::Down(reference) => {
            let own = |down: &Down| down.reference == reference;
            let down = mailbox.receive_since(reference, own, timeout).await;
            down.map(Message::new)
        }
        Search::Clauses(guard) => return clauses(mailbox, guard, timeout).await,
    };
    message.map(|message| (0, message))
}

async fn number(mailbox: &mut Mailbox, timeout: Option<Duration>) -> Option<Number> {
    match timeout {
        None => Some(mailbox.receive().await),
        Some(timeout) => mailbox.receive_timeout(timeout).await,
    }
}

async fn word(mailbox: &mut Mailbox, guard: Guard, timeout: Option<Duration>) -> Option<Word> {
    let accepted = |word: &Word| guard.accepts(word.value());
    match timeout {
        None => Some(mailbox.receive_where(accepted).await),
        Some(timeout) => mailbox.receive_where_timeout(timeout, accepted).await,
    }
}

async fn clauses(
    mailbox: &mut Mailbox,
    guard: Guard,
    timeout: Option<Duration>,
) -> Option<Received> {
    receive! { mailbox;
        Number(value) in Number where guard.accepts(*value) => {
            Some((1, Message::new(Number(value))))
        },
        word in Word where word.value() > 99 => Some((2, Message::new(word))),
        Number(value) in Number where *value > 199 => Some((3, Message::new(Number(value)))),
        down in Down => Some((4, Message::new(down))),
        after timeout => None,
    }
}

/// What a receive that stands waiting has now. Polled twice, since the first time it may only have
/// come to its choice point.
pub(super) async fn glance(
    mut receive: Pin<&mut impl Future<Output = Option<Received>>>,
) -> Option<Received> {
    poll_fn(|cx| {
        let mut looks = (0..2).map(|_| receive.as_mut().poll(cx));
        Poll::Ready(match looks.find(Poll::is_ready) {
            Some(Poll::Ready(got)) => got,
            _ => None,
        })
    })
    .await
}
