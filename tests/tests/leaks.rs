//! Planted leaks of nondeterminism: each program lets something into its behaviour that no seed
//! decides, and the simulator has to say so.
//!
//! Every run is made twice here. The two runs of one seed then differ, if not at once then
//! within a few seeds, and the verdict is `nondeterminism`. The same programs without the leak
//! are as good as any.

use std::collections::HashMap;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::{Instant, SystemTime};

use beamline::prelude::{Mailbox, Pid, mailbox, me, random_range, send, spawn, yield_now};
use beamline_sim::Check;

type Body = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Whether a search of `runs` seeds, each run twice, calls the program nondeterministic.
fn is_caught(name: &str, runs: u64, body: fn() -> Body) -> bool {
    let check = Check::new(name)
        .runs(runs)
        .double_runs(1.0)
        .regressions(None);
    let report = check.report(body);
    report
        .findings
        .iter()
        .any(|finding| finding.verdict.id == "nondeterminism")
}

/// Does different things for different numbers: as many processes are told as it says.
async fn act_on(number: u64) {
    let (mut mailbox, root) = (mailbox(), me());
    let told = number % 5;
    for _ in 0..told {
        spawn(async move |_: Mailbox| send(root, ()));
    }
    for _ in 0..told {
        mailbox.receive::<()>().await;
    }
}

/// Tells one process after the other, in this order, and waits for their answers.
async fn visit(order: impl Iterator<Item = usize>) {
    let (mut mailbox, root) = (mailbox(), me());
    let stations: Vec<Pid> = (0..8)
        .map(|_| {
            spawn(async move |mut mailbox: Mailbox| {
                mailbox.receive::<()>().await;
                send(root, ());
            })
        })
        .collect();
    for station in order {
        send(stations[station], ());
        mailbox.receive::<()>().await;
    }
}

/// A hash map's order, which std draws anew for each map, decides who hears first.
async fn map_order() {
    let map: HashMap<usize, ()> = (0..8).map(|station| (station, ())).collect();
    visit(map.into_keys()).await;
}

/// The clock of the machine decides how much is done.
async fn clock() {
    let started = Instant::now();
    yield_now().await;
    act_on(started.elapsed().as_nanos() as u64).await;
}

/// The date decides how much is done.
async fn date() {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    act_on(since.as_nanos() as u64).await;
}

/// The entropy of the system, behind std's hasher, decides how much is done.
async fn entropy() {
    act_on(RandomState::new().build_hasher().finish()).await;
}

/// A counter that outlives the run decides how much is done.
async fn counter() {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    act_on(RUNS.fetch_add(1, Ordering::Relaxed)).await;
}

/// Where the allocator happens to put things decides who hears first, as it does with any table
/// that hashes addresses. A cache that outlives the run moves them about.
async fn addresses() {
    #[expect(
        clippy::vec_box,
        reason = "each place is to be an allocation of its own"
    )]
    static CACHE: Mutex<Vec<Box<[u8; 100]>>> = Mutex::new(Vec::new());
    let mut boxes: Vec<(Box<[u8; 100]>, usize)> = (0..8)
        .map(|station| (Box::new([0; 100]), station))
        .collect();
    let hash = |place: *const u8| (place as u64 >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 8;
    boxes.sort_by_key(|(place, _)| hash(place.as_ptr()));
    let order: Vec<usize> = boxes.iter().map(|&(_, station)| station).collect();
    CACHE
        .lock()
        .expect("no holder panics")
        .extend(boxes.pop().map(|(place, _)| place));
    visit(order.into_iter()).await;
}

/// A thread of the machine sends at its own pace to a process that looks now and then.
async fn thread() {
    let (sender, receiver) = mpsc::channel();
    let sending = std::thread::spawn(move || sender.send(()));
    let mut looks = 0;
    while receiver.try_recv().is_err() {
        looks += 1;
        yield_now().await;
    }
    drop(sending.join());
    act_on(looks).await;
}

/// What stands outside, and is changed between two runs, decides how much is done.
async fn surroundings() {
    let path = std::env::temp_dir().join(format!("beamline-leak-{}", std::process::id()));
    let written = std::fs::read(&path).map_or(0, |bytes| bytes.len());
    std::fs::write(&path, vec![b'x'; (written + 1) % 5]).expect("the place is writable");
    act_on(written as u64).await;
}

/// What the seed decides is no leak, however random it is.
async fn seeded() {
    act_on(random_range(0..5)).await;
    let mut order: Vec<usize> = (0..8).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, random_range(0..last as u64 + 1) as usize);
    }
    visit(order.into_iter()).await;
}

/// Declares a test that a leak is found.
macro_rules! caught {
    ($($name:ident within $runs:literal runs;)+) => {
        mod planted {
            $(
                #[test]
                fn $name() {
                    let caught = super::is_caught(stringify!($name), $runs, || {
                        Box::pin(super::$name())
                    });
                    assert!(caught, "the leak went unnoticed for {} runs", $runs);
                }
            )+
        }
    };
}

caught! {
    map_order within 20 runs;
    clock within 20 runs;
    date within 20 runs;
    entropy within 20 runs;
    counter within 2 runs;
    addresses within 20 runs;
    thread within 50 runs;
    surroundings within 2 runs;
}

#[test]
fn what_the_seed_decides_is_no_leak() {
    assert!(!is_caught("seeded", 200, || Box::pin(seeded())));
}

/// One run in twenty is made twice by default: enough for a leak that shows in every run.
#[test]
fn the_default_share_of_double_runs_finds_a_leak_too() {
    let report = Check::new("counter")
        .runs(400)
        .regressions(None)
        .report(counter);
    let verdicts: Vec<&str> = report
        .findings
        .iter()
        .map(|finding| finding.verdict.id.as_str())
        .collect();
    assert!(verdicts.contains(&"nondeterminism"), "{verdicts:?}");
}
