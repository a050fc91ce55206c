//! GS: servers. PL and LOG, where servers show them.

mod calls;
mod ending;
mod serving;
mod start;
