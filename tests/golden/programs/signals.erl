%% Exit signals between processes (SIG-19 to SIG-32, P-35, P-42).
-module(signals).
-export([cases/0]).
-import(golden, [pause/0, as/2, drain/0, drain/1, fate/1, fate/2, down/1, dead/0, idle/0]).

cases() ->
    [{normal_to_another, fun() -> survives(normal) end},
     {normal_to_a_trapper, fun() -> trapped(normal) end},
     {any_to_another, fun() -> fate(fun wait/0, fun(Pid) -> exit(Pid, boom) end) end},
     {any_to_a_trapper, fun() -> trapped(boom) end},
     {kill_to_a_trapper, fun() -> trapped(kill) end},
     {killed_to_another, fun() -> fate(fun wait/0, fun(Pid) -> exit(Pid, killed) end) end},
     {killed_to_a_trapper, fun() -> trapped(killed) end},
     {shutdown_to_another, fun() -> fate(fun wait/0, fun(Pid) -> exit(Pid, shutdown) end) end},
     {noproc_to_another, fun() -> fate(fun wait/0, fun(Pid) -> exit(Pid, noproc) end) end},
     {exit_to_the_dead, fun() -> exit(dead(), boom) end},
     {kill_then_alive, fun() -> survives(kill) end},
     {first_of_two_reasons, fun first_of_two_reasons/0},
     {normal_then_another, fun normal_then_another/0},
     {two_killers, fun two_killers/0},
     {kill_of_itself_over_a_link, fun() -> over_a_link(fun() -> exit(kill) end) end},
     {kill_of_itself_over_a_link_to_a_trapper, fun kill_of_itself_to_a_trapper/0},
     {killed_over_a_link, fun() -> over_a_link(fun() -> exit(self(), kill), wait() end) end},
     {explicit_exit_keeps_the_link, fun explicit_exit_keeps_the_link/0},
     {forged_exit, fun forged_exit/0},
     {messages_then_exit, fun messages_then_exit/0},
     {exit_then_message, fun exit_then_message/0},
     {trapped_exit_between_messages, fun trapped_exit_between_messages/0},
     {trap_against_exit, fun trap_against_exit/0},
     {untrap_against_exit, fun untrap_against_exit/0},
     {two_trapped, fun two_trapped/0},
     {trapped_against_message, fun trapped_against_message/0},
     {suspended_and_killed, fun suspended_and_killed/0}].

wait() -> receive never -> ok end.

%% Whether a process lives that got this signal.
survives(Reason) ->
    Pid = spawn(fun wait/0),
    exit(Pid, Reason),
    is_process_alive(Pid).

%% What a trapping process tells of this signal, or else its reason.
trapped(Reason) ->
    Root = self(),
    {Pid, Ref} = spawn_monitor(fun() ->
        process_flag(trap_exit, true),
        Root ! ready,
        receive Message -> exit({told, as(Message, [{Root, root}])}) end
    end),
    receive ready -> ok end,
    exit(Pid, Reason),
    down(Ref).

first_of_two_reasons() ->
    fate(fun wait/0, fun(Pid) -> exit(Pid, first), pause(), exit(Pid, second) end).

normal_then_another() ->
    fate(fun wait/0, fun(Pid) -> exit(Pid, normal), pause(), exit(Pid, second) end).

two_killers() ->
    fate(fun wait/0, fun(Pid) ->
        [spawn(fun() -> pause(), exit(Pid, Reason) end) || Reason <- [first, second]]
    end).

%% How a process ends that is linked to one that ends like this.
over_a_link(Fun) ->
    fate(fun() -> spawn_link(Fun), wait() end).

kill_of_itself_to_a_trapper() ->
    process_flag(trap_exit, true),
    Child = spawn_link(fun() -> exit(kill) end),
    receive Message -> as(Message, [{Child, child}]) end.

explicit_exit_keeps_the_link() ->
    Root = self(),
    process_flag(trap_exit, true),
    Child = spawn_link(fun() -> exit(Root, hello), pause(), exit(boom) end),
    [receive Message -> as(Message, [{Child, child}]) end || _ <- [1, 2]].

forged_exit() ->
    self() ! {'EXIT', self(), boom},
    receive Message -> as(Message, [{self(), me}]) end.

%% How much a process gets done between messages and an exit signal of one sender.
messages_then_exit() ->
    Root = self(),
    Reason = fate(fun() -> echo(Root) end, fun(Pid) ->
        Pid ! one,
        Pid ! two,
        pause(),
        exit(Pid, boom)
    end),
    [Reason | drain()].

echo(To) ->
    receive Message -> To ! Message end,
    pause(),
    echo(To).

exit_then_message() ->
    Root = self(),
    Reason = fate(fun() -> echo(Root) end, fun(Pid) ->
        exit(Pid, boom),
        pause(),
        Pid ! one
    end),
    [Reason | drain()].

trapped_exit_between_messages() ->
    Root = self(),
    Pid = spawn(fun() ->
        process_flag(trap_exit, true),
        Root ! ready,
        receive show -> Root ! {told, drain([{Root, root}])} end
    end),
    receive ready -> ok end,
    Pid ! one,
    exit(Pid, boom),
    Pid ! two,
    Pid ! show,
    receive {told, All} -> All end.

trap_against_exit() ->
    Root = self(),
    fate(fun() ->
        pause(),
        process_flag(trap_exit, true),
        receive Message -> exit({told, as(Message, [{Root, root}])}) end
    end, fun(Pid) -> pause(), exit(Pid, boom) end).

untrap_against_exit() ->
    Root = self(),
    {Pid, Ref} = spawn_monitor(fun() ->
        process_flag(trap_exit, true),
        Root ! ready,
        pause(),
        process_flag(trap_exit, false),
        receive Message -> exit({told, as(Message, [{Root, root}])}) end
    end),
    receive ready -> ok end,
    exit(Pid, boom),
    down(Ref).

two_trapped() ->
    Root = self(),
    process_flag(trap_exit, true),
    [spawn(fun() -> pause(), exit(Root, Reason) end) || Reason <- [first, second]],
    [receive Message -> as(Message, []) end || _ <- [1, 2]].

trapped_against_message() ->
    Root = self(),
    process_flag(trap_exit, true),
    spawn(fun() -> pause(), exit(Root, boom) end),
    spawn(fun() -> pause(), Root ! hello end),
    [receive Message -> as(Message, []) end || _ <- [1, 2]].

suspended_and_killed() ->
    fate(fun wait/0, fun(Pid) ->
        erlang:suspend_process(Pid),
        exit(Pid, kill)
    end).
