//! Group `gen_server`: the servers with which behaviours are taught.
//!
//! Each reads like its Elixir original and is correct under every schedule, on both backends. A
//! call with a timeout may always come back without an answer, so each program says what it does
//! then; where it cannot go on, it waits without one.

use beamline_sim::Scenario;

mod cache;
mod code_change;
mod continuation;
mod counter;
mod delayed_reply;
mod invoice;
mod job_queue;
mod key_value;
mod pubsub;
mod rate_limiter;
mod stack;
mod starting;
mod terminate;
mod ticker;
mod worker_pool;

/// The scenarios of this group.
pub fn scenarios() -> Vec<Scenario> {
    [
        counter::scenarios(),
        stack::scenarios(),
        key_value::scenarios(),
        cache::scenarios(),
        ticker::scenarios(),
        invoice::scenarios(),
        pubsub::scenarios(),
        rate_limiter::scenarios(),
        worker_pool::scenarios(),
        job_queue::scenarios(),
        starting::scenarios(),
        continuation::scenarios(),
        delayed_reply::scenarios(),
        terminate::scenarios(),
        code_change::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
