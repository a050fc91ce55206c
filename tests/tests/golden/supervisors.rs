//! Supervisors (SUP, DSUP): scripts of events, and what Erlang and Elixir made of each.
//!
//! A script is run by `supervisors.erl` there and by this file here; its form is told where it is
//! read, in `scripts`. The next event comes when the whole tree is at rest, so each script has one
//! outcome, on every machine, under every schedule.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use beamline::prelude::*;
use beamline::start::{StartOptions, start};
use beamline::{ChildState, ChildType, SupervisorError};
use beamline_sim::Check;
use beamline_tests::on_threads;

use crate::recorded;
use crate::scripts::{self, Node, Script, What};
use crate::written::{because, reason};

/// Simulated runs of each script.
const RUNS: u64 = 40;

/// Longer than any script takes, even where time jumps.
const WINDOW: Duration = Duration::from_secs(1_000_000_000);

fn each(judge: impl Fn(&Script, String)) {
    for script in scripts::all() {
        let recorded = recorded::outcomes("supervisors", &script.name);
        let mut recorded = recorded.into_iter();
        let (first, second) = (recorded.next(), recorded.next());
        assert_eq!(
            second, None,
            "{}: recorded with several outcomes",
            script.name
        );
        judge(&script, first.expect("a case has an outcome"));
    }
}

#[test]
fn scripts_end_as_recorded_in_the_simulator() {
    each(|script, expected| {
        let check = Check::new(format!("supervisors/{}", script.name));
        let script = script.clone();
        check.regressions(None).runs(RUNS).run(async move || {
            assert_eq!(run(script.clone()).await, expected);
        });
    });
}

#[test]
fn scripts_end_as_recorded_on_threads() {
    each(|script, expected| {
        let (name, script) = (script.name.clone(), script.clone());
        on_threads(&name, &[1, 2], move || {
            let (script, expected) = (script.clone(), expected.clone());
            async move { assert_eq!(run(script).await, expected) }
        });
    });
}

#[test]
fn there_are_scripts_enough() {
    let names: Vec<String> = (scripts::all().into_iter())
        .map(|script| script.name)
        .collect();
    let random = names.iter().filter(|name| name.starts_with("random"));
    let random = random.count();
    assert!(
        names.len() - random >= 40 && random >= 40,
        "{}",
        names.len()
    );
}

// --- children

/// What has happened, how often each child was to start, and its last pid.
#[derive(Debug, Clone, Default)]
struct Book(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    told: Vec<String>,
    starts: BTreeMap<String, usize>,
    pids: BTreeMap<String, Pid>,
}

impl Book {
    fn open<T>(&self, read: impl FnOnce(&mut Pages) -> T) -> T {
        read(&mut self.0.lock().expect("nobody panics here"))
    }

    /// The letter of a plan that is due.
    fn due(&self, id: &str, plan: &str) -> Option<char> {
        self.open(|pages| {
            let starts = pages.starts.entry(id.to_owned()).or_default();
            *starts += 1;
            plan.chars().nth((*starts).min(plan.len()) - 1)
        })
    }

    fn pid(&self, id: &str) -> Option<Pid> {
        self.open(|pages| pages.pids.get(id).copied())
    }
}

async fn live(mut mailbox: Mailbox, id: String, manner: String, book: Book) -> ExitReason {
    loop {
        receive! { mailbox;
            finish in ExitReason => return finish,
            exit in Exit => {
                if manner == "deaf" && exit.reason == ExitReason::Shutdown {
                    continue;
                }
                book.open(|pages| pages.told.push(format!("-{id}")));
                return if manner == "odd" { because("odd") } else { exit.reason };
            },
        }
    }
}

async fn start_child(
    id: String,
    manner: String,
    plan: String,
    book: Book,
) -> Result<Pid, StartError> {
    match book.due(&id, &plan) {
        Some('f') => return Err(StartError::Failed(because("no"))),
        Some('i') => return Err(StartError::Ignore),
        _ => {}
    }
    let (own_id, own_book) = (id.clone(), book.clone());
    let started = start(
        StartOptions::new().link(),
        "child",
        move |mailbox| async move {
            trap_exit(true);
            Ok(((), live(mailbox, own_id, manner, own_book)))
        },
    );
    let pid = started.await?.pid;
    book.open(|pages| {
        pages.told.push(format!("+{id}"));
        pages.pids.insert(id, pid);
    });
    Ok(pid)
}

/// The specification of a child or a nested supervisor.
fn spec(node: &Node, book: &Book) -> ChildSpec {
    let spec = match &node.what {
        What::Supervisor { .. } => options(node, book).child().id(node.id.as_str()),
        What::Child { manner, plan } => {
            let shutdown = match manner.as_str() {
                "brutal" => Shutdown::Brutal,
                "deaf" => Shutdown::Timeout(Duration::from_millis(10)),
                _ => Shutdown::Infinity,
            };
            let (id, manner, plan) = (node.id.clone(), manner.clone(), plan.clone());
            let book = book.clone();
            let spec = ChildSpec::new(node.id.as_str(), move || {
                start_child(id.clone(), manner.clone(), plan.clone(), book.clone())
            });
            spec.shutdown(shutdown)
        }
    };
    spec.restart(node.restart).significant(node.significant)
}

