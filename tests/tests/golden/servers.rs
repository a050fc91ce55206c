//! Servers: starting, calling, casting, timeouts, continuing, stopping (GS), the start protocol
//! (PL), system messages (SYS).

use std::time::Duration;

use beamline::prelude::*;

use crate::case::Note::{OnTime, Otp, Ours};
use crate::case::cases;
use crate::scripted::{
    Begin, Plan, Scripted, Tell, answer, ask, call, do_next, echo, keep, named, notes, server,
    started, telling,
};
use crate::servers_end::*;
use crate::steps::{SOON, dead, down, drain, fate, next};
use crate::written::{because, before, list};

cases! { "servers":
    start_ok => start_ok();
    start_ignore => starting(Begin::Ignore);
    start_stop => starting(Begin::Stop(because("boom")));
    start_stop_normal => starting(Begin::Stop(ExitReason::Normal));
    start_crash => starting(Begin::Crash);
    start_exit => starting(Begin::Exit(because("boom")));
    start_too_slow => start_too_slow();
    start_link_stop_trapping [
        Otp("error boom, exit somebody boom", "GS-11: until release 26 the exit remains"),
        Ours("error boom", "GS-11: no exit remains"),
    ] => start_link_trapping(Begin::Stop(because("boom")));
    start_link_stop_untrapped [
        Otp("normal", "GS-10: until release 26 the exit may come after the error"),
    ] => start_link_stop_untrapped();
    start_link_ignore_trapping [
        Otp("ignore, exit somebody normal", "GS-11: until release 26 the exit remains"),
        Ours("ignore", "GS-11: no exit remains"),
    ] => start_link_trapping(Begin::Ignore);
    start_named_twice => start_named_twice();
    start_failed_name_is_free => start_failed_name_is_free();
    start_monitor => start_monitored();
    start_continue => noted_after(Begin::Continue);
    start_timeout_zero [
        Ours("cast", "GS-55: the cast may be queued when the server begins to wait"),
    ] => noted_after(Begin::TimeoutZero);
    call_dead => call_dead();
    call_missing_name => call_missing_name();
    call_self => call_self();
    call_named => call_named();
    call_timeout => call_timeout();
    call_and_stop => call_and(|| Ok(Next::Stop(because("boom"))));
    call_and_stop_normally => call_and(|| Ok(Next::Stop(ExitReason::Normal)));
    call_and_crash => call_and(|| panic!("boom"));
    call_and_exit => call_and(|| exit_now(because("boom")));
    call_stop_reply => call_stop_reply();
    call_stop_reply_order => call_stop_reply_order();
    call_after_kill => call_after_kill();
    call_against_kill => call_against_kill();
    call_after_stopping_cast => call_after_stopping_cast();
    call_against_another => call_against_another();
    call_late_reply => call_late_reply();
    reply_delayed => reply_delayed();
    reply_from_another => reply_from_another();
    order_of_kinds => order_of_kinds();
    cast_dead => cast_dead();
    cast_missing_name => cast_missing_name();
    timeout_against_message => timeout_against_message(SOON);
    timeout_zero_against_message [
        Ours("hello", "GS-55: the message may be queued when the server begins to wait"),
    ] => timeout_against_message(Duration::ZERO);
    timeout_happens_once => timeout_happens_once();
    continue_before_cast => continue_before_cast();
    stop => stopping(ExitReason::Normal);
    stop_with_a_reason => stopping(because("boom"));
    stop_dead => stop_dead();
    stop_missing_name => stop_missing_name();
    stop_self => stop_self();
    stop_and_crash => stop_and_crash();
    stop_too_slow => stop_too_slow();
    stop_after_casts => stop_after_casts();
    terminate_after_crash => terminate_after_crash();
    terminate_and_signal => terminate_and_signal();
    terminate_and_parent => terminate_and_parent();
    terminate_trapping_stranger => terminate_trapping_stranger();
    request => request();
    requests_in_reverse => requests_in_reverse();
    request_dead => request_dead();
    request_waited_for_twice => request_waited_for_twice();
    request_and_crash => request_and_crash();
    requests_as_they_come => requests_as_they_come();
    multi_call => multi_called();
    sys_suspended_call [OnTime] => sys_suspended_call();
    sys_suspended_order [OnTime] => sys_suspended_order();
    sys_suspended_parent [OnTime] => sys_suspended_parent();
    sys_suspended_stop [OnTime] => sys_suspended_stop();
    sys_suspend_twice [OnTime] => sys_suspend_twice();
    sys_get_state [OnTime] => sys_get_state();
    sys_replace_state [OnTime] => sys_replace_state();
    sys_replace_state_crash [OnTime] => sys_replace_state_crash();
    sys_dead [OnTime] => sys_dead();
    sys_terminate => sys_terminate();
    proc_lib_start => proc_lib(Lib::Ack);
    proc_lib_start_crash => proc_lib(Lib::Crash);
    proc_lib_start_silent => proc_lib(Lib::Silent);
    proc_lib_ack_and_crash => proc_lib_ack_and_crash();
    enter_loop => entered();
    enter_loop_stop => entered_and_stopped();
}

