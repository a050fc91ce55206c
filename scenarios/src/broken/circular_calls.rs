//! Two servers that call each other while a third process asks both: each waits for the other.
//!
//! Known from grpc-go#1353, serving#2137 and etcd#7492 (all in the GoKer collection), and from
//! every pair of GenServers that call each other.
//!
//! Failing order: each server takes the client's request before the other's question.
//!
//! Mend: a server that waits for the other's answer still answers the other's question.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::circular_calls", broken)
            .about("two servers wait for each other's answer")
            .broken("deadlock", 5)
            .mended("mended::circular_calls"),
        Scenario::new("mended::circular_calls", mended)
            .about("a server that waits still answers")
            .expects(["circular_calls.crossed", "circular_calls.one_by_one"]),
    ]
}

/// Tells a server who its peer is.
#[derive(Debug)]
struct Meet(Pid);

/// The client's request, which needs a stock count from both servers.
#[derive(Debug)]
struct CountBoth(Pid);

#[derive(Debug)]
struct Total(u32);

#[derive(Debug)]
struct Ask(Pid);

#[derive(Debug)]
struct Answer(u32);

#[derive(Clone, Copy, PartialEq)]
enum WhileWaiting {
    Deaf,
    Answering,
}

async fn ask(mailbox: &mut Mailbox, peer: Pid, stock: u32, waiting: WhileWaiting) -> u32 {
    send(peer, Ask(me()));
    let mut crossed = false;
    loop {
        receive! { mailbox;
            Answer(count) in Answer => {
                sometimes!("circular_calls.crossed", crossed);
                sometimes!("circular_calls.one_by_one", !crossed);
                return count;
            },
            Ask(from) in Ask where waiting == WhileWaiting::Answering => {
                crossed = true;
                send(from, Answer(stock));
            },
        }
    }
}

async fn serve(mut mailbox: Mailbox, stock: u32, waiting: WhileWaiting) {
    let Meet(peer) = mailbox.receive().await;
    loop {
        receive! { mailbox;
            CountBoth(client) in CountBoth => {
                let count = ask(&mut mailbox, peer, stock, waiting).await;
                send(client, Total(stock + count));
            },
            Ask(from) in Ask => send(from, Answer(stock)),
        }
    }
}

async fn count(waiting: WhileWaiting) {
    let mut mailbox = mailbox();
    let shops = [1, 2].map(|stock| spawn(move |mailbox| serve(mailbox, stock, waiting)));
    let [left, right] = shops;
    send(left, Meet(right));
    send(right, Meet(left));
    for shop in shops {
        send(shop, CountBoth(me()));
    }
    for _ in shops {
        let Total(total) = mailbox.receive().await;
        always!("circular_calls.total", total == 3, "total {total}");
    }
}

async fn broken() {
    count(WhileWaiting::Deaf).await;
}

async fn mended() {
    count(WhileWaiting::Answering).await;
}
