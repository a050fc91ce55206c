//! The rate limiter: a bucket of tokens for each customer, refilled by a timer.
//!
//! Who finds the bucket empty waits for its turn, and nobody else for him: the server keeps his
//! caller and goes on. Nothing of it outlives a crash; then all buckets are full.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::sometimes;

use super::order::Customer;

/// Requests that a customer may make at once.
const BURST: usize = 2;

/// How long until a customer may make one more.
const REFILL: Duration = Duration::from_millis(2);

/// The buckets of those who have taken tokens.
#[derive(Debug, Default)]
pub struct Limiter(BTreeMap<Customer, Bucket>);

#[derive(Debug, Default)]
struct Bucket {
    taken: usize,
    waiting: VecDeque<Caller<()>>,
}

/// Takes a token of a customer's. Answered when there is one.
#[derive(Debug)]
pub struct Take(pub Customer, pub Caller<()>);

#[derive(Debug)]
struct Refill;

/// The name of the limiter.
pub const NAME: &str = "limiter";

/// The limiter, whoever it is at the time.
pub fn limiter() -> Server<Limiter, Name> {
    Server::named(NAME)
}

impl GenServer for Limiter {
    type Args = ();
    type Call = Take;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Limiter::default().into())
    }

    async fn handle_call(&mut self, Take(customer, caller): Take) -> Flow<Self> {
        if self.0.is_empty() {
            send_after(me(), Refill, REFILL);
        }
        let bucket = self.0.entry(customer).or_default();
        sometimes!("limiter.throttled", bucket.taken == BURST);
        if bucket.taken < BURST {
            bucket.taken += 1;
            caller.reply(());
        } else {
            bucket.waiting.push_back(caller);
        }
        Ok(Next::Wait)
    }

    async fn handle_info(&mut self, message: Message) -> Flow<Self> {
        if message.downcast::<Refill>().is_ok() {
            for bucket in self.0.values_mut() {
                match bucket.waiting.pop_front() {
                    Some(caller) => caller.reply(()),
                    None => bucket.taken -= 1,
                }
            }
            self.0.retain(|_, bucket| bucket.taken > 0);
            if !self.0.is_empty() {
                send_after(me(), Refill, REFILL);
            }
        }
        Ok(Next::Wait)
    }
}
