//! A server that said that it stopped still has its name, so that starting it again clashes.
//!
//! Known from ERL-1291 (erlang/otp#4259), where `stop` followed by `start` of a named server
//! failed about once in several thousand runs of a test, and was left as it is.
//!
//! The server answers the request to stop and ends; its name is free only once it has ended.
//! Failing order: the answer reaches the client, the client registers the name for a new server,
//! the old one ends.
//!
//! Mend: the client takes the `Down` of the old server for the answer. A process gives up its name
//! before it tells anyone of its end.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::stop_start", broken)
            .about("start after stop finds the old server's name still taken")
            .broken("always stop_start.registered", 5)
            .mended("mended::stop_start"),
        Scenario::new("mended::stop_start", mended)
            .about("start after stop waits for the old server's end")
            .expects(["stop_start.name_lingers", "stop_start.name_free"]),
    ]
}

const NAME: &str = "server";

#[derive(Debug)]
struct Stop(Pid);

#[derive(Debug)]
struct Stopped;

async fn serve(mut mailbox: Mailbox) {
    let Stop(from) = mailbox.receive().await;
    send(from, Stopped);
}

async fn start() -> Result<Pid, RegisterError> {
    let server = spawn(serve);
    register(NAME, server).await.map(|()| server)
}

async fn broken() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    let server = start().await?;
    send(server, Stop(me()));
    mailbox.receive::<Stopped>().await;

    let again = start().await;
    always!("stop_start.registered", again.is_ok(), "{again:?}");
    Ok(())
}

async fn mended() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    let server = start().await?;
    let reference = monitor(server);
    send(server, Stop(me()));
    mailbox.receive::<Stopped>().await;

    let lingers = whereis(NAME).await.is_some();
    sometimes!("stop_start.name_lingers", lingers);
    sometimes!("stop_start.name_free", !lingers);

    mailbox
        .receive_where(|down: &Down| down.reference == reference)
        .await;
    let again = start().await;
    always!("stop_start.registered", again.is_ok(), "{again:?}");
    Ok(())
}
