//! The counterparts of the group `library` that are about tasks, alone, in streams and under a
//! supervisor.

use std::future::pending;
use std::time::Duration;

use beamline::TaskSupervisor;
use beamline::prelude::*;
use beamline::task::{JoinError, OnTimeout, StartTaskError, StreamError, TaskReply, TaskStream};

use crate::library::Up;
use crate::steps::{SOON, down, drain, next, take};
use crate::written::{because, before, list, reason};

// --- Task

/// A reason, that of the task for one that is about a task.
pub(crate) fn cause(why: &ExitReason) -> String {
    match (why.error_ref::<JoinError>(), why.error_ref::<StreamError>()) {
        (Some(JoinError::Exit(why)), _) | (_, Some(StreamError::Down(why))) => reason(why),
        _ => reason(why),
    }
}

/// What came of waiting for a task.
pub(crate) fn joined(result: Result<&'static str, JoinError>) -> String {
    match result {
        Ok(value) => value.into(),
        Err(JoinError::Exit(why)) => format!("failed {}", reason(&why)),
        Err(JoinError::Timeout) => "failed timeout".into(),
        Err(other) => format!("failed {other:?}"),
    }
}

/// What is known of the end of a task.
pub(crate) fn outcome(outcome: &Result<&'static str, ExitReason>) -> String {
    match outcome {
        Ok(value) => format!("ok {value}"),
        Err(why) => format!("exit {}", reason(why)),
    }
}

/// The same where nothing may be known.
pub(crate) fn perhaps(found: Option<Result<&'static str, ExitReason>>) -> String {
    found.map_or_else(|| "nil".into(), |found| outcome(&found))
}

/// Why a process ends.
pub(crate) async fn fate<F, Fut>(body: F) -> String
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(), ExitReason>> + Send + 'static,
{
    cause(&crate::steps::fate(body).await)
}

pub(crate) async fn done() -> &'static str {
    "done"
}

pub(crate) async fn boom() -> &'static str {
    exit_now(because("boom"))
}

pub(crate) async fn task_await() -> String {
    joined(Task::spawn(done()).join(None).await)
}

pub(crate) async fn task_messages() -> Vec<String> {
    let reference = Task::spawn(done()).into_messages();
    let mut mailbox = mailbox();
    let reply = mailbox.receive_any().await;
    let reply = reply.downcast::<TaskReply<&'static str>>();
    let reply = reply.expect("the reply is first");
    assert_eq!(reply.reference, reference);
    list![
        format!("reply {}", reply.value),
        next(&mut mailbox, &[]).await
    ]
}

pub(crate) async fn joining(task: impl Future<Output = &'static str> + Send + 'static) -> String {
    fate(async |_: Mailbox| {
        Task::spawn(task).join(None).await?;
        Ok(())
    })
    .await
}

pub(crate) async fn task_exit_trapping() -> Vec<String> {
    trap_exit(true);
    let result = joined(Task::spawn(boom()).join(None).await);
    list![result, next(&mut mailbox(), &[]).await]
}

pub(crate) async fn task_normal_exit() -> String {
    let task = Task::spawn(async { exit_now(ExitReason::Normal) });
    joined(task.join(None).await)
}

pub(crate) async fn task_timeout() -> String {
    joined(Task::spawn(pending()).join(SOON).await)
}

pub(crate) async fn task_owner_ends() -> ExitReason {
    let root = me();
    let owner = spawn(async move |mut mailbox: Mailbox| {
        let task = Task::<&str>::spawn(pending());
        send(root, Up(task.pid().expect("it runs")));
        take(&mut mailbox, "go").await;
        because("boom")
    });
    let mut mailbox = mailbox();
    let Up(task) = mailbox.receive().await;
    let watch = monitor(task);
    send(owner, "go");
    down(&mut mailbox, watch).await
}

pub(crate) async fn task_start_link_crash() -> String {
    trap_exit(true);
    Task::<()>::start_link(async { panic!("boom") });
    next(&mut mailbox(), &[]).await
}

pub(crate) async fn task_start_crash() -> Vec<String> {
    let pid = Task::<()>::start(async {
        take(&mut mailbox(), "go").await;
        because("boom")
    });
    let watch = monitor(pid);
    send(pid, "go");
    let mut mailbox = mailbox();
    let end = down(&mut mailbox, watch).await;
    before(end, drain(&mut mailbox, &[]).await)
}

pub(crate) async fn task_await_many() -> Vec<String> {
    let tasks = ["one", "two"].map(|word| Task::spawn(async move { word }));
    let words = Task::join_all(tasks, None)
        .await
        .expect("they come to an end");
    words.into_iter().map(str::to_owned).collect()
}

pub(crate) async fn task_await_many_exit() -> String {
    trap_exit(true);
    let tasks = [Task::spawn(pending()), Task::spawn(boom())];
    joined(Task::join_all(tasks, None).await.map(|_| "done"))
}

pub(crate) async fn task_yield() -> String {
    perhaps(Task::spawn(done()).yield_for(None).await)
}

pub(crate) async fn task_yield_twice() -> Vec<String> {
    let mut task = Task::spawn(async {
        take(&mut mailbox(), "go").await;
        "done"
    });
    let first = task.yield_for(Duration::ZERO).await;
    send(task.pid().expect("it runs"), "go");
    list![perhaps(first), perhaps(task.yield_for(None).await)]
}

