//! Programs on a machine that serves calls, which show what `machines` does not.

use std::time::Duration;

use beamline::prelude::*;
use beamline::state_machine::Graph;
use beamline::sys;

use super::Body;

const SOON: Duration = Duration::from_millis(20);
const LATE: Duration = Duration::from_secs(2);

/// Takes orders, in steps that its graph of states knows.
struct Clerk {
    kept: Vec<Caller<u32>>,
    step: u32,
}

#[derive(Debug)]
enum Ask {
    /// Answered when two have asked.
    Both(Caller<u32>),
    /// Answered in another step.
    Later(Caller<u32>),
    /// Never answered.
    Never(Caller<u32>),
}

#[derive(Debug)]
enum Told {
    Step,
    Stay,
    Timers,
    Quiet,
    Rest,
    Fail,
}

impl GenStateMachine for Clerk {
    /// Whether it is to trap exits.
    type Args = bool;
    type State = u32;
    type Call = Ask;
    type Cast = Told;
    type Info = Message;
    type Internal = u32;
    type TimerName = &'static str;

    const GRAPH: Option<Graph<u32>> = Some(|old, new| *new == old + 1);

    async fn init(traps: bool) -> Begin<Self> {
        trap_exit(traps);
        let kept = Vec::new();
        begin(0, Clerk { kept, step: 0 }).state_timeout(SOON)
    }

    async fn handle_event(&mut self, state: &u32, event: Event<Self>) -> Transition<Self> {
        match event {
            Event::Call(Ask::Both(caller)) => {
                self.kept.push(caller);
                if self.kept.len() < 2 {
                    return keep_state();
                }
                (1..)
                    .zip(self.kept.drain(..))
                    .fold(keep_state(), |step, (number, caller)| {
                        step.reply(caller, number)
                    })
            }
            Event::Call(Ask::Later(_)) if *state == 0 => postpone(event),
            Event::Call(Ask::Later(caller)) => keep_state().reply(caller, *state),
            Event::Call(Ask::Never(caller)) => {
                drop(caller);
                keep_state()
            }
            Event::Cast(Told::Step) => {
                self.step += 1;
                next_state(self.step)
            }
            Event::Cast(Told::Stay) => next_state(*state),
            Event::Cast(Told::Timers) => keep_state()
                .timer("long", LATE)
                .timer("none", SOON)
                .timer("none", Timeout::cancel())
                .next_event(Event::Internal(1)),
            Event::Internal(1) => keep_state().timer("long", Timeout::update(2)),
            Event::Cast(Told::Quiet) => keep_state().event_timeout(SOON),
            Event::Cast(Told::Rest) => keep_state().hibernate().next_event(Event::Internal(0)),
            Event::Cast(Told::Fail) => Err(ExitReason::other("told to")),
            _ => keep_state(),
        }
    }

    async fn code_change(&mut self, _: &mut u32, _: &str, _: Message) -> Result<(), ExitReason> {
        Ok(())
    }
}

/// A clerk that is told things, and lives on.
pub(crate) fn errands() -> Body {
    Box::pin(async {
        let Ok(clerk) = Clerk::start(false).await else {
            return;
        };
        for told in [
            Told::Stay,
            Told::Quiet,
            Told::Step,
            Told::Timers,
            Told::Rest,
            Told::Step,
        ] {
            clerk.cast(told);
        }
        sleep(SOON * 4).await;
        clerk.cast(Told::Step);
    })
}

/// A clerk that is asked things, some of which it cannot answer.
pub(crate) fn questions() -> Body {
    Box::pin(async {
        let Ok(clerk) = Clerk::start(false).await else {
            return;
        };
        for ask in [Ask::Both, Ask::Both, Ask::Later, Ask::Never] {
            spawn(async move |mut mailbox: Mailbox| {
                let _ = clerk.call(ask).await;
                mailbox.receive::<()>().await;
            });
        }
        sleep(SOON).await;
        clerk.cast(Told::Step);
    })
}

/// A clerk that keeps somebody waiting is killed; another one fails.
pub(crate) fn ends() -> Body {
    Box::pin(async {
        for told in [None, Some(Told::Fail)] {
            let Ok(clerk) = Clerk::start(false).await else {
                return;
            };
            spawn(async move |_| {
                let _ = clerk.call(Ask::Later).await;
            });
            sleep(SOON).await;
            match told {
                Some(told) => clerk.cast(told),
                None => exit(clerk.pid(), ExitReason::Shutdown),
            }
        }
    })
}

/// A clerk is suspended, changed, and resumed.
pub(crate) fn changes() -> Body {
    Box::pin(async {
        let Ok(clerk) = Clerk::start(false).await else {
            return;
        };
        let _ = sys::suspend(clerk).await;
        clerk.cast(Told::Stay);
        let _ = sys::change_code(clerk, "1", ()).await;
        let _ = sys::resume(clerk).await;
    })
}

/// A clerk traps exits: that of a stranger, and that of its parent.
pub(crate) fn families() -> Body {
    Box::pin(async {
        let parent = spawn(async |mut mailbox: Mailbox| {
            if let Ok(clerk) = Clerk::start_link(true).await {
                exit(clerk.pid(), ExitReason::other("a message of the parent's"));
            }
            mailbox.receive::<()>().await;
        });
        let relative = spawn(async |_| {
            if let Ok(clerk) = Clerk::start(true).await {
                link(clerk.pid());
            }
        });
        sleep(SOON).await;
        exit(parent, ExitReason::Shutdown);
        exit(relative, ExitReason::Shutdown);
    })
}

struct Unable;

impl GenServer for Unable {
    type Args = ();
    type Call = Never;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Err(Refusal::Stop(ExitReason::other("unable")))
    }
}

/// Who traps exits starts what cannot be started.
pub(crate) fn failed_starts() -> Body {
    Box::pin(async {
        trap_exit(true);
        let _ = Unable::start_link(()).name("unable").await;
        let _ = Unable::start(()).name("unable").await;
    })
}
