//! The machine of the scripts over state machines: it does what the rules of its script say.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use beamline::prelude::*;
use beamline::state_machine::{Actions, Timeout};

use crate::machine_scripts::{Script, Words};
use crate::written;

/// The tenth of a unit of time, and a time that does not pass.
pub(crate) const TENTH: Duration = Duration::from_millis(4);
const FAR: Duration = Duration::from_secs(3600);

/// Callbacks until a machine stops.
const CALLBACKS: usize = 40;

/// What has happened since it was looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book(Arc<Mutex<Words>>);

impl Book {
    fn tell(&self, word: String) {
        self.0.lock().expect("nobody panics here").push(word);
    }

    pub(crate) fn take(&self) -> Words {
        mem::take(&mut *self.0.lock().expect("nobody panics here"))
    }
}

#[derive(Debug)]
pub(crate) struct Ask(pub(crate) String, pub(crate) Caller<String>);

pub(crate) struct Player {
    script: Arc<Script>,
    book: Book,
    left: usize,
    /// How often each rule came.
    times: BTreeMap<(String, String), usize>,
    /// Calls that wait.
    kept: VecDeque<Caller<String>>,
}

impl Player {
    /// Which alternative of a rule it is.
    fn due(&mut self, state: &str, event: &str, otherwise: &str) -> Words {
        self.left -= 1;
        if self.left == 0 {
            return vec!["stop:enough".to_owned()];
        }
        let rule = [state, "*"].into_iter().find_map(|state| {
            let key = (state.to_owned(), event.to_owned());
            self.script.rules.get_key_value(&key)
        });
        let Some((key, ways)) = rule else {
            return otherwise.split(' ').map(str::to_owned).collect();
        };
        let times = self.times.entry(key.clone()).or_default();
        *times += 1;
        ways[(*times).min(ways.len()) - 1].clone()
    }
}

/// What every callback may do.
fn act<A: Actions<Player>>(
    to: A,
    word: &str,
    state: &str,
    kept: &mut VecDeque<Caller<String>>,
) -> A {
    let words: Vec<&str> = word.split(':').collect();
    match words.as_slice() {
        ["reply"] => match kept.pop_front() {
            Some(caller) => to.reply(caller, state.to_owned()),
            None => to,
        },
        ["hibernate"] => to.hibernate(),
        ["awake"] => to.stay_awake(),
        ["bare", "never"] => to.event_timeout(Timeout::never()),
        ["bare", time] => to.event_timeout(long(time)),
        ["event", how @ ..] => to.event_timeout(timeout(how)),
        ["state", how @ ..] => to.state_timeout(timeout(how)),
        ["timer", name, how @ ..] => to.timer((*name).to_owned(), timeout(how)),
        _ => panic!("{word} is no action here"),
    }
}

/// In tenths of a unit.
pub(crate) fn long(time: &str) -> Duration {
    match time {
        "far" => FAR,
        tenths => TENTH * tenths.parse::<u32>().expect("a time is a number"),
    }
}

fn timeout(how: &[&str]) -> Timeout<String> {
    match *how {
        ["cancel"] => Timeout::cancel(),
        ["never" | "atnever", _] => Timeout::never(),
        ["update", content] => Timeout::update(content.to_owned()),
        ["past", content] => Timeout::at(now()).with(content.to_owned()),
        [time, content] => match time.strip_prefix("at") {
            Some(time) => Timeout::at(now() + long(time)).with(content.to_owned()),
            None => Timeout::after(long(time)).with(content.to_owned()),
        },
        _ => panic!("{how:?} is no timeout"),
    }
}

/// The event that an action inserts.
fn inserted(word: &str) -> Option<Event<Player>> {
    let words: Vec<&str> = word.strip_prefix("insert:")?.split(':').collect();
    Some(match *words.as_slice() {
        ["cast", what] => Event::Cast(what.to_owned()),
        ["info", what] => Event::Info(Message::new(what.to_owned())),
        ["internal", what] => Event::Internal(what.to_owned()),
        ["event", what] => Event::EventTimeout(Some(what.to_owned())),
        ["state", what] => Event::StateTimeout(Some(what.to_owned())),
        ["timer", name, what] => Event::Timer(name.to_owned(), Some(what.to_owned())),
        _ => panic!("{word} inserts nothing"),
    })
}

