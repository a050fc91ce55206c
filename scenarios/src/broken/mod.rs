//! Groups `broken` and `mended`: programs with one planted bug each, and without it.
//!
//! Each file tells the story of one bug: where it is known from, the program, the order of events
//! that makes it fail, and the mend. `broken::x` declares its verdict and the longest story it may
//! be shrunk to; `mended::x` must stay silent, and its `sometimes!` properties prove that it was
//! tried in the orders that break the other.

use beamline_sim::Scenario;

mod abandoned_worker;
mod agent_fsm;
mod await_in_callback;
mod busy_worker;
mod by_hand;
mod canary;
mod causal_order;
mod charged_twice;
mod check_then_register;
mod circular_calls;
mod double_vote;
mod down_after_up;
mod forgetful_voter;
mod late_reply;
mod link_after_spawn;
mod lost_postponed;
mod lost_update;
mod named_helper;
mod orphan;
mod pool_checkout;
mod pool_leak;
mod process_leak;
mod server_late_reply;
mod server_lost_update;
mod servers_call_each_other;
mod stale_lookup;
mod stale_state_timeout;
mod start_hangs;
mod status_after_stop;
mod stop_deadlock;
mod stop_start;
mod stray_down;
mod stuck_restarting;
mod terminate_asks_supervisor;
mod terminate_child;
mod two_phase_commit;
mod worker_pool;
mod workflow_fsm;

/// The scenarios of both groups.
pub fn scenarios() -> Vec<Scenario> {
    [
        late_reply::scenarios(),
        stop_start::scenarios(),
        terminate_child::scenarios(),
        stale_lookup::scenarios(),
        pool_leak::scenarios(),
        pool_checkout::scenarios(),
        status_after_stop::scenarios(),
        circular_calls::scenarios(),
        process_leak::scenarios(),
        abandoned_worker::scenarios(),
        lost_update::scenarios(),
        check_then_register::scenarios(),
        worker_pool::scenarios(),
        causal_order::scenarios(),
        charged_twice::scenarios(),
        down_after_up::scenarios(),
        stray_down::scenarios(),
        link_after_spawn::scenarios(),
        double_vote::scenarios(),
        forgetful_voter::scenarios(),
        two_phase_commit::scenarios(),
        server_lost_update::scenarios(),
        server_late_reply::scenarios(),
        servers_call_each_other::scenarios(),
        await_in_callback::scenarios(),
        agent_fsm::scenarios(),
        workflow_fsm::scenarios(),
        stale_state_timeout::scenarios(),
        lost_postponed::scenarios(),
        busy_worker::scenarios(),
        orphan::scenarios(),
        start_hangs::scenarios(),
        stuck_restarting::scenarios(),
        stop_deadlock::scenarios(),
        named_helper::scenarios(),
        by_hand::scenarios(),
        terminate_asks_supervisor::scenarios(),
        canary::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
