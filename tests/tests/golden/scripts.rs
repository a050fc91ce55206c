//! Scripts over supervisors: their form, which the first lines of `supervisors.txt` tell, and how
//! random ones are drawn.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use beamline::Strategy as Restarts;
use beamline::prelude::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// How many random scripts there are.
const RANDOM: usize = 80;

/// A script by its name.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) tree: Node,
    pub(crate) spares: Vec<Node>,
    pub(crate) events: Vec<String>,
}

/// A supervisor or a child of one.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) restart: Restart,
    pub(crate) significant: bool,
    pub(crate) what: What,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    /// Without a strategy: a dynamic one.
    Supervisor {
        strategy: Option<Restarts>,
        restarts: usize,
        auto_shutdown: AutoShutdown,
        children: Vec<Node>,
    },
    Child {
        manner: String,
        plan: String,
    },
}

impl Node {
    pub(crate) fn children(&self) -> &[Node] {
        match &self.what {
            What::Supervisor { children, .. } => children,
            What::Child { .. } => &[],
        }
    }

    pub(crate) fn is_dynamic(&self) -> bool {
        matches!(self.what, What::Supervisor { strategy: None, .. })
    }

    /// The supervisors below this one on the way to the one that has this child.
    pub(crate) fn path(&self, id: &str) -> Option<Vec<&str>> {
        if self.children().iter().any(|child| child.id == id) {
            return Some(Vec::new());
        }
        self.children().iter().find_map(|child| {
            let mut path = child.path(id)?;
            path.insert(0, &child.id);
            Some(path)
        })
    }
}

// --- reading

fn file() -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/programs");
    PathBuf::from(folder).join("supervisors.txt")
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

fn read(line: &str) -> Script {
    let fields: Vec<&str> = line.split('/').collect();
    let &[name, tree, spares, events] = fields.as_slice() else {
        panic!("a script has four fields, but: {line}")
    };
    let mut trees = nodes(&mut tree.split_whitespace());
    Script {
        name: name.trim().to_owned(),
        tree: trees.pop().expect("a script has a tree"),
        spares: nodes(&mut spares.split_whitespace()),
        events: events.split_whitespace().map(str::to_owned).collect(),
    }
}

/// Up to the bracket that ends the list.
fn nodes<'a>(words: &mut impl Iterator<Item = &'a str>) -> Vec<Node> {
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "]" => break,
            "[" => found.push(supervisor(words)),
            child => {
                let mut words = child.split(':');
                let mut next = || words.next().expect("a child has four parts");
                let (id, (restart, significant)) = (next().to_owned(), restart(next()));
                let (manner, plan) = (next().to_owned(), next().to_owned());
                let what = What::Child { manner, plan };
                found.push(Node {
                    id,
                    restart,
                    significant,
                    what,
                });
            }
        }
    }
    found
}

fn supervisor<'a>(words: &mut impl Iterator<Item = &'a str>) -> Node {
    let mut next = || words.next().expect("a supervisor has five words");
    let (id, (restart, significant)) = (next().to_owned(), restart(next()));
    let strategy = match next() {
        "one_for_one" => Some(Restarts::OneForOne),
        "one_for_all" => Some(Restarts::OneForAll),
        "rest_for_one" => Some(Restarts::RestForOne),
        "dynamic" => None,
        other => panic!("{other} is no strategy"),
    };
    let restarts = next().parse().expect("a number of restarts");
    let auto_shutdown = match next() {
        "never" => AutoShutdown::Never,
        "any_significant" => AutoShutdown::AnySignificant,
        "all_significant" => AutoShutdown::AllSignificant,
        other => panic!("{other} is no automatic shutdown"),
    };
    let children = nodes(words);
    let what = What::Supervisor {
        strategy,
        restarts,
        auto_shutdown,
        children,
    };
    Node {
        id,
        restart,
        significant,
        what,
    }
}

fn restart(word: &str) -> (Restart, bool) {
    let restart = match word.trim_end_matches('!') {
        "permanent" => Restart::Permanent,
        "transient" => Restart::Transient,
        "temporary" => Restart::Temporary,
        other => panic!("{other} is no restart type"),
    };
    (restart, word.ends_with('!'))
}

// --- drawing

/// A child as it is drawn.
#[derive(Debug, Clone)]
struct Drawn {
    restart: &'static str,
    significant: bool,
    manner: &'static str,
    plan: &'static str,
}

/// A supervisor as it is drawn.
#[derive(Debug, Clone)]
struct Above {
    strategy: &'static str,
    restarts: usize,
    auto: &'static str,
}

fn a_child() -> impl Strategy<Value = Drawn> {
    let restart = prop_oneof![
        4 => Just("permanent"),
        2 => Just("transient"),
        1 => Just("temporary"),
    ];
    let manner = prop_oneof![
        6 => Just("polite"),
        1 => Just("odd"),
        1 => Just("deaf"),
        1 => Just("brutal"),
    ];
    let plan = prop_oneof![
        8 => Just("s"),
        1 => Just("sfs"),
        1 => Just("sffs"),
        1 => Just("sf"),
        1 => Just("si"),
        1 => Just("is"),
    ];
    (restart, any::<bool>(), manner, plan).prop_map(|(restart, significant, manner, plan)| Drawn {
        restart,
        significant,
        manner,
        plan,
    })
}

