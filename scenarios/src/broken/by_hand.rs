//! Supervisors written by hand, each with another flaw.
//!
//! A supervisor of equal children that crash when they are told to. It is what people write before
//! they know one: a loop over exits, a list of children, a list of times. Four bugs of such loops:
//!
//! - `elder_sibling`: the exit of a sibling that it has stopped itself is still in its mailbox; the
//!   supervisor does not find whose it is, takes the first place for it, and restarts everybody.
//!   Mend: exits of strangers are dropped.
//! - `temporary_restarted`: known from a supervisor of OTP (stdlib 1.17.5). When all are restarted,
//!   so is a temporary child, which was to run once. Mend: it is forgotten when it is stopped.
//! - `fixed_window`: restarts are counted from one full period to the next, so that twice as many
//!   are allowed around its end. Mend: what counts is the time that lies just behind.
//! - `two_generations`: a sibling is asked to stop and started again at once, while the old one
//!   still does its last things. Mend: its end is waited for.

use std::time::Duration;

use beamline::Strategy;
use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::elder_sibling", || siblings(Flaw::ElderSibling))
            .about("a supervisor mistakes whose exit it has got, and restarts an elder sibling")
            .broken("always siblings.elder_kept", 15)
            .mended("mended::elder_sibling"),
        Scenario::new("mended::elder_sibling", || siblings(Flaw::None))
            .about("exits of those that were stopped are nobody's")
            .expects(["siblings.first_crashed", "siblings.last_crashed"]),
        Scenario::new("broken::temporary_restarted", || temporary(Flaw::Temporary))
            .about("a temporary child is started again with its siblings")
            .broken("always temporary.once", 12)
            .mended("mended::temporary_restarted"),
        Scenario::new("mended::temporary_restarted", || temporary(Flaw::None))
            .about("a temporary child is stopped with its siblings, for good")
            .expects(["temporary.crashed_first", "temporary.stopped"]),
        Scenario::new("broken::fixed_window", || window(Flaw::FixedWindow))
            .about("restarts are counted from one full period to the next")
            .broken("always window.sliding", 15)
            .mended("mended::fixed_window"),
        Scenario::new("mended::fixed_window", || window(Flaw::None))
            .about("restarts count as long as they lie within the period")
            .expects(["window.gave_up", "window.survived"]),
        Scenario::new("broken::two_generations", || generations(Flaw::DoesNotWait))
            .about("a child is started while its predecessor still stops")
            .broken("always generations.alone", 15)
            .mended("mended::two_generations"),
        Scenario::new("mended::two_generations", || generations(Flaw::None))
            .about("a child is started when its predecessor is dead")
            .expects(["generations.second"]),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Flaw {
    None,
    ElderSibling,
    Temporary,
    FixedWindow,
    DoesNotWait,
}

/// What a supervisor is to be like.
#[derive(Debug, Clone, Copy)]
struct Plan {
    flaw: Flaw,
    strategy: Strategy,
    /// Children by number; the last one may be temporary.
    children: usize,
    last_is_temporary: bool,
    /// So many restarts within this time.
    restarts: usize,
    within: Duration,
    /// Whom children tell that they have come up.
    root: Pid,
}

/// A child has come up.
#[derive(Debug, Clone, Copy)]
struct Up(usize, Pid);

/// Makes a child crash.
#[derive(Debug)]
struct Crash;

async fn child(mut mailbox: Mailbox, number: usize, root: Pid) -> ExitReason {
    trap_exit(true);
    // Two of one number at a time would both think that it is theirs.
    let name = format!("child {number}");
    let alone = register(name.as_str(), me()).await.is_ok();
    always!("generations.alone", alone, "another {name} still runs");
    send(root, Up(number, me()));
    receive! { mailbox;
        _crash in Crash => ExitReason::other("boom"),
        exit in Exit => exit.reason,
    }
}

/// A supervisor written by hand.
struct ByHand {
    plan: Plan,
    children: Vec<(usize, Pid)>,
    stamps: Vec<Instant>,
    /// For whoever counts from one full period to the next.
    begun: Instant,
    period: u128,
}

impl ByHand {
    fn start(&mut self, number: usize) {
        let root = self.plan.root;
        let pid = spawn_link(move |mailbox: Mailbox| child(mailbox, number, root));
        let place = self.children.partition_point(|(other, _)| *other < number);
        self.children.insert(place, (number, pid));
    }

    fn is_temporary(&self, number: usize) -> bool {
        self.plan.last_is_temporary && number + 1 == self.plan.children
    }

    fn allows(&mut self) -> bool {
        let within = self.plan.within;
        if self.plan.flaw == Flaw::FixedWindow {
            let period = self.begun.elapsed().as_nanos() / within.as_nanos();
            if period != self.period {
                self.stamps.clear();
                self.period = period;
            }
        } else {
            self.stamps.retain(|stamp| stamp.elapsed() <= within);
        }
        self.stamps.push(now());
        self.stamps.len() <= self.plan.restarts
    }

    async fn stop(&mut self, mailbox: &mut Mailbox, pid: Pid) {
        exit(pid, ExitReason::Shutdown);
        if self.plan.flaw == Flaw::DoesNotWait {
            return;
        }
        let watch = monitor(pid);
        let is_it = |down: &Down| down.reference == watch;
        mailbox.receive_where(is_it).await;
    }