pub(crate) async fn task_yield_against_end() -> String {
    perhaps(Task::spawn(done()).yield_for(Duration::ZERO).await)
}

pub(crate) async fn task_shutdown() -> bool {
    Task::<&str>::spawn(pending()).shutdown().await.is_none()
}

pub(crate) async fn task_shutdown_against_end() -> String {
    perhaps(Task::spawn(done()).shutdown().await)
}

pub(crate) async fn task_shutdown_brutally() -> Vec<String> {
    trap_exit(true);
    let task = Task::spawn(async {
        trap_exit(true);
        pending().await
    });
    let result = perhaps(task.shutdown_with(Shutdown::Brutal).await);
    before(result, drain(&mut mailbox(), &[]).await)
}

pub(crate) async fn task_ignore() -> Vec<String> {
    let task = Task::spawn(async {
        take(&mut mailbox(), "go").await;
        "done"
    });
    let pid = task.pid().expect("it runs");
    let watch = monitor(pid);
    let ignored = perhaps(task.ignore().await);
    send(pid, "go");
    let mut mailbox = mailbox();
    let end = down(&mut mailbox, watch).await;
    before(ignored, before(end, drain(&mut mailbox, &[]).await))
}

pub(crate) async fn task_completed() -> String {
    joined(Task::completed("done").join(None).await)
}

// --- streams

/// All outcomes of a stream.
pub(crate) async fn all<F, Fut, const N: usize>(
    stream: TaskStream<std::array::IntoIter<&'static str, N>, F, &'static str>,
) -> Vec<String>
where
    F: FnOnce(&'static str) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = &'static str> + Send + 'static,
{
    let outcomes = stream.timeout(None).collect().await;
    outcomes.iter().map(outcome).collect()
}

pub(crate) async fn itself(item: &'static str) -> &'static str {
    if item == "boom" { boom().await } else { item }
}

pub(crate) async fn stream_of_one() -> Vec<String> {
    all(Task::stream(["one"], itself)).await
}

pub(crate) async fn stream_exit_trapping() -> Vec<String> {
    trap_exit(true);
    all(Task::stream(["boom"], itself)).await
}

pub(crate) async fn stream_exit_untrapped() -> String {
    fate(async |_: Mailbox| {
        all(Task::stream(["boom"], itself)).await;
        Ok(())
    })
    .await
}

pub(crate) async fn stream_killing_late_ones() -> Vec<String> {
    let stream = Task::stream(["one"], |_| pending::<&'static str>())
        .timeout(SOON)
        .on_timeout(OnTimeout::Kill);
    stream.collect().await.iter().map(outcome).collect()
}

// --- Task.Supervisor

pub(crate) async fn tasks() -> TaskSupervisor {
    TaskSupervisor::start_link().await.expect("it starts")
}

pub(crate) async fn supervised_task() -> String {
    let task = tasks().await.spawn(done()).await.expect("it starts");
    joined(task.join(None).await)
}

/// A task that exits, which its owner is not linked to.
pub(crate) async fn exiting() -> Task<&'static str> {
    let task = tasks().await.spawn_nolink(boom()).await;
    task.expect("it starts")
}

pub(crate) async fn supervised_nolink_exit() -> String {
    joined(exiting().await.join(None).await)
}

pub(crate) async fn supervised_nolink_yield() -> String {
    perhaps(exiting().await.yield_for(None).await)
}

pub(crate) async fn supervised_shutdown_exited() -> String {
    let task = exiting().await;
    let watch = monitor(task.pid().expect("it has one"));
    down(&mut mailbox(), watch).await;
    perhaps(task.shutdown().await)
}

pub(crate) async fn supervised_child() -> bool {
    let (tasks, root) = (tasks().await, me());
    let runs = async move {
        send(root, "runs");
        pending::<()>().await;
    };
    let pid = tasks.start_child(runs).await.expect("it starts");
    take(&mut mailbox(), "runs").await;
    tasks.children().await == Ok(vec![pid])
}

pub(crate) async fn supervised_terminate() -> Vec<String> {
    let tasks = tasks().await;
    let pid = tasks.start_child(pending::<()>()).await.expect("it starts");
    let watch = monitor(pid);
    let mut results = Vec::new();
    for _ in 0..2 {
        let result = tasks.terminate_child(pid).await.expect("it runs");
        results.push(result.map_or("not_found".to_owned(), |()| "ok".to_owned()));
    }
    results.push(reason(&down(&mut mailbox(), watch).await));
    results
}

pub(crate) async fn supervised_limit() -> String {
    let tasks = TaskSupervisor::start_link().max_children(1).await;
    let tasks = tasks.expect("it starts");
    tasks.start_child(pending::<()>()).await.expect("it starts");
    match tasks.start_child(pending::<()>()).await {
        Err(StartTaskError::MaxChildren) => "max_children".into(),
        other => format!("{other:?}"),
    }
}

pub(crate) async fn supervisor_stops() -> ExitReason {
    let tasks = tasks().await;
    let pid = tasks.start_child(pending::<()>()).await.expect("it starts");
    let watch = monitor(pid);
    tasks.stop().await.expect("it runs");
    down(&mut mailbox(), watch).await
}

pub(crate) async fn supervised_stream_exit() -> Vec<String> {
    all(tasks().await.stream_nolink(["boom"], itself)).await
}
