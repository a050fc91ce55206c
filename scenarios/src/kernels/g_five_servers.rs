//! Message x comes before message y at each of five servers: 120 of 3,840 classes fail.
//!
//! Two orders at each of five servers, and 120 orders of their reports.

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

/// `kernel::g_five_servers`.
pub fn scenario() -> Scenario {
    Scenario::new("kernel::g_five_servers", body::<5>)
        .about("x before y at five servers: 120 of 3,840 classes fail")
        .classes(120, 3_840)
        .broken("always kernel.some_y_first", 8)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Letter {
    X,
    Y,
}

#[derive(Debug)]
struct CameFirst(Letter);

async fn serve(mut mailbox: Mailbox, root: Pid) {
    let first = mailbox.receive::<Letter>().await;
    mailbox.receive::<Letter>().await;
    send(root, CameFirst(first));
}

async fn body<const SERVERS: usize>() {
    let mut mailbox = mailbox();
    let root = me();
    let servers = [(); SERVERS].map(|()| spawn(move |mailbox| serve(mailbox, root)));
    for letter in [Letter::X, Letter::Y] {
        spawn(async move |_: Mailbox| {
            for server in servers {
                send(server, letter);
            }
        });
    }
    let mut x_first: usize = 0;
    for _ in servers {
        let CameFirst(letter) = mailbox.receive().await;
        x_first += usize::from(letter == Letter::X);
    }
    always!(
        "kernel.some_y_first",
        x_first < SERVERS,
        "x came first at every server"
    );
}

#[cfg(test)]
mod tests {
    use beamline_sim::Check;

    /// Naive search of five servers takes too many runs; the formula is the same for fewer.
    #[test]
    fn the_classes_are_two_orders_at_each_server_and_all_orders_of_the_reports() {
        let found = Check::new("kernel::g_two_servers")
            .early_firings(0)
            .explore(super::body::<2>);
        assert!(found.complete, "{found}");
        assert_eq!((found.failing_traces, found.traces), (2, 4 * 2), "{found}");

        let found = Check::new("kernel::g_three_servers")
            .early_firings(0)
            .explore(super::body::<3>);
        assert!(found.complete, "{found}");
        assert_eq!((found.failing_traces, found.traces), (6, 8 * 6), "{found}");
    }
}
