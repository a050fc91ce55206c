%% Servers: starting, calling, casting, timeouts, continuing, stopping (GS), proc_lib (PL), sys
%% (SYS).
-module(servers).
-behaviour(gen_server).
-export([cases/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2]).
-export([ack/1, ack_and_crash/1, crash/1, silent/1, looping/1]).
-import(golden, [pause/0, reason/1, drain/0, drain/1, fate/1, down/1, dead/0]).

cases() ->
    [{start_ok, fun() -> call(server(), fun echo/2) end},
     {start_ignore, fun() -> start(fun() -> ignore end) end},
     {start_stop, fun() -> start(fun() -> {stop, boom} end) end},
     {start_stop_normal, fun() -> start(fun() -> {stop, normal} end) end},
     {start_crash, fun() -> start(fun() -> error(boom) end) end},
     {start_exit, fun() -> start(fun() -> exit(boom) end) end},
     {start_too_slow, fun start_too_slow/0},
     {start_link_stop_trapping, fun start_link_stop_trapping/0},
     {start_link_stop_untrapped, fun start_link_stop_untrapped/0},
     {start_link_ignore_trapping, fun start_link_ignore_trapping/0},
     {start_named_twice, fun start_named_twice/0},
     {start_failed_name_is_free, fun start_failed_name_is_free/0},
     {start_monitor, fun start_monitor/0},
     {start_continue, fun start_continue/0},
     {start_timeout_zero, fun start_timeout_zero/0},
     {call_dead, fun() -> call(dead(), fun echo/2) end},
     {call_missing_name, fun() -> call(server, fun echo/2) end},
     {call_self, fun() -> call(self(), fun echo/2) end},
     {call_named, fun call_named/0},
     {call_timeout, fun call_timeout/0},
     {call_and_stop, fun() -> call(server(), fun(_, S) -> {stop, boom, S} end) end},
     {call_and_stop_normally, fun() -> call(server(), fun(_, S) -> {stop, normal, S} end) end},
     {call_and_crash, fun() -> call(server(), fun(_, _) -> error(boom) end) end},
     {call_and_exit, fun() -> call(server(), fun(_, _) -> exit(boom) end) end},
     {call_stop_reply, fun call_stop_reply/0},
     {call_stop_reply_order, fun call_stop_reply_order/0},
     {call_after_kill, fun call_after_kill/0},
     {call_against_kill, fun call_against_kill/0},
     {call_after_stopping_cast, fun call_after_stopping_cast/0},
     {call_against_another, fun call_against_another/0},
     {call_late_reply, fun call_late_reply/0},
     {reply_delayed, fun reply_delayed/0},
     {reply_from_another, fun reply_from_another/0},
     {order_of_kinds, fun order_of_kinds/0},
     {cast_dead, fun() -> gen_server:cast(dead(), hello) end},
     {cast_missing_name, fun() -> gen_server:cast(server, hello) end},
     {timeout_against_message, fun timeout_against_message/0},
     {timeout_zero_against_message, fun timeout_zero_against_message/0},
     {timeout_happens_once, fun timeout_happens_once/0},
     {continue_before_cast, fun continue_before_cast/0},
     {stop, fun() -> stopping(normal) end},
     {stop_with_a_reason, fun() -> stopping(boom) end},
     {stop_dead, fun() -> failing(fun() -> gen_server:stop(dead()) end) end},
     {stop_missing_name, fun() -> failing(fun() -> gen_server:stop(server) end) end},
     {stop_self, fun() -> failing(fun() -> gen_server:stop(self()) end) end},
     {stop_and_crash, fun stop_and_crash/0},
     {stop_too_slow, fun stop_too_slow/0},
     {stop_after_casts, fun stop_after_casts/0},
     {terminate_after_crash, fun terminate_after_crash/0},
     {terminate_and_signal, fun terminate_and_signal/0},
     {terminate_and_parent, fun terminate_and_parent/0},
     {terminate_trapping_stranger, fun terminate_trapping_stranger/0},
     {request, fun request/0},
     {requests_in_reverse, fun requests_in_reverse/0},
     {request_dead, fun request_dead/0},
     {request_waited_for_twice, fun request_waited_for_twice/0},
     {request_and_crash, fun request_and_crash/0},
     {requests_as_they_come, fun requests_as_they_come/0},
     {multi_call, fun multi_call/0},
     {sys_suspended_call, fun sys_suspended_call/0},
     {sys_suspended_order, fun sys_suspended_order/0},
     {sys_suspended_parent, fun sys_suspended_parent/0},
     {sys_suspended_stop, fun sys_suspended_stop/0},
     {sys_suspend_twice, fun sys_suspend_twice/0},
     {sys_get_state, fun sys_get_state/0},
     {sys_replace_state, fun sys_replace_state/0},
     {sys_replace_state_crash, fun sys_replace_state_crash/0},
     {sys_dead, fun() -> failing(fun() -> sys:suspend(dead()) end) end},
     {sys_terminate, fun sys_terminate/0},
     {proc_lib_start, fun() -> lib(ack) end},
     {proc_lib_start_crash, fun() -> lib(crash) end},
     {proc_lib_start_silent, fun() -> lib(silent) end},
     {proc_lib_ack_and_crash, fun proc_lib_ack_and_crash/0},
     {enter_loop, fun enter_loop/0},
     {enter_loop_stop, fun enter_loop_stop/0}].

