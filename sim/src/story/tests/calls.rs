//! Stories of calls and their answers.

use beamline::prelude::*;

use super::{settings, story_of};
use crate::always;

/// A counter as a server, for the words of calls.
struct Tally(u64);

#[derive(Debug)]
enum Ask {
    Get(Caller<u64>),
    Set(u64, Caller<()>),
}

impl GenServer for Tally {
    type Args = ();
    type Call = Ask;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Tally(0).into())
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        match ask {
            Ask::Get(caller) => caller.reply(self.0),
            Ask::Set(value, caller) => {
                self.0 = value;
                caller.reply(());
            }
        }
        Ok(Next::Wait)
    }
}

#[test]
fn calls_are_told_as_calls_with_their_answers() {
    let story = story_of(settings(), async || {
        let tally = Tally::start(()).name("tally").await?;
        let set = tally.call(|caller| Ask::Set(3, caller)).await;
        if set == Err(CallError::Timeout) {
            let value = tally.call(Ask::Get).no_timeout().await?;
            always!("tally.unset", value == 0, "{value}");
        }
        Ok::<(), ExitReason>(())
    });
    assert_eq!(
        story,
        [
            "0 (root) receives Ok(()) from tally (0.0), calls tally (0.0): Set(3)",
            "0 (root) waits 5s for tally (0.0) in vain (timeout), calls tally (0.0): Get",
            "tally (0.0) receives Set(3) from 0 (root), answers 0 (root): ()",
            "tally (0.0) receives Get from 0 (root), answers 0 (root): 3",
            "0 (root) receives 3 from tally (0.0); tally.unset is broken: 3",
        ]
    );
}
