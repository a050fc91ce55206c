%% Births and exit reasons (P-1 to P-38).
-module(exits).
-export([cases/0]).
-import(golden, [pause/0, as/2, drain/0, drain/1, fate/1, fate/2, down/1, idle/0]).

cases() ->
    [{returns_a_value, fun() -> fate(fun() -> 42 end) end},
     {exit_normal, fun() -> fate(fun() -> exit(normal) end) end},
     {exit_shutdown, fun() -> fate(fun() -> exit(shutdown) end) end},
     {exit_shutdown_with, fun() -> fate(fun() -> exit({shutdown, late}) end) end},
     {exit_any, fun() -> fate(fun() -> exit(boom) end) end},
     {exit_kill, fun() -> fate(fun() -> exit(kill) end) end},
     {exit_killed, fun() -> fate(fun() -> exit(killed) end) end},
     {error_uncaught, fun() -> fate(fun() -> error(boom) end) end},
     {throw_uncaught, fun() -> fate(fun() -> throw(ball) end) end},
     {exit_caught, fun exit_caught/0},
     {exit_large, fun exit_large/0},
     {kill_oneself, fun() -> fate(fun() -> exit(self(), kill), wait() end) end},
     {kill_oneself_trapping, fun kill_oneself_trapping/0},
     {signal_oneself_normal, fun() -> fate(fun() -> exit(self(), normal), wait() end) end},
     {signal_oneself_uncatchable, fun signal_oneself_uncatchable/0},
     {signal_oneself_trapping, fun signal_oneself_trapping/0},
     {signal_oneself_and_go_on, fun signal_oneself_and_go_on/0},
     {signal_oneself_and_cease_to_trap, fun signal_oneself_and_cease_to_trap/0},
     {killed_while_waiting, fun killed_while_waiting/0},
     {killed_while_sleeping, fun killed_while_sleeping/0},
     {child_first_or_parent, fun child_first_or_parent/0},
     {spawn_link_of_the_dying, fun spawn_link_of_the_dying/0},
     {spawn_monitor_of_the_dying, fun spawn_monitor_of_the_dying/0},
     {spawn_untrapped_link, fun spawn_untrapped_link/0},
     {spawn_inherits_nothing, fun spawn_inherits_nothing/0},
     {spawn_priority, fun spawn_priority/0},
     {crash_of_a_child_against_a_timeout, fun crash_of_a_child_against_a_timeout/0},
     {end_against_the_messages_before_it, fun end_against_the_messages_before_it/0},
     {ceasing_to_trap_keeps_messages, fun ceasing_to_trap_keeps_messages/0}].

wait() -> receive never -> ok end.

exit_caught() ->
    fate(fun() ->
        try exit(boom) catch exit:boom -> ok end,
        exit(after_all)
    end).

exit_large() ->
    Large = lists:seq(1, 1000),
    {Large =:= fate(fun() -> exit(Large) end)}.

kill_oneself_trapping() ->
    fate(fun() -> process_flag(trap_exit, true), exit(self(), kill), wait() end).

signal_oneself_uncatchable() ->
    fate(fun() ->
        try exit(self(), boom), wait() catch _:_ -> exit(caught) end
    end).

signal_oneself_trapping() ->
    Root = self(),
    process_flag(trap_exit, true),
    exit(Root, normal),
    exit(Root, boom),
    [receive Message -> as(Message, [{Root, me}]) end || _ <- [1, 2]].

%% Whether code runs after the signal.
signal_oneself_and_go_on() ->
    Root = self(),
    Reason = fate(fun() -> exit(self(), boom), Root ! went_on, wait() end),
    [Reason | drain()].

signal_oneself_and_cease_to_trap() ->
    Root = self(),
    Reason = fate(fun() ->
        process_flag(trap_exit, true),
        exit(self(), boom),
        process_flag(trap_exit, false),
        receive Message -> Root ! as(Message, [{self(), me}]) end
    end),
    [Reason | drain()].

killed_while_waiting() ->
    Root = self(),
    Reason = fate(fun() -> receive go -> Root ! received end end, fun(Pid) ->
        pause(),
        exit(Pid, boom),
        Pid ! go
    end),
    [Reason | drain()].

killed_while_sleeping() ->
    fate(fun() -> receive after 1 -> exit(slept) end end, fun(Pid) ->
        pause(),
        exit(Pid, boom)
    end).

child_first_or_parent() ->
    Root = self(),
    spawn(fun() -> Root ! child end),
    pause(),
    self() ! parent,
    [receive Message -> Message end || _ <- [1, 2]].

spawn_link_of_the_dying() ->
    process_flag(trap_exit, true),
    Child = spawn_link(fun() -> exit(boom) end),
    pause(),
    receive Message -> as(Message, [{Child, child}]) end.

spawn_monitor_of_the_dying() ->
    {Child, _} = spawn_monitor(fun() -> exit(boom) end),
    pause(),
    receive Message -> as(Message, [{Child, child}]) end.

spawn_untrapped_link() ->
    fate(fun() -> spawn_link(fun() -> error(boom) end), wait() end).

spawn_inherits_nothing() ->
    Root = self(),
    process_flag(trap_exit, true),
    process_flag(priority, high),
    put(key, value),
    self() ! own,
    spawn(fun() ->
        {_, Traps} = process_info(self(), trap_exit),
        {_, Priority} = process_info(self(), priority),
        {_, Links} = process_info(self(), links),
        {_, Length} = process_info(self(), message_queue_len),
        Root ! {told, [Traps, Priority, get(key), length(Links), Length]}
    end),
    receive {told, All} -> All end.

spawn_priority() ->
    Root = self(),
    spawn_opt(fun() -> Root ! process_info(self(), priority) end, [{priority, high}]),
    receive {priority, Priority} -> Priority end.

crash_of_a_child_against_a_timeout() ->
    fate(fun() ->
        spawn_link(fun() -> pause(), error(boom) end),
        receive never -> ok after 1 -> exit(timed_out) end
    end).

end_against_the_messages_before_it() ->
    Root = self(),
    {Child, _} = spawn_monitor(fun() -> Root ! one, pause(), Root ! two, exit(boom) end),
    [receive Message -> as(Message, [{Child, child}]) end || _ <- [1, 2, 3]].

ceasing_to_trap_keeps_messages() ->
    Root = self(),
    process_flag(trap_exit, true),
    Child = spawn(fun() -> exit(Root, boom) end),
    golden:mail(1),
    process_flag(trap_exit, false),
    drain([{Child, child}]).
