//! The service on threads, for as long as you like, while its processes are killed at random.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use beamline::application::{Config, Release};
use beamline::prelude::*;
use beamline::snapshot::{ProcessView, take_within};

use super::app::{self, Orders};
use super::audit;
use super::customer::buy;
use super::database::Database;
use super::ledger::Books;
use super::order::{Customer, Fate, Order, OrderId, Receipt};

/// How long and how hard.
#[derive(Debug, Clone)]
pub struct Plan {
    /// For how long customers order.
    pub time: Duration,
    /// How many there are.
    pub customers: u32,
    /// How long between two kills, on average.
    pub between_kills: Duration,
    /// What decides who is killed, and when.
    pub seed: u64,
}

impl Default for Plan {
    /// Two seconds, eight customers, a kill every five milliseconds.
    fn default() -> Self {
        Plan {
            time: Duration::from_secs(2),
            customers: 8,
            between_kills: Duration::from_millis(5),
            seed: 0,
        }
    }
}

/// What it came to.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Orders that were shipped.
    pub shipped: usize,
    /// Orders that were not, and cost nothing.
    pub cancelled: usize,
    /// What was killed, and how often.
    pub kills: BTreeMap<String, usize>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary {
            shipped,
            cancelled,
            kills,
        } = self;
        let orders = shipped + cancelled;
        writeln!(
            f,
            "{orders} orders: {shipped} shipped, {cancelled} cancelled"
        )?;
        write!(f, "{} kills:", kills.values().sum::<usize>())?;
        for (who, times) in kills {
            write!(f, " {who} {times},")?;
        }
        write!(f, "\nall accounts balance")
    }
}

/// Enough for every order that customers can make.
const PLENTY: i64 = 1_000_000_000;

/// Many, since kills come a hundred times faster than in the worst of lives.
const RESTARTS: usize = 10_000;

/// Runs the service, and kills.
///
/// # Errors
/// If anything is not as was promised: what was found, and what was expected.
pub async fn soak(plan: Plan) -> Result<Summary, ExitReason> {
    let database = Database::default();
    let pieces = usize::MAX;
    let config = Config::new()
        .set(app::NAME, &app::CUSTOMERS, plan.customers)
        .set(app::NAME, &app::BALANCE, PLENTY)
        .set(app::NAME, &app::PIECES, pieces)
        .set(app::NAME, &app::WORKERS, 4)
        .set(app::NAME, &app::RESTARTS, RESTARTS);
    let release = Release::new().with(Orders(database.clone())).config(config);
    let applications = release.start_link().await?;
    applications.start_all().await?;
    let opening = app::opening(&applications.environment(app::NAME)).await?;

    let end = now() + plan.time;
    let customer = |number| Task::spawn(customer(Customer(number), end, opening.clone()));
    let customers: Vec<_> = (0..plan.customers).map(customer).collect();
    let kills = kill_until(end, &plan).await;
    let mut receipts = Vec::new();
    for bought in Task::join_all(customers, None).await? {
        receipts.extend(bought?);
    }
    if applications.running().await?.is_empty() {
        return Err(ExitReason::other("the application went down"));
    }
    audit::settled(&opening, &audit::books().await, &receipts).map_err(ExitReason::other)?;
    applications.shutdown().await?;
    audit::kept(&database, &receipts, pieces)
        .await
        .map_err(ExitReason::other)?;

    let shipped = |(_, receipt): &&(Order, Receipt)| receipt.fate != Fate::Cancelled;
    let shipped = receipts.iter().filter(shipped).count();
    let cancelled = receipts.len() - shipped;
    Ok(Summary {
        shipped,
        cancelled,
        kills,
    })
}

/// A customer who orders until then, and looks at the books after each order.
async fn customer(
    customer: Customer,
    end: Instant,
    opening: Books,
) -> Result<Vec<(Order, Receipt)>, ExitReason> {
    let mut receipts = Vec::new();
    while now() < end {
        let nth = u32::try_from(receipts.len()).unwrap_or(u32::MAX);
        let order = Order {
            id: OrderId(customer.0 * 1_000_000 + nth),
            customer,
            item: ["tea", "coffee"][receipts.len() % 2],
        };
        receipts.push((order, buy(order).await));
        audit::conserved(&opening, &audit::books().await).map_err(ExitReason::other)?;
    }
    Ok(receipts)
}

/// Kills anybody but the topmost supervisor, again and again; who it was, and how often.
async fn kill_until(end: Instant, plan: &Plan) -> BTreeMap<String, usize> {
    let mut draws = Draws(plan.seed);
    let mut kills = BTreeMap::new();
    let pause = u64::try_from(plan.between_kills.as_micros()).unwrap_or(u64::MAX);
    while now() < end {
        sleep(Duration::from_micros(draws.below(2 * pause))).await;
        let Some(tree) = take_within(app::NAME, Duration::from_millis(10)).await else {
            return kills;
        };
        let processes = tree.processes();
        let below = &processes[1..];
        if below.is_empty() {
            continue;
        }
        let at = draws.below(below.len() as u64) as usize;
        exit(below[at].info.pid, ExitReason::Kill);
        *kills.entry(kind(below[at])).or_default() += 1;
    }
    kills
}

/// What a process is, without its number.
fn kind(process: &ProcessView) -> String {
    let info = &process.info;
    let name = info.name.as_ref().map(ToString::to_string);
    let runs = || process.runs().unwrap_or("process").to_string();
    name.or_else(|| info.label.clone()).unwrap_or_else(runs)
}

/// Random numbers from a seed, by splitmix64.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end.max(1)
    }
}
