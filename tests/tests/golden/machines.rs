//! State machines (GSM): the scripts of `machines.txt`, each of which ends as recorded.
//!
//! In the simulator every order of events is searched, with all timeouts on time. Threads run the
//! scripts in which no clock decides. The two styles of callbacks differ in Erlang alone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use beamline::prelude::*;
use beamline::{Requests, sys};
use beamline_sim::{Check, outcome};
use beamline_tests::on_threads;

use crate::machine_player::{Ask, Book, Player, TENTH, because, long, reason};
use crate::machine_scripts::{self, Script, Words};
use crate::recorded;

/// Runs that an exhaustive search may take.
const RUNS_MAX: u64 = 20_000;

/// Longer than all timeouts but those that are far, in tenths of a unit.
const REST: u32 = 87;

/// A timeout without time is set anew with one while it waits.
const LOST: &str = "GSM-816: OTP 25 to 27 lose the timeout, and tell of a stray message instead";

/// Scripts that come out otherwise than recorded: what comes of them here, and why.
pub(crate) const OTHERWISE: [(&str, &str, &str); 5] = [
    (
        "forgotten_call",
        "a>a, a.call:p a>b, p failed NoReply, b, ok end.normal.b exit.normal",
        "GSM-908: who called is told that there is no answer, and does not wait in vain",
    ),
    (
        "zero_set_anew_with_time",
        "-, a.cast:x a.internal:i, a.state:z",
        LOST,
    ),
    (
        "zero_named_set_anew_with_time",
        "-, a.cast:x a.internal:i, a.timer:t:z, a.cast:y",
        LOST,
    ),
    (
        "random_092",
        "-, a.call:q q=a, a.info:m c.info:m a.cast:y, b.timer:u:w b.event:w c.timer:u:w, -, -, \
         c.cast:x c.info:m, c, ok end.normal.c exit.normal",
        LOST,
    ),
    (
        "random_117",
        "a>a, a.timer:t:w a>b b.timer:t:w b>b b.timer:t:w b>b b.timer:t:w b.state:w b.timer:t:w \
         b.timer:u:w, b.cast:x b>c b>c c.state:w, -, -, -, -, -, c, ok end.normal.c exit.normal",
        LOST,
    ),
];

/// The scripts with what is to come of each.
fn all() -> Vec<(Script, BTreeSet<String>)> {
    let expected = |script: Script| {
        let recorded = match script.takes_time() {
            true => recorded::usual("machines", &script.name),
            false => recorded::outcomes("machines", &script.name),
        };
        assert_eq!(recorded.len(), 1, "{}: {recorded:#?}", script.name);
        let name = &script.name;
        let Some((_, ours, why)) = OTHERWISE.iter().find(|(known, ..)| known == name) else {
            return (script, recorded);
        };
        let ours = BTreeSet::from([(*ours).to_owned()]);
        assert_ne!(recorded, ours, "{name}: no longer so: {why}");
        (script, ours)
    };
    machine_scripts::all().into_iter().map(expected).collect()
}