fn a_supervisor() -> impl Strategy<Value = Above> {
    let strategy = prop::sample::select(vec!["one_for_one", "one_for_all", "rest_for_one"]);
    let auto = prop_oneof![
        2 => Just("never"),
        1 => Just("any_significant"),
        1 => Just("all_significant"),
    ];
    (strategy, 0usize..6, auto).prop_map(|(strategy, restarts, auto)| Above {
        strategy,
        restarts,
        auto,
    })
}

/// An event, and a number for each child that it names.
fn an_event() -> impl Strategy<Value = (&'static str, usize, usize)> {
    let what = prop_oneof![
        6 => Just("crash"),
        2 => Just("normal"),
        1 => Just("shutdown"),
        1 => Just("kill"),
        3 => Just("both"),
        2 => Just("terminate"),
        2 => Just("restart"),
        1 => Just("delete"),
        1 => Just("add"),
        1 => Just("count"),
    ];
    (what, 0usize..100, 0usize..100)
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.significant { "!" } else { "" };
        write!(f, "{}{mark}:{}:{}", self.restart, self.manner, self.plan)
    }
}

/// Only what a supervisor of this kind may have.
fn under(above: &Above, mut child: Drawn) -> Drawn {
    child.significant &= above.auto != "never" && child.restart != "permanent";
    child
}

/// One random script, as a line without its name.
fn a_line() -> impl Strategy<Value = String> {
    let children = prop::collection::vec(a_child(), 1..4);
    let inner = prop::collection::vec(a_child(), 1..3);
    let nested = prop::option::of((a_supervisor(), inner, 0usize..4));
    let events = prop::collection::vec(an_event(), 3..9);
    (a_supervisor(), children, nested, a_child(), events).prop_map(
        |(above, children, nested, spare, events)| {
            let mut ids = ["a", "b", "c", "d", "e", "f", "g"].into_iter();
            let mut named = |above: &Above, child: Drawn| {
                let id = ids.next().expect("there are fewer");
                (id, format!("{id}:{}", under(above, child)))
            };
            let mut words: Vec<_> = children.into_iter().map(|c| named(&above, c)).collect();
            let mut known: Vec<&str> = words.iter().map(|(id, _)| *id).collect();
            if let Some((inside, inner, place)) = nested {
                let inner: Vec<_> = inner.into_iter().map(|c| named(&inside, c)).collect();
                known.extend(inner.iter().map(|(id, _)| *id));
                known.push("s");
                let list: Vec<_> = inner.into_iter().map(|(_, word)| word).collect();
                let Above {
                    strategy,
                    restarts,
                    auto,
                } = inside;
                let list = list.join(" ");
                let group = format!("[ s permanent {strategy} {restarts} {auto} {list} ]");
                words.insert(place.min(words.len()), ("s", group));
            }
            let (id, spare) = named(&above, spare);
            known.push(id);
            let words: Vec<_> = words.into_iter().map(|(_, word)| word).collect();
            let events: Vec<_> = (events.into_iter())
                .map(|(what, one, other)| match what {
                    "add" => format!("add:{id}"),
                    "count" => "count".to_owned(),
                    "both" => both(&words, &known, one, other),
                    // Supervisors are asked for, not told to end.
                    _ => format!(
                        "{what}:{}",
                        workers(&known, what)[one % workers(&known, what).len()]
                    ),
                })
                .collect();
            let Above {
                strategy,
                restarts,
                auto,
            } = above;
            let (words, events) = (words.join(" "), events.join(" "));
            format!("[ r permanent {strategy} {restarts} {auto} {words} ] / {spare} / {events}")
        },
    )
}

/// Whom an event may name.
fn workers<'a>(known: &[&'a str], what: &str) -> Vec<&'a str> {
    let requests = ["terminate", "restart", "delete"];
    let may = |id: &&&str| **id != "s" || requests.contains(&what);
    known.iter().filter(may).copied().collect()
}

/// Two siblings of the root, or one crash.
fn both(words: &[String], known: &[&str], one: usize, other: usize) -> String {
    let siblings: Vec<&str> = (words.iter())
        .filter_map(|word| word.split_once(':').map(|(id, _)| id))
        .filter(|id| id.len() == 1 && known.contains(id))
        .collect();
    if siblings.len() < 2 {
        return format!("crash:{}", siblings[0]);
    }
    let first = one % siblings.len();
    let second = (first + 1 + other % (siblings.len() - 1)) % siblings.len();
    format!("both:{}:{}", siblings[first], siblings[second])
}

/// All random scripts, always the same.
fn drawn() -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let mut line = || {
        let tree = a_line().new_tree(&mut runner).expect("nothing is refused");
        tree.current()
    };
    (1..=RANDOM)
        .map(|number| format!("random_{number:02} / {}", line()))
        .collect()
}

#[test]
fn random_scripts_are_those_that_are_drawn() {
    let text = text();
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("random"))
        .collect();
    assert_eq!(kept, drawn(), "run draw_scripts, and record again");
}

#[test]
#[ignore = "writes tests/golden/programs/supervisors.txt"]
fn draw_scripts() {
    let text = text();
    let written = text.lines().filter(|line| !line.starts_with("random"));
    let lines = written.map(str::to_owned).chain(drawn());
    let text: String = lines.map(|line| line + "\n").collect();
    fs::write(file(), text).expect("the file can be written");
}
