//! Group `kernel`: the smallest programs with a race of a known shape.
//!
//! They measure search strategies. Two schedules are of one class when they differ only in the
//! order of events that do not touch the same process; what a program does depends on the class
//! alone. A sampler that drew every class equally often would need the following number of
//! schedules, in the median, until it first meets a failing one. A strategy is good when it comes
//! near, whatever the shape.
//!
//! | kernel | what fails | failing / all classes | median at equal odds |
//! |---|---|---|---|
//! | [`a_lost_update`] | two clients get then set a counter | 4 / 6 | 1 |
//! | [`b2_order`] | three messages arrive in the reverse order | 1 / 6 | 4 |
//! | [`b3_order`] | four messages arrive in one order of twelve | 1 / 12 | 8 |
//! | [`c_deadlock`] | two servers call each other | 1 / 3 | 2 |
//! | [`d_registry`] | three clients look a name up, then register it | 72 / 90 | 1 |
//! | [`e_late_reply`] | a reply comes after its timeout | 1 / 3 | 2 |
//! | [`f_restart`] | a call comes while a server is restarted | 3 / 11 | 3 |
//! | [`g_five_servers`] | the same message comes first at five servers | 120 / 3,840 | 22 |
//!
//! All of them decide at the very end, after every signal has arrived, so that a failing run is
//! as long as any other of its kind and classes can be counted.

use beamline_sim::Scenario;

pub mod a_lost_update;
pub mod b2_order;
pub mod b3_order;
pub mod c_deadlock;
pub mod d_registry;
pub mod e_late_reply;
pub mod f_restart;
pub mod g_five_servers;

/// The scenarios of this group, from a to g.
pub fn scenarios() -> Vec<Scenario> {
    vec![
        a_lost_update::scenario(),
        b2_order::scenario(),
        b3_order::scenario(),
        c_deadlock::scenario(),
        d_registry::scenario(),
        e_late_reply::scenario(),
        f_restart::scenario(),
        g_five_servers::scenario(),
    ]
}
