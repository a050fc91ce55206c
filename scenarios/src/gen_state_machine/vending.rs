//! A machine that sells drinks: its states as a graph that every run is held to, lights that come
//! at once, a reminder that is changed while it runs, and what becomes of it all when the machine
//! is serviced, stopped, or left alone.

use std::time::Duration;

use beamline::prelude::*;
use beamline::state_machine::Graph;
use beamline::sys;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_state_machine::vending", vending)
            .about("coins and drinks, in the order that the graph of states has")
            .expects(["vending.sold_out", "vending.paid_back"])
            .no_leaks(),
        Scenario::new("gen_state_machine::serviced", serviced)
            .about("a machine is changed while it is suspended, and sells on")
            .expects(["serviced.before", "serviced.after"])
            .no_leaks(),
        Scenario::new("gen_state_machine::with_parent", with_parent)
            .about("a machine that traps exits ends with its parent, and with nobody else")
            .expects(["with_parent.told"])
            .no_leaks(),
        Scenario::new("gen_state_machine::left_alone", left_alone)
            .about("a machine that nobody uses any more comes to rest")
            .expects(["left_alone.sold"])
            .settles(),
    ]
}

const PATIENCE: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Idle,
    Paid,
    SoldOut,
}

#[derive(Debug)]
enum Request {
    /// Pays; whether the coin was taken.
    Coin(Caller<bool>),
    /// Takes a drink; whether there was one.
    Drink(Caller<bool>),
    /// What was shown since the last look.
    Shown(Caller<Vec<&'static str>>),
}

#[derive(Debug, PartialEq)]
enum Lamp {
    Coin,
    Thanks,
    Reminder,
}

struct Vending {
    stock: u32,
    shown: Vec<&'static str>,
}

impl GenStateMachine for Vending {
    type Args = u32;
    type State = State;
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Internal = &'static str;
    type TimerName = Lamp;

    const GRAPH: Option<Graph<State>> = Some(|old, new| {
        matches!(
            (old, new),
            (State::Idle, State::Paid) | (State::Paid, State::Idle | State::SoldOut)
        )
    });

    async fn init(stock: u32) -> Begin<Self> {
        trap_exit(true);
        let shown = Vec::new();
        begin(State::Idle, Vending { stock, shown })
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match (state, event) {
            (State::Idle, Event::Call(Request::Coin(caller))) => next_state(State::Paid)
                .reply(caller, true)
                .timer(Lamp::Coin, Timeout::after(Duration::ZERO).with("coin"))
                .timer(Lamp::Thanks, Timeout::after(Duration::ZERO).with("thanks"))
                .timer(Lamp::Reminder, Timeout::after(PATIENCE).with("choose"))
                .next_event(Event::Internal("clink")),
            (_, Event::Call(Request::Coin(caller))) => keep_state().reply(caller, false),
            (State::Paid, Event::Call(Request::Drink(caller))) => {
                self.stock -= 1;
                let next = match self.stock {
                    0 => State::SoldOut,
                    _ => State::Idle,
                };
                next_state(next)
                    .reply(caller, true)
                    .timer(Lamp::Reminder, Timeout::cancel())
            }
            (_, Event::Call(Request::Drink(caller))) => keep_state().reply(caller, false),
            (_, Event::Call(Request::Shown(caller))) => {
                // Who looks has not forgotten.
                let step = keep_state().reply(caller, std::mem::take(&mut self.shown));
                match state {
                    State::Paid => step.timer(Lamp::Reminder, Timeout::update("still there?")),
                    _ => step,
                }
            }
            // The coin comes back.
            (State::Paid, Event::Timer(Lamp::Reminder, _)) => next_state(State::Idle),
            (_, Event::Timer(_, Some(text)) | Event::Internal(text)) => {
                self.shown.push(text);
                keep_state()
            }
            (_, Event::Info(message)) if message.is::<Exit>() => {
                self.shown.push("somebody has gone");
                keep_state()
            }
            (_, event) => unexpected(event),
        }
    }

    async fn code_change(&mut self, _: &mut State, _: &str, _: Message) -> Result<(), ExitReason> {
        self.stock += 1;
        Ok(())
    }
}

async fn coin(machine: StateMachine<Vending>) -> Result<bool, CallError> {
    machine.call(Request::Coin).await
}

async fn vending() -> Result<(), ExitReason> {
    let machine = Vending::start_link(2).await?;
    let mut sold = 0;
    for _ in 0..3 {
        let taken = coin(machine).await?;
        let shown = machine.call(Request::Shown).await?;
        let lights = ["clink", "coin", "thanks"];
        always!("vending.lights", !taken || shown == lights, "{shown:?}");
        let got = machine.call(Request::Drink).await?;
        sold += u32::from(got);
        sometimes!("vending.paid_back", taken && !got);
    }
    always!("vending.stock", sold <= 2, "{sold}");
    let taken = coin(machine).await?;
    sometimes!("vending.sold_out", !taken);
    always!("vending.open", taken || sold == 2, "{sold}");
    Ok(machine.stop().await?)
}

async fn serviced() -> Result<(), ExitReason> {
    let machine = Vending::start_link(1).await?;
    let (_, buying) = spawn_monitor(async move |_: Mailbox| {
        coin(machine).await?;
        machine.call(Request::Drink).await.map(|_| ())
    });
    // Whoever services it has all the time that it takes; an answer may still be late.
    while sys::suspend(machine).await.is_err() {}
    let stock = sys::with_state(machine, |(_, data): &mut (State, Vending)| data.stock).await;
    while sys::change_code(machine, "1", ()).await.is_err() {}
    while sys::resume(machine).await.is_err() {}
    mailbox()
        .receive_where(|down: &Down| down.reference == buying)
        .await;
    sometimes!("serviced.before", stock == Ok(0));
    sometimes!("serviced.after", stock == Ok(1));
    Ok(machine.stop().await?)
}

async fn with_parent() -> Result<(), ExitReason> {
    let root = me();
    let parent = spawn(async move |mut mailbox: Mailbox| {
        send(root, Vending::start_link(1).await?);
        mailbox.receive::<()>().await;
        Ok::<_, ExitReason>(())
    });
    let mut mailbox = mailbox();
    let machine = mailbox.receive::<StateMachine<Vending>>().await;
    let watch = monitor(machine.pid());
    let (_, stranger) = spawn_monitor(async move |_: Mailbox| link(machine.pid()));
    mailbox
        .receive_where(|down: &Down| down.reference == stranger)
        .await;
    let shown = machine.call(Request::Shown).await?;
    sometimes!("with_parent.told", shown == ["somebody has gone"]);
    exit(parent, ExitReason::Shutdown);
    let ends = |down: &Down| down.reference == watch;
    let down = mailbox.receive_where(ends).await;
    always!(
        "with_parent.together",
        down.reason == ExitReason::Shutdown,
        "{}",
        down.reason
    );
    Ok(())
}

async fn left_alone() -> Result<(), ExitReason> {
    let machine = Vending::start(2).await?;
    // Somebody still waits for the machine to be taken away.
    spawn(async move |mut mailbox: Mailbox| {
        monitor(machine.pid());
        mailbox.receive::<Down>().await;
    });
    let taken = coin(machine).await?;
    let got = machine.call(Request::Drink).await?;
    sometimes!("left_alone.sold", taken && got);
    coin(machine).await?;
    Ok(())
}
