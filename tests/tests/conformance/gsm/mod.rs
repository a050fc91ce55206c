//! GSM: state machines. SEED: what the source document says of them.

mod client;
mod ending;
mod entering;
mod events;
mod postponing;
mod returning;
mod seed;
mod starting;
mod system;
mod timeout_kinds;
mod timeouts;
mod wrapper;
