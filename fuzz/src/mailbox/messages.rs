//! The messages that are sent, of several types and sizes; each is counted while it lives.

use std::sync::atomic::{AtomicI64, Ordering};

use beamline::prelude::*;

use super::model::Item;

static ALIVE: AtomicI64 = AtomicI64::new(0);

/// How many messages live.
pub(super) fn alive() -> i64 {
    ALIVE.load(Ordering::Relaxed)
}

/// Counts the message that has it; a message that is dropped twice is noticed like one that is
/// lost.
#[derive(Debug)]
pub(super) struct Counted(());

impl Counted {
    fn new() -> Counted {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Counted(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Small and without a destructor.
#[derive(Debug)]
pub(super) struct Number(pub(super) u8);

/// Owns memory.
#[derive(Debug)]
pub(super) struct Word(String, Counted);

/// Larger than the nodes that most messages fit into.
#[derive(Debug)]
pub(super) struct Block([u8; Block::SIZE], Counted);

/// Carries a reference.
#[derive(Debug)]
pub(super) struct Answer(pub(super) Ref, pub(super) u8, Counted);

impl Word {
    pub(super) fn new(value: u8) -> Word {
        Word(value.to_string(), Counted::new())
    }

    pub(super) fn value(&self) -> u8 {
        self.0.parse().expect("a word is a number in words")
    }
}

impl Block {
    const SIZE: usize = 700;

    pub(super) fn new(value: u8) -> Block {
        Block([value; Block::SIZE], Counted::new())
    }

    fn value(&self) -> u8 {
        assert!(
            self.0.iter().all(|byte| *byte == self.0[0]),
            "a block is torn: {self:?}"
        );
        self.0[0]
    }
}

impl Answer {
    pub(super) fn new(reference: Ref, value: u8) -> Answer {
        Answer(reference, value, Counted::new())
    }
}

/// The references that messages are recognised by.
#[derive(Debug, Default)]
pub(super) struct References {
    pub(super) made: Vec<Ref>,
    pub(super) monitors: Vec<Ref>,
}

impl References {
    /// A received message as the model knows it.
    ///
    /// # Panics
    /// If nothing like it was ever sent.
    pub(super) fn item(&self, message: &Message) -> Item {
        let place = |list: &[Ref], wanted: Ref| {
            let place = list.iter().position(|reference| *reference == wanted);
            place.expect("a reference that was made here")
        };
        if let Some(Number(value)) = message.peek() {
            Item::Number(*value)
        } else if let Some(word) = message.peek::<Word>() {
            Item::Word(word.value())
        } else if let Some(block) = message.peek::<Block>() {
            Item::Block(block.value())
        } else if let Some(Answer(reference, value, _)) = message.peek() {
            Item::Answer(place(&self.made, *reference), *value)
        } else if let Some(down) = message.peek::<Down>() {
            assert_eq!(down.reason, ExitReason::NoProc);
            Item::Down(place(&self.monitors, down.reference))
        } else {
            panic!("nobody sent {message:?}")
        }
    }
}
