//! Scripts over state machines: their form, which the first lines of `machines.txt` tell, and how
//! random ones are drawn.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// How many random scripts there are.
const RANDOM: usize = 120;

/// A result and its actions.
pub(crate) type Words = Vec<String>;

/// A script by its name.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) enters: bool,
    pub(crate) traps: bool,
    pub(crate) begin: Words,
    /// By state and event; what it comes to each time.
    pub(crate) rules: BTreeMap<(String, String), Vec<Words>>,
    pub(crate) events: Words,
}

impl Script {
    /// Whether it is about timeouts that take time.
    pub(crate) fn takes_time(&self) -> bool {
        let waits = |event: &String| event.ends_with("rest") || event.starts_with("wait:");
        self.events.iter().any(waits)
    }
}

// --- reading

fn file() -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/programs");
    PathBuf::from(folder).join("machines.txt")
}

fn text() -> String {
    fs::read_to_string(file()).expect("the scripts are part of the repository")
}

/// All scripts.
pub(crate) fn all() -> Vec<Script> {
    let text = text();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(read).collect()
}

fn words(text: &str) -> Words {
    text.split_whitespace().map(str::to_owned).collect()
}

fn read(line: &str) -> Script {
    let fields: Vec<&str> = line.split('/').collect();
    let &[name, manner, begin, rules, events] = fields.as_slice() else {
        panic!("a script has five fields, but: {line}")
    };
    let manner = words(manner);
    let has = |word: &str| manner.iter().any(|known| known == word);
    assert!(has("functions") || has("handle"), "no callbacks: {line}");
    let rules = rules.split(';').filter(|rule| !rule.trim().is_empty());
    Script {
        name: name.trim().to_owned(),
        enters: has("enter"),
        traps: has("traps"),
        begin: words(begin),
        rules: rules.map(rule).collect(),
        events: words(events),
    }
}

fn rule(text: &str) -> ((String, String), Vec<Words>) {
    let mut ways: Vec<Words> = text.split('|').map(words).collect();
    let first: Words = ways[0].drain(..2).collect();
    let [state, event] = first.try_into().expect("these are two");
    ((state, event), ways)
}

// --- drawing

/// A timeout; of those that take time, only if there is time for them. Each has a time of its own,
/// so that few end at the same one.
fn a_timeout(timed: bool) -> impl Strategy<Value = String> {
    let kind = prop_oneof![
        3 => Just(("event", "10:w")),
        4 => Just(("state", "16:w")),
        3 => Just(("timer:t", "24:w")),
        1 => Just(("timer:u", "37:w")),
    ];
    let timed = if timed { 6 } else { 0 };
    let how = prop_oneof![
        5 => Just("0:w"),
        2 => Just("update:v"),
        1 => Just("cancel"),
        1 => Just("never:w"),
        2 => Just("far:w"),
        timed => Just(""),
    ];
    (kind, how).prop_map(|((kind, time), how)| {
        let how = if how.is_empty() { time } else { how };
        format!("{kind}:{how}")
    })
}

/// What is done besides, where all may be done.
fn an_action(timed: bool) -> impl Strategy<Value = String> {
    let word = |word: &'static str| Just(word.to_owned());
    let inserted = prop::sample::select(vec![
        "internal:i",
        "cast:y",
        "info:m",
        "state:j",
        "event:j",
        "timer:t:j",
    ]);
    prop_oneof![
        8 => a_timeout(timed),
        4 => word("postpone"),
        2 => word("reply"),
        1 => word("same"),
        3 => inserted.prop_map(|what| format!("insert:{what}")),
        1 => word("hibernate"),
    ]
}

fn a_result() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        8 => Just("keep"),
        4 => Just("keep_data"),
        5 => Just("next:a"),
        6 => Just("next:b"),
        6 => Just("next:c"),
        2 => Just("repeat"),
        1 => Just("repeat_data"),
        1 => Just("stop:over"),
        1 => prop::sample::select(vec!["crash", "exit:why", "stop:normal"]),
    ]
}

/// What comes of an event.
fn a_way(timed: bool) -> impl Strategy<Value = String> {
    let actions = prop::collection::vec(an_action(timed), 0..4);
    (a_result(), actions).prop_map(|(result, mut actions)| {
        // An event is in one place: it is postponed, or inserted once, or done with.
        let mut places = 0;
        actions.retain(|action| {
            let places_it = action == "postpone" || action == "same";
            places += usize::from(places_it);
            !places_it || places == 1
        });
        actions.insert(0, result.to_owned());
        actions.join(" ")
    })
}