/// What is looked up in the rules, and what is told.
fn named(event: &Event<Player>) -> (String, String) {
    let timeout = |kind: &str, content: &Option<String>| {
        let content = content.as_ref().map(|content| format!(":{content}"));
        (
            kind.to_owned(),
            format!("{kind}{}", content.unwrap_or_default()),
        )
    };
    let word = match event {
        Event::Call(Ask(what, _)) => format!("call:{what}"),
        Event::Cast(what) => format!("cast:{what}"),
        Event::Internal(what) => format!("internal:{what}"),
        Event::EventTimeout(content) => return timeout("event", content),
        Event::StateTimeout(content) => return timeout("state", content),
        Event::Timer(name, content) => return timeout(&format!("timer:{name}"), content),
        Event::Info(message) => match message.peek::<Exit>() {
            Some(exit) => {
                let told = format!("info:exit.{}", reason(&exit.reason));
                return ("info:exit".to_owned(), told);
            }
            None => format!("info:{}", written::show(message, &[])),
        },
    };
    (word.clone(), word)
}

/// A reason that a script names.
pub(crate) fn because(why: &str) -> ExitReason {
    match why {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        why => ExitReason::other(why.to_owned()),
    }
}

pub(crate) fn reason(reason: &ExitReason) -> String {
    let text = written::reason(reason);
    text.strip_prefix("crash ").unwrap_or(&text).to_owned()
}

/// Where a script says that something fails.
fn fail(result: &str) {
    match result.split_once(':') {
        None if result == "crash" => panic!("bang"),
        Some(("exit", why)) => exit_now(because(why)),
        _ => {}
    }
}

impl GenStateMachine for Player {
    type Args = (Arc<Script>, Book);
    type State = String;
    type Call = Ask;
    type Cast = String;
    type Info = Message;
    type Internal = String;
    type TimerName = String;

    async fn init((script, book): (Arc<Script>, Book)) -> Begin<Self> {
        trap_exit(script.traps);
        let words = script.begin.clone();
        fail(&words[0]);
        let state = match words[0].split_once(':') {
            Some((_, why)) => return Err(Refusal::Stop(because(why))),
            None if words[0] == "ignore" => return Err(Refusal::Ignore),
            None => words[0].clone(),
        };
        let player = Player {
            script,
            book,
            left: CALLBACKS,
            times: BTreeMap::new(),
            kept: VecDeque::new(),
        };
        let mut begun = begin(state.clone(), player);
        for word in &words[1..] {
            begun = match inserted(word) {
                Some(event) => begun.next_event(event),
                None => act(begun, word, &state, &mut VecDeque::new()),
            };
        }
        begun
    }

    async fn handle_event(&mut self, state: &String, event: Event<Self>) -> Transition<Self> {
        let (kind, word) = named(&event);
        self.book.tell(format!("{state}.{word}"));
        let otherwise = match event {
            Event::Call(_) => "keep reply",
            _ => "keep",
        };
        let words = self.due(state, &kind, otherwise);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let words = words.strip_prefix(&["throw"]).unwrap_or(&words);
        let mut event = Some(event);
        let gone = !words.contains(&"postpone") && !words.contains(&"same");
        if gone && let Some(Event::Call(Ask(_, caller))) = event.take() {
            self.kept.push_back(caller);
        }
        fail(words[0]);
        let mut step = match words[0].split_once(':') {
            Some(("next", to)) => next_state(to.to_owned()),
            Some(("stop", why)) => stop(because(why)),
            _ if words[0].starts_with("repeat") => repeat_state(),
            _ => keep_state(),
        };
        let mut own = || event.take().expect("an event is in one place");
        for word in &words[1..] {
            step = match (*word, inserted(word)) {
                (_, Some(event)) => step.next_event(event),
                ("postpone", _) => step.postpone(own()),
                ("same", _) => step.next_event(own()),
                _ => act(step, word, state, &mut self.kept),
            };
        }
        step
    }

    async fn enter(&mut self, old: &String, state: &String) -> Entering<Self> {
        if !self.script.enters {
            return Enter::done();
        }
        self.book.tell(format!("{old}>{state}"));
        let words = self.due(state, "enter", "done");
        fail(&words[0]);
        let mut entered = match words[0].split_once(':') {
            Some((_, why)) => Enter::stop(because(why)),
            None if words[0] == "done" => Enter::done(),
            None => Enter::again(),
        };
        for word in &words[1..] {
            entered = match word.as_str() {
                "forget" => entered.forget_postponed(),
                word => act(entered, word, state, &mut self.kept),
            };
        }
        entered
    }

    async fn terminate(&mut self, why: &ExitReason, state: &String) {
        self.book.tell(format!("end.{}.{state}", reason(why)));
        let rule = ("*".to_owned(), "end".to_owned());
        if let Some(ways) = self.script.rules.get(&rule) {
            fail(&ways[0][0]);
        }
    }

    async fn code_change(
        &mut self,
        state: &mut String,
        _from: &str,
        extra: Message,
    ) -> Result<(), ExitReason> {
        *state = extra.downcast().map_err(|_| because("bad"))?;
        Ok(())
    }
}
