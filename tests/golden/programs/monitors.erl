%% Monitors and their aliases (MON, SIG-33 to SIG-37).
-module(monitors).
-export([cases/0]).
-import(golden, [pause/0, as/2, drain/0, drain/1, fate/1, down/1, dead/0, idle/0, mail/1]).

cases() ->
    [{of_the_dead, fun of_the_dead/0},
     {normal_end, fun() -> told_of(fun() -> ok end) end},
     {crash, fun() -> told_of(fun() -> exit(boom) end) end},
     {killed, fun() -> told_of(fun() -> exit(self(), kill), wait() end) end},
     {against_end, fun against_end/0},
     {two_of_one_process, fun two_of_one_process/0},
     {of_oneself, fun of_oneself/0},
     {demonitor_in_time, fun demonitor_in_time/0},
     {demonitor_late, fun() -> late(fun(Ref) -> erlang:demonitor(Ref, [info]) end) end},
     {demonitor_flush_late, fun() -> late(fun(Ref) ->
        erlang:demonitor(Ref, [info, flush]) end) end},
     {demonitor_against_end, fun() -> race([info]) end},
     {demonitor_flush_against_end, fun() -> race([info, flush]) end},
     {demonitor_twice, fun demonitor_twice/0},
     {demonitor_of_another, fun demonitor_of_another/0},
     {by_name, fun by_name/0},
     {by_missing_name, fun by_missing_name/0},
     {by_name_that_moves, fun by_name_that_moves/0},
     {down_against_exit, fun down_against_exit/0},
     {messages_before_the_down, fun messages_before_the_down/0},
     {tag, fun tag/0},
     {watcher_ends, fun watcher_ends/0},
     {monitor_then_exit, fun monitor_then_exit/0},
     {exit_then_monitor, fun exit_then_monitor/0},
     {two_processes_end, fun two_processes_end/0},
     {two_watchers, fun two_watchers/0},
     {alive_at_the_down, fun alive_at_the_down/0},
     {listed_on_both_sides, fun listed_on_both_sides/0}].

wait() -> receive never -> ok end.

of_the_dead() ->
    Dead = dead(),
    monitor(process, Dead),
    receive Message -> as(Message, [{Dead, dead}]) end.

told_of(Fun) ->
    {Pid, _} = spawn_monitor(Fun),
    receive Message -> as(Message, [{Pid, peer}]) end.

against_end() ->
    Pid = spawn(fun() -> pause(), exit(boom) end),
    pause(),
    down(monitor(process, Pid)).

two_of_one_process() ->
    Pid = idle(),
    monitor(process, Pid),
    monitor(process, Pid),
    exit(Pid, boom),
    [receive Message -> as(Message, [{Pid, peer}]) end || _ <- [1, 2]].

of_oneself() ->
    Ref = monitor(process, self()),
    {monitors, Monitors} = process_info(self(), monitors),
    [length(Monitors), erlang:demonitor(Ref, [info]) | drain()].

%% The end of a second monitor tells when a first one would have fired.
demonitor_in_time() ->
    Pid = idle(),
    Ref = monitor(process, Pid),
    Second = monitor(process, Pid),
    Found = erlang:demonitor(Ref, [info]),
    exit(Pid, boom),
    [Found, down(Second) | drain()].

late(Demonitor) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit(boom) end),
    mail(1),
    [Demonitor(Ref) | drain([{Pid, peer}])].

race(Options) ->
    {Pid, Ref} = spawn_monitor(fun() -> pause(), exit(boom) end),
    Second = monitor(process, Pid),
    pause(),
    Found = erlang:demonitor(Ref, Options),
    down(Second),
    [Found | drain([{Pid, peer}])].

demonitor_twice() ->
    Ref = monitor(process, idle()),
    [erlang:demonitor(Ref, [info]), erlang:demonitor(Ref, [info])].

demonitor_of_another() ->
    Root = self(),
    Pid = idle(),
    Ref = monitor(process, Pid),
    spawn(fun() -> Root ! {found, erlang:demonitor(Ref, [info])} end),
    Found = receive {found, Answer} -> Answer end,
    exit(Pid, boom),
    [Found, down(Ref)].

by_name() ->
    Pid = idle(),
    register(server, Pid),
    monitor(process, server),
    exit(Pid, boom),
    receive Message -> as(Message, [{Pid, pid}]) end.

by_missing_name() ->
    monitor(process, server),
    receive Message -> as(Message, []) end.

by_name_that_moves() ->
    [First, Second] = [idle(), idle()],
    register(server, First),
    Ref = monitor(process, server),
    unregister(server),
    register(server, Second),
    exit(First, boom),
    down(Ref).

down_against_exit() ->
    process_flag(trap_exit, true),
    Pid = spawn_link(fun() -> receive go -> exit(boom) end end),
    monitor(process, Pid),
    Pid ! go,
    [receive Message -> as(Message, [{Pid, peer}]) end || _ <- [1, 2]].

messages_before_the_down() ->
    Root = self(),
    {Pid, _} = spawn_monitor(fun() -> Root ! one, pause(), Root ! two end),
    [receive Message -> as(Message, [{Pid, peer}]) end || _ <- [1, 2, 3]].

tag() ->
    Pid = idle(),
    monitor(process, Pid, [{tag, gone}]),
    exit(Pid, boom),
    receive {Tag, _, process, Pid, Reason} -> {Tag, peer, Reason} end.

%% How many watchers are left at the watched, as seen by one who knows that the only one is gone.
watcher_ends() ->
    Pid = idle(),
    Root = self(),
    {_, Ref} = spawn_monitor(fun() -> monitor(process, Pid), Root ! done end),
    down(Ref),
    {monitored_by, Watchers} = process_info(Pid, monitored_by),
    [is_process_alive(Pid), length(Watchers)].

monitor_then_exit() ->
    Pid = idle(),
    Ref = monitor(process, Pid),
    exit(Pid, boom),
    down(Ref).

exit_then_monitor() ->
    Pid = idle(),
    exit(Pid, boom),
    down(monitor(process, Pid)).

two_processes_end() ->
    Pids = [{One, _}, {Two, _}] = [spawn_monitor(fun() -> receive go -> pause() end end)
                                   || _ <- [1, 2]],
    [Pid ! go || {Pid, _} <- Pids],
    [receive Message -> as(Message, [{One, one}, {Two, two}]) end || _ <- [1, 2]].

%% Who hears first of a death, told by messages.
two_watchers() ->
    Root = self(),
    Pid = idle(),
    [begin
        spawn(fun() ->
            Ref = monitor(process, Pid),
            Root ! ready,
            down(Ref),
            Root ! Name
        end),
        receive ready -> ok end
     end || Name <- [first, second]],
    exit(Pid, boom),
    [receive Message -> Message end || _ <- [1, 2]].

alive_at_the_down() ->
    {Pid, Ref} = spawn_monitor(fun() -> ok end),
    down(Ref),
    [is_process_alive(Pid), process_info(Pid) =:= undefined].

listed_on_both_sides() ->
    Pid = idle(),
    monitor(process, Pid),
    monitor(process, Pid),
    {monitors, Own} = process_info(self(), monitors),
    {monitored_by, Its} = process_info(Pid, monitored_by),
    [length(Own), length(Its)].
