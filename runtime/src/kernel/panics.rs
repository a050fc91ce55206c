//! Where a panic happened: noted by a hook, because the payload does not say; and keeping what
//! panics from reaching further than it should.
//!
//! The hook stands in front of the one that was there and calls it for every panic outside a
//! process. For a panic inside a process it keeps message and place for the exit reason, and
//! prints only if the system's policy says so.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::sync::Once;

use crate::backend::context;

thread_local! {
    static NOTE: RefCell<Option<Note>> = const { RefCell::new(None) };
    static LOUD: Cell<bool> = const { Cell::new(false) };
    /// Code of a process's runs here, although no process is being run.
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// What the hook saw of the last panic.
struct Note {
    text: Option<String>,
    place: Option<String>,
}

/// A panic that was caught, with its place.
pub(crate) struct Caught {
    payload: Box<dyn Any + Send>,
    place: Option<String>,
}

/// Puts the hook in place, once in the life of the OS process.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let outer = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let running = context::try_current().and_then(|cx| cx.running());
            if running.is_none() && !CONTAINED.get() {
                return outer(info);
            }
            note(info);
            if LOUD.get() {
                outer(info);
            }
        }));
    });
}

/// Whether panics of processes on this thread are also printed by the hook that was there before.
pub(crate) fn set_loud(loud: bool) {
    LOUD.set(loud);
}

fn note(info: &PanicHookInfo<'_>) {
    let new = Note {
        text: text(info.payload()).map(str::to_string),
        place: info.location().map(ToString::to_string),
    };
    // A panic while the note is borrowed cannot happen; if it did, the place would be lost.
    let _ = NOTE.try_with(|note| note.replace(Some(new)));
}

/// What a panic says, if it is text.
pub(crate) fn text(payload: &dyn Any) -> Option<&str> {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// Where the panic with this payload happened, if the last one that the hook saw on this thread
/// says the same; it may have seen an older one that the program caught.
pub(crate) fn take_place(payload: &dyn Any) -> Option<String> {
    let note = NOTE.with(RefCell::take)?;
    (note.text.as_deref() == text(payload)).then_some(note.place)?
}

/// Runs code of the user's whose panic is nobody's exit: destructors, above all.
pub(crate) fn contain(act: impl FnOnce()) {
    if let Err(caught) = catch(act) {
        dispose(caught.payload);
    }
}

/// Runs code of a process's where no process is being run.
pub(crate) fn catch<T>(act: impl FnOnce() -> T) -> Result<T, Caught> {
    let outer = CONTAINED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(act));
    CONTAINED.set(outer);
    result.map_err(|payload| Caught {
        place: take_place(&*payload),
        payload,
    })
}

/// Goes on with a panic that another thread caught.
pub(crate) fn resume(caught: Caught) -> ! {
    NOTE.set(Some(Note {
        text: text(&*caught.payload).map(str::to_string),
        place: caught.place,
    }));
    resume_unwind(caught.payload)
}

/// Drops what a panic carried; its destructor may panic in turn, and so on.
pub(crate) fn dispose(payload: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // Text has no destructor to fear; anything else is lost rather than tried.
        if text(&*again).is_none() {
            mem::forget(again);
        }
    }
}
