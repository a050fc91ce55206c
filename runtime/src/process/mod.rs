//! What process code calls: spawning, sending, receiving, linking, monitoring, naming, waiting.
//!
//! Ambient functions act for the process that calls them, as in Elixir. Whatever reads or changes
//! something shared is `async` and a choice point of the simulator; `send` is not (contract C3).

mod ask;
mod block;
mod catch;
mod destination;
pub(crate) mod in_place;
mod lineage;
pub mod local;
mod mailbox;
mod names;
pub(crate) mod observe;
mod options;
pub(crate) mod receive;
mod receive_macro;
mod relations;
pub(crate) mod replies;
mod reports;
pub(crate) mod request;
mod self_control;
mod spawn;
mod suspend;
mod time;
mod timers;
mod wait;

pub use ask::{alive, info, processes};
pub use block::blocking;
pub use catch::catch_exit;
pub(crate) use catch::caught;
pub use destination::{Destination, SendToName, send};
pub(crate) use lineage::{Behalf, Lineage, announce, own_label, own_name, parent, serve, short};
pub use lineage::{ancestors, callers, initial_call};
pub(crate) use mailbox::has_mail;
pub use mailbox::{Mailbox, Receive, Select, mailbox};
pub use names::{register, registered, unregister, whereis};
pub use options::SpawnOptions;
pub use relations::{
    MonitorName, Monitorable, alias, alias_once, demonitor, demonitor_flush, link, make_ref,
    monitor, monitor_with, unalias, unlink,
};
pub(crate) use relations::{falls_with, unlink_flush};
pub use reports::subscribe;
pub(crate) use reports::tell;
pub(crate) use self_control::traps_exits;
pub use self_control::{
    exit, exit_now, hibernate, me, random_range, random_u64, set_label, set_priority, trap_exit,
    yield_now,
};
pub(crate) use spawn::spawn_replying;
pub use spawn::{spawn, spawn_link, spawn_monitor, spawn_with};
pub use suspend::{SuspendError, resume, suspend};
pub(crate) use time::about_now;
pub use time::{Instant, Sleep, now, sleep};
pub use timers::{
    Cancel, TimerFired, TimerTarget, cancel, read_timer, send_after, send_at, start_timer,
};
pub(crate) use timers::{Timer, forget_timer, is_unseen, remind};
pub(crate) use wait::{at_table, spread, take_turn};
