//! The loop of a server.
//!
//! # Semantics
//! GS-48 to GS-72: one callback at a time; a continuation before any message; what a callback
//! returns decides what comes next. At the end: `terminate`, then the answer that was held back,
//! then the report, then whoever is linked to the server or waits for it learns of the end (GS-67,
//! GS-90).

use std::any::Any;
use std::future::Future;
use std::time::Duration;

use super::behaviour::{Behaviour, Run};
use super::call::CALL_TIMEOUT;
use super::caller::PendingReply;
use super::control::{Control, Subject, SystemEvent, shown};
use super::gen_server::{Casted, Flow, GenServer, Next, Ready, Refusal};
use super::report::{self, Handling};
use super::sys::{Debugging, EventKind};
use crate::kernel::calls::Asked;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::process::request::{forget_unanswered, is_owed, open, settling, tell_unanswered};
use crate::process::{Mailbox, catch_exit, hibernate};

impl<S: GenServer> Subject for S {
    fn state(&mut self) -> &mut dyn Any {
        self
    }

    fn shown(&self) -> Option<String> {
        self.format_status()
    }

    async fn change(&mut self, from: &str, extra: Message) -> Result<(), ExitReason> {
        self.code_change(from, extra).await
    }
}

impl<S: GenServer> Behaviour for S {
    type Call = <S as GenServer>::Call;
    type Cast = <S as GenServer>::Cast;

    const CALL_TIMEOUT: Option<Duration> = Some(CALL_TIMEOUT);
}

impl<S: GenServer> Run for S {
    type Args = <S as GenServer>::Args;
    type Ready = Ready<S>;

    fn type_name() -> &'static str {
        std::any::type_name::<S>()
    }

    fn prepare(
        args: <S as GenServer>::Args,
    ) -> impl Future<Output = Result<Ready<S>, Refusal>> + Send {
        S::init(args)
    }

    fn serve(
        ready: Ready<S>,
        control: Control,
        mailbox: Mailbox,
    ) -> impl Future<Output = ExitReason> + Send {
        Engine::run(ready, control, mailbox)
    }
}

/// Makes the calling process a server, which runs until it is to end; the reason to end with.
///
/// For processes that have more to do before they serve than `init` is for, or that are started
/// by other means. Such a server has no parent (GS-63).
///
/// ```
/// # use beamline::prelude::*;
/// # struct Echo;
/// # #[derive(Debug)]
/// # struct Say(u8, Caller<u8>);
/// # impl GenServer for Echo {
/// #     type Args = ();
/// #     type Call = Say;
/// #     type Cast = Never;
/// #     type Info = Message;
/// #     type Continue = Never;
/// #     async fn init((): ()) -> Init<Self> { Ok(Echo.into()) }
/// #     async fn handle_call(&mut self, Say(word, caller): Say) -> Flow<Self> {
/// #         caller.reply(word);
/// #         Ok(Next::Wait)
/// #     }
/// # }
/// # beamline::Runtime::new().workers(1).run(async {
/// let echo = spawn(async |mailbox| beamline::enter_loop(mailbox, Echo).await);
/// let echo: Server<Echo> = Server::of(echo);
/// assert_eq!(echo.call(|caller| Say(7, caller)).await, Ok(7));
/// # });
/// ```
///
/// # Differences from OTP
/// The process need not have been started by the start protocol, and its name is of no interest
/// (GS-17).
pub async fn enter_loop<S: GenServer>(mailbox: Mailbox, state: impl Into<Ready<S>>) -> ExitReason {
    let control = Control::new(None, Debugging::default());
    settling(Engine::run(state.into(), control, mailbox)).await
}

struct Engine<S> {
    state: S,
    control: Control,
    handling: Handling,
}

/// How the loop ends.
struct Stop {
    reason: ExitReason,
    reply: Option<PendingReply>,
}

impl<S: GenServer> Engine<S> {
    async fn run(ready: Ready<S>, control: Control, mut mailbox: Mailbox) -> ExitReason {
        let Ready { state, next } = ready;
        let mut this = Engine {
            state,
            control,
            handling: Handling::Nothing,
        };
        let stop = match catch_exit(this.serve(&mut mailbox, next)).await {
            Ok(stop) => stop,
            Err(reason) => Stop {
                reason,
                reply: None,
            },
        };
        // Whoever was let down in the last step is told of the end instead (GS-68).
        forget_unanswered();
        let Stop { mut reason, reply } = stop;
        if let Err(worse) = catch_exit(this.state.terminate(&reason)).await {
            reason = worse;
        }
        if let Some(reply) = reply {
            reply.send();
        }
        report::served(std::any::type_name::<S>(), this.handling, &reason, || {
            shown(&this.state)
        });
        reason
    }

    async fn serve(&mut self, mailbox: &mut Mailbox, mut next: Next<S>) -> Stop {
        loop {
            let flow = match next {
                Next::Wait => self.wait(mailbox, None).await,
                Next::Timeout(time) => self.wait(mailbox, Some(time)).await,
                Next::Hibernate => {
                    hibernate().await;
                    self.wait(mailbox, None).await
                }
                Next::Continue(work) => self.state.handle_continue(work).await,
                Next::Stop(reason) => {
                    let reply = None;
                    return Stop { reason, reply };
                }
                Next::StopReply(reason, reply) => {
                    let reply = Some(reply);
                    return Stop { reason, reply };
                }
            };
            next = match flow {
                Ok(next) => next,
                Err(reason) => Next::Stop(reason),
            };
            if !matches!(next, Next::Stop(_) | Next::StopReply(..)) {
                tell_unanswered();
            }
        }
    }

    /// Waits for a message, or for the time, and handles it.
    #[inline]
    async fn wait(&mut self, mailbox: &mut Mailbox, timeout: Option<Duration>) -> Flow<S> {
        match self.control.next(mailbox, timeout, &mut self.state).await {
            SystemEvent::Message(message) => self.handle(message).await,
            SystemEvent::Timeout => {
                self.handling = Handling::Nothing;
                self.state.handle_timeout().await
            }
            SystemEvent::Stop(reason) => {
                self.handling = Handling::Nothing;
                Ok(Next::Stop(reason))
            }
        }
    }

    #[inline]
    async fn handle(&mut self, message: Message) -> Flow<S> {
        let message = match message.downcast::<Asked<S::Call>>() {
            Ok(asked) => {
                let reference = asked.reference();
                let type_name = std::any::type_name::<S::Call>();
                self.handling = Handling::Call(reference.owner(), type_name);
                let flow = self.state.handle_call(open(asked)).await;
                if self.control.is_watched() {
                    let kind = match is_owed(reference) {
                        true => EventKind::NoReply,
                        false => EventKind::Out,
                    };
                    self.control.note(kind, String::new());
                }
                return flow;
            }
            Err(message) => message,
        };
        self.handling = Handling::Other(message.type_name());
        let flow = match message.downcast::<Casted<S::Cast>>() {
            Ok(Casted(message)) => self.state.handle_cast(message).await,
            Err(message) => self.state.handle_info(S::Info::from(message)).await,
        };
        if self.control.is_watched() {
            self.control.note(EventKind::NoReply, String::new());
        }
        flow
    }
}
