//! Many requests at once.

use std::future::poll_fn;
use std::time::Duration;

use super::address::Reach;
use super::behaviour::Behaviour;
use super::call::{CallError, Request};
use super::caller::Caller;
use super::server::Server;
use crate::kernel::term::Term;
use crate::process::now;
use crate::process::request::Patience;

/// Requests whose answers are taken in the order in which they come, each with a label (GS-39).
///
/// Dropped, it abandons them all (GS-40).
#[doc(alias = "request_id_collection")]
#[derive(Debug)]
pub struct Requests<L, T> {
    open: Vec<(L, Request<T>)>,
}

impl<L, T> Default for Requests<L, T> {
    fn default() -> Self {
        Requests { open: Vec::new() }
    }
}

impl<L, T: Term> Requests<L, T> {
    /// No requests.
    #[doc(alias = "reqids_new")]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    #[doc(alias = "reqids_add")]
    pub fn add(&mut self, label: L, request: Request<T>) {
        self.open.push((label, request));
    }

    /// How many have not been answered.
    #[doc(alias = "reqids_size")]
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether all have been answered.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The labels of those that have not been answered, in the order in which they were added.
    #[doc(alias = "reqids_to_list")]
    pub fn labels(&self) -> impl Iterator<Item = &L> {
        self.open.iter().map(|(label, _)| label)
    }

    /// The next answer and its label; `None` when there are no more, or when `timeout` has passed
    /// first: then the requests stay open (GS-35).
    pub async fn next(&mut self, timeout: Option<Duration>) -> Option<(L, Result<T, CallError>)> {
        if self.open.is_empty() {
            return None;
        }
        let mut patience = Patience::new(timeout);
        poll_fn(|_| patience.poll(|| self.look())).await
    }

    fn look(&mut self) -> Option<(L, Result<T, CallError>)> {
        let mut found = (0..).zip(&mut self.open);
        let (at, answer) = found.find_map(|(at, (_, request))| Some((at, request.look()?)))?;
        let (label, _) = self.open.remove(at);
        Some((label, answer))
    }
}

/// Asks many servers the same and waits for all, or until `timeout` has passed. Returns the
/// answers in the order of the servers, and those without one (GS-46).
///
/// # Differences from OTP
/// The servers are given, not the nodes on which one name is looked up.
pub async fn multi_call<S, T, F>(
    servers: impl IntoIterator<Item = Server<S>>,
    make: F,
    timeout: Option<Duration>,
) -> (Vec<(Server<S>, T)>, Vec<Server<S>>)
where
    S: Behaviour,
    T: Term,
    F: Fn(Caller<T>) -> S::Call,
{
    let mut asked = Vec::new();
    let mut requests: Requests<usize, T> = Requests::new();
    for server in servers {
        requests.add(asked.len(), Request::send(server.reach(), &make).await);
        asked.push((server, None));
    }
    let until = timeout.map(|timeout| now() + timeout);
    while !requests.is_empty() {
        let left = until.map(|until| until - now());
        match requests.next(left).await {
            Some((at, answer)) => asked[at].1 = Some(answer),
            None => break,
        }
    }
    let (mut answers, mut bad) = (Vec::new(), Vec::new());
    for (server, answer) in asked {
        match answer {
            Some(Ok(answer)) => answers.push((server, answer)),
            _ => bad.push(server),
        }
    }
    (answers, bad)
}
