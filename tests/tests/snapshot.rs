//! Snapshots of running trees, and the checklist that is read off them.

use std::time::Duration;

use beamline::prelude::*;
use beamline::snapshot::{self, Answer, Check, ProcessView, Snapshot, audit};
use beamline::{ChildState, ChildType, Strategy, SupervisorError};
use beamline_tests::{both, on_threads};

const SHORT: Duration = Duration::from_millis(20);
const MINUTE: Duration = Duration::from_secs(60);

/// A server is about to wait.
#[derive(Debug)]
struct Waits;

/// Shows its state; does what it is asked inside its callback.
struct Shop(u32);

#[derive(Debug)]
enum Ask {
    Sell(Caller<u32>),
    /// Says that it is about to wait for a task of its own, and does.
    Await(Pid),
    /// Says so, and calls somebody who never answers, with or without a timeout.
    Call(Pid, Pid, bool),
    Crash,
}

impl GenServer for Shop {
    type Args = u32;
    type Call = Ask;
    type Cast = Ask;
    type Info = Message;
    type Continue = Never;

    async fn init(stock: u32) -> Init<Self> {
        Ok(Shop(stock).into())
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        match ask {
            Ask::Sell(caller) => {
                self.0 -= 1;
                caller.reply(self.0);
            }
            Ask::Await(root) => {
                let task = Task::spawn(std::future::pending::<()>());
                send(root, Waits);
                task.join(None).await?;
            }
            Ask::Call(root, pid, limited) => loop {
                send(root, Waits);
                // Its time may be up early in the simulator.
                let call = Server::<Shop>::of(pid).call(Ask::Sell);
                let call = match limited {
                    true => call.timeout(60 * MINUTE),
                    false => call.no_timeout(),
                };
                if call.await.is_ok() {
                    break;
                }
            },
            Ask::Crash => return Err(ExitReason::other("boom")),
        }
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, ask: Ask) -> Flow<Self> {
        self.handle_call(ask).await
    }

    fn format_status(&self) -> Option<String> {
        Some(format!("{} in stock", self.0))
    }
}

/// A process that keeps everything it gets.
fn sink() -> Pid {
    spawn_link(async |_mailbox: Mailbox| std::future::pending::<()>().await)
}

/// A snapshot of a supervisor, which may be busy at first.
async fn look(root: Pid) -> Snapshot {
    loop {
        let seen = snapshot::take_within(root, SHORT).await.expect("it runs");
        if seen.root.answer != Answer::Late {
            return seen;
        }
    }
}

/// A process that has not got round to answering is none that is blocked.
fn all_answer(seen: &Snapshot) -> bool {
    let mut all = seen.processes().into_iter();
    all.all(|process| process.answer != Answer::Late)
}

/// As [`look`], until it is as wanted: what was cast takes its time.
async fn look_until(root: Pid, wanted: impl Fn(&Snapshot) -> bool) -> Snapshot {
    loop {
        let seen = look(root).await;
        if wanted(&seen) {
            return seen;
        }
        sleep(Duration::from_millis(1)).await;
    }
}

fn child(of: &ProcessView, place: usize) -> &ProcessView {
    of.children[place].process.as_ref().expect("it runs")
}

async fn tree() -> Pid {
    let sessions = DynamicSupervisor::child().id("sessions").name("sessions");
    let children = [
        Shop::child(3).name("shop"),
        sessions,
        TaskSupervisor::child().name("tasks"),
    ];
    let root = Supervisor::start_link(children)
        .strategy(Strategy::RestForOne)
        .max_restarts(2, MINUTE)
        .name("root");
    root.await
        .expect("it starts")
        .whereis()
        .await
        .expect("it runs")
}

