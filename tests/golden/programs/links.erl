%% Links (LNK).
-module(links).
-export([cases/0]).
-import(golden, [pause/0, as/2, drain/0, drain/1, fate/1, fate/2, down/1, dead/0, idle/0]).

cases() ->
    [{normal_end, fun normal_end/0},
     {normal_end_trapped, fun() -> ends_trapped(normal) end},
     {crash, fun() -> fate(fun() -> spawn_link(fun() -> exit(boom) end), wait() end) end},
     {crash_trapped, fun() -> ends_trapped(boom) end},
     {shutdown_over_a_link, fun() -> fate(fun() ->
        spawn_link(fun() -> exit(shutdown) end), wait() end) end},
     {link_to_the_dead, fun link_to_the_dead/0},
     {link_to_the_dead_trapped, fun link_to_the_dead_trapped/0},
     {link_against_end, fun link_against_end/0},
     {link_against_end_trapped, fun link_against_end_trapped/0},
     {link_oneself, fun() -> link(self()), count(self()) end},
     {unlink_anything, fun() -> [unlink(dead()), unlink(idle()), unlink(self())] end},
     {unlink_before_crash, fun unlink_before_crash/0},
     {unlink_against_crash, fun unlink_against_crash/0},
     {unlink_against_crash_trapped, fun unlink_against_crash_trapped/0},
     {unlink_and_flush, fun unlink_and_flush/0},
     {unlink_and_link_again, fun unlink_and_link_again/0},
     {link_twice_unlink_once, fun link_twice_unlink_once/0},
     {links_from_both_sides, fun links_from_both_sides/0},
     {link_against_unlink, fun link_against_unlink/0},
     {chain, fun chain/0},
     {chain_and_normal_end, fun chain_and_normal_end/0},
     {chain_and_trapper, fun chain_and_trapper/0},
     {both_end, fun both_end/0},
     {link_is_listed, fun link_is_listed/0},
     {messages_before_the_exit, fun messages_before_the_exit/0}].

wait() -> receive never -> ok end.

count(Pid) ->
    {links, Links} = process_info(Pid, links),
    length(Links).

normal_end() ->
    fate(fun() ->
        Child = spawn_link(fun() -> pause() end),
        down(monitor(process, Child)),
        exit(lived)
    end).

ends_trapped(Reason) ->
    process_flag(trap_exit, true),
    Child = spawn_link(fun() -> exit(Reason) end),
    receive Message -> as(Message, [{Child, child}]) end.

link_to_the_dead() ->
    Dead = dead(),
    fate(fun() -> link(Dead), wait() end).

link_to_the_dead_trapped() ->
    Dead = dead(),
    process_flag(trap_exit, true),
    link(Dead),
    receive Message -> as(Message, [{Dead, dead}]) end.

%% A process that ends normally when told to, and has just been told.
ending() ->
    Pid = spawn(fun() -> receive stop -> pause() end end),
    Pid ! stop,
    Pid.

link_against_end() ->
    Pid = ending(),
    fate(fun() ->
        pause(),
        link(Pid),
        down(monitor(process, Pid)),
        exit(lived)
    end).

link_against_end_trapped() ->
    process_flag(trap_exit, true),
    Pid = ending(),
    pause(),
    link(Pid),
    receive Message -> as(Message, [{Pid, peer}]) end.

unlink_before_crash() ->
    process_flag(trap_exit, true),
    Child = spawn_link(fun() -> receive go -> exit(boom) end end),
    unlink(Child),
    Child ! go,
    Reason = down(monitor(process, Child)),
    [lists:member(Reason, [boom, noproc]) | drain()].

crashing() -> spawn_link(fun() -> pause(), exit(boom) end).

unlink_against_crash() ->
    fate(fun() ->
        Child = crashing(),
        pause(),
        unlink(Child),
        down(monitor(process, Child)),
        exit(lived)
    end).

