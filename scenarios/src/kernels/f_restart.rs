//! A client calls a server that is being restarted: 3 of 11 classes fail.
//!
//! A server crashes, of which its supervisor and a registry are told. The supervisor starts
//! another and sends it the balance to go on with; the new server registers itself. A client asks
//! the registry for the server and calls it.
//!
//! Asked before either news, the registry names the old server: the call comes before the crash or
//! after it (fails), and the two news come in two orders (4 classes). Asked between the end of the
//! old one and the start of the new, it knows none (1 class, fails). Asked later, in three orders,
//! it names the new server, which the call reaches before or after the balance (6 classes; a
//! server without a balance says that it is starting).

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

/// `kernel::f_restart`.
pub fn scenario() -> Scenario {
    Scenario::new("kernel::f_restart", body)
        .about("a call during a restart: 3 of 11 classes fail")
        .classes(3, 11)
        .broken("always kernel.served", 7)
}

#[derive(Debug)]
enum ToServer {
    Call(Pid),
    Restore(u32),
    /// Ends the server, of which these are told.
    Crash([Pid; 2]),
}

#[derive(Debug, PartialEq)]
enum Answer {
    Balance(u32),
    Starting,
    Gone,
}

#[derive(Debug, Clone, Copy)]
struct Crashed(Pid);

#[derive(Debug)]
struct Register(Pid);

#[derive(Debug)]
struct Lookup(Pid);

#[derive(Debug)]
struct Found(Option<Pid>);

/// After a crash it only answers that it is gone, as the runtime does for the dead.
async fn serve(mut mailbox: Mailbox, mut balance: Option<u32>) {
    let mut gone = false;
    loop {
        match mailbox.receive().await {
            ToServer::Call(from) if gone => send(from, Answer::Gone),
            ToServer::Call(from) => send(from, balance.map_or(Answer::Starting, Answer::Balance)),
            ToServer::Restore(value) => balance = Some(value),
            ToServer::Crash(told) => {
                gone = true;
                for pid in told {
                    send(pid, Crashed(me()));
                }
            }
        }
    }
}

async fn restarted(mailbox: Mailbox, registry: Pid) {
    send(registry, Register(me()));
    serve(mailbox, None).await;
}

async fn supervise(mut mailbox: Mailbox, registry: Pid) {
    mailbox.receive::<Crashed>().await;
    let server = spawn(move |mailbox| restarted(mailbox, registry));
    send(server, ToServer::Restore(100));
}

async fn registry(mut mailbox: Mailbox, mut server: Option<Pid>) {
    loop {
        receive! { mailbox;
            Lookup(from) in Lookup => send(from, Found(server)),
            Register(pid) in Register => server = Some(pid),
            Crashed(pid) in Crashed => server = server.filter(|server| *server != pid),
        }
    }
}

async fn body() {
    let mut mailbox = mailbox();
    let server = spawn(|mailbox| serve(mailbox, Some(100)));
    let registry = spawn(move |mailbox| registry(mailbox, Some(server)));
    let supervisor = spawn(move |mailbox| supervise(mailbox, registry));
    spawn(async move |_: Mailbox| send(server, ToServer::Crash([supervisor, registry])));

    send(registry, Lookup(me()));
    let Found(found) = mailbox.receive().await;
    let mut answer = None;
    if let Some(server) = found {
        send(server, ToServer::Call(me()));
        answer = Some(mailbox.receive::<Answer>().await);
    }
    // Classes are counted over whole runs, so the restart is to be over when the root ends.
    sleep(Duration::from_millis(10)).await;
    let served = answer
        .as_ref()
        .is_some_and(|answer| *answer != Answer::Gone);
    always!(
        "kernel.served",
        served,
        "found {found:?}, answered {answer:?}"
    );
}
