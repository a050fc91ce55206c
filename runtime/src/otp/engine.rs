//! The loop of a server.
//!
//! # Semantics
//! GS-48 to GS-72: one callback at a time; a continuation before any message; what a callback
//! returns decides what comes next. At the end: `terminate`, then the answer that was held back,
//! then the report, then whoever is linked to the server or waits for it learns of the end (GS-67,
//! GS-90).

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};
use std::time::Duration;

use super::behaviour::{Behaviour, Run};
use super::call::CALL_TIMEOUT;
use super::control::{Control, Subject, shown};
use super::gen_server::{Casted, Flow, GenServer, Next, Ready, Refusal};
use super::life::{After, Engine, Life, Stop, live};
use super::report::{self, Handling};
use super::sys::{Debugging, EventKind};
use crate::kernel::calls::Asked;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::process::in_place::Work;
use crate::process::request::{is_owed, open, settling, tell_unanswered};
use crate::process::{Mailbox, catch_exit};

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
        serve(ready, control, mailbox)
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
    settling(serve(state.into(), control, mailbox)).await
}

/// A server that has been initialised.
struct Serving<S> {
    state: S,
    control: Control,
    handling: Handling,
}

fn serve<S: GenServer>(ready: Ready<S>, control: Control, mailbox: Mailbox) -> Life<Serving<S>> {
    let Ready { state, next } = ready;
    let handling = Handling::nothing();
    let serving = Serving {
        state,
        control,
        handling,
    };
    let first = match next {
        Next::Wait => None,
        next => Some(Done::Flow(Ok(next))),
    };
    live(serving, first, mailbox)
}

/// What a piece of work comes to.
enum Done<S: GenServer> {
    Flow(Flow<S>),
    After(After),
}

impl<S: GenServer> From<Flow<S>> for Done<S> {
    #[inline]
    fn from(flow: Flow<S>) -> Self {
        Done::Flow(flow)
    }
}

impl<S: GenServer> From<After> for Done<S> {
    fn from(after: After) -> Self {
        Done::After(after)
    }
}

impl<S: GenServer> Engine for Serving<S> {
    type Done = Done<S>;
    type Subject = S;

    #[inline]
    fn parts(&mut self) -> (&mut Control, &mut S) {
        (&mut self.control, &mut self.state)
    }

    fn rest(&mut self) {
        self.handling = Handling::nothing();
    }

    #[inline]
    fn take(
        mut life: Pin<&mut Life<Self>>,
        message: Message,
        task: &mut TaskContext<'_>,
    ) -> Poll<Done<S>> {
        let (Some(this), _) = life.as_mut().parts() else {
            unreachable!("LIF1: a message is taken while there is work");
        };
        if this.control.is_watched() {
            return life.begin(Watched(message), task);
        }
        match this.read(message) {
            Input::Call(request) => life.begin(Call(request), task),
            Input::Cast(message) => life.begin(Cast(message), task),
            Input::Info(message) => life.begin(Info(message), task),
        }
    }

    fn time_out(mut life: Pin<&mut Life<Self>>, task: &mut TaskContext<'_>) -> Poll<Done<S>> {
        if let (Some(this), _) = life.as_mut().parts() {
            this.rest();
        }
        life.begin(TimeOut, task)
    }

    #[inline]
    fn go_on(
        mut life: Pin<&mut Life<Self>>,
        mut done: Done<S>,
        task: &mut TaskContext<'_>,
    ) -> Poll<After> {
        loop {
            let flow = match done {
                Done::Flow(flow) => flow,
                Done::After(after) => return Poll::Ready(after),
            };
            return Poll::Ready(match flow {
                Ok(Next::Wait) => After::Wait(None),
                Ok(Next::Timeout(time)) => After::Wait(Some(time)),
                Ok(Next::Hibernate) => After::Hibernate,
                Ok(Next::Stop(reason)) | Err(reason) => After::stop(reason),
                Ok(Next::StopReply(reason, reply)) => {
                    let reply = Some(reply);
                    After::Stop(Stop { reason, reply })
                }
                Ok(Next::Continue(work)) => {
                    // Before any message (GS-51).
                    tell_unanswered();
                    done = ready!(life.as_mut().begin(Continue(work), task));
                    continue;
                }
            });
        }
    }

