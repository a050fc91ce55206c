//! A candidate counts two votes of one voter and believes that it leads.
//!
//! Known from akka-raft#45. A candidate of five asks for votes, and asks again in a new term when
//! its election times out; it counts a vote whatever its term.
//!
//! Failing order: one voter's vote for the first term is on its way when the election times out,
//! and that vote and the same voter's next one arrive before anyone else's.
//!
//! Mend: votes are kept by voter, and those of another term are dropped.

use std::collections::BTreeSet;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::double_vote", broken)
            .about("two votes of one voter count as two")
            .broken("always election.majority", 6)
            .mended("mended::double_vote"),
        Scenario::new("mended::double_vote", mended)
            .about("one voter, one vote, in this term only")
            .expects([
                "election.first_term",
                "election.second_term",
                "election.old_vote",
            ]),
    ]
}

/// Five nodes: the candidate, who votes for itself, and these.
const VOTERS: usize = 4;

const MAJORITY: usize = 3;

#[derive(Debug)]
struct RequestVote {
    term: u32,
    candidate: Pid,
}

#[derive(Debug)]
struct Vote {
    term: u32,
    voter: Pid,
}

async fn vote(mut mailbox: Mailbox) {
    loop {
        let RequestVote { term, candidate } = mailbox.receive().await;
        send(candidate, Vote { term, voter: me() });
    }
}

#[derive(PartialEq)]
enum Count {
    EveryVote,
    EachVoterOnce,
}

/// Runs for two terms at most. Returns the votes with which it believes to lead.
async fn campaign(mailbox: &mut Mailbox, count: Count) -> Option<Vec<Pid>> {
    let voters = [(); VOTERS].map(|()| spawn(vote));
    let mut votes = vec![me()];
    for current in 1..=2 {
        for voter in voters {
            send(
                voter,
                RequestVote {
                    term: current,
                    candidate: me(),
                },
            );
        }
        if count == Count::EachVoterOnce {
            votes = vec![me()];
        }
        while let Some(Vote { term, voter }) =
            mailbox.receive_timeout(Duration::from_millis(150)).await
        {
            let counts = term == current && !votes.contains(&voter);
            sometimes!("election.old_vote", term < current);
            if counts || count == Count::EveryVote {
                votes.push(voter);
            }
            if votes.len() == MAJORITY {
                sometimes!("election.first_term", current == 1);
                sometimes!("election.second_term", current == 2);
                return Some(votes);
            }
        }
    }
    None
}

async fn elect(count: Count) {
    if let Some(votes) = campaign(&mut mailbox(), count).await {
        let electors: BTreeSet<Pid> = votes.into_iter().collect();
        let voters = electors.len();
        always!(
            "election.majority",
            voters >= MAJORITY,
            "leads with {voters} of five"
        );
    }
}

async fn broken() {
    elect(Count::EveryVote).await;
}

async fn mended() {
    elect(Count::EachVoterOnce).await;
}