// --- starting

async fn start_ok() -> String {
    call(server().await, echo).await
}

async fn starting(begin: Begin) -> String {
    started(&Scripted::start(Plan::new(begin)).await)
}

async fn start_too_slow() -> String {
    let slow = Scripted::start(Plan::new(Begin::Forever));
    started(&slow.timeout(SOON).await)
}

async fn start_link_trapping(begin: Begin) -> Vec<String> {
    trap_exit(true);
    let result = started(&Scripted::start_link(Plan::new(begin)).await);
    before(result, drain(&mut mailbox(), &[]).await)
}

async fn start_link_stop_untrapped() -> ExitReason {
    fate(async |_: Mailbox| {
        let stops = Plan::new(Begin::Stop(because("boom")));
        let _ = Scripted::start_link(stops).await;
    })
    .await
}

async fn start_named_twice() -> Vec<String> {
    let start = || Scripted::start(Plan::new(Begin::Wait)).name("server");
    list![started(&start().await), started(&start().await)]
}

async fn start_failed_name_is_free() -> Vec<String> {
    let stops = Plan::new(Begin::Stop(because("boom")));
    let result = started(&Scripted::start(stops).name("server").await);
    let found = whereis("server").await;
    list![result, found.map_or("undefined", |_| "somebody")]
}

async fn start_monitored() -> ExitReason {
    let start = Scripted::start_monitor(Plan::new(Begin::Wait)).await;
    let (server, watch) = start.expect("it starts");
    server.cast(do_next(|_| Ok(Next::Stop(because("boom")))));
    down(&mut mailbox(), watch).await
}

async fn noted_after(begin: Begin) -> String {
    let server = Scripted::start(Plan::new(begin)).await.expect("it starts");
    server.cast(Tell::Note("cast"));
    call(server, notes).await
}

// --- calling

async fn call_dead() -> String {
    call(Server::of(dead().await), echo).await
}

async fn call_missing_name() -> String {
    let server = Server::<Scripted, Name>::named("server");
    answer(server.call(|caller| ask(caller, echo)).no_timeout().await)
}

async fn call_self() -> String {
    call(Server::of(me()), echo).await
}

async fn call_named() -> String {
    named("server").await;
    call_missing_name().await
}

async fn call_timeout() -> String {
    let server = server().await;
    answer(server.call(|caller| ask(caller, keep)).timeout(SOON).await)
}

async fn call_and(ends: fn() -> Flow<Scripted>) -> String {
    let end = move |_: &mut Scripted, _: Caller<String>| ends();
    call(server().await, end).await
}

