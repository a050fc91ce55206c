//! Tasks under a supervisor: work that must not endanger whoever asked for it.

use beamline::prelude::*;
use beamline::task::JoinError;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("task::async_nolink", risky_work)
            .about("a task that may crash, and an owner that goes on")
            .expects(["nolink.result", "nolink.crash"])
            .no_leaks(),
        Scenario::new("task::start_child", mails)
            .about("work that is tried again when it crashes")
            .no_leaks(),
    ]
}

async fn risky_work() -> Result<(), ExitReason> {
    let tasks = TaskSupervisor::start_link().await?;
    let task = tasks
        .spawn_nolink(async {
            match random_range(0..2) {
                0 => panic!("the risk"),
                _ => 42,
            }
        })
        .await?;
    match task.join(None).await {
        Ok(value) => {
            sometimes!("nolink.result", true);
            always!("nolink.value", value == 42);
        }
        Err(error) => {
            sometimes!("nolink.crash", true);
            let crashed = matches!(error, JoinError::Exit(ExitReason::Panicked(_)));
            always!("nolink.only_the_risk", crashed, "{error}");
        }
    }
    tasks.stop().await?;
    Ok(())
}

#[derive(Debug)]
struct Sent(u32);

/// A mail that is sent at the second try.
async fn mails() -> Result<(), ExitReason> {
    let (mut mailbox, root) = (mailbox(), me());
    let tasks = TaskSupervisor::start_link().await?;
    let tries = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let mail = move || {
        let tried = tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async move {
            assert!(tried > 0, "the mail server is down");
            send(root, Sent(tried));
        }
    };
    tasks.start_restarting(Restart::Transient, mail).await?;
    let Sent(tried) = mailbox.receive().await;
    always!("mails.second_try", tried == 1);
    tasks.stop().await?;
    always!("mails.once", mailbox.is_empty());
    Ok(())
}