/// What comes of entering.
fn an_entrance(timed: bool) -> impl Strategy<Value = String> {
    let result = prop_oneof![
        24 => Just("done"),
        5 => Just("repeat"),
        1 => prop::sample::select(vec!["stop:over", "crash", "exit:why"]),
    ];
    let word = |word: &'static str| Just(word.to_owned());
    let action = prop_oneof![6 => a_timeout(timed), 2 => word("reply"), 1 => word("forget")];
    let actions = prop::collection::vec(action, 0..3);
    (result, actions).prop_map(|(result, mut actions)| {
        actions.insert(0, result.to_owned());
        actions.join(" ")
    })
}

/// The rules of a machine, with and without those of entering. What machines do to themselves
/// comes to something quiet at last.
fn the_rules(timed: bool, enters: bool) -> impl Strategy<Value = String> {
    let one = |name: String, share: f64, way: BoxedStrategy<String>, last: &'static str| {
        let ways = prop::collection::vec(way, 1..3);
        prop::option::weighted(share, ways)
            .prop_map(move |ways| ways.map(|ways| format!("{name} {}{last}", ways.join(" | "))))
    };
    let mut rules = Vec::new();
    let kinds = [
        "cast:x",
        "cast:y",
        "call:q",
        "info:m",
        "internal:i",
        "event",
        "state",
        "timer:t",
        "timer:u",
    ];
    for state in ["a", "b", "c"] {
        for kind in kinds {
            let (share, last) = match kind {
                "cast:x" | "cast:y" => (0.9, ""),
                "call:q" | "info:m" => (0.5, ""),
                _ => (0.6, " | keep"),
            };
            let way = a_way(timed).boxed();
            rules.push(one(format!("{state} {kind}"), share, way, last));
        }
        if enters {
            let entrance = an_entrance(timed).boxed();
            rules.push(one(format!("{state} enter"), 0.6, entrance, " | done"));
        }
    }
    rules.prop_map(|rules| rules.into_iter().flatten().collect::<Vec<_>>().join("; "))
}

/// What is done to it: one event, or several at once.
fn an_event(timed: bool) -> impl Strategy<Value = String> {
    let sent = || {
        prop::sample::select(vec![
            "cast:x", "cast:x", "cast:y", "cast:y", "call:q", "info:m",
        ])
    };
    let burst = prop::collection::vec(sent(), 2..5);
    let word = |word: &'static str| Just(word.to_owned());
    let rests = if timed { 5 } else { 0 };
    prop_oneof![
        10 => sent().prop_map(str::to_owned),
        3 => burst.prop_map(|sent| format!("suspend {} resume", sent.join(" "))),
        1 => word("state"),
        1 => prop::sample::select(vec!["a", "b", "c"]).prop_map(|to| format!("replace:{to}")),
        rests => word("rest"),
    ]
}

/// One random script, as a line without its name.
fn a_line(timed: bool, enters: bool, style: &'static str) -> impl Strategy<Value = String> {
    let begin = prop::collection::vec(a_timeout(timed), 0..2);
    let events = prop::collection::vec(an_event(timed), 5..10);
    let mode = if enters { " enter" } else { "" };
    (begin, the_rules(timed, enters), events).prop_map(move |(begin, rules, events)| {
        let (begin, events) = (begin.join(" "), events.join(" "));
        format!("{style}{mode} / a {begin} / {rules} / {events} state stop:normal")
    })
}

/// All random scripts, always the same: of both styles, with and without entering and time.
fn drawn() -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let mut line = |number: usize| {
        let style = ["functions", "handle"][number % 2];
        let strategy = a_line(number % 4 < 2, number % 3 < 2, style);
        let tree = strategy.new_tree(&mut runner).expect("nothing is refused");
        tree.current()
    };
    (1..=RANDOM)
        .map(|number| format!("random_{number:03} / {}", line(number)))
        .collect()
}

#[test]
fn random_scripts_are_those_that_are_drawn() {
    let text = text();
    let kept = text.lines().filter(|line| line.starts_with("random"));
    let kept: Vec<&str> = kept.collect();
    assert_eq!(kept, drawn(), "run draw_machines, and record again");
}

#[test]
#[ignore = "writes tests/golden/programs/machines.txt"]
fn draw_machines() {
    let text = text();
    let written = text.lines().filter(|line| !line.starts_with("random"));
    let lines = written.map(str::to_owned).chain(drawn());
    let text: String = lines.map(|line| line + "\n").collect();
    fs::write(file(), text).expect("the file can be written");
}
