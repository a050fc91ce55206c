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
    /// Is not answered.
    Forget(Caller<()>),
    /// Ends the server.
    Fail(Caller<()>),
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
            Ask::Forget(caller) => drop(caller),
            Ask::Fail(caller) => {
                drop(caller);
                return Err(ExitReason::other("oops"));
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
            "0 (root) drops the late answer of tally (0.0): (), receives 3 from tally (0.0); \
             tally.unset is broken: 3",
        ]
    );
}

/// The last line of the story of a call that fails.
fn end_of(ask: fn(Caller<()>) -> Ask, before: &'static str) -> String {
    let story = story_of(settings(), async move || {
        let tally = Tally::start(()).name("tally").await?;
        if before == "dead" {
            tally.stop().await?;
        }
        let answer = tally.call(ask).no_timeout().await;
        always!("tally.answers", answer.is_ok(), "{answer:?}");
        Ok::<(), ExitReason>(())
    });
    story.last().cloned().expect("it has lines")
}

#[test]
fn a_call_that_is_not_answered_is_told_so() {
    assert_eq!(
        end_of(Ask::Forget, "alive"),
        "0 (root) receives no reply from tally (0.0); tally.answers is broken: Err(NoReply)"
    );
}

#[test]
fn a_call_of_who_ends_tells_the_reason() {
    assert_eq!(
        end_of(Ask::Fail, "alive"),
        "0 (root) is told that tally (0.0) is down: \"oops\"; tally.answers is broken: \
         Err(Down(\"oops\"))"
    );
}

#[test]
fn a_call_of_the_dead_tells_why_they_ended() {
    assert_eq!(
        end_of(Ask::Forget, "dead"),
        "0 (root) is told that tally (0.0) is down: noproc (the call came after its end: \
         normal); tally.answers is broken: Err(NoProc)"
    );
}

/// An answer that came too late does not stand for one that came in time, though both read alike.
#[test]
fn a_late_answer_is_not_taken_for_the_next_one() {
    let story = story_of(settings(), async || {
        let tally = Tally::start(()).name("tally").await?;
        let first = tally.call(|caller| Ask::Set(1, caller)).await;
        if first == Err(CallError::Timeout) {
            tally
                .call(|caller| Ask::Set(2, caller))
                .no_timeout()
                .await?;
            always!("tally.once", false, "set twice");
        }
        Ok::<(), ExitReason>(())
    });
    let last = "0 (root) drops the late answer of tally (0.0): (), receives () from tally (0.0); \
                tally.once is broken: set twice";
    assert_eq!(story.last().map(String::as_str), Some(last), "{story:#?}");
    let second = "tally (0.0) receives Set(2) from 0 (root), answers 0 (root): ()";
    assert!(story.iter().any(|line| line == second), "{story:#?}");
}
