//! The process that does the operations and compares what it gets with the model.

use std::pin::pin;
use std::time::Duration;

use beamline::prelude::*;

use super::messages::{Answer, Block, Number, References, Word};
use super::model::{Got, Item, Model};
use super::operation::{Operation, Wanted};
use super::receives::{self, Received, Search, glance};

/// A timeout above zero; nothing else happens meanwhile, so its length is of no meaning.
const SHORT: Duration = Duration::from_millis(1);

/// A name that nobody ever has.
const NOBODY: &str = "nobody";

#[derive(Debug, Default)]
struct Comparison {
    model: Model,
    references: References,
}

/// Does all operations. If they are even in number, the rest is received afterwards; otherwise it
/// is left to the end of the process.
///
/// # Panics
/// When something is not as in the model.
pub(super) async fn compare(operations: &[Operation]) {
    let mut comparison = Comparison::default();
    let mut mailbox = mailbox();
    let mut rest = operations;
    while let Some((operation, behind)) = rest.split_first() {
        rest = behind;
        if let Operation::Hold {
            wanted,
            over,
            timed,
        } = *operation
        {
            let (during, behind) = rest.split_at(rest.len().min(over));
            rest = behind;
            let timeout = timed.then_some(SHORT);
            comparison.hold(&mut mailbox, wanted, timeout, during).await;
        } else {
            comparison.step(&mut mailbox, *operation).await;
        }
        comparison.compare_length(&mailbox);
    }
    if operations.len().is_multiple_of(2) {
        while !comparison.model.items.is_empty() {
            comparison.receive(&mut mailbox, Wanted::Any, None).await;
        }
        comparison
            .receive(&mut mailbox, Wanted::Any, Some(Duration::ZERO))
            .await;
        assert!(mailbox.is_empty());
    }
}

impl Comparison {
    async fn step(&mut self, mailbox: &mut Mailbox, operation: Operation) {
        match operation {
            Operation::Look(wanted) => self.receive(mailbox, wanted, Some(Duration::ZERO)).await,
            Operation::Wait(wanted) => self.receive(mailbox, wanted, Some(SHORT)).await,
            Operation::Receive(wanted) => self.receive(mailbox, wanted, None).await,
            other => self.aside(other).await,
        }
    }

    /// An operation that does not receive; one that does is passed over.
    async fn aside(&mut self, operation: Operation) {
        let Model {
            references,
            monitors,
            ..
        } = self.model;
        match operation {
            Operation::SendNumber(value) => self.send(Item::Number(value)),
            Operation::SendWord(value) => self.send(Item::Word(value)),
            Operation::SendBlock(value) => self.send(Item::Block(value)),
            Operation::SendAnswer(value) => {
                if let Some(to) = usize::from(value).checked_rem(references) {
                    self.send(Item::Answer(to, value));
                }
            }
            Operation::Reference => {
                self.references.made.push(make_ref());
                self.model.references += 1;
            }
            Operation::Monitor => {
                let reference = monitor(NOBODY).await;
                self.references.monitors.push(reference);
                self.model.monitors += 1;
                self.model.items.push(Item::Down(monitors));
            }
            Operation::Demonitor(which) => self.demonitor(which),
            Operation::Flush(which) => self.flush(which),
            Operation::Yield => yield_now().await,
            Operation::Look(_)
            | Operation::Wait(_)
            | Operation::Receive(_)
            | Operation::Hold { .. } => {}
        }
    }

    fn send(&mut self, item: Item) {
        match item {
            Item::Number(value) => send(me(), Number(value)),
            Item::Word(value) => send(me(), Word::new(value)),
            Item::Block(value) => send(me(), Block::new(value)),
            Item::Answer(to, value) => send(me(), Answer::new(self.references.made[to], value)),
            Item::Down(_) => unreachable!("downs are sent by monitors"),
        }
        self.model.items.push(item);
    }

    /// Whether a monitor is found depends on whether the process has noticed yet that it has fired;
    /// if it is, its message never comes (MON-14).
    fn demonitor(&mut self, which: u8) {
        if let Some(monitor) = self.model.monitor(which)
            && demonitor(self.references.monitors[monitor])
        {
            assert!(
                self.model.take_down(monitor),
                "a monitor has fired and is still there"
            );
        }
    }

    fn flush(&mut self, which: u8) {
        if let Some(monitor) = self.model.monitor(which) {
            let found = demonitor_flush(self.references.monitors[monitor]);
            let queued = self.model.take_down(monitor);
            assert!(queued || !found, "a monitor has fired and is still there");
        }
    }

    /// A receive; with a timeout if the model has no match.
    async fn receive(&mut self, mailbox: &mut Mailbox, wanted: Wanted, timeout: Option<Duration>) {
        let Some((wanted, search)) = self.search(wanted) else {
            return;
        };
        let expected = self.model.take(wanted);
        let timeout = match expected {
            Some(_) => timeout,
            None => Some(timeout.unwrap_or(Duration::ZERO)),
        };
        let received = receives::receive(mailbox, search, timeout).await;
        assert_eq!(
            self.got(received),
            expected,
            "{wanted:?} with timeout {timeout:?}"
        );
    }

    /// A receive that stands while other operations are done. It is dropped if it has nothing in
    /// the end, which loses nothing.
    async fn hold(
        &mut self,
        mailbox: &mut Mailbox,
        wanted: Wanted,
        timeout: Option<Duration>,
        during: &[Operation],
    ) {
        let Some((wanted, search)) = self.search(wanted) else {
            return;
        };
        // A receive also stops when the turn is over; a fresh one is long enough for all of this.
        yield_now().await;
        let mut receive = pin!(receives::receive(mailbox, search, timeout));
        let mut during = during.iter();
        loop {
            let expected = self.model.take(wanted);
            let received = glance(receive.as_mut()).await;
            assert_eq!(
                self.got(received),
                expected,
                "{wanted:?} held, {during:?} to come"
            );
            match during.next().filter(|_| expected.is_none()) {
                Some(operation) => self.aside(*operation).await,
                None => break,
            }
        }
    }

    /// None when it means a reference and there is none yet.
    fn search(&self, wanted: Wanted) -> Option<(Wanted, Search)> {
        let wanted = self.model.settle(wanted)?;
        let search = match wanted {
            Wanted::Number => Search::Number,
            Wanted::Word(guard) => Search::Word(guard),
            Wanted::Any => Search::Any,
            Wanted::Answer(which) => Search::Answer(self.references.made[usize::from(which)]),
            Wanted::Down(which) => Search::Down(self.references.monitors[usize::from(which)]),
            Wanted::Clauses(guard) => Search::Clauses(guard),
        };
        Some((wanted, search))
    }

    fn got(&self, received: Option<Received>) -> Option<Got> {
        received.map(|(clause, message)| Got {
            item: self.references.item(&message),
            clause,
        })
    }

    /// What monitors have sent may not have been noticed yet; all else counts at once (SIG-18).
    fn compare_length(&self, mailbox: &Mailbox) {
        let all = self.model.items.len();
        let is_down = |item: &&Item| matches!(item, Item::Down(_));
        let downs = self.model.items.iter().filter(is_down).count();
        let length = mailbox.len();
        assert!(
            (all - downs..=all).contains(&length),
            "length {length} of {all}, {downs} downs"
        );
        assert_eq!(mailbox.is_empty(), length == 0);
    }
}
