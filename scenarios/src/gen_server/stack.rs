//! A stack: what is pushed last is popped first.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::stack", stack)
            .about("a stack with push and pop")
            .expects(["stack.popped", "stack.timeout"])
            .no_leaks(),
    ]
}

struct Stack(Vec<u32>);

#[derive(Debug)]
struct Pop(Caller<Option<u32>>);

#[derive(Debug)]
struct Push(u32);

impl GenServer for Stack {
    type Args = Vec<u32>;
    type Call = Pop;
    type Cast = Push;
    type Info = Message;
    type Continue = Never;

    async fn init(items: Vec<u32>) -> Init<Self> {
        Ok(Stack(items).into())
    }

    async fn handle_call(&mut self, Pop(caller): Pop) -> Flow<Self> {
        caller.reply(self.0.pop());
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Push(item): Push) -> Flow<Self> {
        self.0.push(item);
        Ok(Next::Wait)
    }
}

async fn stack() -> Result<(), ExitReason> {
    let stack = Stack::start_link(vec![1, 2]).await?;
    stack.cast(Push(3));
    for expected in [Some(3), Some(2), Some(1), None] {
        match stack.call(Pop).await {
            Err(CallError::Timeout) => sometimes!("stack.timeout", true),
            popped => {
                // A pop whose answer was late has still been done: the order stays.
                let popped = popped?;
                always!(
                    "stack.order",
                    popped == expected,
                    "{popped:?}, not {expected:?}"
                );
                sometimes!("stack.popped", true);
            }
        }
    }
    Ok(stack.stop().await?)
}
