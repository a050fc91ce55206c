//! The mailbox against a list: every receive takes the oldest item that matches, or none.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::expect_nothing;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::{config, simulate};

/// A message as the model knows it; the first number of an answer is the index of its mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Number(u8),
    Word(u8),
    Answer(usize, u8),
}

#[derive(Debug)]
struct Number(u8);

#[derive(Debug)]
struct Word(u8);

#[derive(Debug)]
struct Answer(Ref, u8);

/// The last message of a stream.
#[derive(Debug)]
struct End(usize);

/// Accepts the values that leave this rest.
#[derive(Debug, Clone, Copy)]
struct Guard {
    divisor: u8,
    rest: u8,
}

impl Guard {
    fn accepts(self, value: u8) -> bool {
        value % self.divisor == self.rest
    }
}

/// One step of a generated program. Every receive is one that ends: without a timeout only when
/// the model knows a match.
#[derive(Debug, Clone)]
enum Step {
    /// A message to oneself.
    Send(Item),
    /// Messages from another process, waited for to the last.
    Stream(Vec<Item>),
    /// A fresh reference for later answers.
    Mark,
    Number,
    Word(Guard),
    /// With a timeout above zero.
    WordTimed(Guard),
    Any,
    /// An answer to this mark.
    Since(usize, Guard),
    /// A receive of several clauses.
    Clauses(Guard),
}

fn item() -> impl Strategy<Value = Item> {
    prop_oneof![
        any::<u8>().prop_map(Item::Number),
        any::<u8>().prop_map(Item::Word),
        (0..4_usize, any::<u8>()).prop_map(|(mark, value)| Item::Answer(mark, value)),
    ]
}

fn guard() -> impl Strategy<Value = Guard> {
    (1..4_u8).prop_flat_map(|divisor| (0..divisor).prop_map(move |rest| Guard { divisor, rest }))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => item().prop_map(Step::Send),
        1 => vec(item(), 0..4).prop_map(Step::Stream),
        1 => Just(Step::Mark),
        1 => Just(Step::Number),
        2 => guard().prop_map(Step::Word),
        1 => guard().prop_map(Step::WordTimed),
        1 => Just(Step::Any),
        2 => (0..4_usize, guard()).prop_map(|(mark, guard)| Step::Since(mark, guard)),
        2 => guard().prop_map(Step::Clauses),
    ]
}

/// The model, the process's mailbox, and the references that answers belong to.
struct Comparison {
    model: Vec<Item>,
    mailbox: Mailbox,
    marks: Vec<Ref>,
    streams: usize,
}

impl Comparison {
    fn new() -> Self {
        Self {
            model: Vec::new(),
            mailbox: mailbox(),
            marks: vec![make_ref()],
            streams: 0,
        }
    }

    /// The item with its mark among those made so far.
    fn existing(&self, item: Item) -> Item {
        match item {
            Item::Answer(mark, value) => Item::Answer(mark % self.marks.len(), value),
            other => other,
        }
    }

    /// What the model takes: the oldest item that matches.
    fn take(&mut self, matches: impl Fn(Item) -> bool) -> Option<Item> {
        let found = self.model.iter().position(|&item| matches(item))?;
        Some(self.model.remove(found))
    }

