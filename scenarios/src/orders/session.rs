//! Sessions: one state machine for each order, from the request to the receipt.
//!
//! ```text
//! Reserving ──▶ Paying ──▶ Settling(Ship) ──────▶ Closed
//!     │            │            │                    ▲
//!     └────────────┴────────────┴▶ Settling(Cancel) ─┘
//! ```
//!
//! What a state has to do is done when its timeout comes: at once when it is entered, and again a
//! little later whenever it has failed. All of it may be asked for twice, so a session that was
//! killed begins again in the first state, and needs to remember nothing.

use std::time::Duration;

use beamline::SupervisorError;
use beamline::prelude::*;
use beamline_sim::{reachable, sometimes};

use super::database::Database;
use super::ledger::{self, Charged, ledger};
use super::news::{Closed, News};
use super::order::{Order, OrderId, Receipt, Wish};
use super::prices::price;
use super::queue::{self, Job, queue};
use super::stock::{self, Reserved, stock};

/// Sessions by order.
pub type Sessions = Registry<OrderId>;

/// The name of that registry's process.
pub const NAME: &str = "sessions";

/// What a session is called.
pub const LABEL: &str = "session";

/// How long until something that has failed is tried again.
const RETRY: Duration = Duration::from_millis(2);

/// How long a session stays when all is over, for those who ask again.
const LINGER: Duration = Duration::from_millis(5);

/// What all sessions need.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Where orders are kept.
    pub database: Database,
    /// Where their ends are published.
    pub news: News,
    /// Where sessions are found.
    pub sessions: Sessions,
}

/// Where an order stands.
#[derive(Debug, PartialEq)]
pub enum State {
    /// A piece is to be reserved.
    Reserving,
    /// The price is to be paid.
    Paying,
    /// Somebody is to bring it to its end, this one if it is not too late.
    Settling(Wish),
    /// That is done.
    Closed(Receipt),
}

/// How the order ends; answered when it has.
#[derive(Debug)]
pub struct Outcome(pub Caller<Receipt>);

/// The customer does not want it any more.
#[derive(Debug)]
pub struct Cancel;

/// What else arrives.
#[derive(Debug)]
pub enum Info {
    /// The order has come to its end.
    Closed(Receipt),
    /// Nothing that matters here.
    Other,
}

impl From<Message> for Info {
    fn from(message: Message) -> Self {
        let closed = message.downcast::<Closed>();
        closed.map_or(Info::Other, |Closed(receipt)| Info::Closed(receipt))
    }
}

/// A session.
#[derive(Debug)]
pub struct Session {
    order: Order,
}

impl GenStateMachine for Session {
    type Args = (Order, Desk);
    type State = State;
    type Call = Outcome;
    type Cast = Cancel;
    type Info = Info;
    type Internal = Never;
    type TimerName = Never;

    async fn init((order, desk): Self::Args) -> Begin<Self> {
        let Desk { database, news, .. } = desk;
        // Listens first and looks afterwards, or the end might come in between.
        news.register(order.id, ()).await?;
        let state = match database.closed.get(&order.id).await {
            Some(receipt) => {
                database.open.remove(&order.id).await;
                State::Closed(receipt)
            }
            None => {
                database.open.put(order.id, order).await;
                State::Reserving
            }
        };
        begin(state, Session { order })
    }

    async fn enter(&mut self, _: &State, state: &State) -> Entering<Self> {
        let first = match state {
            State::Closed(_) => LINGER,
            _ => Duration::ZERO,
        };
        Enter::done().state_timeout(first)
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match (state, event) {
            (State::Closed(receipt), Event::Call(Outcome(caller))) => {
                keep_state().reply(caller, *receipt)
            }
            (_, event @ Event::Call(Outcome(_))) => postpone(event),
            (State::Closed(_), Event::Cast(Cancel)) => keep_state(),
            (_, Event::Cast(Cancel)) => next_state(State::Settling(Wish::Cancel)),
            (_, Event::Info(Info::Closed(receipt))) => next_state(State::Closed(receipt)),
            (_, Event::Info(Info::Other)) => keep_state(),
            (State::Reserving, Event::StateTimeout(_)) => self.reserve().await,
            (State::Paying, Event::StateTimeout(_)) => self.pay().await,
            (State::Settling(wish), Event::StateTimeout(_)) => self.settle(*wish).await,
            (State::Closed(_), Event::StateTimeout(_)) => stop(ExitReason::Normal),
            (_, event) => unexpected(event),
        }
    }
}