    async fn end(&mut self, Stop { mut reason, reply }: Stop) -> ExitReason {
        if let Err(worse) = catch_exit(self.state.terminate(&reason)).await {
            reason = worse;
        }
        if let Some(reply) = reply {
            reply.send();
        }
        report::served(std::any::type_name::<S>(), self.handling, &reason, || {
            shown(&self.state)
        });
        reason
    }
}

/// What a message is to a server.
enum Input<S: GenServer> {
    Call(S::Call),
    Cast(S::Cast),
    Info(S::Info),
}

impl<S: GenServer> Serving<S> {
    /// Takes a message apart, and notes what is being handled.
    #[inline]
    fn read(&mut self, message: Message) -> Input<S> {
        match message.downcast::<Asked<S::Call>>() {
            Ok(asked) => {
                self.handling = Handling::call::<S::Call>(asked.reference().owner());
                Input::Call(open(asked))
            }
            Err(message) => {
                self.handling = Handling::other(message.namer());
                match message.downcast::<Casted<S::Cast>>() {
                    Ok(Casted(message)) => Input::Cast(message),
                    Err(message) => Input::Info(S::Info::from(message)),
                }
            }
        }
    }
}

/// The kinds of work.
struct Call<C>(C);
struct Cast<C>(C);
struct Info<I>(I);
struct Continue<C>(C);
struct TimeOut;
/// A message, of which something is to be noted.
struct Watched(Message);

impl<S: GenServer> Work<Serving<S>, Done<S>> for Call<S::Call> {
    type Output = Flow<S>;

    #[inline]
    fn on(self, server: &mut Serving<S>) -> impl Future<Output = Flow<S>> + Send {
        server.state.handle_call(self.0)
    }
}

impl<S: GenServer> Work<Serving<S>, Done<S>> for Cast<S::Cast> {
    type Output = Flow<S>;

    #[inline]
    fn on(self, server: &mut Serving<S>) -> impl Future<Output = Flow<S>> + Send {
        server.state.handle_cast(self.0)
    }
}

impl<S: GenServer> Work<Serving<S>, Done<S>> for Info<S::Info> {
    type Output = Flow<S>;

    #[inline]
    fn on(self, server: &mut Serving<S>) -> impl Future<Output = Flow<S>> + Send {
        server.state.handle_info(self.0)
    }
}

impl<S: GenServer> Work<Serving<S>, Done<S>> for Continue<S::Continue> {
    type Output = Flow<S>;

    #[inline]
    fn on(self, server: &mut Serving<S>) -> impl Future<Output = Flow<S>> + Send {
        server.state.handle_continue(self.0)
    }
}

impl<S: GenServer> Work<Serving<S>, Done<S>> for TimeOut {
    type Output = Flow<S>;

    fn on(self, server: &mut Serving<S>) -> impl Future<Output = Flow<S>> + Send {
        server.state.handle_timeout()
    }
}

impl<S: GenServer> Work<Serving<S>, Done<S>> for Watched {
    type Output = Flow<S>;

    async fn on(self, server: &mut Serving<S>) -> Flow<S> {
        let reference = self.0.call_reference();
        let mut kind = EventKind::NoReply;
        let flow = match server.read(self.0) {
            Input::Call(request) => {
                let flow = server.state.handle_call(request).await;
                if !reference.is_some_and(is_owed) {
                    kind = EventKind::Out;
                }
                flow
            }
            Input::Cast(message) => server.state.handle_cast(message).await,
            Input::Info(message) => server.state.handle_info(message).await,
        };
        server.control.note(kind, String::new());
        flow
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Caller, Init, Never};
    use crate::process::in_place::Becoming;
    use crate::process::request::Settling;

    struct Number(u64);

    impl GenServer for Number {
        type Args = u64;
        type Call = Caller<u64>;
        type Cast = Never;
        type Info = Message;
        type Continue = Never;

        async fn init(number: u64) -> Init<Self> {
            Ok(Number(number).into())
        }

        async fn handle_call(&mut self, caller: Caller<u64>) -> Flow<Self> {
            let room = [0_u8; 1_000];
            crate::process::yield_now().await;
            caller.reply(self.0 + u64::from(room[0]));
            Ok(Next::Wait)
        }
    }

    /// Whatever its callbacks need: a block of 64 bytes.
    #[test]
    fn a_server_that_waits_is_its_state_and_seven_words() {
        type Process = Settling<Becoming<Life<Serving<Number>>>>;
        assert_eq!(size_of::<Process>(), 64);
    }
}