    async fn run(mut self, mut mailbox: Mailbox) -> ExitReason {
        trap_exit(true);
        for number in 0..self.plan.children {
            self.start(number);
        }
        loop {
            let Exit { from, .. } = mailbox.receive().await;
            if from == self.plan.root {
                break;
            }
            let place = self.children.iter().position(|(_, pid)| *pid == from);
            let place = match (place, self.plan.flaw) {
                (None, Flaw::ElderSibling) => 0,
                (None, _) => continue,
                (Some(place), _) => place,
            };
            let (dead, _) = self.children[place];
            if self.is_temporary(dead) {
                self.children.remove(place);
                continue;
            }
            if !self.allows() {
                break;
            }
            self.restart(&mut mailbox, place, from).await;
        }
        while let Some((_, pid)) = self.children.pop() {
            self.stop(&mut mailbox, pid).await;
        }
        ExitReason::Shutdown
    }

    async fn restart(&mut self, mailbox: &mut Mailbox, place: usize, from: Pid) {
        let affected = match self.plan.strategy {
            Strategy::OneForOne => self.children.splice(place..=place, []).collect(),
            Strategy::RestForOne => self.children.split_off(place),
            Strategy::OneForAll => std::mem::take(&mut self.children),
        };
        for (_, pid) in affected.iter().rev() {
            if *pid != from {
                self.stop(mailbox, *pid).await;
            }
        }
        for (number, _) in affected {
            if !self.is_temporary(number) || self.plan.flaw == Flaw::Temporary {
                self.start(number);
            }
        }
    }
}

/// Starts a supervisor, and waits until its children are up.
async fn supervise(mailbox: &mut Mailbox, plan: Plan) -> (Pid, Ref, Vec<Pid>) {
    let by_hand = ByHand {
        plan,
        children: Vec::new(),
        stamps: Vec::new(),
        begun: now(),
        period: 0,
    };
    let (pid, watch) = spawn_monitor(move |mailbox: Mailbox| by_hand.run(mailbox));
    link(pid);
    let mut children = vec![pid; plan.children];
    for _ in 0..plan.children {
        let Up(number, child) = mailbox.receive().await;
        children[number] = child;
    }
    (pid, watch, children)
}

fn plan(flaw: Flaw, strategy: Strategy, children: usize) -> Plan {
    Plan {
        flaw,
        strategy,
        children,
        last_is_temporary: false,
        restarts: 3,
        within: Duration::from_secs(5),
        root: me(),
    }
}

/// One of two crashes, and the other is restarted with it or left alone.
async fn siblings(flaw: Flaw) {
    let mut mailbox = mailbox();
    trap_exit(true);
    let plan = plan(flaw, Strategy::RestForOne, 3);
    let (_, _, children) = supervise(&mut mailbox, plan).await;
    let crashed = random_range(0..3) as usize;
    sometimes!("siblings.first_crashed", crashed == 0);
    sometimes!("siblings.last_crashed", crashed == 2);
    send(children[crashed], Crash);
    let mut expected = 3 - crashed;
    while let Some(Up(number, _)) = mailbox.receive_timeout(Duration::from_millis(5)).await {
        always!(
            "siblings.elder_kept",
            number >= crashed,
            "{crashed} crashed, {number} came up"
        );
        expected = expected.saturating_sub(1);
        if expected == 0 && flaw == Flaw::None {
            break;
        }
    }
}

/// A temporary child beside one that crashes.
async fn temporary(flaw: Flaw) {
    let mut mailbox = mailbox();
    trap_exit(true);
    let plan = Plan {
        last_is_temporary: true,
        ..plan(flaw, Strategy::OneForAll, 2)
    };
    let (_, _, children) = supervise(&mut mailbox, plan).await;
    let watch = monitor(children[1]);
    let crashes_first = random_range(0..2) == 0;
    if crashes_first {
        send(children[1], Crash);
    }
    send(children[0], Crash);
    let is_it = |down: &Down| down.reference == watch;
    let reason = mailbox.receive_where(is_it).await.reason;
    sometimes!("temporary.stopped", reason == ExitReason::Shutdown);
    sometimes!("temporary.crashed_first", reason.is_abnormal());
    while let Some(Up(number, _)) = mailbox.receive_timeout(Duration::from_millis(5)).await {
        always!("temporary.once", number != 1, "it came up again");
    }
}

/// A child that crashes after pauses, more often than is allowed or not.
async fn window(flaw: Flaw) {
    let mut mailbox = mailbox();
    trap_exit(true);
    let tick = Duration::from_millis(10);
    let plan = Plan {
        restarts: 1,
        within: 4 * tick,
        ..plan(flaw, Strategy::OneForOne, 1)
    };
    let (_, watch, mut children) = supervise(&mut mailbox, plan).await;
    let mut crashes = Vec::new();
    for _ in 0..4 {
        sleep(random_range(0..6) as u32 * tick).await;
        // The crash is no earlier than this, and no later than the next line.
        crashes.push(now());
        send(children[0], Crash);
        let next = receive! { mailbox;
            Up(_, child) in Up => Some(child),
            _down in Down where _down.reference == watch => None,
        };
        let Some(child) = next else {
            sometimes!("window.gave_up", true);
            return;
        };
        let seen = now();
        let counted = crashes
            .iter()
            .filter(|crash| seen - **crash <= plan.within)
            .count();
        always!(
            "window.sliding",
            counted <= plan.restarts,
            "{counted} restarts in 40 ms"
        );
        children[0] = child;
    }
    sometimes!("window.survived", true);
}

/// One of two children crashes, and the other has last things to do.
async fn generations(flaw: Flaw) {
    let mut mailbox = mailbox();
    trap_exit(true);
    let (_, _, children) = supervise(&mut mailbox, plan(flaw, Strategy::OneForAll, 2)).await;
    send(children[0], Crash);
    for _ in 0..2 {
        let Some(Up(_, again)) = mailbox.receive_timeout(Duration::from_millis(5)).await else {
            return;
        };
        sometimes!("generations.second", !children.contains(&again));
    }
}
