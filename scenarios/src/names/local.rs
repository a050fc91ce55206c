//! A server under a local name, which is started again under it.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

const NAME: &str = "counter";

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("names::local", local)
            .about(
                "of two starts under one name one succeeds; a restarted child has the name again",
            )
            .expects(["local.second_first", "local.nobody"])
            .no_leaks(),
    ]
}

async fn local() -> Result<(), ExitReason> {
    // Two want to be the counter; whoever is late uses the other's.
    let starts = [1_u32, 2].map(|first| {
        Task::spawn(async move {
            match Agent::start(move || first).name(NAME).await {
                Ok(own) => (own.pid(), true),
                Err(StartError::AlreadyStarted(Some(other))) => (other, false),
                Err(error) => unreachable!("{error}"),
            }
        })
    });
    let started = Task::join_all(starts, None).await?;
    let winners = started.iter().filter(|(_, won)| *won).count();
    always!("local.one_name", winners == 1, "{started:?}");
    always!(
        "local.same_process",
        started[0].0 == started[1].0,
        "{started:?}"
    );
    sometimes!("local.second_first", started[1].1);
    Agent::<u32>::of(started[0].0).stop().await?;

    let child = Agent::child(|| 0_u32).name(NAME);
    let supervisor = Supervisor::start_link([child]).await?;
    let first = whereis(NAME).await;
    let watch = first.map(monitor);
    if let Some(first) = first {
        exit(first, ExitReason::Kill);
    }
    let mut mailbox = mailbox();
    mailbox
        .receive_where(|down: &Down| Some(down.reference) == watch)
        .await;
    // The name is free before anybody is told of the death, and taken when the child runs again.
    let again = loop {
        match whereis(NAME).await {
            Some(pid) => break pid,
            None => {
                sometimes!("local.nobody", true);
                sleep(Duration::from_millis(1)).await;
            }
        }
    };
    always!("local.restarted", Some(again) != first);
    supervisor.stop().await?;
    always!("local.name_is_free", whereis(NAME).await.is_none());
    Ok(())
}
