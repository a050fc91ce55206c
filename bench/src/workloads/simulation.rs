//! The simulator rows: S1, S4 and S5.
//!
//! Without the built-in oracles, of which the peers have none; `S1-ring-judged` is the same row
//! with them.

use super::collector::{Item, sum};
use super::ring::{Home, Token, ring_of};
use crate::measure::{Figures, Stopwatch, resident_bytes};
use crate::sim_shape;
use beamline::prelude::*;
use beamline_sim::{Check, Faults, Limits, Strategy};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// How many tickers S5 has.
const TICKERS: u64 = 1_000;

/// When a ticker of S5 starts, if not all start at once: spread over a second, out of order.
fn phase(ticker: u64) -> Duration {
    Duration::from_nanos(ticker.wrapping_mul(7_919) % TICKERS * 1_000_003)
}

/// Runs the row that is asked for; `None` if there is none of this name.
pub(crate) fn run(workload: &str, n: u64) -> Option<Figures> {
    let (workload, judged) = match workload.strip_suffix("-judged") {
        Some(row) => (row, true),
        None => (workload, false),
    };
    let figures = match workload {
        "S1-ring" => deliveries(n, sim_shape::DELIVERIES_PER_RUN, judged, async |hops| {
            ring(hops).await
        }),
        "S1-rand10" => deliveries(n, sim_shape::DELIVERIES_PER_RUN, judged, async |hops| {
            random_hops(sim_shape::SMALL_WORLD, hops).await;
        }),
        "S1-tiny" => {
            let watch = Stopwatch::start();
            explore(n, judged, tiny);
            watch.stop(n)
        }
        "S4" => deliveries(n, n, judged, async |hops| {
            random_hops(sim_shape::LARGE_WORLD, hops).await
        }),
        "S4-idle" => return Some(idle(n)),
        "S5-phase" => tickers(n, |_| Duration::ZERO),
        "S5-random" => tickers(n, phase),
        _ => return None,
    };
    let per_second = 1e9 / figures.ns();
    Some(figures.with("per_second", per_second))
}

/// Simulates so many runs, from seed to verdict, on one thread under the random strategy.
fn explore<F: AsyncFn() + Send + Sync + 'static>(runs: u64, judged: bool, world: F) {
    let report = Check::new("bench")
        .runs(runs)
        .jobs(1)
        .strategy(Strategy::random())
        .faults(Faults::none())
        .limits(
            Limits::default()
                .fair_after(u64::MAX)
                .steps(u64::MAX)
                .virtual_time(Duration::MAX),
        )
        .double_runs(0.0)
        .oracles(judged)
        .regressions(None)
        .report(world);
    assert!(report.findings.is_empty(), "{report:?}");
    assert_eq!(report.runs, runs);
}

/// Makes `n` deliveries, so many of them in each run.
fn deliveries<F>(n: u64, each: u64, judged: bool, world: F) -> Figures
where
    F: AsyncFn(u64) + Send + Sync + 'static,
{
    let watch = Stopwatch::start();
    explore(n / each, judged, async move || world(each).await);
    watch.stop(n / each * each)
}

/// One long run of so many operations. What the simulator runs before the first run, to learn what
/// the world is like, is not measured: it is the same however many runs follow.
fn last_run<F>(operations: u64, world: F) -> Figures
where
    F: AsyncFn() + Send + Sync + 'static,
{
    let last = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&last);
    explore(1, false, async move || {
        let watch = Stopwatch::start();
        world().await;
        *kept.lock().expect("no run failed") = Some(watch.stop(operations));
    });
    let figures = last.lock().expect("no run failed").take();
    figures.expect("one run")
}

/// One token goes round a ring, so many hops.
async fn ring(hops: u64) {
    let first = ring_of(sim_shape::SMALL_WORLD, me());
    send(first, Token(hops));
    let Home = mailbox().receive().await;
}

#[derive(Debug)]
struct Members(Vec<Pid>);

/// As many tokens as processes, each passed on to a process at random; so many hops altogether.
async fn random_hops(processes: u64, hops: u64) {
    let home = me();
    let members: Vec<Pid> = (1..=processes)
        .map(|seed| spawn(move |mailbox| passer(mailbox, seed, home)))
        .collect();
    for &member in &members {
        send(member, Members(members.clone()));
    }
    for &member in &members {
        send(member, Token(hops / processes));
    }
    let mut mailbox = mailbox();
    for _ in 0..processes {
        let Home = mailbox.receive().await;
    }
}

async fn passer(mut mailbox: Mailbox, seed: u64, home: Pid) {
    let mut state = seed;
    let Members(members) = mailbox.receive().await;
    loop {
        match mailbox.receive::<Token>().await {
            Token(1) => send(home, Home),
            Token(hops) => {
                let next = sim_shape::next_hop(&mut state, members.len() as u64);
                send(members[next], Token(hops - 1));
            }
        }
    }
}

/// Two senders with five messages each for one receiver.
async fn tiny() {
    let receiver = me();
    for _ in 0..sim_shape::TINY_SENDERS {
        spawn(async move |_| {
            for number in 0..sim_shape::TINY_MESSAGES {
                send(receiver, Item(number));
            }
        });
    }
    let messages = sim_shape::TINY_MESSAGES;
    let sum = sum(&mut mailbox(), sim_shape::TINY_SENDERS * messages).await;
    assert_eq!(
        sum,
        sim_shape::TINY_SENDERS * (messages * (messages - 1) / 2)
    );
}

/// A request to an idle process: whom to answer.
#[derive(Debug)]
struct Get(Pid);

/// The bytes that each of `n` processes takes while it waits, and after one round trip of messages.
fn idle(n: u64) -> Figures {
    let (answer, bytes) = mpsc::sync_channel(1);
    let figures = last_run(n, async move || {
        let before = resident_bytes();
        let processes: Vec<Pid> = (0..n)
            .map(|number| spawn(move |mailbox| idle_process(mailbox, number)))
            .collect();
        sleep(Duration::from_secs(1)).await;
        let idle = resident_bytes() - before;
        for &process in &processes {
            send(process, Get(me()));
        }
        let sum = sum(&mut mailbox(), n).await;
        assert_eq!(sum, n * (n - 1) / 2);
        let used = resident_bytes() - before;
        // The first run alone is asked: those after it use the memory that it left behind.
        let _ = answer.try_send((idle / n as f64, used / n as f64));
    });
    let (idle, used) = bytes.recv().expect("a first run");
    figures.with("bytes", idle).with("used_bytes", used)
}

async fn idle_process(mut mailbox: Mailbox, state: u64) {
    loop {
        let Get(reply_to) = mailbox.receive().await;
        send(reply_to, Item(state));
    }
}

/// Tickers that wake once a second, `n` times altogether.
fn tickers(n: u64, offset: fn(u64) -> Duration) -> Figures {
    let seconds = n / TICKERS;
    last_run(seconds * TICKERS, async move || {
        let home = me();
        for ticker in 0..TICKERS {
            spawn(async move |_| {
                sleep(offset(ticker)).await;
                for _ in 0..seconds {
                    sleep(Duration::from_secs(1)).await;
                }
                send(home, Item(seconds));
            });
        }
        let ticks = sum(&mut mailbox(), TICKERS).await;
        assert_eq!(ticks, seconds * TICKERS);
    })
}