fn bye(reason: ExitReason) -> impl FnOnce(&mut Scripted, Caller<String>) -> Flow<Scripted> {
    move |_, caller| {
        Ok(Next::StopReply(
            reason,
            caller.after_terminate("bye".into()),
        ))
    }
}

async fn call_stop_reply() -> Vec<String> {
    let server = server().await;
    let watch = monitor(server.pid());
    let reply = call(server, bye(because("boom"))).await;
    list![reply, down(&mut mailbox(), watch).await]
}

async fn call_stop_reply_order() -> Vec<String> {
    let reply = call(telling().await, bye(ExitReason::Normal)).await;
    before(reply, drain(&mut mailbox(), &[]).await)
}

async fn call_after_kill() -> String {
    let server = server().await;
    exit(server.pid(), ExitReason::Kill);
    call(server, echo).await
}

async fn call_against_kill() -> String {
    let server = server().await;
    spawn(async move |_: Mailbox| exit(server.pid(), ExitReason::Kill));
    call(server, echo).await
}

async fn call_after_stopping_cast() -> String {
    let server = server().await;
    server.cast(do_next(|_| Ok(Next::Stop(because("boom")))));
    call(server, echo).await
}

async fn call_against_another() -> String {
    let server = server().await;
    spawn(async move |_: Mailbox| {
        let other = |scripted: &mut Scripted, caller: Caller<String>| {
            scripted.notes.push("other".into());
            caller.reply(String::new());
            Ok(Next::Wait)
        };
        call(server, other).await;
    });
    call(server, notes).await
}

async fn call_late_reply() -> Vec<String> {
    let server = server().await;
    let first = answer(server.call(|caller| ask(caller, keep)).timeout(SOON).await);
    server.cast(Tell::Release);
    let second = call(server, echo).await;
    before(first, before(second, drain(&mut mailbox(), &[]).await))
}

/// Tells the other one that the caller is kept, which asks the server again and again in Erlang.
async fn reply_delayed() -> String {
    let server = server().await;
    let releases = spawn(async move |mut mailbox: Mailbox| {
        mailbox.receive::<&str>().await;
        server.cast(Tell::Release);
    });
    let keep = move |scripted: &mut Scripted, caller: Caller<String>| {
        send(releases, "kept");
        keep(scripted, caller)
    };
    call(server, keep).await
}

async fn reply_from_another() -> String {
    let delegate = |_: &mut Scripted, caller: Caller<String>| {
        spawn(async |_: Mailbox| caller.reply("late".into()));
        Ok(Next::Wait)
    };
    call(server().await, delegate).await
}

async fn order_of_kinds() -> String {
    let server = server().await;
    send(server.pid(), "one");
    server.cast(Tell::Note("two"));
    send(server.pid(), "three");
    call(server, notes).await
}

async fn cast_dead() -> &'static str {
    Server::<Scripted>::of(dead().await).cast(Tell::Release);
    "ok"
}

async fn cast_missing_name() -> &'static str {
    let server = Server::<Scripted, Name>::named("server");
    server.cast(Tell::Release).await;
    "ok"
}

// --- timeouts

fn after(
    time: Duration,
) -> impl FnOnce(&mut Scripted, Caller<String>) -> Flow<Scripted> + Send + 'static {
    move |_, caller| {
        caller.reply("ok".into());
        Ok(Next::Timeout(time))
    }
}

async fn timeout_against_message(time: Duration) -> String {
    let server = telling().await;
    call(server, after(time)).await;
    send(server.pid(), "hello");
    next(&mut mailbox(), &[]).await
}

async fn timeout_happens_once() -> String {
    let server = telling().await;
    call(server, after(Duration::ZERO)).await;
    assert_eq!(next(&mut mailbox(), &[]).await, "timeout");
    call(server, notes).await
}

async fn continue_before_cast() -> String {
    let server = server().await;
    server.cast(do_next(|_| Ok(Next::Continue("on"))));
    server.cast(Tell::Note("cast"));
    call(server, notes).await
}
