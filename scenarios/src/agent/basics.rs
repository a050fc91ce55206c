//! Everything that can be asked of an agent.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("agent::basics", basics)
            .about("get, update, get and update, cast, stop")
            .expects(["agent.in_time"])
            .no_leaks(),
        Scenario::new("agent::named", named)
            .about("an agent under a name, asked from another process")
            .no_leaks(),
    ]
}

async fn basics() -> Result<(), ExitReason> {
    let list = Agent::start_link(Vec::<&str>::new).await?;
    list.update(|list| list.push("milk")).no_timeout().await?;
    list.cast(|list| list.push("bread"));
    let length = list.get(Vec::len).no_timeout().await?;
    always!("agent.cast_in_order", length == 2, "{length}");
    let first = list.get_and_update(|list| list.remove(0));
    let first = first.no_timeout().await?;
    always!("agent.get_and_update", first == "milk", "{first}");
    match list.get(|list| list.clone()).await {
        Ok(rest) => {
            sometimes!("agent.in_time", true);
            always!("agent.rest", rest == ["bread"], "{rest:?}");
        }
        Err(error) => always!("agent.only_late", error == CallError::Timeout, "{error}"),
    }
    list.stop().await?;
    always!("agent.stopped", !alive(list.pid()).await);
    Ok(())
}

async fn named() -> Result<(), ExitReason> {
    let config = Agent::start_link(|| 10_u32).name("config").await?;
    let reader = Task::spawn(async {
        let config = Agent::<u32, _>::named("config");
        config.get(|limit| *limit).no_timeout().await
    });
    config.update(|limit| *limit = 20).no_timeout().await?;
    let seen = reader.join(None).await?;
    always!(
        "named.one_of_both",
        [Ok(10), Ok(20)].contains(&seen),
        "{seen:?}"
    );
    config.stop().await?;
    let gone = Agent::<u32, _>::named("config").whereis().await;
    always!("named.gone", gone.is_none());
    Ok(())
}