#[test]
fn machines_end_as_recorded_in_the_simulator() {
    let mut differing = Vec::new();
    for (script, recorded) in all() {
        let name = format!("machines/{}", script.name);
        let check = Check::new(&name).runs(RUNS_MAX).early_firings(0);
        let script = Arc::new(script);
        let found = check.explore(async move || outcome(run(script.clone()).await));
        assert!(found.complete, "{name}: over {RUNS_MAX} runs");
        let violation = found.finding.map(|finding| finding.verdict);
        assert_eq!(found.failing_traces, 0, "{name}: {violation:?}");
        let reached: BTreeSet<String> = found.outcomes.into_keys().collect();
        if reached != recorded {
            differing.push(format!(
                "{name}: recorded {recorded:#?}, reached {reached:#?}"
            ));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn machines_end_as_recorded_on_threads() {
    for (script, recorded) in all() {
        if script.takes_time() {
            continue;
        }
        let (name, script) = (script.name.clone(), Arc::new(script));
        on_threads(&name, &[1, 2], move || {
            let (script, recorded) = (script.clone(), recorded.clone());
            async move {
                let outcome = run(script).await;
                assert!(recorded.contains(&outcome), "{outcome}, not {recorded:?}");
            }
        });
    }
}

#[test]
fn there_are_machines_enough() {
    let all = machine_scripts::all();
    let random = all
        .iter()
        .filter(|script| script.name.starts_with("random"));
    let random = random.count();
    let written = all.len() - random;
    assert!(written >= 80 && random >= 120, "{written} and {random}");
}

// --- the driver

/// State and data.
type Whole = (String, Player);

struct Driver {
    machine: StateMachine<Player>,
    book: Book,
    calls: Requests<String, String>,
}

/// What comes of a script.
async fn run(script: Arc<Script>) -> String {
    trap_exit(true);
    let book = Book::default();
    let machine = match Player::start_link((script.clone(), book.clone())).await {
        Ok(machine) => machine,
        Err(StartError::Ignore) => return "ignored".to_owned(),
        Err(StartError::Failed(why)) => return format!("failed {}", reason(&why)),
        Err(other) => panic!("{other}"),
    };
    let mut driver = Driver {
        machine,
        book,
        calls: Requests::new(),
    };
    let mut outcomes = Vec::new();
    let events = script.events.iter().map(String::as_str);
    for event in ["none"].into_iter().chain(events) {
        let mut words = driver.event(event).await;
        let ended = driver.ended().await;
        words.append(&mut driver.book.take());
        let (answered, failed) = driver.answers(ended.is_some()).await;
        words.extend(answered);
        if let Some(why) = &ended {
            words.push(format!("exit.{}", reason(why)));
        }
        outcomes.push(if words.is_empty() {
            "-".to_owned()
        } else {
            words.join(" ")
        });
        outcomes.extend(failed);
        if ended.is_some() {
            return outcomes.join(", ");
        }
    }
    outcomes.extend(driver.calls.labels().map(|name| format!("{name} waits")));
    unlink(driver.machine.pid());
    outcomes.join(", ")
}

impl Driver {
    /// When the machine has handled what it can: the reason of its end, if it has ended.
    async fn ended(&self) -> Option<ExitReason> {
        loop {
            match sys::status(self.machine).await {
                Ok(_) => return None,
                // Its time may be up at any moment, and asking again is the same (SYS-6).
                Err(CallError::Timeout) => {}
                Err(_) => return Some(mailbox().receive::<Exit>().await.reason),
            }
        }
    }

    async fn resume(&self) {
        while sys::resume(self.machine).await == Err(CallError::Timeout) {}
    }

    /// What calls were answered, and, of a machine that has ended, what became of the others.
    async fn answers(&mut self, ended: bool) -> (Words, Words) {
        let (mut answered, mut failed) = (Words::new(), Words::new());
        let patience = if ended { None } else { Some(Duration::ZERO) };
        while let Some((name, answer)) = self.calls.next(patience).await {
            match answer {
                Ok(state) => answered.push(format!("{name}={state}")),
                Err(CallError::Down(why)) => failed.push(format!("{name} failed {}", reason(&why))),
                Err(other) => failed.push(format!("{name} failed {other:?}")),
            }
        }
        (answered, failed)
    }

    /// Does it, and says what it was told.
    async fn event(&mut self, event: &str) -> Words {
        let machine = self.machine;
        match event.split_once(':').unwrap_or((event, "")) {
            ("none", _) => {}
            ("cast", what) => machine.cast(what.to_owned()),
            ("info", what) => send(machine.pid(), what.to_owned()),
            ("call", what) => {
                let request = machine.request(|caller| Ask(what.to_owned(), caller)).await;
                self.calls.add(what.to_owned(), request);
            }
            ("rest", _) => sleep(TENTH * REST).await,
            ("wait", time) => sleep(long(time)).await,
            ("suspend", _) => while sys::suspend(machine).await == Err(CallError::Timeout) {},
            ("resume", _) => self.resume().await,
            ("resume_and_rest", _) => {
                self.resume().await;
                sleep(TENTH * REST).await;
            }
            ("replace", to) => {
                let to = to.to_owned();
                let act = move |whole: &mut Whole| whole.0 = to;
                sys::with_state(machine, act).await.expect("it runs");
            }
            ("state", _) => {
                let act = |whole: &mut Whole| whole.0.clone();
                return vec![sys::with_state(machine, act).await.expect("it runs")];
            }
            ("change", to) => {
                let changed = sys::change_code(machine, "old", to.to_owned()).await;
                changed.expect("it is suspended");
            }
            ("stop", why) => {
                return vec![match machine.stop_with(because(why), None).await {
                    Ok(()) => "ok".to_owned(),
                    Err(CallError::Down(why)) => reason(&why),
                    Err(other) => panic!("{other}"),
                }];
            }
            ("exit", why) => exit(machine.pid(), because(why)),
            ("stranger", why) => {
                let why = because(why);
                let (_, watch) = spawn_monitor(async move |_: Mailbox| {
                    exit(machine.pid(), why);
                    // It comes before the question, whose answer does not matter.
                    drop(sys::status(machine).await);
                });
                beamline_tests::down(&mut mailbox(), watch).await;
            }
            _ => panic!("{event} is no event"),
        }
        Words::new()
    }
}
