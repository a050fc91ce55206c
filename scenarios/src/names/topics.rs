//! A duplicate registry as topics: whoever subscribes gets what is published.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

type Topics = Registry<&'static str, u32>;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("names::topics", || topics(false))
            .about("what is dispatched to a topic in two partitions reaches each subscriber once")
            .expects(["topics.out_of_order"])
            .no_leaks(),
        Scenario::new("names::topics_in_parallel", || topics(true))
            .about("the same, dispatched by a process for each partition")
            .expects(["topics.out_of_order"])
            .no_leaks(),
    ]
}

/// What is published.
#[derive(Debug, Clone, PartialEq)]
struct Order(u32);

/// What a subscriber says it is, and has heard.
#[derive(Debug)]
enum Said {
    Subscribed,
    Heard(u32),
}

/// Subscribes with a number, and tells of the one thing that it hears.
async fn subscriber(topics: Topics, root: Pid, number: u32, mut mailbox: Mailbox) {
    let _ = topics.register("orders", number).await;
    send(root, Said::Subscribed);
    let Order(order) = mailbox.receive().await;
    topics.unregister(&"orders").await;
    send(root, Said::Heard(order * 10 + number));
}

async fn topics(parallel: bool) -> Result<(), ExitReason> {
    let (mut mailbox, root) = (mailbox(), me());
    let topics = Topics::duplicate().partitions(2).start_link().await?;
    for number in 1..=3 {
        let topics = topics.clone();
        spawn(async move |mailbox: Mailbox| subscriber(topics, root, number, mailbox).await);
    }
    for _ in 0..3 {
        mailbox
            .receive_where(|said: &Said| matches!(said, Said::Subscribed))
            .await;
    }
    topics.register("other", 9).await?;
    let publish = |entries: &[(Pid, u32)]| {
        for (pid, _) in entries {
            send(*pid, Order(7));
        }
    };
    match parallel {
        true => topics.dispatch_parallel(&"orders", publish).await,
        false => topics.dispatch(&"orders", publish).await,
    }
    let mut heard = Vec::new();
    for _ in 0..3 {
        let said = mailbox.receive().await;
        if let Said::Heard(what) = said {
            heard.push(what);
        }
    }
    sometimes!("topics.out_of_order", heard != [71, 72, 73]);
    heard.sort_unstable();
    always!("topics.each_once", heard == [71, 72, 73], "{heard:?}");
    let left = topics.lookup(&"orders").await;
    always!("topics.unsubscribed", left.is_empty(), "{left:?}");
    always!("topics.others_stay", topics.count().await == 1);
    Ok(())
}