%% ---------------------------------------------------------------- the server

%% Its state: who is told what happens, and what was noted.
init({Tell, Init}) ->
    put(tell, Tell),
    case Init() of
        {ok, Next} -> {ok, [], Next};
        ok -> {ok, []};
        Other -> Other
    end.

handle_call(Fun, From, Notes) -> Fun(From, Notes).
handle_cast(Fun, Notes) when is_function(Fun) -> Fun(Notes);
handle_cast(Note, Notes) -> {noreply, Notes ++ [Note]}.
handle_info({'EXIT', _, Reason}, Notes) -> tell({exit, Reason}), {noreply, Notes};
handle_info(timeout, Notes) -> tell(timeout), {noreply, Notes ++ [timeout]};
handle_info(Note, Notes) -> tell(Note), {noreply, Notes ++ [Note]}.
handle_continue(Note, Notes) -> {noreply, Notes ++ [Note]}.

terminate(Reason, _) ->
    tell({terminates, reason(Reason)}),
    case get(ending) of
        undefined -> ok;
        Ending -> Ending()
    end.

tell(What) ->
    case get(tell) of
        undefined -> ok;
        Pid -> Pid ! What
    end.

%% ---------------------------------------------------------------- steps

%% A server that tells nobody, and one that tells the caller.
server() -> server(undefined).
server(Tell) ->
    {ok, Pid} = gen_server:start(?MODULE, {Tell, fun() -> ok end}, []),
    Pid.

%% One that traps exits and is linked to the caller.
trapping() ->
    Init = fun() -> process_flag(trap_exit, true), ok end,
    {ok, Pid} = gen_server:start_link(?MODULE, {self(), Init}, []),
    Pid.

start(Init) -> started(gen_server:start(?MODULE, {undefined, Init}, [])).

started({ok, _}) -> ok;
started({error, {already_started, _}}) -> already_started;
started({error, Reason}) -> {error, reason(Reason)};
started(ignore) -> ignore.

call(Pid, Fun) -> failing(fun() -> gen_server:call(Pid, Fun, infinity) end).

failing(Fun) ->
    try Fun() of
        Result -> Result
    catch
        exit:{Reason, {gen_server, _, _}} -> {failed, reason(Reason)};
        exit:{Reason, {sys, _, _}} -> {failed, reason(Reason)};
        exit:Reason -> {failed, reason(Reason)}
    end.

echo(_, Notes) -> {reply, echo, Notes}.
notes(_, Notes) -> {reply, Notes, Notes}.
keep(From, Notes) -> put(kept, From), {noreply, Notes}.
release(Notes) -> gen_server:reply(get(kept), late), {noreply, Notes}.
next() -> receive Message -> golden:as(Message, []) end.

%% ---------------------------------------------------------------- starting

