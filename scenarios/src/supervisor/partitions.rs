//! Counters in partitions: each key has one, and keeps it when another partition crashes.

use std::time::Duration;

use beamline::PartitionSupervisor;
use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("supervisor::partitions", partitions)
            .about("keys are routed to partitions, one of which crashes")
            .expects(["partitions.old_route", "partitions.new_route"])
            .no_leaks(),
    ]
}

struct Counter(u32);

#[derive(Debug)]
struct Bump(Caller<u32>);

#[derive(Debug)]
struct Crash;

impl GenServer for Counter {
    type Args = ();
    type Call = Bump;
    type Cast = Crash;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Counter(0).into())
    }

    async fn handle_call(&mut self, Bump(caller): Bump) -> Flow<Self> {
        self.0 += 1;
        caller.reply(self.0);
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Crash: Crash) -> Flow<Self> {
        Err(ExitReason::other("boom"))
    }
}

async fn bump(pid: Pid) -> Result<u32, CallError> {
    Server::<Counter>::of(pid).call(Bump).no_timeout().await
}

async fn partitions() -> Result<(), ExitReason> {
    let counter = Counter::child(()).shutdown(Shutdown::Infinity);
    let supervisor = PartitionSupervisor::start_link(counter)
        .partitions(2)
        .max_restarts(3, Duration::from_secs(5))
        .await?;
    let (even, odd) = (supervisor.at(0).await, supervisor.at(1).await);
    always!("partitions.round", supervisor.at(2).await == even);
    for expected in 1..=2 {
        let counted = bump(even).await?;
        always!("partitions.counted", counted == expected, "{counted}");
    }
    Server::<Counter>::of(odd).cast(Crash);
    let anew = loop {
        let route = supervisor.at(1).await;
        sometimes!("partitions.old_route", route == odd);
        sometimes!("partitions.new_route", route != odd);
        match bump(route).await {
            Ok(counted) if route != odd => break counted,
            // The crash may come behind the call, and the new route after the crash.
            Ok(_) | Err(_) => sleep(Duration::from_millis(1)).await,
        }
    };
    always!("partitions.begins_anew", anew == 1, "{anew}");
    always!("partitions.others_are_kept", supervisor.at(0).await == even);
    let counted = bump(even).await?;
    always!("partitions.counted", counted == 3, "{counted}");
    supervisor.stop().await?;
    Ok(())
}
