//! A printer that keeps requests while it is busy, and takes them all up when it is done: the
//! first of them makes it busy again, and the others are gone.
//!
//! Known from hand-written state machines with a list of "deferred" events: the list is emptied
//! before it is gone through, and what cannot be handled then is not put back.
//!
//! Failing order: two jobs come while it prints.
//!
//! Mend: `postpone`, which keeps an event until a state handles it (GSM-604, GSM-608).

use std::mem;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::lost_postponed", broken)
            .about("deferred requests that are dropped when the first makes it busy again")
            .broken("always lost_postponed.printed", 12)
            .mended("mended::lost_postponed"),
        Scenario::new("mended::lost_postponed", mended)
            .about("postponed requests, which are retried until one state takes them")
            .expects(["lost_postponed.two_waited", "lost_postponed.none_waited"]),
    ]
}

#[derive(Debug)]
struct Print(Caller<Printed>);

/// How many others waited when it was the turn of this one.
#[derive(Debug, PartialEq)]
struct Printed(u32);

#[derive(Debug)]
struct SheetOut;

/// Has a sheet printed by the device.
fn print() {
    let printer = me();
    spawn(async move |_: Mailbox| send(printer, SheetOut));
}

/// Written by hand.
#[derive(Default)]
struct ByHand {
    printing: Option<Caller<Printed>>,
    deferred: Vec<Caller<Printed>>,
}

impl ByHand {
    fn take(&mut self, caller: Caller<Printed>) {
        self.printing = Some(caller);
        print();
    }
}

impl GenServer for ByHand {
    type Args = ();
    type Call = Print;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(ByHand::default().into())
    }

    async fn handle_call(&mut self, Print(caller): Print) -> Flow<Self> {
        match self.printing {
            None => self.take(caller),
            Some(_) => self.deferred.push(caller),
        }
        Ok(Next::Wait)
    }

    async fn handle_info(&mut self, _: Message) -> Flow<Self> {
        if let Some(caller) = self.printing.take() {
            caller.reply(Printed(0));
        }
        for caller in mem::take(&mut self.deferred) {
            if self.printing.is_none() {
                self.take(caller);
            }
        }
        Ok(Next::Wait)
    }
}

/// With postponed events.
#[derive(Default)]
struct Machine {
    caller: Option<Caller<Printed>>,
    waiting: u32,
}

impl GenStateMachine for Machine {
    type Args = ();
    type State = bool;
    type Call = Print;
    type Cast = Never;
    type Info = Message;
    type Internal = Never;
    type TimerName = Never;

    async fn init((): ()) -> Begin<Self> {
        begin(false, Machine::default())
    }

    async fn handle_event(&mut self, printing: &bool, event: Event<Self>) -> Transition<Self> {
        match (printing, event) {
            (false, Event::Call(Print(caller))) => {
                self.caller = Some(caller);
                self.waiting = 0;
                print();
                next_state(true)
            }
            (true, event @ Event::Call(_)) => {
                self.waiting += 1;
                postpone(event)
            }
            (true, Event::Info(_)) => match self.caller.take() {
                Some(caller) => next_state(false).reply(caller, Printed(self.waiting)),
                None => next_state(false),
            },
            (_, event) => unexpected(event),
        }
    }
}

async fn broken() -> Result<(), ExitReason> {
    let printer = ByHand::start(()).name("printer").await?;
    let jobs = (0..3).map(|_| Task::spawn(async move { printer.call(Print).no_timeout().await }));
    for job in jobs.collect::<Vec<_>>() {
        let printed = job.join(None).await?;
        always!(
            "lost_postponed.printed",
            printed == Ok(Printed(0)),
            "{printed:?}"
        );
    }
    Ok(())
}

async fn mended() -> Result<(), ExitReason> {
    let printer = Machine::start(()).name("printer").await?;
    let jobs = (0..3).map(|_| Task::spawn(async move { printer.call(Print).await }));
    let mut waited = 0;
    for job in jobs.collect::<Vec<_>>() {
        let printed = job.join(None).await?;
        always!("lost_postponed.printed", printed.is_ok(), "{printed:?}");
        waited = waited.max(printed.map_or(0, |Printed(waited)| waited));
    }
    sometimes!("lost_postponed.two_waited", waited == 2);
    sometimes!("lost_postponed.none_waited", waited == 0);
    Ok(())
}