start_too_slow() ->
    Slow = {undefined, fun() -> receive never -> ok end end},
    started(gen_server:start(?MODULE, Slow, [{timeout, 1}])).

start_link(Init) -> started(gen_server:start_link(?MODULE, {undefined, Init}, [])).

start_link_stop_trapping() ->
    process_flag(trap_exit, true),
    Result = start_link(fun() -> {stop, boom} end),
    [Result, next()].

start_link_stop_untrapped() -> fate(fun() -> start_link(fun() -> {stop, boom} end) end).

start_link_ignore_trapping() ->
    process_flag(trap_exit, true),
    Result = start_link(fun() -> ignore end),
    [Result, next()].

start_named_twice() ->
    Start = fun() ->
        started(gen_server:start({local, server}, ?MODULE, {undefined, fun() -> ok end}, []))
    end,
    [Start(), Start()].

start_failed_name_is_free() ->
    Stops = {undefined, fun() -> {stop, boom} end},
    Result = started(gen_server:start({local, server}, ?MODULE, Stops, [])),
    [Result, whereis(server)].

start_monitor() ->
    {ok, {Pid, Ref}} = gen_server:start_monitor(?MODULE, {undefined, fun() -> ok end}, []),
    gen_server:cast(Pid, fun(S) -> {stop, boom, S} end),
    down(Ref).

start_continue() ->
    {ok, Pid} = gen_server:start(?MODULE, {undefined, fun() -> {ok, {continue, on}} end}, []),
    gen_server:cast(Pid, cast),
    call(Pid, fun notes/2).

start_timeout_zero() ->
    {ok, Pid} = gen_server:start(?MODULE, {undefined, fun() -> {ok, 0} end}, []),
    gen_server:cast(Pid, cast),
    call(Pid, fun notes/2).

%% ---------------------------------------------------------------- calling

call_named() ->
    {ok, _} = gen_server:start({local, server}, ?MODULE, {undefined, fun() -> ok end}, []),
    call(server, fun echo/2).

call_timeout() -> failing(fun() -> gen_server:call(server(), fun keep/2, 1) end).

call_stop_reply() ->
    Pid = server(),
    Ref = monitor(process, Pid),
    Reply = call(Pid, fun(_, S) -> {stop, boom, bye, S} end),
    [Reply, down(Ref)].

call_stop_reply_order() ->
    Reply = call(server(self()), fun(_, S) -> {stop, normal, bye, S} end),
    [Reply | drain()].

call_after_kill() ->
    Pid = server(),
    exit(Pid, kill),
    call(Pid, fun echo/2).

call_against_kill() ->
    Pid = server(),
    spawn(fun() -> pause(), exit(Pid, kill) end),
    pause(),
    call(Pid, fun echo/2).

call_after_stopping_cast() ->
    Pid = server(),
    gen_server:cast(Pid, fun(S) -> pause(), {stop, boom, S} end),
    pause(),
    call(Pid, fun echo/2).

call_against_another() ->
    Pid = server(),
    spawn(fun() -> pause(), call(Pid, fun(_, S) -> {reply, ok, S ++ [other]} end) end),
    pause(),
    call(Pid, fun notes/2).

call_late_reply() ->
    Pid = server(),
    First = failing(fun() -> gen_server:call(Pid, fun keep/2, 1) end),
    gen_server:cast(Pid, fun release/1),
    [First, call(Pid, fun echo/2) | drain()].

reply_delayed() ->
    Pid = server(),
    spawn(fun() -> wait_for_kept(Pid), gen_server:cast(Pid, fun release/1) end),
    call(Pid, fun keep/2).

wait_for_kept(Pid) ->
    case call(Pid, fun(_, S) -> {reply, get(kept), S} end) of
        undefined -> erlang:yield(), wait_for_kept(Pid);
        _ -> ok
    end.

reply_from_another() ->
    call(server(), fun(From, S) ->
        spawn(fun() -> gen_server:reply(From, late) end),
        {noreply, S}
    end).

