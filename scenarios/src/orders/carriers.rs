//! Carriers: all are asked for an offer at once, and the cheapest that comes in time is taken.

use std::time::Duration;

use beamline::prelude::*;
use beamline::task::{OnYieldTimeout, YieldMany};
use beamline_sim::sometimes;

use super::order::{Carrier, Cents, Fate};

/// Who is asked.
pub const CARRIERS: [Carrier; 2] = ["van", "bicycle"];

/// How long an offer is waited for.
const DEADLINE: Duration = Duration::from_millis(3);

/// The name of the supervisor under which they are asked.
pub const NAME: &str = "carriers";

/// What the task of an offer is called.
pub const LABEL: &str = "offer";

/// What a carrier takes. It is another company's computer, which may be late or down.
async fn offer(carrier: Carrier) -> (Cents, Carrier) {
    set_label(LABEL);
    match random_range(0..6) {
        0 => exit_now(ExitReason::other("out of order")),
        1 => sleep(2 * DEADLINE).await,
        _ => {}
    }
    ([20, 30][random_range(0..2) as usize], carrier)
}

/// The cheapest way to ship something; nothing if nobody made an offer.
pub async fn cheapest() -> Result<Option<Fate>, ExitReason> {
    let Some(tasks) = TaskSupervisor::whereis(NAME).await else {
        return Err(ExitReason::NoProc);
    };
    let mut asked = Vec::new();
    for carrier in CARRIERS {
        asked.push(tasks.spawn_nolink(offer(carrier)).await?);
    }
    let in_time = YieldMany::new().timeout(DEADLINE);
    let outcomes = Task::yield_many(&mut asked, in_time.on_timeout(OnYieldTimeout::Kill)).await;
    sometimes!("carriers.late", outcomes.contains(&None));
    sometimes!(
        "carriers.down",
        outcomes.iter().flatten().any(Result::is_err)
    );
    let offers = outcomes.into_iter().flatten().flatten();
    let best = offers.min();
    Ok(best.map(|(fee, carrier)| Fate::Shipped { carrier, fee }))
}
