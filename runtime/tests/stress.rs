//! Everything at once on all workers, and then the books are balanced: every message was received,
//! dropped with its receiver, or is accounted for by the end of the system; every monitor gave
//! exactly one down message or was removed; no process is left.
//!
//! `BEAMLINE_STRESS_SECONDS` sets how long it goes on; two seconds by default.
#![expect(
    clippy::disallowed_methods,
    reason = "this test reads its length from the environment and the clock"
)]
#![expect(clippy::disallowed_types, reason = "as above")]

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use beamline::MonitorOptions;
use beamline::prelude::*;

/// The books.
#[derive(Debug, Default)]
struct Books {
    made: AtomicU64,
    dropped: AtomicU64,
    received: AtomicU64,
    born: AtomicU64,
    ended: AtomicU64,
    monitors: AtomicU64,
    downs: AtomicU64,
    removed: AtomicU64,
    unwatched: AtomicU64,
    wrong: AtomicU64,
}

fn count(of: &AtomicU64) {
    of.fetch_add(1, Ordering::Relaxed);
}

/// A message that counts its end.
#[derive(Debug)]
struct Load(Arc<Books>);

impl Load {
    fn new(books: &Arc<Books>) -> Self {
        count(&books.made);
        Load(Arc::clone(books))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        count(&self.0.dropped);
    }
}

/// A body that counts its end.
struct Life(Arc<Books>);

impl Life {
    fn new(books: &Arc<Books>) -> Self {
        count(&books.born);
        Life(Arc::clone(books))
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        count(&self.0.ended);
    }
}

#[derive(Debug)]
struct Stop;

/// A citizen as the child of another: boxed, since its future would hold its own.
fn boxed(
    mailbox: Mailbox,
    books: Arc<Books>,
    peers: Arc<Vec<Name>>,
    depth: u32,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(citizen(mailbox, books, peers, depth))
}

/// What one process does until it is told to stop, killed, or ended by a link.
async fn citizen(mailbox: Mailbox, books: Arc<Books>, peers: Arc<Vec<Name>>, depth: u32) {
    let _life = Life::new(&books);
    trap_exit(random_range(0..2) == 0);
    let mut citizen = Citizen {
        mailbox,
        books,
        peers,
        depth,
        known: Vec::new(),
        watched: Vec::new(),
    };
    for _ in 0..random_range(1..200) {
        if !citizen.act().await {
            break;
        }
    }
    citizen.look_away();
}

struct Citizen {
    mailbox: Mailbox,
    books: Arc<Books>,
    peers: Arc<Vec<Name>>,
    depth: u32,
    known: Vec<Pid>,
    watched: Vec<Ref>,
}

impl Citizen {
    /// One act of many, drawn by lot; whether there is to be another.
    async fn act(&mut self) -> bool {
        let other = match self.known.len() {
            0 => me(),
            n => self.known[random_range(0..n as u64) as usize],
        };
        let name = self.peers[random_range(0..self.peers.len() as u64) as usize].clone();
        match random_range(0..20) {
            0..=4 => send(other, Load::new(&self.books)),
            5 => drop(send(name, Load::new(&self.books)).await),
            6 => self.known.extend(whereis(&name).await),
            7 => drop(register(name, other).await),
            8 => self.multiply(),
            9 => link(other),
            10 => unlink(other),
            11 => self.watch(other),
            12 => self.watch_no_more(),
            13 => exit(other, ExitReason::Kill),
            14 => exit(other, ExitReason::other("stress")),
            15 => self.send_later(other).await,
            16 => self.use_alias(),
            17 => drop(alive(other).await),
            18 => yield_now().await,
            _ => return self.listen().await,
        }
        true
    }

    fn multiply(&mut self) {
        if self.depth == 3 {
            return;
        }
        let (books, peers) = (Arc::clone(&self.books), Arc::clone(&self.peers));
        let depth = self.depth + 1;
        let body = move |mailbox| boxed(mailbox, books, peers, depth);
        self.known.push(match random_range(0..2) {
            0 => spawn(body),
            _ => spawn_link(body),
        });
    }

    fn watch(&mut self, other: Pid) {
        // A monitor on itself never gives anything.
        if other != me() {
            let options = MonitorOptions::new().tag("stress");
            self.watched.push(monitor_with(other, options));
            count(&self.books.monitors);
        }
    }