order_of_kinds() ->
    Pid = server(),
    Pid ! one,
    gen_server:cast(Pid, two),
    Pid ! three,
    call(Pid, fun notes/2).

%% ---------------------------------------------------------------- timeouts

timeout_against_message() ->
    Pid = server(self()),
    ok = call(Pid, fun(_, S) -> {reply, ok, S, 1} end),
    pause(),
    Pid ! hello,
    next().

timeout_zero_against_message() ->
    Pid = server(self()),
    ok = call(Pid, fun(_, S) -> {reply, ok, S, 0} end),
    pause(),
    Pid ! hello,
    next().

timeout_happens_once() ->
    Pid = server(self()),
    ok = call(Pid, fun(_, S) -> {reply, ok, S, 0} end),
    timeout = next(),
    call(Pid, fun notes/2).

continue_before_cast() ->
    Pid = server(),
    Other = self(),
    gen_server:cast(Pid, fun(S) -> Other ! go, {noreply, S, {continue, on}} end),
    gen_server:cast(Pid, cast),
    call(Pid, fun notes/2).

%% ---------------------------------------------------------------- stopping

stopping(Reason) ->
    Pid = server(self()),
    Ref = monitor(process, Pid),
    Result = gen_server:stop(Pid, Reason, infinity),
    Told = next(),
    [Result, Told, down(Ref)].

ending(Pid, Ending) -> ok = call(Pid, fun(_, S) -> put(ending, Ending), {reply, ok, S} end).

stop_and_crash() ->
    Pid = server(),
    ending(Pid, fun() -> exit(oops) end),
    failing(fun() -> gen_server:stop(Pid) end).

stop_too_slow() ->
    Pid = server(),
    ending(Pid, fun() -> receive never -> ok end end),
    failing(fun() -> gen_server:stop(Pid, normal, 30) end).

stop_after_casts() ->
    Pid = server(self()),
    Tell = self(),
    [gen_server:cast(Pid, fun(S) -> Tell ! Note, {noreply, S} end) || Note <- [one, two]],
    ok = gen_server:stop(Pid),
    drain().

terminate_after_crash() ->
    Pid = server(self()),
    Result = call(Pid, fun(_, _) -> error(boom) end),
    [Result | drain()].

terminate_and_signal() ->
    Pid = server(self()),
    Ref = monitor(process, Pid),
    exit(Pid, boom),
    Down = down(Ref),
    [Down | drain()].

terminate_and_parent() ->
    Self = self(),
    spawn(fun() ->
        Init = fun() -> process_flag(trap_exit, true), ok end,
        {ok, _} = gen_server:start_link(?MODULE, {Self, Init}, []),
        exit(boom)
    end),
    next().

terminate_trapping_stranger() ->
    Pid = trapping(),
    unlink(Pid),
    spawn(fun() -> exit(Pid, boom) end),
    [next(), call(Pid, fun echo/2)].

%% ---------------------------------------------------------------- requests

answer({reply, Reply}) -> Reply;
answer({error, {Reason, _}}) -> {failed, reason(Reason)};
answer(timeout) -> timeout.

request() ->
    Id = gen_server:send_request(server(), fun echo/2),
    answer(gen_server:receive_response(Id, infinity)).

requests_in_reverse() ->
    Ids = [gen_server:send_request(server(), fun(_, S) -> {reply, Name, S} end)
           || Name <- [one, two]],
    [answer(gen_server:receive_response(Id, infinity)) || Id <- lists:reverse(Ids)].

request_dead() ->
    answer(gen_server:receive_response(gen_server:send_request(dead(), fun echo/2), infinity)).

request_waited_for_twice() ->
    Pid = server(),
    Id = gen_server:send_request(Pid, fun keep/2),
    First = answer(gen_server:wait_response(Id, 1)),
    gen_server:cast(Pid, fun release/1),
    [First, answer(gen_server:wait_response(Id, infinity))].

request_and_crash() ->
    Id = gen_server:send_request(server(), fun(_, _) -> exit(boom) end),
    answer(gen_server:receive_response(Id, infinity)).