impl Session {
    async fn reserve(&self) -> Transition<Session> {
        let order = self.order;
        let reserve = |caller| stock::Ask::Reserve(order, caller);
        let reserved = stock().call(reserve).await;
        sometimes!("session.sold_out", reserved == Ok(Reserved::SoldOut));
        match reserved {
            Ok(Reserved::Yes) => next_state(State::Paying),
            Ok(Reserved::SoldOut) => next_state(State::Settling(Wish::Cancel)),
            // In an earlier life: whatever is wished for, what was decided comes out.
            Ok(Reserved::Settled) => next_state(State::Settling(Wish::Cancel)),
            Err(_) => keep_state().state_timeout(RETRY),
        }
    }

    async fn pay(&self) -> Transition<Session> {
        let (order, price) = (self.order, price(self.order.item).await);
        let charge = |caller| ledger::Ask::Charge(order, price, caller);
        let charged = ledger().call(charge).await;
        sometimes!("session.no_funds", charged == Ok(Charged::NoFunds));
        match charged {
            Ok(Charged::Paid) => next_state(State::Settling(Wish::Ship)),
            Ok(Charged::NoFunds | Charged::Settled) => next_state(State::Settling(Wish::Cancel)),
            Err(_) => keep_state().state_timeout(RETRY),
        }
    }

    async fn settle(&self, wish: Wish) -> Transition<Session> {
        let order = self.order;
        let put = |caller| queue::Ask::Put(Job { order, wish }, caller);
        match queue().call(put).await {
            // It is done at least once, and then there will be news.
            Ok(()) => keep_state(),
            Err(_) => keep_state().state_timeout(RETRY),
        }
    }
}

/// The session of an order, started unless it runs.
///
/// # Errors
/// If it can be neither found nor started just now.
pub async fn find_or_start(order: Order, desk: &Desk) -> Result<StateMachine<Session>, ExitReason> {
    if let Some(session) = desk.sessions.whereis(&order.id).await {
        return Ok(Server::of(session));
    }
    let supervisor = DynamicSupervisor::at(SUPERVISOR);
    match supervisor.start_child(child(order, desk)).await {
        Ok(session) => Ok(Server::of(session)),
        // Somebody else was faster.
        Err(SupervisorError::Start(StartError::Ignore)) => {
            reachable!("session.lost_the_race");
            let session = desk.sessions.whereis(&order.id).await;
            session.map(Server::of).ok_or(ExitReason::NoProc)
        }
        Err(error) => Err(error.into()),
    }
}

/// The name of the supervisor of all sessions.
pub const SUPERVISOR: &str = "checkouts";

/// A session under its supervisor, which starts it again only after a crash.
///
/// After a crash somebody may be faster than the supervisor to start another. Then there is nothing
/// left to do for it; taken for a failure, it would be tried until the supervisor gives up.
fn child(order: Order, desk: &Desk) -> ChildSpec {
    let desk = desk.clone();
    let start = move || {
        let desk = desk.clone();
        async move {
            let address = via(&desk.sessions, order.id);
            let session = Session::start_link((order, desk));
            match session.address(address).label(LABEL).await {
                Err(StartError::AlreadyStarted(_)) => Err(StartError::Ignore),
                started => started,
            }
        }
    };
    ChildSpec::new("session", start).restart(Restart::Transient)
}
