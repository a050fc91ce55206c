//! Sessions under keys of a registry, started when somebody asks for them.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

type Sessions = Registry<&'static str>;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("names::sessions", sessions)
            .about("clients that find a session by its key, or start it there, share one")
            .expects(["sessions.found", "sessions.lost_the_race"])
            .no_leaks(),
    ]
}

/// The session of a user, started if there is none.
async fn session(sessions: &Sessions, user: &'static str) -> Result<Pid, ExitReason> {
    if let Some(pid) = sessions.whereis(&user).await {
        sometimes!("sessions.found", true);
        return Ok(pid);
    }
    let start = Agent::start(Vec::<u32>::new).address(via(sessions, user));
    match start.await {
        Ok(session) => Ok(session.pid()),
        // Between the look and the start somebody else was faster.
        Err(StartError::AlreadyStarted(Some(pid))) => {
            sometimes!("sessions.lost_the_race", true);
            Ok(pid)
        }
        Err(error) => Err(error.into()),
    }
}

async fn sessions() -> Result<(), ExitReason> {
    let sessions = Sessions::unique().name("sessions").start_link().await?;
    let clients = (0..2).map(|item| {
        let sessions = sessions.clone();
        Task::spawn(async move {
            let basket = Agent::<Vec<u32>>::of(session(&sessions, "ada").await?);
            basket
                .update(move |items| items.push(item))
                .no_timeout()
                .await?;
            Ok::<Pid, ExitReason>(basket.pid())
        })
    });
    let clients: Vec<_> = clients.collect();
    let used = Task::join_all(clients, None).await?;
    let used = used.into_iter().collect::<Result<Vec<Pid>, _>>()?;
    always!("sessions.shared", used[0] == used[1], "{used:?}");
    let basket = Agent::<Vec<u32>>::of(used[0]);
    let items = basket.get(Vec::len).no_timeout().await?;
    always!("sessions.nothing_lost", items == 2, "{items} items");
    basket.stop().await?;
    always!("sessions.ended", sessions.whereis(&"ada").await.is_none());
    Ok(())
}
