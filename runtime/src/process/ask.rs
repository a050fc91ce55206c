//! Questions that the runtime answers in another process's stead.
//!
//! # Semantics
//! P-20 to P-24, P-69 to P-82. A question is a signal, so whatever the caller sent to the process
//! before is handled first (P-21, P-70), and a busy process answers when its turn comes.

use std::future::poll_fn;
use std::task::Poll;

use super::wait::{pass, running};
use crate::backend::Point;
use crate::backend::context;
use crate::kernel::deliver;
use crate::kernel::handle;
use crate::kernel::info::ProcessInfo;
use crate::kernel::pid::Pid;
use crate::kernel::signal::{Answer, Question, Signal};
use crate::kernel::slot::DOOMED;

/// Whether a process exists and has not received a fatal exit signal.
#[doc(alias = "Process.alive?")]
#[doc(alias = "is_process_alive")]
pub async fn alive(pid: Pid) -> bool {
    matches!(ask(pid, Question::Alive).await, Answer::Alive)
}

/// What is to be known of a process; `None` for a dead one (P-69).
#[doc(alias = "Process.info")]
#[doc(alias = "process_info")]
pub async fn info(pid: Pid) -> Option<ProcessInfo> {
    match ask(pid, Question::Info).await {
        Answer::Info(info) => Some(*info),
        _ => None,
    }
}

/// All processes (P-23, P-24). One that exists during the whole call is listed once; those that
/// begin or end meanwhile may or may not be.
///
/// The simulator's fused runs join the last sends of a process and its end into one step, unless a
/// signal is on its way to it or somebody is about to look at a table. So they never show this
/// function a process that has sent its last message and is about to end; fine runs, one in five
/// by default, do.
#[doc(alias = "Process.list")]
pub async fn processes() -> Vec<Pid> {
    pass(Point::Table {
        op: "processes",
        on: "",
        write: false,
    })
    .await;
    let system = &context::current().system;
    let live = system.table.slots().filter_map(|(index, slot)| {
        let generation = slot.generation();
        let open = generation > 0 && slot.inbox.is_open(generation);
        open.then(|| Pid::from_parts(system.node, index, generation))
    });
    live.collect()
}

/// Forgets a question whose answer is no longer wanted, so that a late one is dropped.
struct Asked(u64);

impl Drop for Asked {
    fn drop(&mut self) {
        let Some(cx) = context::try_current() else {
            return;
        };
        // SAFETY: null, or the process that is being run (CTX2); no other reference is held.
        let extra = unsafe { cx.slot.get().as_ref().and_then(|slot| slot.some_extra()) };
        let rare = extra.and_then(|extra| extra.rare.as_mut());
        let unread = rare
            .and_then(|rare| rare.questions.remove(self.0))
            .flatten();
        if let (Some(me), Some(Answer::Suspended(pid))) = (cx.running(), unread) {
            handle::take_back_suspension(cx, me, pid);
        }
    }
}

/// Asks and waits for the answer.
pub(super) async fn ask(pid: Pid, question: Question) -> Answer {
    let mut asked = None;
    poll_fn(move |_| {
        let cx = context::current();
        let slot = running(cx);
        let Some(me) = cx.running() else {
            return Poll::Pending;
        };
        let id = match &asked {
            Some(Asked(id)) => *id,
            None => {
                let id = cx.fresh_ref();
                // SAFETY: the process is being run.
                unsafe { slot.extra() }.rare().questions.insert(id, None);
                deliver::signal(
                    cx,
                    pid,
                    Signal::Request {
                        from: me,
                        id,
                        question,
                    },
                );
                asked = Some(Asked(id));
                id
            }
        };
        // Twice: a process that asks itself first handles the question, then the answer.
        for _ in 0..2 {
            // SAFETY: the process is being run.
            unsafe { handle::absorb_aside(cx, slot, me) };
        }
        if slot.has(DOOMED) {
            return Poll::Pending;
        }
        // SAFETY: the process is being run, and no reference to the part is held.
        let questions = unsafe { &mut slot.extra().rare().questions };
        match questions.get_mut(id).and_then(Option::take) {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        }
    })
    .await
}
