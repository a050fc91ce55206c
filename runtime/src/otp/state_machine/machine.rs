//! State machines as others see them, and as behaviours.

use std::future::Future;
use std::marker::PhantomData;
use std::time::Duration;

use super::GenStateMachine;
use super::engine;
use super::transition::{Begin, Beginning};
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::otp::behaviour::{Behaviour, Run};
use crate::otp::control::Control;
use crate::otp::gen_server::Refusal;
use crate::otp::server::Server;
use crate::otp::sys::Debugging;
use crate::process::Mailbox;
use crate::process::observe::{MachineRecord, tell_machine};
use crate::process::request::settling;

/// Stands for a [`GenStateMachine`] where servers and state machines are told apart:
/// `Server<Machine<M>>` is called as a server is, and [`StateMachine<M>`] for short.
#[derive(Debug)]
pub struct Machine<M>(PhantomData<fn() -> M>);

/// A state machine of a known type: by pid, or by an address such as a [`Name`](crate::Name).
///
/// Calls wait for ever unless told otherwise (GSM-1101).
pub type StateMachine<M, A = Pid> = Server<Machine<M>, A>;

impl<M: GenStateMachine> Behaviour for Machine<M> {
    type Call = M::Call;
    type Cast = M::Cast;

    const CALL_TIMEOUT: Option<Duration> = None;
}

impl<M: GenStateMachine> Run for Machine<M> {
    type Args = M::Args;
    type Ready = Beginning<M>;

    fn type_name() -> &'static str {
        std::any::type_name::<M>()
    }

    fn prepare(args: M::Args) -> impl Future<Output = Result<Beginning<M>, Refusal>> + Send {
        M::init(args)
    }

    fn serve(
        ready: Beginning<M>,
        control: Control,
        mailbox: Mailbox,
    ) -> impl Future<Output = ExitReason> + Send {
        engine::run(ready, control, mailbox)
    }
}

/// Makes the calling process a state machine, which runs until it is to end; the reason to end
/// with. For processes that are started by other means (GSM-110); such a machine has no parent.
///
/// ```
/// # use beamline::prelude::*;
/// # use beamline::state_machine;
/// # struct Switch;
/// # #[derive(Debug)]
/// # struct Flip(Caller<bool>);
/// # impl GenStateMachine for Switch {
/// #     type Args = ();
/// #     type State = bool;
/// #     type Call = Flip;
/// #     type Cast = Never;
/// #     type Info = Message;
/// #     type Internal = Never;
/// #     type TimerName = Never;
/// #     async fn init((): ()) -> Begin<Self> { begin(false, Switch) }
/// #     async fn handle_event(&mut self, on: &bool, event: Event<Self>) -> Transition<Self> {
/// #         match event {
/// #             Event::Call(Flip(caller)) => next_state(!on).reply(caller, !on),
/// #             event => unexpected(event),
/// #         }
/// #     }
/// # }
/// # beamline::Runtime::new().workers(1).run(async {
/// let switch = spawn(async |mailbox| {
///     state_machine::enter_loop(mailbox, begin(false, Switch)).await
/// });
/// let switch: StateMachine<Switch> = StateMachine::of(switch);
/// assert_eq!(switch.call(Flip).await, Ok(true));
/// # });
/// ```
#[doc(alias = "gen_statem:enter_loop")]
pub async fn enter_loop<M: GenStateMachine>(mailbox: Mailbox, begin: Begin<M>) -> ExitReason {
    match begin {
        Ok(beginning) => {
            tell_machine(|| MachineRecord::Guest);
            let control = Control::new(None, Debugging::default());
            let reason = settling(engine::run(beginning, control, mailbox)).await;
            tell_machine(|| MachineRecord::Left);
            reason
        }
        Err(Refusal::Stop(reason)) => reason,
        Err(Refusal::Ignore | Refusal::Error(_)) => ExitReason::Normal,
    }
}