    fn watch_no_more(&mut self) {
        let Some(reference) = self.watched.pop() else {
            return;
        };
        if demonitor_flush(reference) {
            count(&self.books.removed);
        } else {
            // It had fired: its message was flushed, or received before.
            count(&self.books.downs);
        }
    }

    async fn send_later(&mut self, other: Pid) {
        let after = Duration::from_micros(random_range(0..3000));
        let timer = send_after(other, Load::new(&self.books), after);
        if random_range(0..2) == 0 {
            cancel(timer).await;
        }
    }

    /// Sends to itself by an alias, which stays or goes.
    fn use_alias(&mut self) {
        let reference = alias();
        send(reference, Load::new(&self.books));
        if random_range(0..2) == 0 {
            unalias(reference);
        }
    }

    /// Receives one message, or none; whether it was not the one that says to stop.
    async fn listen(&mut self) -> bool {
        let wait = Duration::from_micros(random_range(0..500));
        let (books, watched) = (&self.books, &mut self.watched);
        receive! { self.mailbox;
            load in Load => { count(&load.0.received); true },
            down in Down => {
                // One for each monitor, and none for one that was removed.
                match watched.iter().position(|r| *r == down.reference) {
                    Some(at) => {
                        watched.swap_remove(at);
                        count(&books.downs);
                    }
                    None => count(&books.wrong),
                }
                true
            },
            _exit in Exit => true,
            _stop in Stop => false,
            after wait => true,
        }
    }

    fn look_away(&mut self) {
        for reference in self.watched.drain(..) {
            count(&self.books.unwatched);
            demonitor(reference);
        }
    }
}

#[test]
fn the_books_balance() {
    let seconds = std::env::var("BEAMLINE_STRESS_SECONDS").ok();
    let seconds = seconds.map_or(2.0, |s| s.parse().expect("a number of seconds"));
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    for workers in [1, 2, 4].into_iter().cycle() {
        one_round(workers);
        if Instant::now() > until {
            return;
        }
    }
}

fn one_round(workers: usize) {
    let books = Arc::new(Books::default());
    let ours = Arc::clone(&books);
    let runtime = Runtime::new()
        .workers(workers)
        .on_panic(PanicPolicy::Silent);
    let reason = runtime.run_with(async move |mut mailbox: Mailbox| {
        trap_exit(true);
        let peers: Arc<Vec<Name>> = Arc::new((0..8).map(|n| format!("n{n}").into()).collect());
        // The root's own monitors each give exactly one down message.
        let mut expected = Vec::new();
        for _ in 0..300 {
            let (books, peers) = (Arc::clone(&ours), Arc::clone(&peers));
            let body = move |mailbox| citizen(mailbox, books, peers, 0);
            expected.push(spawn_monitor(body));
        }
        let begin = now();
        while !expected.is_empty() {
            let wait = Duration::from_millis(20);
            match mailbox.receive_timeout::<Down>(wait).await {
                Some(down) => {
                    let at = expected.iter().position(|(_, r)| *r == down.reference);
                    expected.swap_remove(at.expect("one down message for each monitor"));
                }
                None if begin.elapsed() > Duration::from_secs(30) => {
                    return ExitReason::other(format!("{} never ended", expected.len()));
                }
                None => expected.iter().for_each(|(pid, _)| send(*pid, Stop)),
            }
        }
        // Their children, some of which wait for nobody.
        while processes().await != [me()] {
            for pid in processes().await {
                if pid != me() {
                    send(pid, Stop);
                }
            }
            sleep(Duration::from_millis(1)).await;
            if begin.elapsed() > Duration::from_secs(30) {
                return ExitReason::other(format!("{:?} are left", processes().await));
            }
        }
        if !registered().await.is_empty() {
            return ExitReason::other("names of the dead are left");
        }
        ExitReason::Normal
    });
    assert_eq!(reason, ExitReason::Normal, "{books:?}");
    let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
    assert_eq!(of(&books.made), of(&books.dropped), "messages: {books:?}");
    assert!(of(&books.received) <= of(&books.made));
    assert_eq!(of(&books.born), of(&books.ended), "bodies: {books:?}");
    // Watchers that were killed neither heard of the end nor removed their monitors.
    assert_eq!(
        of(&books.wrong),
        0,
        "down messages that nobody waited for: {books:?}"
    );
    let settled = of(&books.downs) + of(&books.removed) + of(&books.unwatched);
    assert!(settled <= of(&books.monitors), "monitors: {books:?}");
}
