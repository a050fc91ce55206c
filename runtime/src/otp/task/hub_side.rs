//! The process that runs the tasks of a stream, as the consumer sees it.

use std::marker::PhantomData;
use std::task::{Poll, ready};

use super::hub::{Came, Halt};
use crate::kernel::monitors::Down;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::ExitReason;
use crate::kernel::term::{Message, Term};
use crate::process::replies::{self, Waiting};
use crate::process::{demonitor, exit, falls_with, me, send, unlink, unlink_flush};

/// Dropping it ends the process and its tasks, and removes what has arrived of them.
pub(super) struct HubSide<T: Term> {
    pub(super) pid: Pid,
    reference: Ref,
    waiting: Waiting,
    halted: bool,
    _of: PhantomData<fn() -> T>,
}

/// What comes from the hub.
enum News {
    Came,
    Down,
}

impl<T: Term> HubSide<T> {
    pub(super) fn new(pid: Pid, reference: Ref) -> Self {
        HubSide {
            pid,
            reference,
            waiting: Waiting::new(None, Some(reference)),
            halted: false,
            _of: PhantomData,
        }
    }

    #[track_caller]
    pub(super) fn check_owner(&self) {
        let (caller, owner) = (me(), self.reference.owner());
        assert!(
            caller == owner,
            "the stream was begun by {owner} and must be consumed by it, not by {caller}"
        );
    }

    /// What comes next, or why the hub has ended.
    pub(super) fn poll(&mut self) -> Poll<Result<Came<T>, ExitReason>> {
        let reference = self.reference;
        let found = ready!(self.waiting.poll(|message| news::<T>(message, reference)));
        let Some((news, message)) = found else {
            unreachable!("MBX-9: a receive without a timeout timed out");
        };
        Poll::Ready(match news {
            News::Came => match message.downcast() {
                Ok(came) => Ok(came),
                Err(_) => unreachable!("QUE1: a message changed its type"),
            },
            News::Down => match message.downcast::<Down>() {
                Ok(down) if falls_with(self.pid, &down.reason) => {
                    // As for a task: the link decides (TASK-62).
                    exit(me(), down.reason);
                    return Poll::Pending;
                }
                Ok(down) => Err(down.reason),
                Err(_) => unreachable!("QUE1: a message changed its type"),
            },
        })
    }

    /// Tells the hub to end; its end does not touch the consumer any more.
    pub(super) fn halt(&mut self) {
        if !std::mem::replace(&mut self.halted, true) {
            unlink(self.pid);
            send(self.pid, Halt);
        }
    }
}

impl<T: Term> Drop for HubSide<T> {
    fn drop(&mut self) {
        if !replies::is_living(self.reference.owner()) {
            return;
        }
        self.halt();
        demonitor(self.reference);
        unlink_flush(self.pid);
        let of_hub = |message: &Message| news::<T>(message, self.reference);
        while replies::take_arrived(of_hub).is_some() {}
    }
}

fn news<T: Term>(message: &Message, reference: Ref) -> Option<News> {
    if let Some(came) = message.peek::<Came<T>>() {
        return (came.reference == reference).then_some(News::Came);
    }
    let down = message.peek::<Down>()?;
    (down.reference == reference).then_some(News::Down)
}
