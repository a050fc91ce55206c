//! Small programs that between them use whatever may differ from run to run: the order of
//! signals, random numbers, deaths, names, timers and the lists that the runtime answers with.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use beamline::prelude::*;

/// The future of a program.
pub(crate) type Body = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A name and a program.
type Program = (&'static str, fn() -> Body);

/// The programs by their names.
pub(crate) const PROGRAMS: [Program; 5] = [
    ("arrivals", || Box::pin(arrivals())),
    ("deaths", || Box::pin(deaths())),
    ("names", || Box::pin(names())),
    ("timers", || Box::pin(timers())),
    ("tree", || Box::pin(tree())),
];

/// Draws from 0 up to, not including, `end`.
fn draw(end: u64) -> u64 {
    random_range(0..end)
}

#[derive(Debug)]
struct Go;

/// Four senders of random numbers; the root takes the even ones first.
async fn arrivals() {
    let (mut mailbox, root) = (mailbox(), me());
    for sender in 0..4u64 {
        spawn(async move |_: Mailbox| {
            for _ in 0..3 {
                send(root, (sender, draw(100)));
                if draw(2) == 0 {
                    yield_now().await;
                }
            }
        });
    }
    let mut sum = 0;
    for _ in 0..4 {
        let even = |&(_, number): &(u64, u64)| number % 2 == 0;
        let patience = Duration::from_millis(draw(5));
        if let Some((sender, number)) = mailbox.receive_where_timeout(patience, even).await {
            sum += sender * number;
        }
    }
    while let Some(message) = mailbox.receive_any_timeout(Duration::from_millis(1)).await {
        sum += u64::from(message.is::<(u64, u64)>());
    }
    set_label(format!("sum {sum}"));
}

/// Linked and watched workers that end each in its own way, some of them killed.
async fn deaths() {
    let mut mailbox = mailbox();
    trap_exit(true);
    let mut expected = 0;
    let mut workers = Vec::new();
    for number in 0..5u64 {
        let spawned = spawn_with(
            SpawnOptions::new().link().monitor(),
            async move |mut m: Mailbox| match draw(4) {
                0 => ExitReason::Normal,
                1 => ExitReason::other(number),
                2 => exit_now(ExitReason::Kill),
                _ => {
                    m.receive::<Go>().await;
                    ExitReason::Shutdown
                }
            },
        );
        workers.push(spawned.expect("there is room for a process").pid);
        expected += 2;
    }
    for &worker in &workers {
        match draw(3) {
            0 => exit(worker, ExitReason::Kill),
            1 => link(workers[draw(5) as usize]),
            _ => {}
        }
        send(worker, Go);
    }
    while expected > 0
        && mailbox
            .receive_any_timeout(Duration::from_millis(50))
            .await
            .is_some()
    {
        expected -= 1;
    }
    let own = info(me()).await.expect("it runs");
    set_label(format!(
        "{} links, {} monitors",
        own.links.len(),
        own.monitors.len()
    ));
}

/// Racers for a few names; the root reads the lists of names and processes meanwhile.
async fn names() {
    let mut mailbox = mailbox();
    for _ in 0..5 {
        spawn_monitor(async move |mut mailbox: Mailbox| {
            for _ in 0..2 {
                let name = ["red", "green", "blue"][draw(3) as usize];
                match register(name, me()).await {
                    Ok(()) if draw(2) == 0 => drop(unregister(name).await),
                    Ok(()) => {}
                    Err(_) => drop(send(name, Go).await),
                }
            }
            mailbox
                .receive_timeout::<Go>(Duration::from_millis(draw(3)))
                .await;
        });
    }
    let mut seen = 0;
    for _ in 0..5 {
        mailbox.receive::<Down>().await;
        for name in registered().await {
            if let Some(pid) = whereis(&name).await {
                seen += info(pid).await.map_or(0, |info| info.message_queue_len);
            }
        }
        // The order of these lists reaches behaviour here, so it had better be fixed.
        if let Some(&last) = processes().await.last() {
            send(last, Go);
        }
    }
    set_label(format!("{seen} messages seen"));
}

/// Timers by pid and by name, some cancelled, against receives that wait about as long.
async fn timers() {
    let (mut mailbox, root) = (mailbox(), me());
    let started = now();
    let timers: Vec<Timer> = (0..6)
        .map(|_| {
            let after = Duration::from_millis(1 + draw(5));
            if draw(2) == 0 {
                send_after(root, Go, after)
            } else {
                start_timer("timers", Go, after)
            }
        })
        .collect();
    if draw(2) == 0 {
        register("timers", root)
            .await
            .expect("nobody else wants it");
    }
    spawn(async move |_: Mailbox| {
        sleep(Duration::from_millis(draw(4))).await;
        cancel(timers[draw(6) as usize]).await;
        cancel(timers[draw(6) as usize]).await;
        send_after(root, Go, Duration::from_millis(2));
    });
    while let Some(message) = mailbox
        .receive_any_timeout(Duration::from_millis(1 + draw(6)))
        .await
    {
        if message.is::<TimerFired>() {
            yield_now().await;
        }
    }
    set_label(format!("{:?}", now() - started));
}

/// A tree of processes whose shape is drawn; each node sums up its children, if they live.
async fn tree() {
    let mut mailbox = mailbox();
    let reference = grow(2);
    let nodes = collect(&mut mailbox, vec![reference]).await;
    set_label(format!("{nodes} nodes"));
}

fn grow(depth: u32) -> Ref {
    let parent = me();
    let (pid, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
        local::put("depth", depth);
        let children = (0..if depth == 0 { 0 } else { 1 + draw(3) }).map(|_| grow(depth - 1));
        let children: Vec<Ref> = children.collect();
        if draw(10) == 0 {
            exit_now(ExitReason::other(depth));
        }
        let nodes = collect(&mut mailbox, children).await;
        send(parent, nodes + 1);
    });
    if draw(4) == 0 {
        spawn(async move |_: Mailbox| {
            if suspend(pid).await.is_ok() {
                yield_now().await;
            }
        });
    }
    watch
}

/// The sum of what the children report before they end.
async fn collect(mailbox: &mut Mailbox, children: Vec<Ref>) -> u64 {
    for watch in children {
        mailbox
            .receive_where(|down: &Down| down.reference == watch)
            .await;
    }
    let mut sum = 0;
    while let Some(nodes) = mailbox.receive_timeout::<u64>(Duration::ZERO).await {
        sum += nodes;
    }
    sum
}

/// Goes wrong in the rare run in which four messages arrive in the reverse order.
pub(crate) async fn rarely_wrong() {
    let (mut mailbox, root) = (mailbox(), me());
    for number in 0..6u64 {
        spawn(async move |_: Mailbox| send(root, number));
    }
    let mut order = Vec::new();
    for _ in 0..6 {
        order.push(mailbox.receive::<u64>().await);
    }
    beamline_sim::always!("never reversed", !order.is_sorted_by(|a, b| a > b));
}
