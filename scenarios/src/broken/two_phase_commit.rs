//! A coordinator commits before the last participant has voted, and that one votes no.
//!
//! Known from the benchmark models of the P language: two-phase commit that decides on the votes
//! of all participants but one.
//!
//! Failing order: the no arrives last.
//!
//! Mend: every vote counts before anything is committed.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::two_phase_commit", broken)
            .about("a commit before the last vote")
            .broken("always commit.unanimous", 9)
            .mended("mended::two_phase_commit"),
        Scenario::new("mended::two_phase_commit", mended)
            .about("a commit after all votes")
            .expects(["commit.no_came_first", "commit.no_came_last"])
            .no_leaks(),
    ]
}

/// The votes of the participants.
const VOTES: [Vote; 3] = [Vote::Yes, Vote::Yes, Vote::No];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Vote {
    Yes,
    No,
}

#[derive(Debug)]
struct Prepare(Pid);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Decision {
    Commit,
    Abort,
}

/// Ends with the decision, which must not be to commit what it voted against.
async fn participate(mut mailbox: Mailbox, vote: Vote) {
    let Prepare(coordinator) = mailbox.receive().await;
    send(coordinator, vote);
    let decision = mailbox.receive::<Decision>().await;
    let agreed = vote == Vote::Yes || decision == Decision::Abort;
    always!("commit.unanimous", agreed, "committed against a no");
}

async fn coordinate(votes_needed: usize) {
    let mut mailbox = mailbox();
    let participants = VOTES.map(|vote| spawn_monitor(move |mailbox| participate(mailbox, vote)));
    for (participant, _) in participants {
        send(participant, Prepare(me()));
    }

    let mut votes = Vec::new();
    let decision = loop {
        let vote = mailbox.receive::<Vote>().await;
        votes.push(vote);
        if votes.len() == votes_needed {
            let unanimous = votes.iter().all(|vote| *vote == Vote::Yes);
            break if unanimous {
                Decision::Commit
            } else {
                Decision::Abort
            };
        }
    };
    sometimes!("commit.no_came_first", votes.first() == Some(&Vote::No));
    sometimes!("commit.no_came_last", votes.get(2) == Some(&Vote::No));

    for (participant, reference) in participants {
        send(participant, decision);
        mailbox
            .receive_where(|down: &Down| down.reference == reference)
            .await;
    }
}

async fn broken() {
    coordinate(VOTES.len() - 1).await;
}

async fn mended() {
    coordinate(VOTES.len()).await;
}
