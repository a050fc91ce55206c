//! The worlds of S1 and S4.

use crate::measure::resident_bytes;
use crate::sim_shape;
use shuttle::sync::mpsc::{Receiver, Sender, channel};
use shuttle::thread;

/// One token goes round a ring, so many hops.
pub(crate) fn ring(hops: u64) {
    let (to_first, mut inbox) = channel();
    let mut members = Vec::new();
    for _ in 1..sim_shape::SMALL_WORLD {
        let (to_next, next_inbox) = channel();
        members.push(thread::spawn(move || member(inbox, to_next)));
        inbox = next_inbox;
    }
    let close = to_first.clone();
    members.push(thread::spawn(move || member(inbox, close)));
    to_first.send(hops).expect("the first member");
    drop(to_first);
    for member in members {
        member.join().expect("a member ends");
    }
}

/// Passes the token on until it has made all hops; the ring then falls apart.
fn member(inbox: Receiver<u64>, to_next: Sender<u64>) {
    while let Ok(hops) = inbox.recv() {
        if hops == 1 || to_next.send(hops - 1).is_err() {
            return;
        }
    }
}

enum Hop {
    Token(u64),
    Stop,
}

/// As many tokens as processes, each passed on to a process at random; so many hops altogether.
pub(crate) fn random_hops(processes: u64, hops: u64) {
    let (done, home) = channel();
    let (members, inboxes): (Vec<_>, Vec<_>) = (0..processes).map(|_| channel()).unzip();
    let mut threads = Vec::new();
    for (number, inbox) in inboxes.into_iter().enumerate() {
        let (members, done) = (members.clone(), done.clone());
        threads.push(thread::spawn(move || {
            passer(number as u64 + 1, &inbox, &members, &done)
        }));
    }
    for member in &members {
        member.send(Hop::Token(hops / processes)).expect("a member");
    }
    for _ in &members {
        home.recv().expect("a token comes home");
    }
    for member in &members {
        member.send(Hop::Stop).expect("a member");
    }
    for thread in threads {
        thread.join().expect("a member ends");
    }
}

fn passer(seed: u64, inbox: &Receiver<Hop>, members: &[Sender<Hop>], done: &Sender<()>) {
    let mut state = seed;
    while let Ok(Hop::Token(hops)) = inbox.recv() {
        if hops == 1 {
            done.send(()).expect("the root");
        } else {
            let next = sim_shape::next_hop(&mut state, members.len() as u64);
            members[next].send(Hop::Token(hops - 1)).expect("a member");
        }
    }
}

/// Two senders with five messages each for one receiver.
pub(crate) fn tiny() {
    let (to_me, inbox) = channel();
    for _ in 0..sim_shape::TINY_SENDERS {
        let to_me = to_me.clone();
        thread::spawn(move || {
            for number in 0..sim_shape::TINY_MESSAGES {
                to_me.send(number).expect("the receiver");
            }
        });
    }
    let mut sum = 0;
    for _ in 0..sim_shape::TINY_SENDERS * sim_shape::TINY_MESSAGES {
        sum += inbox.recv().expect("a sender");
    }
    assert_eq!(
        sum,
        sim_shape::TINY_SENDERS * (sim_shape::TINY_MESSAGES * (sim_shape::TINY_MESSAGES - 1) / 2)
    );
}

/// So many threads that wait for a message that never comes; answers with the bytes of each.
pub(crate) fn idle(threads: u64) -> f64 {
    let (started, starts) = channel();
    let before = resident_bytes();
    let mut waiting = Vec::new();
    for _ in 0..threads {
        let (to_idle, inbox) = channel::<()>();
        let started = started.clone();
        thread::spawn(move || {
            started.send(()).expect("the root");
            assert!(inbox.recv().is_err(), "no message was ever sent");
        });
        waiting.push(to_idle);
    }
    for _ in 0..threads {
        starts.recv().expect("a thread");
    }
    (resident_bytes() - before) / threads as f64
}
