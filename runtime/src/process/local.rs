//! Process-local storage: values that live and die with the process (P-51 to P-54).
//!
//! Differs from OTP: keys are text fixed in the program, and each value keeps its own type.

use super::wait::running;
use crate::backend::context;
use crate::kernel::term::{Message, Term};

/// Stores a value under a key and returns the one that was there.
#[doc(alias = "Process.put")]
#[track_caller]
pub fn put<T: Term>(key: &'static str, value: T) -> Option<Message> {
    let slot = running(context::current());
    // SAFETY: the process is being run.
    unsafe { slot.extra() }
        .rare()
        .locals
        .insert(key, Message::new(value))
}

/// The value under a key, if there is one and it is a `T`.
#[doc(alias = "Process.get")]
#[track_caller]
pub fn get<T: Term + Clone>(key: &'static str) -> Option<T> {
    let slot = running(context::current());
    // The clone is user code and may use local storage itself, so nothing stays borrowed.
    // SAFETY: the process is being run.
    let value = unsafe { slot.extra() }.rare().locals.remove(key)?;
    let copy = value.peek::<T>().cloned();
    // SAFETY: the process is being run, and no reference is held.
    unsafe { slot.extra() }.rare().locals.insert(key, value);
    copy
}

/// Removes a value and returns it.
#[doc(alias = "Process.delete")]
#[track_caller]
pub fn erase(key: &'static str) -> Option<Message> {
    let slot = running(context::current());
    // SAFETY: the process is being run.
    unsafe { slot.extra() }.rare().locals.remove(key)
}

/// All keys, in the order of their text.
#[doc(alias = "Process.get_keys")]
#[track_caller]
pub fn keys() -> Vec<&'static str> {
    let slot = running(context::current());
    // SAFETY: the process is being run.
    unsafe { slot.extra() }
        .rare()
        .locals
        .keys()
        .copied()
        .collect()
}
