//! GSM: state machines. SEED: what the source document says of them.

mod entering;
mod events;
mod postponing;
mod timeout_kinds;
mod timeouts;
