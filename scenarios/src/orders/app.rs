//! The application: the tree, and its settings.
//!
//! ```text
//! orders
//! ├── ledger, stock, prices, limiter
//! ├── news                                 who listens to which order
//! ├── fulfilment (rest for one)
//! │   ├── queue
//! │   ├── carriers                         a task for each offer
//! │   └── worker 0, worker 1, …
//! ├── checkout (rest for one)
//! │   ├── sessions                         which order has which session
//! │   ├── checkouts                        the sessions
//! │   └── resumer
//! ├── requests                             a task for each request
//! └── shop
//! ```
//!
//! In each of the two branches everybody depends on those who stand above. Everywhere else whoever
//! finds another missing tries again, so that one may be restarted without the others.

use std::time::Duration;

use beamline::application::{Application, ApplicationSpec, Environment, Key, Top};
use beamline::prelude::*;
use beamline::{ChildType, Strategy, SupervisorOptions};

use super::database::Database;
use super::ledger::{Account, Books, Ledger};
use super::limiter::Limiter;
use super::news::News;
use super::order::{Cents, Customer};
use super::prices::Prices;
use super::queue::Queue;
use super::resumer::Resumer;
use super::session::{Desk, Sessions};
use super::shop::Shop;
use super::stock::Stock;
use super::worker::work;
use super::{carriers, ledger, limiter, news, prices, queue, resumer, session, shop, stock};

/// The name of the application, and of the topmost supervisor.
pub const NAME: &str = "orders";

/// How many customers have an account.
pub const CUSTOMERS: Key<u32> = Key::new("customers");

/// What each of them has in the beginning.
pub const BALANCE: Key<Cents> = Key::new("balance");

/// How many pieces of each item there are.
pub const PIECES: Key<usize> = Key::new("pieces");

/// How many workers there are.
pub const WORKERS: Key<u32> = Key::new("workers");

/// How many restarts a second each supervisor bears.
///
/// Many, for one crash may take several: whoever is linked to what has crashed ends as well, and
/// when a supervisor is killed, the next one's first attempts may find names still taken.
pub const RESTARTS: Key<usize> = Key::new("restarts");

/// Restarts are counted by the second.
const SECOND: Duration = Duration::from_secs(1);

/// The application, on a database.
#[derive(Debug)]
pub struct Orders(pub Database);

impl Application for Orders {
    type State = ();

    fn spec(&self) -> ApplicationSpec {
        ApplicationSpec::new(NAME)
            .description("takes orders, and brings each of them to its end")
            .required(&CUSTOMERS)
            .default(&BALANCE, 1_000)
            .default(&PIECES, 100)
            .default(&WORKERS, 2)
            .default(&RESTARTS, 100)
    }

    async fn start(&self, settings: &Environment) -> Result<Top, ExitReason> {
        let Orders(database) = self;
        let restarts = settings.fetch(&RESTARTS).await?;
        let ledger = (database.payments.clone(), opening(settings).await?);
        let stock = (database.pieces.clone(), settings.fetch(&PIECES).await?);
        let workers = settings.fetch(&WORKERS).await?;
        let (news, listeners) = News::duplicate().name(news::NAME).child();
        let (sessions, keys) = Sessions::unique().name(session::NAME).child();
        let desk = Desk {
            database: database.clone(),
            news,
            sessions,
        };
        let children = [
            Ledger::child(ledger).name(ledger::NAME),
            Stock::child(stock).name(stock::NAME),
            Prices::child(()).name(prices::NAME),
            Limiter::child(()).name(limiter::NAME),
            listeners,
            fulfilment(&desk, workers, restarts),
            checkout(&desk, keys, restarts),
            TaskSupervisor::child().name(shop::REQUESTS),
            Shop::child(desk).name(shop::NAME),
        ];
        let top = Supervisor::start_link(children).max_restarts(restarts, SECOND);
        Ok(top.name(NAME).await?.into())
    }
}

/// What each account holds before the first order.
pub async fn opening(settings: &Environment) -> Result<Books, ExitReason> {
    let (customers, balance) = (
        settings.fetch(&CUSTOMERS).await?,
        settings.fetch(&BALANCE).await?,
    );
    let account = |number| (Account::Of(Customer(number)), balance);
    Ok((0..customers).map(account).collect())
}

/// Those who bring orders to their end.
fn fulfilment(desk: &Desk, workers: u32, restarts: usize) -> ChildSpec {
    let queue = Queue::child(desk.database.jobs.clone()).name(queue::NAME);
    let carriers = TaskSupervisor::child().name(carriers::NAME);
    let workers = (0..workers).map(|number| worker(number, desk.clone()));
    let children = [queue, carriers].into_iter().chain(workers);
    let supervisor = Supervisor::start_link(children).max_restarts(restarts, SECOND);
    branch("fulfilment", supervisor, [queue::NAME, carriers::NAME])
}

fn worker(number: u32, desk: Desk) -> ChildSpec {
    ChildSpec::new(format!("worker {number}"), move || {
        let work = work(desk.clone());
        async { Ok::<_, StartError>(spawn_link(async |_: Mailbox| work.await)) }
    })
}

/// Those who see an order from the request to the receipt.
fn checkout(desk: &Desk, keys: ChildSpec, restarts: usize) -> ChildSpec {
    let sessions = DynamicSupervisor::start_link().max_restarts(restarts, SECOND);
    let children = [
        keys,
        sessions.name(session::SUPERVISOR).child(),
        Resumer::child(desk.clone()).name(resumer::NAME),
    ];
    let supervisor = Supervisor::start_link(children).max_restarts(restarts, SECOND);
    let names = [session::NAME, session::SUPERVISOR, resumer::NAME];
    branch("checkout", supervisor, names)
}

/// A branch of the tree, whose children have these names.
///
/// When a supervisor is killed, its children end a little later than it. Until then they have their
/// names, so the next one sees to it first that they are gone.
fn branch<const N: usize>(
    name: &'static str,
    supervisor: SupervisorOptions,
    names: [&'static str; N],
) -> ChildSpec {
    let supervisor = supervisor.strategy(Strategy::RestForOne).name(name);
    let start = move || {
        let supervisor = supervisor.clone();
        async move {
            for name in names {
                if let Some(orphan) = whereis(name).await {
                    // However it ends, it is gone afterwards.
                    let _ = beamline::stop(orphan, ExitReason::Shutdown, None).await;
                }
            }
            let pid = supervisor.await?.whereis().await;
            pid.ok_or(StartError::Failed(ExitReason::NoProc))
        }
    };
    ChildSpec::new(name, start).kind(ChildType::Supervisor)
}
