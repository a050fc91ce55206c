//! A queue of jobs that are done one at a time, in the order in which they came.
//!
//! The server goes on by a message to itself, so that it takes new jobs between two old ones.

use std::collections::VecDeque;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::job_queue", job_queue)
            .about("jobs done one at a time")
            .expects(["job_queue.queued", "job_queue.idle_between"])
            .no_leaks(),
    ]
}

struct JobQueue {
    waiting: VecDeque<u32>,
    working: bool,
    watcher: Pid,
}

#[derive(Debug)]
struct Add(u32);

#[derive(Debug)]
struct Length(Caller<usize>);

#[derive(Debug)]
struct ProcessNext;

#[derive(Debug, PartialEq)]
enum Job {
    Begun(u32),
    Done(u32),
}

impl GenServer for JobQueue {
    type Args = Pid;
    type Call = Length;
    type Cast = Add;
    type Info = Message;
    type Continue = Never;

    async fn init(watcher: Pid) -> Init<Self> {
        Ok(JobQueue {
            waiting: VecDeque::new(),
            working: false,
            watcher,
        }
        .into())
    }

    async fn handle_call(&mut self, Length(caller): Length) -> Flow<Self> {
        caller.reply(self.waiting.len());
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Add(job): Add) -> Flow<Self> {
        self.waiting.push_back(job);
        if !self.working {
            self.working = true;
            send(me(), ProcessNext);
        }
        Ok(Next::Wait)
    }

    async fn handle_info(&mut self, _: Message) -> Flow<Self> {
        match self.waiting.pop_front() {
            None => self.working = false,
            Some(job) => {
                send(self.watcher, Job::Begun(job));
                sleep(Duration::from_millis(1)).await;
                send(self.watcher, Job::Done(job));
                send(me(), ProcessNext);
            }
        }
        Ok(Next::Wait)
    }
}

async fn job_queue() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    let queue = JobQueue::start_link(me()).await?;
    for job in 0..2 {
        queue.cast(Add(job));
    }
    let waiting = queue.call(Length).no_timeout().await?;
    sometimes!("job_queue.queued", waiting > 0);
    sometimes!("job_queue.idle_between", waiting == 0);
    queue.cast(Add(2));
    for job in 0..3 {
        for expected in [Job::Begun(job), Job::Done(job)] {
            let told = mailbox.receive::<Job>().await;
            always!("job_queue.one_at_a_time", told == expected, "{told:?}");
        }
    }
    let left = queue.call(Length).no_timeout().await?;
    always!("job_queue.empty", left == 0, "{left} left");
    Ok(queue.stop().await?)
}
