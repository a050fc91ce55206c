//! The job queue: each job is done at least once.
//!
//! A job leaves the database when whoever took it says that it is done. Until then it is given to
//! the next one if its taker ends, and to anybody if the queue itself does; so two may have one job
//! at the same time, and jobs have to be such that this does no harm.

use std::collections::{BTreeMap, VecDeque};

use beamline::prelude::*;
use beamline_sim::reachable;

use super::database::Table;
use super::order::{Order, OrderId, Wish};

/// Something to do about an order: one row of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// What it is about.
    pub order: Order,
    /// What is to become of it.
    pub wish: Wish,
}

/// A job that was given away, and what its taker gives back when it is done.
#[derive(Debug)]
pub struct Taken {
    /// Proves who has it.
    pub ticket: Ref,
    /// What to do.
    pub job: Job,
}

/// What the queue is asked.
#[derive(Debug)]
pub enum Ask {
    /// To keep a job, instead of what it has for that order. It is safe when this is answered.
    Put(Job, Caller<()>),
    /// For a job; answered when there is one.
    Take(Caller<Taken>),
}

/// A job was done.
#[derive(Debug)]
pub struct Done(pub Ref);

/// Jobs, and who waits for them.
#[derive(Debug)]
pub struct Queue {
    table: Table<OrderId, Job>,
    waiting: VecDeque<Job>,
    idle: VecDeque<(Ref, Caller<Taken>)>,
    taken: BTreeMap<Ref, Job>,
}

/// The name of the queue.
pub const NAME: &str = "queue";

/// The queue, whoever it is at the time.
pub fn queue() -> Server<Queue, Name> {
    Server::named(NAME)
}

impl GenServer for Queue {
    type Args = Table<OrderId, Job>;
    type Call = Ask;
    type Cast = Done;
    type Info = Message;
    type Continue = Never;

    async fn init(table: Self::Args) -> Init<Self> {
        let waiting: VecDeque<Job> = table.all().await.into_values().collect();
        if !waiting.is_empty() {
            reachable!("queue.recovered_jobs");
        }
        Ok(Queue {
            table,
            waiting,
            idle: VecDeque::new(),
            taken: BTreeMap::new(),
        }
        .into())
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        match ask {
            Ask::Put(job, caller) => {
                self.table.put(job.order.id, job).await;
                self.waiting.retain(|known| known.order != job.order);
                self.waiting.push_back(job);
                caller.reply(());
            }
            Ask::Take(caller) => {
                let ticket = monitor(caller.pid());
                self.idle.push_back((ticket, caller));
            }
        }
        self.deal();
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Done(ticket): Done) -> Flow<Self> {
        demonitor_flush(ticket);
        // Unknown, if it was given out before a restart: then the job is done once more.
        if let Some(job) = self.taken.remove(&ticket) {
            self.table.remove(&job.order.id).await;
        }
        Ok(Next::Wait)
    }

    async fn handle_info(&mut self, message: Message) -> Flow<Self> {
        if let Ok(Down { reference, .. }) = message.downcast() {
            self.idle.retain(|(ticket, _)| *ticket != reference);
            if let Some(job) = self.taken.remove(&reference) {
                reachable!("queue.taken_back");
                self.waiting.push_front(job);
                self.deal();
            }
        }
        Ok(Next::Wait)
    }
}

impl Queue {
    /// Gives what waits to those who wait for it.
    fn deal(&mut self) {
        while !self.waiting.is_empty()
            && let Some((ticket, caller)) = self.idle.pop_front()
            && let Some(job) = self.waiting.pop_front()
        {
            self.taken.insert(ticket, job);
            caller.reply(Taken { ticket, job });
        }
    }
}
