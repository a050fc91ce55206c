//! Supervisors of supervisors: an inner one gives up, and the outer one starts it anew.

use std::time::Duration;

use beamline::Strategy;
use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

use super::member::{Journal, at_rest, boom, end, member, pid_of};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("supervisor::nested", nested)
            .about("an inner supervisor gives up and is restarted with its first children")
            .expects(["nested.restarted", "nested.gave_up"])
            .no_leaks(),
    ]
}

const WINDOW: Duration = Duration::from_secs(5);

/// The inner supervisor, when it and its children are at rest.
async fn inner(outer: &Supervisor) -> Result<Option<Supervisor>, CallError> {
    let Some(pid) = pid_of(&at_rest(outer).await?, "inner") else {
        return Ok(None);
    };
    let inner = Supervisor::of(pid);
    Ok(at_rest(&inner).await.is_ok().then_some(inner))
}

async fn nested() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    let journal = Journal::start_link(()).await?;
    let within = Supervisor::start_link([member("b", journal), member("c", journal)])
        .strategy(Strategy::OneForAll)
        .max_restarts(1, WINDOW);
    let children = [member("a", journal), within.child().id("inner")];
    let outer = Supervisor::start_link(children)
        .max_restarts(5, WINDOW)
        .await?;
    let a = pid_of(&at_rest(&outer).await?, "a");

    let Some(first) = inner(&outer).await? else {
        return Err(ExitReason::other("the inner supervisor does not run"));
    };
    let added = first.start_child(member("added", journal)).await;
    always!("nested.added", added.is_ok(), "{added:?}");
    for crash in 0..2 {
        // It may be on its way out, and then its children are those of the next one.
        let running = inner(&outer).await?;
        let Some(running) = running else { continue };
        let Ok(children) = at_rest(&running).await else {
            continue;
        };
        if let Some(b) = pid_of(&children, "b") {
            end(&mut mailbox, b, boom()).await;
        }
        sometimes!(
            "nested.restarted",
            crash == 0 && running.whereis().await.is_some()
        );
    }
    let last = loop {
        if let Some(last) = inner(&outer).await? {
            break last;
        }
    };
    let children = at_rest(&last).await?;
    let anew = last.whereis().await != first.whereis().await;
    sometimes!("nested.gave_up", anew);
    always!(
        "nested.what_was_added_is_lost",
        anew == pid_of(&children, "added").is_none(),
        "{children:?}"
    );
    let kept = pid_of(&at_rest(&outer).await?, "a") == a;
    always!("nested.others_are_left_alone", kept);
    outer.stop().await?;
    journal.stop().await?;
    Ok(())
}
