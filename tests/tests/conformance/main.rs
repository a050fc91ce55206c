//! One test for each rule of OTP's process layer, named after the rule.
//!
//! `docs/semantics.md` lists the rules. A test asserts what OTP promises and nothing more: where
//! OTP leaves an order open, the test accepts every order.

mod agt;
mod app;
mod death;
mod global;
mod gs;
mod gsm;
mod lnk;
mod machines;
mod mbx;
mod mbx_ownership;
mod mbx_timeouts;
mod mon;
mod p_creation;
mod p_dictionary;
mod p_flags;
mod p_info;
mod p_liveness;
mod p_scheduling;
mod p_suspension;
mod p_termination;
mod p_waiting;
mod pl;
mod reg;
mod rgy;
mod servers;
mod sig;
mod sup;
mod sys;
mod task;
mod tmr;
mod tsup;
