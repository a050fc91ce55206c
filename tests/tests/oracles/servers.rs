//! Programs on servers and tasks, each of which gives some oracles something to judge.

use std::time::Duration;

use beamline::prelude::*;

use super::Body;

const SOON: Duration = Duration::from_millis(20);

struct Counter(u32);

#[derive(Debug)]
enum Ask {
    Next(Caller<u32>),
    /// Asks the server to call itself.
    Yourself(Server<Counter>, Caller<u32>),
}

impl GenServer for Counter {
    type Args = ();
    type Call = Ask;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Counter(0).into())
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        match ask {
            Ask::Next(caller) => {
                self.0 += 1;
                caller.reply(self.0);
            }
            Ask::Yourself(server, caller) => {
                let _ = server.call(Ask::Next).no_timeout().await;
                caller.reply(0);
            }
        }
        Ok(Next::Wait)
    }
}

/// Calls that are answered, late, and to the dead.
pub(crate) fn calls() -> Body {
    Box::pin(async {
        let Ok(server) = Counter::start(()).await else {
            return;
        };
        let _ = server.call(Ask::Next).await;
        let _ = server.call(Ask::Next).timeout(Duration::ZERO).await;
        exit(server.pid(), ExitReason::Kill);
        let _ = server.call(Ask::Next).no_timeout().await;
    })
}

/// A server is asked to call itself, while the root does not wait.
pub(crate) fn itself() -> Body {
    Box::pin(async {
        let Ok(server) = Counter::start(()).await else {
            return;
        };
        spawn(async move |_| {
            let _ = server
                .call(move |caller| Ask::Yourself(server, caller))
                .await;
        });
        sleep(SOON).await;
    })
}
