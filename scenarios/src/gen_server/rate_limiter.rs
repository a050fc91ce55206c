//! A rate limiter: so many requests in a window of time, whoever makes them.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::rate_limiter", rate_limiter)
            .about("two requests a window, for two clients")
            .expects(["rate_limiter.allowed", "rate_limiter.limited"])
            .no_leaks(),
    ]
}

const WINDOW: Duration = Duration::from_millis(6);
const MAX: usize = 2;

struct RateLimiter {
    max: usize,
    window: Duration,
    recent: Vec<Instant>,
}

/// When the request was allowed, if it was.
#[derive(Debug)]
struct Check(Caller<Option<Instant>>);

impl GenServer for RateLimiter {
    type Args = (usize, Duration);
    type Call = Check;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((max, window): (usize, Duration)) -> Init<Self> {
        let recent = Vec::new();
        Ok(RateLimiter {
            max,
            window,
            recent,
        }
        .into())
    }

    async fn handle_call(&mut self, Check(caller): Check) -> Flow<Self> {
        let now = now();
        self.recent.retain(|at| now - *at < self.window);
        let allowed = self.recent.len() < self.max;
        if allowed {
            self.recent.push(now);
        }
        caller.reply(allowed.then_some(now));
        Ok(Next::Wait)
    }
}

async fn rate_limiter() -> Result<(), ExitReason> {
    let (mut mailbox, root) = (mailbox(), me());
    let limiter = RateLimiter::start_link((MAX, WINDOW)).await?;
    for _ in 0..2 {
        spawn(async move |_: Mailbox| -> Result<(), ExitReason> {
            for _ in 0..3 {
                send(root, limiter.call(Check).no_timeout().await?);
                sleep(WINDOW / 2).await;
            }
            Ok(())
        });
    }
    let mut allowed = Vec::new();
    for _ in 0..6 {
        let at = mailbox.receive::<Option<Instant>>().await;
        sometimes!("rate_limiter.allowed", at.is_some());
        sometimes!("rate_limiter.limited", at.is_none());
        allowed.extend(at);
    }
    allowed.sort();
    for crowd in allowed.windows(MAX + 1) {
        let time = crowd[MAX] - crowd[0];
        always!(
            "rate_limiter.window",
            time >= WINDOW,
            "{} in {time:?}",
            MAX + 1
        );
    }
    Ok(limiter.stop().await?)
}