fn options(node: &Node, book: &Book) -> beamline::SupervisorOptions {
    let What::Supervisor {
        strategy,
        restarts,
        auto_shutdown,
        children,
    } = &node.what
    else {
        panic!("{} is no supervisor", node.id)
    };
    Supervisor::start_link(children.iter().map(|child| spec(child, book)))
        .strategy(strategy.unwrap_or_default())
        .max_restarts(*restarts, WINDOW)
        .auto_shutdown(*auto_shutdown)
}

// --- the driver

struct Driver {
    script: Script,
    book: Book,
    root: Pid,
}

async fn start_root(tree: &Node, book: &Book) -> Result<Pid, StartError> {
    let What::Supervisor {
        strategy: None,
        restarts,
        ..
    } = tree.what
    else {
        let supervisor = options(tree, book).await?;
        return Ok(supervisor.whereis().await.unwrap_or_else(me));
    };
    let supervisor = DynamicSupervisor::start_link().max_restarts(restarts, WINDOW);
    Ok(supervisor.await?.whereis().await.unwrap_or_else(me))
}

/// What comes of a script.
async fn run(script: Script) -> String {
    trap_exit(true);
    let book = Book::default();
    let Ok(root) = start_root(&script.tree, &book).await else {
        let driver = Driver {
            script,
            book,
            root: me(),
        };
        return words("failed", driver.take());
    };
    let driver = Driver { script, book, root };
    let mut outcomes = vec![driver.told("").await];
    for event in &driver.script.events {
        let answer = driver.event(event).await;
        if let Some(ended) = driver.settled().await {
            let gone = format!("gone {}", reason(&ended));
            let mut told = driver.take();
            told.push(gone);
            outcomes.push(told.join(" "));
            break;
        }
        outcomes.push(driver.told(&answer).await);
    }
    outcomes.join(", ")
}

fn words(first: &str, mut rest: Vec<String>) -> String {
    if !first.is_empty() {
        rest.insert(0, first.to_owned());
    }
    rest.join(" ")
}

type Listing<'a> = Pin<Box<dyn Future<Output = Option<String>> + Send + 'a>>;

impl Driver {
    fn is_dynamic(&self) -> bool {
        self.script.tree.is_dynamic()
    }

    fn take(&self) -> Vec<String> {
        let mut told = self.book.open(|pages| std::mem::take(&mut pages.told));
        if self.is_dynamic() {
            told.sort();
        }
        told
    }

    async fn told(&self, answer: &str) -> String {
        let mut told = self.take();
        let listed = self.listed(self.root).await.unwrap_or_default();
        told.push(format!("[{listed}]"));
        words(answer, told)
    }