#[test]
fn a_snapshot_shows_the_tree_with_what_everybody_says() {
    both("snapshot", async || {
        let root = tree().await;
        let sessions = DynamicSupervisor::at("sessions");
        let session = sessions.start_child(Shop::child(7)).await?;
        let tasks = TaskSupervisor::whereis("tasks").await.expect("it runs");
        tasks.start_child(std::future::pending::<()>()).await?;
        let seen = look_until(root, all_answer).await;
        assert_eq!(seen.processes().len(), 6);
        let supervision = seen.root.supervision.as_ref().expect("it is a supervisor");
        assert_eq!(supervision.strategy, Strategy::RestForOne);
        let budget = (
            supervision.max_restarts,
            supervision.within,
            supervision.restarts_left,
        );
        assert_eq!(budget, (2, MINUTE, 2));
        let ids = supervision.children.iter().map(|child| child.id.as_deref());
        assert!(ids.eq([Some("Shop"), Some("sessions"), Some("TaskSupervisor")]));
        let shop = child(&seen.root, 0);
        let (suspended, state) = (false, Some("3 in stock".to_string()));
        assert_eq!(shop.answer, Answer::Status { suspended, state });
        assert_eq!(
            (shop.called().as_str(), shop.runs()),
            ("shop", Some("Shop"))
        );
        assert_eq!(shop.info.links, [root]);
        let sessions = child(&seen.root, 1);
        assert!(
            sessions
                .supervision
                .as_ref()
                .is_some_and(|found| found.dynamic)
        );
        assert_eq!(child(sessions, 0).info.pid, session);
        let id = &sessions.children[0].spec.id;
        assert_eq!(
            (id, sessions.children[0].spec.kind),
            (&None, ChildType::Worker)
        );
        assert_eq!(audit(&seen), []);
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn restarts_that_are_spent_are_seen_and_found() {
    both("snapshot of restarts", async || {
        let root = tree().await;
        for left in [1, 0] {
            Server::<Shop, Name>::named("shop").cast(Ask::Crash).await;
            let spent = |seen: &Snapshot| {
                let supervision = seen.root.supervision.as_ref();
                supervision.is_some_and(|found| found.restarts_left == left)
                    && seen
                        .root
                        .children
                        .iter()
                        .all(|child| child.process.is_some())
            };
            let seen = look_until(root, spent).await;
            let found = audit(&seen);
            let spent = found
                .iter()
                .filter(|found| found.check == Check::BudgetSpent);
            assert_eq!(spent.count(), usize::from(left == 0), "{found:?}");
        }
    });
}

#[test]
fn children_that_do_not_run_are_shown() {
    both("snapshot of stopped children", async || {
        let root = tree().await;
        let supervisor = Supervisor::of(root);
        supervisor.terminate_child("Shop").await?;
        let seen = look_until(root, |seen| seen.root.children.len() == 3).await;
        let shop = &seen.root.children[0];
        assert_eq!(
            (shop.spec.child, &shop.process),
            (ChildState::Stopped, &None)
        );
        assert!(seen.to_string().contains("\n  Shop: stopped\n"), "{seen}");
        Ok::<(), SupervisorError>(())
    });
}

/// What the checklist says of a supervisor with these children.
async fn findings(children: Vec<ChildSpec>) -> Vec<(Check, String)> {
    let supervisor = Supervisor::start_link(children).name("root").await;
    let root = supervisor
        .expect("it starts")
        .whereis()
        .await
        .expect("it runs");
    let seen = look_until(root, all_answer).await;
    let found = audit(&seen);
    Supervisor::of(root).stop().await.expect("it runs");
    found
        .into_iter()
        .map(|found| (found.check, found.message))
        .collect()
}

#[test]
fn specifications_are_checked() {
    both("audit of specifications", async || {
        let nested = Supervisor::child([]).id("nested");
        let worker = || Shop::child(1).id("worker");
        let cases = [
            (nested.clone(), None),
            (nested.shutdown(MINUTE), Some(Check::NestedShutdown)),
            (worker(), None),
            (
                worker().shutdown(Shutdown::Infinity),
                Some(Check::WorkerShutdown),
            ),
            (
                worker().shutdown(Shutdown::Brutal),
                Some(Check::WorkerShutdown),
            ),
            (
                ChildSpec::new("loose", || Shop::start(1)),
                Some(Check::Unlinked),
            ),
        ];
        for (spec, expected) in cases {
            let found = findings(vec![spec]).await;
            let checks: Vec<Check> = found.iter().map(|(check, _)| *check).collect();
            assert_eq!(checks, Vec::from_iter(expected), "{found:?}");
        }
    });
}

#[test]
fn budgets_and_strategies_are_checked() {
    both("audit of budgets", async || {
        let crowd = || (0..11).map(|number| Shop::child(1).id(format!("shop {number}")));
        let of = |options: beamline::SupervisorOptions| async move {
            let root = options
                .await
                .expect("it starts")
                .whereis()
                .await
                .expect("it runs");
            let found = audit(&look_until(root, all_answer).await);
            Supervisor::of(root).stop().await.expect("it runs");
            Vec::from_iter(found.into_iter().map(|found| found.check))
        };
        let default = Supervisor::start_link(crowd());
        assert_eq!(of(default).await, [Check::Budget]);
        let told = Supervisor::start_link(crowd()).max_restarts(11, MINUTE);
        assert_eq!(of(told.clone()).await, []);
        assert_eq!(
            of(told.strategy(Strategy::OneForAll)).await,
            [Check::OneForAll]
        );
        let lavish = Supervisor::start_link([]).max_restarts(1_000, Duration::from_secs(1));
        assert_eq!(of(lavish).await, [Check::CrashLoop]);
    });
}

// On threads alone: in the simulator a deadline may always pass before anybody has answered.

/// What the checklist says of a supervisor of one shop that has been told this and waits.
async fn found_when(ask: Ask) -> Vec<(Check, String)> {
    let mut mailbox = mailbox();
    let children = [Shop::child(3).name("shop").shutdown(Shutdown::Brutal)];
    let supervisor = Supervisor::start_link(children).await.expect("it starts");
    let root = supervisor.whereis().await.expect("it runs");
    Server::<Shop, Name>::named("shop").cast(ask).await;
    mailbox.receive::<Waits>().await;
    let found = audit(&look(root).await);
    supervisor.stop().await.expect("it runs");
    let mut found = found.into_iter().map(|found| (found.check, found.message));
    let brutal = found.next();
    assert!(brutal.is_some_and(|(check, _)| check == Check::WorkerShutdown));
    found.collect()
}

#[test]
fn a_server_that_waits_inside_a_callback_is_found() {
    on_threads("audit of waiting", &[1, 2], async || {
        let (root, sink) = (me(), sink());
        let limited = found_when(Ask::Call(root, sink, true)).await;
        let [(Check::BlockedCallback, message)] = &limited[..] else {
            panic!("{limited:?}");
        };
        assert!(
            message.starts_with(&format!("shop: waits for {sink}")),
            "{message}"
        );
        let endless = found_when(Ask::Call(root, sink, false)).await;
        let checks = Vec::from_iter(endless.iter().map(|(check, _)| *check));
        assert_eq!(checks, [Check::BlockedCallback, Check::CallWithoutTimeout]);
    });
}

#[test]
fn a_server_that_awaits_its_own_task_is_found() {
    on_threads("audit of tasks", &[1, 2], async || {
        let found = found_when(Ask::Await(me())).await;
        let checks = Vec::from_iter(found.iter().map(|(check, _)| *check));
        assert_eq!(checks, [Check::BlockedCallback, Check::UnsupervisedTask]);
        assert!(found[0].1.contains("inside a callback"), "{found:?}");
    });
}

#[test]
fn a_growing_mailbox_is_found() {
    both("audit of mailboxes", async || {
        let supervisor = DynamicSupervisor::start_link().await.expect("it starts");
        let root = supervisor.whereis().await.expect("it runs");
        let slow = ChildSpec::new("slow", || async { Ok::<_, StartError>(sink()) });
        let slow = supervisor.start_child(slow).await.expect("it starts");
        for number in 0..1_000u32 {
            send(slow, number);
        }
        let full = |seen: &Snapshot| child(&seen.root, 0).info.message_queue_len == 1_000;
        let found = audit(&look_until(root, full).await);
        assert!(
            found.iter().any(|found| found.check == Check::Backlog),
            "{found:?}"
        );
        supervisor.stop().await.expect("it runs");
    });
}

#[test]
fn a_snapshot_is_text_and_json() {
    both("snapshot in words", async || {
        let root = tree().await;
        // What was asked in vain lies in mailboxes until its turn comes.
        let is_quiet = |seen: &Snapshot| {
            let mut all = seen.processes().into_iter();
            all_answer(seen) && all.all(|process| process.info.message_queue_len == 0)
        };
        let seen = look_until(root, is_quiet).await;
        let text = seen.to_string();
        let lines: Vec<&str> = text.lines().collect();
        let head = format!("root (Supervisor) {root}: static, RestForOne, 2 of 2 restarts");
        assert!(lines[1].starts_with(&head), "{text}");
        assert!(lines[2].starts_with("  shop (Shop) <"), "{text}");
        assert!(
            lines[2].contains(">, state 3 in stock, linked to <"),
            "{text}"
        );
        let json = seen.to_json();
        let shop = &json["root"]["supervision"]["children"][0];
        assert_eq!(shop["state"], "running");
        assert_eq!(shop["shutdown"], "5s");
        assert_eq!(shop["process"]["name"], "shop");
        assert_eq!(shop["process"]["state"], "3 in stock");
        assert_eq!(json["root"]["supervision"]["restarts_left"], 2);
    });
}
