//! A voter that crashes forgets whom it voted for, and two candidates lead in one term.
//!
//! Known from akka-raft#56 and #62. The voter keeps its vote in memory; it is restarted with an
//! empty one.
//!
//! Two candidates of three ask the third for its vote. Failing order: it votes for one, crashes,
//! is started again, and votes for the other. Needs one crash, which the simulator injects.
//!
//! Mend: the voter writes its vote to a process that outlives it, before it answers.

use beamline::prelude::*;
use beamline_sim::{Faults, Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    let crash = || Faults::none().crashes(1).victims(["voter"]);
    vec![
        Scenario::new("broken::forgetful_voter", broken)
            .about("a voter forgets its vote in a crash")
            .faults(crash())
            .broken("always term.one_leader", 12)
            .mended("mended::forgetful_voter"),
        Scenario::new("mended::forgetful_voter", mended)
            .about("a vote outlives the voter")
            .faults(crash())
            .expects(["term.crashed", "term.one_leads"]),
    ]
}

const VOTER: &str = "voter";

#[derive(Debug)]
struct RequestVote(Pid);

#[derive(Debug)]
struct Vote {
    granted: bool,
}

/// Where votes are kept: writes the first vote down, and tells which it was.
#[derive(Debug)]
struct Keep {
    candidate: Pid,
    from: Pid,
}

#[derive(Debug)]
struct Kept(Pid);

async fn storage(mut mailbox: Mailbox) {
    let mut voted_for = None;
    loop {
        let Keep { candidate, from } = mailbox.receive().await;
        send(from, Kept(*voted_for.get_or_insert(candidate)));
    }
}

/// Votes for the first who asks, as far as it remembers: by itself, or with a storage.
async fn voter(mut mailbox: Mailbox, storage: Option<Pid>) {
    let mut voted_for = None;
    loop {
        let RequestVote(candidate) = mailbox.receive().await;
        let vote = match (voted_for, storage) {
            (None, Some(storage)) => {
                send(
                    storage,
                    Keep {
                        candidate,
                        from: me(),
                    },
                );
                let Kept(vote) = mailbox.receive().await;
                vote
            }
            (None, None) => candidate,
            (Some(vote), _) => vote,
        };
        voted_for = Some(vote);
        send(
            candidate,
            Vote {
                granted: vote == candidate,
            },
        );
    }
}

/// Leads with the vote of the third; the vote for itself makes two of three.
#[derive(Debug)]
struct Election {
    leads: bool,
}

async fn candidate(mut mailbox: Mailbox, root: Pid) {
    // No voter at this instant, or one that dies with the request: no vote.
    let asked = async {
        let voter = whereis(VOTER).await?;
        let reference = monitor(voter);
        send(voter, RequestVote(me()));
        receive! { mailbox;
            Vote { granted } in Vote => Some(granted),
            Down { reference: down, .. } in Down where down == reference => None,
        }
    };
    let leads = asked.await == Some(true);
    send(root, Election { leads });
}

async fn start_voter(storage: Option<Pid>) -> Result<Ref, ExitReason> {
    let (pid, reference) = spawn_monitor(move |mailbox| voter(mailbox, storage));
    // A voter that crashed before it got its name is started again like any other.
    match register(VOTER, pid).await {
        Ok(()) | Err(RegisterError::NoProc { .. }) => Ok(reference),
        Err(error) => Err(error.into()),
    }
}

/// Holds the election, and starts the voter again when it crashes.
async fn elect(storage: Option<Pid>) -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    let root = me();
    let mut current = start_voter(storage).await?;
    for _ in 0..2 {
        spawn(move |mailbox| candidate(mailbox, root));
    }
    let mut outcomes = 0;
    let mut leaders = 0;
    while outcomes < 2 {
        receive! { mailbox;
            Election { leads } in Election => {
                outcomes += 1;
                leaders += u32::from(leads);
            },
            Down { reference, .. } in Down where *reference == current => {
                sometimes!("term.crashed", true);
                current = start_voter(storage).await?;
            },
        }
    }
    sometimes!("term.one_leads", leaders == 1);
    always!(
        "term.one_leader",
        leaders <= 1,
        "{leaders} leaders in one term"
    );
    Ok(())
}

async fn broken() -> Result<(), ExitReason> {
    elect(None).await
}

async fn mended() -> Result<(), ExitReason> {
    elect(Some(spawn(storage))).await
}