    /// The reason of the root's end, or nothing when the tree is at rest.
    async fn settled(&self) -> Option<ExitReason> {
        let mut mailbox = mailbox();
        loop {
            let of_root = |exit: &Exit| exit.from == self.root;
            let exit = mailbox.receive_where_timeout(Duration::ZERO, of_root);
            if let Some(exit) = exit.await {
                return Some(exit.reason);
            }
            if self.listed(self.root).await.is_some() {
                return None;
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// The children of a supervisor in words, if all of it is at rest.
    fn listed(&self, supervisor: Pid) -> Listing<'_> {
        Box::pin(async move {
            let children = Supervisor::of(supervisor).which_children().await.ok()?;
            let mut listed = Vec::new();
            for info in children.into_iter().rev() {
                let id = info.id.as_ref().map(|id| id.to_string());
                let word = match (info.child, info.kind) {
                    (ChildState::Restarting(_), _) => return None,
                    (ChildState::Stopped, _) => id.unwrap_or_default() + "-",
                    (ChildState::Running(pid), _) if !alive(pid).await => return None,
                    (ChildState::Running(pid), ChildType::Supervisor) => {
                        let inner = self.listed(pid).await?;
                        format!("{}({inner})", id.unwrap_or_default())
                    }
                    (ChildState::Running(pid), ChildType::Worker) => {
                        id.unwrap_or_else(|| self.id_of(pid))
                    }
                };
                listed.push(word);
            }
            if self.is_dynamic() {
                listed.sort();
            }
            Some(listed.join(" "))
        })
    }

    fn id_of(&self, pid: Pid) -> String {
        let known = self.book.open(|pages| pages.pids.clone());
        let found = known.into_iter().find(|(_, known)| *known == pid);
        found.map_or_else(|| pid.to_string(), |(id, _)| id)
    }

    async fn event(&self, event: &str) -> String {
        let words: Vec<&str> = event.split(':').collect();
        match words.as_slice() {
            ["stop"] => {
                let root = Supervisor::of(self.root);
                let stopped = beamline::stop(root, ExitReason::Normal, None).await;
                assert_eq!(stopped, Ok(()));
                String::new()
            }
            ["count"] => self.count().await,
            ["both", one, other] => self.both(one, other).await,
            ["add", id] => self.add(id).await,
            [what @ ("crash" | "normal" | "shutdown" | "kill"), id] => {
                let Some(pid) = self.running(id).await else {
                    return "nobody".to_owned();
                };
                self.end(pid, what).await;
                String::new()
            }
            [what, id] => self.request(what, id).await,
            _ => panic!("{event} is no event"),
        }
    }

    async fn running(&self, id: &str) -> Option<Pid> {
        let pid = self.book.pid(id)?;
        alive(pid).await.then_some(pid)
    }

    async fn end(&self, pid: Pid, what: &str) {
        let watch = monitor(pid);
        match what {
            "kill" => exit(pid, ExitReason::Kill),
            "crash" => send(pid, because("boom")),
            "normal" => send(pid, ExitReason::Normal),
            _ => send(pid, ExitReason::Shutdown),
        }
        beamline_tests::down(&mut mailbox(), watch).await;
    }

    /// Ends two children before their supervisor sees either.
    async fn both(&self, one: &str, other: &str) -> String {
        let pids = (self.running(one).await, self.running(other).await);
        let (Some(one_pid), Some(other_pid)) = pids else {
            return "nobody".to_owned();
        };
        let Some(owner) = self.owner(one).await else {
            return "nobody".to_owned();
        };
        // Their time may be up at any moment, and asking again is the same (SYS-6).
        let timeout = Err(CallError::Timeout);
        while beamline::sys::suspend(owner.clone()).await == timeout {}
        let pid = owner.whereis().await.expect("it runs");
        for (before, child) in [one_pid, other_pid].into_iter().enumerate() {
            self.end(child, "crash").await;
            while info(pid).await.expect("it runs").message_queue_len <= before {
                sleep(Duration::from_millis(1)).await;
            }
        }
        while beamline::sys::resume(owner.clone()).await == timeout {}
        String::new()
    }

    async fn count(&self) -> String {
        let counts = match self.is_dynamic() {
            true => DynamicSupervisor::of(self.root).count_children().await,
            false => Supervisor::of(self.root).count_children().await,
        };
        let counts = counts.expect("it runs");
        let (specs, active) = (counts.specs, counts.active);
        format!("{specs}.{active}.{}.{}", counts.supervisors, counts.workers)
    }

    async fn add(&self, id: &str) -> String {
        let spare = self.script.spares.iter().find(|spare| spare.id == id);
        let spec = spec(spare.expect("a spare of this id"), &self.book);
        answer(match self.is_dynamic() {
            true => DynamicSupervisor::of(self.root).start_child(spec).await,
            false => Supervisor::of(self.root).start_child(spec).await,
        })
    }

    async fn request(&self, what: &str, id: &str) -> String {
        if self.is_dynamic() {
            let Some(pid) = self.book.pid(id) else {
                return "nobody".to_owned();
            };
            return answer(DynamicSupervisor::of(self.root).terminate_child(pid).await);
        }
        let Some(owner) = self.owner(id).await else {
            return "nobody".to_owned();
        };
        match what {
            "terminate" => answer(owner.terminate_child(id).await),
            "restart" => answer(owner.restart_child(id).await),
            "delete" => answer(owner.delete_child(id).await),
            _ => panic!("{what} is no request"),
        }
    }

    /// The supervisor that has or had this child, if it runs.
    async fn owner(&self, id: &str) -> Option<Supervisor> {
        let mut owner = Supervisor::of(self.root);
        let Some(path) = self.script.tree.path(id) else {
            let known = self.script.spares.iter().any(|spare| spare.id == id);
            return known.then_some(owner);
        };
        for step in path {
            let info = owner.which_child(step).await.ok()?;
            owner = Supervisor::of(info.child.pid()?);
        }
        Some(owner)
    }
}

fn answer<T>(answer: Result<T, SupervisorError>) -> String {
    let told = match answer {
        Ok(_) => "ok",
        Err(SupervisorError::NotFound) => "not_found",
        Err(SupervisorError::AlreadyStarted(_)) => "already_started",
        Err(SupervisorError::AlreadyPresent) => "already_present",
        Err(SupervisorError::Running(_)) => "running",
        Err(SupervisorError::Restarting) => "restarting",
        Err(SupervisorError::Start(StartError::Ignore)) => "ignored",
        Err(SupervisorError::Start(_)) => "failed",
        Err(other) => panic!("{other}"),
    };
    told.to_owned()
}
