//! Sessions under a dynamic supervisor, found by a key: started by whoever needs one first.

use std::time::Duration;

use beamline::prelude::*;
use beamline::{CallError, SupervisorError};
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("supervisor::sessions", sessions)
            .about("two clients find or start one session, which crashes and comes back")
            .expects([
                "sessions.found",
                "sessions.started",
                "sessions.lost",
                "sessions.full",
            ])
            .no_leaks(),
    ]
}

type Sessions = Registry<u64, ()>;

/// Counts what its clients do.
struct Session(u32);

#[derive(Debug)]
enum Request {
    Visit(Caller<u32>),
}

#[derive(Debug)]
struct Crash;

impl GenServer for Session {
    type Args = ();
    type Call = Request;
    type Cast = Crash;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Session(0).into())
    }

    async fn handle_call(&mut self, Request::Visit(caller): Request) -> Flow<Self> {
        self.0 += 1;
        caller.reply(self.0);
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Crash: Crash) -> Flow<Self> {
        Err(ExitReason::other("boom"))
    }
}

/// The session of a user, started unless it runs.
async fn find_or_start(
    supervisor: &DynamicSupervisor,
    registry: &Sessions,
    user: u64,
) -> Result<Pid, SupervisorError> {
    let spec = Session::child(()).name(via(registry, user));
    match supervisor
        .start_child(spec.shutdown(Shutdown::Infinity))
        .await
    {
        Err(SupervisorError::Start(StartError::AlreadyStarted(Some(pid)))) => {
            sometimes!("sessions.found", true);
            Ok(pid)
        }
        started => {
            sometimes!("sessions.started", started.is_ok());
            started
        }
    }
}

async fn sessions() -> Result<(), ExitReason> {
    let registry = Sessions::unique().start_link().await?;
    let supervisor = DynamicSupervisor::start_link()
        .max_children(2)
        .max_restarts(3, Duration::from_secs(5))
        .await?;
    let client = || {
        let (supervisor, registry) = (supervisor.clone(), registry.clone());
        async move {
            let pid = find_or_start(&supervisor, &registry, 7).await?;
            let visit = Server::<Session>::of(pid).call(Request::Visit);
            let visits = visit.no_timeout().await;
            Ok::<_, SupervisorError>((pid, visits))
        }
    };
    let clients = [Task::spawn(client()), Task::spawn(client())];
    let mut seen = Vec::new();
    for client in Task::join_all(clients, None).await? {
        seen.push(client?);
    }
    let (pids, visits): (Vec<Pid>, Vec<_>) = seen.into_iter().unzip();
    always!("sessions.one", pids[0] == pids[1], "{pids:?}");
    let both = [Ok(1), Ok(2)].map(|visit| visits.contains(&visit));
    always!("sessions.counted", both == [true, true], "{visits:?}");

    // It crashes, and whoever calls it then may find it gone; its key leads to the next one.
    Server::<Session>::of(pids[0]).cast(Crash);
    let again = loop {
        let address = Server::<Session, _>::at(via(&registry, 7_u64));
        match address.call(Request::Visit).no_timeout().await {
            Ok(visits) => break visits,
            Err(CallError::NoProc | CallError::Down(_)) => {
                sometimes!("sessions.lost", true);
                sleep(Duration::from_millis(1)).await;
            }
            Err(error) => return Err(error.into()),
        }
    };
    always!("sessions.begins_anew", again == 1, "{again}");

    let second = supervisor
        .start_child(Session::child(()).shutdown(Shutdown::Infinity))
        .await;
    always!("sessions.room_for_two", second.is_ok(), "{second:?}");
    let third = supervisor.start_child(Session::child(())).await;
    sometimes!("sessions.full", third.is_err());
    always!(
        "sessions.no_third",
        third == Err(SupervisorError::MaxChildren),
        "{third:?}"
    );
    supervisor.stop().await?;
    Ok(())
}