    /// A received message in the model's terms.
    fn item(&self, message: Message) -> Item {
        let message = match message.downcast::<Number>() {
            Ok(Number(value)) => return Item::Number(value),
            Err(message) => message,
        };
        let message = match message.downcast::<Word>() {
            Ok(Word(value)) => return Item::Word(value),
            Err(message) => message,
        };
        let Answer(reference, value) = message.downcast().expect("nothing else is sent");
        let mark = self.marks.iter().position(|&mark| mark == reference);
        Item::Answer(mark.expect("answers go to marks that were made"), value)
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Send(item) => {
                let item = self.existing(item);
                deliver(me(), item, &self.marks);
                self.model.push(item);
            }
            Step::Stream(items) => self.stream(items).await,
            Step::Mark => self.marks.push(make_ref()),
            Step::Number => self.number().await,
            Step::Word(guard) => self.word(guard).await,
            Step::WordTimed(guard) => self.word_timed(guard).await,
            Step::Any => self.any().await,
            Step::Since(mark, guard) => self.since(mark % self.marks.len(), guard).await,
            Step::Clauses(guard) => self.clauses(guard).await,
        }
    }

    async fn stream(&mut self, items: Vec<Item>) {
        let items: Vec<Item> = items.into_iter().map(|item| self.existing(item)).collect();
        self.model.extend(&items);
        self.streams += 1;
        let (to, marks, number) = (me(), self.marks.clone(), self.streams);
        spawn(async move |_mailbox: Mailbox| {
            for item in items {
                deliver(to, item, &marks);
                yield_now().await;
            }
            send(to, End(number));
        });
        self.mailbox
            .receive_where(|end: &End| end.0 == number)
            .await;
    }

    async fn number(&mut self) {
        let expected = self.take(|item| matches!(item, Item::Number(_)));
        let found = match expected {
            Some(_) => Some(self.mailbox.receive::<Number>().await),
            None => self.mailbox.receive_timeout::<Number>(Duration::ZERO).await,
        };
        assert_eq!(found.map(|Number(value)| Item::Number(value)), expected);
    }

    /// What the model takes for a guarded word.
    fn take_word(&mut self, guard: Guard) -> Option<Item> {
        self.take(|item| matches!(item, Item::Word(value) if guard.accepts(value)))
    }

    async fn word(&mut self, guard: Guard) {
        let expected = self.take_word(guard);
        let accepts = |word: &Word| guard.accepts(word.0);
        let found = match expected {
            Some(_) => Some(self.mailbox.receive_where(accepts).await),
            None => {
                self.mailbox
                    .receive_where_timeout(Duration::ZERO, accepts)
                    .await
            }
        };
        assert_eq!(found.map(|Word(value)| Item::Word(value)), expected);
    }

    async fn word_timed(&mut self, guard: Guard) {
        let expected = self.take_word(guard);
        let accepts = |word: &Word| guard.accepts(word.0);
        let found = self
            .mailbox
            .receive_where_timeout(Duration::from_millis(1), accepts)
            .await;
        assert_eq!(found.map(|Word(value)| Item::Word(value)), expected);
    }

    async fn any(&mut self) {
        let expected = self.take(|_| true);
        let found = match expected {
            Some(_) => Some(self.mailbox.receive_any().await),
            None => self.mailbox.receive_any_timeout(Duration::ZERO).await,
        };
        assert_eq!(found.map(|message| self.item(message)), expected);
    }

    async fn since(&mut self, mark: usize, guard: Guard) {
        let expected = self.take(
            |item| matches!(item, Item::Answer(to, value) if to == mark && guard.accepts(value)),
        );
        let reference = self.marks[mark];
        let own = |answer: &Answer| answer.0 == reference && guard.accepts(answer.1);
        let timeout = expected.is_none().then_some(Duration::ZERO);
        let found = self.mailbox.receive_since(reference, own, timeout).await;
        assert_eq!(
            found.map(|Answer(_, value)| Item::Answer(mark, value)),
            expected
        );
    }

    async fn clauses(&mut self, guard: Guard) {
        let clause = |item| match item {
            Item::Number(value) if guard.accepts(value) => Some(1),
            Item::Word(value) if value > 99 => Some(2),
            Item::Number(value) if value > 199 => Some(3),
            _ => None,
        };
        let expected = self.take(|item| clause(item).is_some());
        let mailbox = &mut self.mailbox;
        let found = receive! { mailbox;
            Number(value) in Number where guard.accepts(*value) => Some((1, Item::Number(value))),
            Word(value) in Word where *value > 99 => Some((2, Item::Word(value))),
            Number(value) in Number where *value > 199 => Some((3, Item::Number(value))),
            after Duration::ZERO => None,
        };
        assert_eq!(found.map(|(_, item)| item), expected);
        assert_eq!(found.map(|(number, _)| number), expected.and_then(clause));
    }

    /// Takes what is left, in order.
    async fn finish(mut self) {
        while !self.model.is_empty() {
            self.any().await;
        }
        expect_nothing(&mut self.mailbox, "everything was received").await;
    }
}

/// Sends the message that stands for this item.
fn deliver(to: Pid, item: Item, marks: &[Ref]) {
    match item {
        Item::Number(value) => send(to, Number(value)),
        Item::Word(value) => send(to, Word(value)),
        Item::Answer(mark, value) => send(to, Answer(marks[mark], value)),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_mailbox_behaves_like_a_list(steps in vec(step(), 1..40)) {
        simulate("mailbox model", move || {
            let steps = steps.clone();
            async move {
                let mut comparison = Comparison::new();
                for step in steps {
                    comparison.step(step).await;
                }
                comparison.finish().await;
            }
        });
    }
}
