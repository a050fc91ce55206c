//! The counterparts of the group `servers` that stop servers, wait for requests, send system
//! messages or start processes by hand.

use beamline::prelude::*;
use beamline::start::{StartOptions, Unready, start};
use beamline::sys::{self, SysError};
use beamline::{Requests, enter_loop, multi_call, stop};

use crate::scripted::{
    Ask, Begin, Ending, Plan, Scripted, Tell, answer, ask, call, do_next, echo, keep, linked,
    notes, server, started, telling,
};
use crate::steps::{SOON, attempt, dead, down, drain, next};
use crate::written::{because, before, list};

// --- stopping

/// What came of a stop, in words.
pub(crate) fn stopped(result: Result<(), CallError>) -> String {
    answer(result.map(|()| "ok".to_owned()))
}

pub(crate) async fn stopping(reason: ExitReason) -> Vec<String> {
    let mut mailbox = mailbox();
    let server = telling().await;
    let watch = monitor(server.pid());
    let result = stopped(server.stop_with(reason, None).await);
    let told = mailbox.receive::<String>().await;
    list![result, told, down(&mut mailbox, watch).await]
}

pub(crate) async fn stop_dead() -> String {
    stopped(stop(dead().await, ExitReason::Normal, None).await)
}

pub(crate) async fn stop_missing_name() -> String {
    stopped(stop("server", ExitReason::Normal, None).await)
}

pub(crate) async fn stop_self() -> String {
    stopped(stop(me(), ExitReason::Normal, None).await)
}

pub(crate) async fn ending(server: Server<Scripted>, ending: Ending) {
    let end_so = |scripted: &mut Scripted, caller: Caller<String>| {
        scripted.ending = ending;
        caller.reply(String::new());
        Ok(Next::Wait)
    };
    call(server, end_so).await;
}

pub(crate) async fn stop_and_crash() -> String {
    let server = server().await;
    ending(server, Ending::Exit(because("oops"))).await;
    stopped(server.stop().await)
}

pub(crate) async fn stop_too_slow() -> String {
    let server = server().await;
    ending(server, Ending::Forever).await;
    stopped(server.stop_with(ExitReason::Normal, Some(SOON)).await)
}

pub(crate) async fn stop_after_casts() -> Vec<String> {
    let server = telling().await;
    for note in ["one", "two"] {
        server.cast(do_next(move |scripted| {
            scripted.tell(note.into());
            Ok(Next::Wait)
        }));
    }
    server.stop().await.expect("it runs");
    drain(&mut mailbox(), &[]).await
}

pub(crate) async fn terminate_after_crash() -> Vec<String> {
    let crash = |_: &mut Scripted, _: Caller<String>| panic!("boom");
    let result = call(telling().await, crash).await;
    before(result, drain(&mut mailbox(), &[]).await)
}

pub(crate) async fn terminate_and_signal() -> Vec<String> {
    let server = telling().await;
    let watch = monitor(server.pid());
    exit(server.pid(), because("boom"));
    let mut mailbox = mailbox();
    let down = down(&mut mailbox, watch).await;
    before(down, drain(&mut mailbox, &[]).await)
}

pub(crate) async fn terminate_and_parent() -> String {
    let teller = me();
    spawn(async move |_: Mailbox| {
        linked(teller).await;
        because("boom")
    });
    next(&mut mailbox(), &[]).await
}

pub(crate) async fn terminate_trapping_stranger() -> Vec<String> {
    let server = linked(me()).await;
    unlink(server.pid());
    spawn(async move |_: Mailbox| exit(server.pid(), because("boom")));
    let told = next(&mut mailbox(), &[]).await;
    list![told, call(server, echo).await]
}

// --- requests

pub(crate) async fn request() -> String {
    let request = server().await.request(|caller| ask(caller, echo)).await;
    answer(request.receive().await)
}

/// Answers with this.
pub(crate) fn say(word: &'static str) -> impl FnOnce(Caller<String>) -> Ask {
    let say = move |_: &mut Scripted, caller: Caller<String>| {
        caller.reply(word.into());
        Ok(Next::Wait)
    };
    move |caller| ask(caller, say)
}

pub(crate) async fn requests_in_reverse() -> Vec<String> {
    let server = server().await;
    let one = server.request(say("one")).await;
    let two = server.request(say("two")).await;
    list![answer(two.receive().await), answer(one.receive().await)]
}

pub(crate) async fn request_dead() -> String {
    let server = Server::<Scripted>::of(dead().await);
    answer(server.request(say("one")).await.receive().await)
}

pub(crate) async fn request_waited_for_twice() -> Vec<String> {
    let server = server().await;
    let mut request = server.request(|caller| ask(caller, keep)).await;
    let first = request.wait(SOON).await;
    server.cast(Tell::Release);
    list![
        first.map_or_else(|| "timeout".into(), answer),
        answer(request.receive().await)
    ]
}

pub(crate) async fn request_and_crash() -> String {
    let fails = |_: &mut Scripted, _: Caller<String>| exit_now(because("boom"));
    let request = server().await.request(|caller| ask(caller, fails)).await;
    answer(request.receive().await)
}

pub(crate) async fn requests_as_they_come() -> Vec<String> {
    let mut requests = Requests::new();
    for name in ["one", "two"] {
        let server = server().await;
        requests.add(name, server.request(say(name)).await);
    }
    let mut found = Vec::new();
    while let Some((label, reply)) = requests.next(None).await {
        found.push(format!("{label} {}", answer(reply)));
    }
    found
}