requests_as_they_come() ->
    Add = fun(Name, Ids) ->
        Echo = fun(_, S) -> pause(), {reply, Name, S} end,
        gen_server:send_request(server(), Echo, Name, Ids)
    end,
    collect(lists:foldl(Add, gen_server:reqids_new(), [one, two])).

collect(Ids) ->
    case gen_server:receive_response(Ids, infinity, true) of
        no_request -> [];
        {Response, Label, Left} -> [{Label, answer(Response)} | collect(Left)]
    end.

multi_call() ->
    {ok, _} = gen_server:start({local, server}, ?MODULE, {undefined, fun() -> ok end}, []),
    {Good, Bad} = gen_server:multi_call([node()], server, fun echo/2),
    {None, Missing} = gen_server:multi_call([node()], nobody, fun echo/2),
    [length(Good), length(Bad), length(None), length(Missing)].

%% ---------------------------------------------------------------- system messages

sys_suspended_call() ->
    Pid = server(),
    ok = sys:suspend(Pid),
    Add = fun(_, S) -> {reply, ok, S ++ [late]} end,
    First = failing(fun() -> gen_server:call(Pid, Add, 1) end),
    ok = sys:resume(Pid),
    [First | call(Pid, fun notes/2)].

sys_suspended_order() ->
    Pid = server(),
    ok = sys:suspend(Pid),
    gen_server:cast(Pid, one),
    Pid ! two,
    Before = length(sys:get_state(Pid)),
    ok = sys:resume(Pid),
    [Before | call(Pid, fun notes/2)].

sys_suspended_parent() ->
    Self = self(),
    spawn(fun() ->
        Init = fun() -> process_flag(trap_exit, true), ok end,
        {ok, Pid} = gen_server:start_link(?MODULE, {Self, Init}, []),
        ok = sys:suspend(Pid),
        exit(boom)
    end),
    next().

sys_suspended_stop() ->
    Pid = server(self()),
    ok = sys:suspend(Pid),
    Result = gen_server:stop(Pid, boom, infinity),
    [Result | drain()].

sys_suspend_twice() ->
    Pid = server(),
    ok = sys:suspend(Pid),
    ok = sys:suspend(Pid),
    ok = sys:resume(Pid),
    call(Pid, fun echo/2).

sys_get_state() ->
    Pid = server(),
    gen_server:cast(Pid, one),
    sys:get_state(Pid).

sys_replace_state() ->
    Pid = server(),
    New = sys:replace_state(Pid, fun(S) -> S ++ [new] end),
    [length(New) | call(Pid, fun notes/2)].

sys_replace_state_crash() ->
    Pid = server(),
    gen_server:cast(Pid, one),
    Old = golden:attempt(fun() -> sys:replace_state(Pid, fun(_) -> error(boom) end) end),
    [Old | call(Pid, fun notes/2)].

sys_terminate() ->
    Pid = server(self()),
    ok = sys:terminate(Pid, boom),
    next().

%% ---------------------------------------------------------------- the start protocol

lib(Function) ->
    case proc_lib:start(?MODULE, Function, [self()], infinity) of
        {error, Reason} -> {error, reason(Reason)};
        Ack -> Ack
    end.

ack(Parent) -> proc_lib:init_ack(Parent, acked).
crash(_) -> error(boom).
silent(_) -> ok.

ack_and_crash(Parent) ->
    proc_lib:init_ack(Parent, {ok, self()}),
    receive go -> error(boom) end.

proc_lib_ack_and_crash() ->
    {ok, Pid} = proc_lib:start(?MODULE, ack_and_crash, [self()]),
    Ref = monitor(process, Pid),
    Pid ! go,
    down(Ref).

looping(Tell) ->
    put(tell, Tell),
    gen_server:enter_loop(?MODULE, [], []).

enter_loop() ->
    Pid = proc_lib:spawn(?MODULE, looping, [undefined]),
    gen_server:cast(Pid, one),
    call(Pid, fun notes/2).

enter_loop_stop() ->
    Pid = proc_lib:spawn(?MODULE, looping, [self()]),
    Result = gen_server:stop(Pid, boom, infinity),
    [Result | drain()].
