//! GS: servers. PL and LOG, where servers show them.

mod bare;
mod calls;
mod ending;
mod names;
mod serving;
mod start;
mod turns;