/// Of one server that is there and one that is not, where Erlang asks nodes for one name.
pub(crate) async fn multi_called() -> Vec<String> {
    let ask_echo = |caller| ask(caller, echo);
    let (good, bad) = multi_call([server().await], ask_echo, None).await;
    let gone = Server::<Scripted>::of(dead().await);
    let (none, missing) = multi_call([gone], ask_echo, None).await;
    list![good.len(), bad.len(), none.len(), missing.len()]
}

// --- system messages

pub(crate) async fn sys_suspended_call() -> Vec<String> {
    let server = server().await;
    sys::suspend(server).await.expect("it runs");
    let add = |scripted: &mut Scripted, caller: Caller<String>| {
        scripted.notes.push("late".into());
        caller.reply(String::new());
        Ok(Next::Wait)
    };
    let first = server.call(|caller| ask(caller, add)).timeout(SOON).await;
    sys::resume(server).await.expect("it runs");
    list![answer(first), call(server, notes).await]
}

pub(crate) async fn sys_suspended_order() -> Vec<String> {
    let server = server().await;
    sys::suspend(server).await.expect("it runs");
    server.cast(Tell::Note("one"));
    send(server.pid(), "two");
    let count = sys::with_state(server, |scripted: &mut Scripted| scripted.notes.len());
    let count = count.await.expect("it runs");
    sys::resume(server).await.expect("it runs");
    list![count, call(server, notes).await]
}

pub(crate) async fn sys_suspended_parent() -> String {
    let teller = me();
    spawn(async move |_: Mailbox| {
        let server = linked(teller).await;
        sys::suspend(server).await.expect("it runs");
        because("boom")
    });
    next(&mut mailbox(), &[]).await
}

pub(crate) async fn sys_suspended_stop() -> Vec<String> {
    let server = telling().await;
    sys::suspend(server).await.expect("it runs");
    let result = stopped(server.stop_with(because("boom"), None).await);
    before(result, drain(&mut mailbox(), &[]).await)
}

pub(crate) async fn sys_suspend_twice() -> String {
    let server = server().await;
    sys::suspend(server).await.expect("it runs");
    sys::suspend(server).await.expect("it runs");
    sys::resume(server).await.expect("it runs");
    call(server, echo).await
}

pub(crate) async fn sys_get_state() -> Vec<String> {
    let server = server().await;
    server.cast(Tell::Note("one"));
    let notes = sys::with_state(server, |scripted: &mut Scripted| scripted.notes.clone());
    notes.await.expect("it runs")
}

pub(crate) async fn sys_replace_state() -> Vec<String> {
    let server = server().await;
    let count = sys::with_state(server, |scripted: &mut Scripted| {
        scripted.notes.push("new".into());
        scripted.notes.len()
    });
    list![count.await.expect("it runs"), call(server, notes).await]
}

pub(crate) async fn sys_replace_state_crash() -> Vec<String> {
    let server = server().await;
    server.cast(Tell::Note("one"));
    let crash = |_: &mut Scripted| -> u8 { panic!("boom") };
    let result: Result<u8, SysError> = sys::with_state(server, crash).await;
    list![attempt(result), call(server, notes).await]
}

pub(crate) async fn sys_dead() -> String {
    stopped(sys::suspend(dead().await).await)
}

pub(crate) async fn sys_terminate() -> String {
    let server = telling().await;
    let _ = stop(server, because("boom"), None).await;
    next(&mut mailbox(), &[]).await
}

// --- the start protocol

pub(crate) enum Lib {
    Ack,
    Crash,
    Silent,
}

pub(crate) async fn proc_lib(how: Lib) -> String {
    let begin = async move |_: Mailbox| match how {
        Lib::Ack => Ok(("acked", async { ExitReason::Normal })),
        Lib::Crash => panic!("boom"),
        Lib::Silent => exit_now(ExitReason::Normal),
    };
    let options: StartOptions = StartOptions::new();
    match start(options, "child", begin).await {
        Ok(up) => up.value.to_owned(),
        failed => started(&failed),
    }
}

pub(crate) async fn proc_lib_ack_and_crash() -> ExitReason {
    let begin = async move |mut mailbox: Mailbox| {
        let crash = async move {
            mailbox.receive::<&str>().await;
            panic!("boom")
        };
        Ok::<_, Unready>(((), crash))
    };
    let options: StartOptions = StartOptions::new();
    let up = start(options, "child", begin).await.expect("it starts");
    let watch = monitor(up.pid);
    send(up.pid, "go");
    down(&mut mailbox(), watch).await
}

pub(crate) async fn entered() -> String {
    let pid =
        spawn(async |mailbox| enter_loop(mailbox, Scripted::from(Plan::new(Begin::Wait))).await);
    let server = Server::of(pid);
    server.cast(Tell::Note("one"));
    call(server, notes).await
}

pub(crate) async fn entered_and_stopped() -> Vec<String> {
    let plan = Plan::new(Begin::Wait).told(me());
    let pid = spawn(async |mailbox| enter_loop(mailbox, Scripted::from(plan)).await);
    let result = stopped(stop(pid, because("boom"), None).await);
    before(result, drain(&mut mailbox(), &[]).await)
}
