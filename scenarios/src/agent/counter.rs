//! A counter that several processes add to.
//!
//! Broken: each reads the count and writes it back with one added, which are two calls.
//!
//! Failing order: the second reads between the first one's read and write; one addition is lost.
//!
//! Mend: the agent adds, in one function.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("agent::counter", counter)
            .about("a counter that tasks add to, and numbers that are drawn once")
            .expects(["counter.out_of_order"])
            .no_leaks(),
        Scenario::new("broken::get_then_set", broken)
            .about("an addition to an agent that is read and written by two calls is lost")
            .broken("always get_then_set.total", 11)
            .mended("mended::get_then_set"),
        Scenario::new("mended::get_then_set", mended).about("the agent adds"),
    ]
}

async fn counter() -> Result<(), ExitReason> {
    let counter = Agent::start_link(|| 0_u32).await?;
    let tasks = (0..3).map(|_| {
        Task::spawn(async move {
            let next = counter.get_and_update(|count| {
                *count += 1;
                *count
            });
            next.no_timeout().await
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let numbers = Task::join_all(tasks, None).await?;
    let numbers: Vec<u32> = numbers.into_iter().collect::<Result<_, _>>()?;
    sometimes!("counter.out_of_order", numbers != [1, 2, 3]);
    let mut sorted = numbers;
    sorted.sort_unstable();
    always!("counter.each_once", sorted == [1, 2, 3], "{sorted:?}");
    counter.stop().await?;
    Ok(())
}

/// The caller and a task add one to a counter, each in the same way; the count afterwards.
async fn two_additions<F>(add: fn(Agent<u32>) -> F) -> Result<u32, ExitReason>
where
    F: Future<Output = Result<(), CallError>> + Send + 'static,
{
    let counter = Agent::start_link(|| 0_u32).await?;
    let other = Task::spawn(add(counter));
    add(counter).await?;
    other.join(None).await??;
    Ok(counter.get(|count| *count).no_timeout().await?)
}

async fn get_then_set(counter: Agent<u32>) -> Result<(), CallError> {
    let count = counter.get(|count| *count).no_timeout().await?;
    counter.update(move |it| *it = count + 1).no_timeout().await
}

async fn add(counter: Agent<u32>) -> Result<(), CallError> {
    counter.update(|count| *count += 1).no_timeout().await
}

fn judge(total: u32) {
    always!(
        "get_then_set.total",
        total == 2,
        "two additions make {total}"
    );
}

async fn broken() -> Result<(), ExitReason> {
    judge(two_additions(get_then_set).await?);
    Ok(())
}

async fn mended() -> Result<(), ExitReason> {
    judge(two_additions(add).await?);
    Ok(())
}