unlink_against_crash_trapped() ->
    process_flag(trap_exit, true),
    Child = crashing(),
    pause(),
    unlink(Child),
    down(monitor(process, Child)),
    drain([{Child, child}]).

unlink_and_flush() ->
    process_flag(trap_exit, true),
    Child = crashing(),
    pause(),
    unlink(Child),
    Flushed = receive {'EXIT', Child, _} -> flushed after 0 -> clean end,
    down(monitor(process, Child)),
    [Flushed | drain()].

%% An exit of the old link must not be taken for one of the new.
unlink_and_link_again() ->
    process_flag(trap_exit, true),
    Child = crashing(),
    pause(),
    unlink(Child),
    pause(),
    link(Child),
    receive Message -> as(Message, [{Child, child}]) end.

link_twice_unlink_once() ->
    Pid = idle(),
    link(Pid),
    link(Pid),
    Before = count(self()),
    unlink(Pid),
    [Before, count(self()), count(Pid)].

links_from_both_sides() ->
    Root = self(),
    Pid = spawn_link(fun() -> link(Root), Root ! done, wait() end),
    receive done -> ok end,
    Before = [count(Root), count(Pid)],
    unlink(Pid),
    Before ++ [count(Root), count(Pid)].

%% Seen alike on both sides in the end.
link_against_unlink() ->
    Root = self(),
    Two = spawn(fun() ->
        One = receive Pid -> Pid end,
        pause(),
        link(One),
        is_process_alive(One),
        Root ! done,
        wait()
    end),
    One = spawn(fun() ->
        link(Two),
        pause(),
        unlink(Two),
        is_process_alive(Two),
        Root ! done,
        wait()
    end),
    Two ! One,
    receive done -> ok end,
    receive done -> ok end,
    [count(One), count(Two)].

%% Processes each of which is linked to the one before, with their monitors.
linked([], _) -> [];
linked([Fun | Rest], Before) ->
    Root = self(),
    {Pid, Ref} = spawn_monitor(fun() ->
        [link(Before) || Before =/= none],
        Root ! linked,
        Fun()
    end),
    receive linked -> ok end,
    [{Pid, Ref} | linked(Rest, Pid)].

chain() ->
    Chain = [{Head, _} | _] = linked([fun wait/0, fun wait/0, fun wait/0], none),
    exit(Head, boom),
    [down(Ref) || {_, Ref} <- Chain].

chain_and_normal_end() ->
    Stop = fun() -> receive stop -> ok end end,
    [{Head, One}, {Next, Two}] = linked([Stop, Stop], none),
    Head ! stop,
    First = down(One),
    Alive = is_process_alive(Next),
    Next ! stop,
    [First, Alive, down(Two)].

chain_and_trapper() ->
    Root = self(),
    Trap = fun() ->
        process_flag(trap_exit, true),
        Root ! ready,
        receive {'EXIT', _, Reason} -> Root ! {trapped, Reason} end,
        receive stop -> ok end
    end,
    [{Head, One}, {Middle, Two}] = linked([fun wait/0, Trap], none),
    receive ready -> ok end,
    exit(Head, boom),
    Trapped = receive {trapped, Reason} -> Reason end,
    Middle ! stop,
    [down(One), Trapped, down(Two)].

both_end() ->
    Told = fun(Reason) -> fun() -> receive go -> pause(), exit(Reason) end end end,
    [{One, First}, {Two, Second}] = linked([Told(one), Told(two)], none),
    One ! go,
    Two ! go,
    [down(First), down(Second)].

link_is_listed() ->
    Pid = idle(),
    link(Pid),
    {links, [Own]} = process_info(self(), links),
    {links, [Its]} = process_info(Pid, links),
    [as(Own, [{Pid, peer}]), as(Its, [{self(), me}])].

messages_before_the_exit() ->
    Root = self(),
    process_flag(trap_exit, true),
    Child = spawn_link(fun() -> Root ! one, pause(), Root ! two end),
    [receive Message -> as(Message, [{Child, child}]) end || _ <- [1, 2, 3]].
