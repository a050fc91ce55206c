%% Local names (REG-1 to REG-12).
-module(names).
-export([cases/0]).
-import(golden, [pause/0, as/2, drain/0, down/1, dead/0, idle/0, attempt/1]).

cases() ->
    [{register, fun register_and_find/0},
     {register_a_taken_name, fun register_a_taken_name/0},
     {register_the_same_again, fun register_the_same_again/0},
     {register_a_second_name, fun register_a_second_name/0},
     {register_the_dead, fun() -> Dead = dead(), attempt(fun() -> register(server, Dead) end) end},
     {unregister_a_missing_name, fun() -> attempt(fun() -> unregister(server) end) end},
     {whereis_a_missing_name, fun() -> find([]) end},
     {another_registers_and_unregisters, fun another_registers_and_unregisters/0},
     {a_second_name_after_the_first, fun a_second_name_after_the_first/0},
     {registered, fun listed/0},
     {register_against_register, fun register_against_register/0},
     {register_against_end, fun register_against_end/0},
     {register_against_whereis, fun register_against_whereis/0},
     {whereis_against_end, fun whereis_against_end/0},
     {send_against_end, fun send_against_end/0},
     {unregister_against_unregister, fun unregister_against_unregister/0},
     {unregister_against_end, fun unregister_against_end/0},
     {free_at_the_down, fun free_at_the_down/0},
     {free_at_the_exit, fun free_at_the_exit/0},
     {free_after_a_kill, fun free_after_a_kill/0},
     {send_before_the_name_moves, fun send_before_the_name_moves/0},
     {pid_after_unregister, fun pid_after_unregister/0}].

find(Roles) ->
    case whereis(server) of
        undefined -> nobody;
        Pid -> as(Pid, Roles)
    end.

take(Pid) -> attempt(fun() -> register(server, Pid) end).

register_and_find() -> [take(self()), find([{self(), me}])].

register_a_taken_name() ->
    register(server, self()),
    [take(idle()), find([{self(), me}])].

register_the_same_again() ->
    register(server, self()),
    take(self()).

register_a_second_name() ->
    register(server, self()),
    attempt(fun() -> register(another, self()) end).

another_registers_and_unregisters() ->
    Root = self(),
    spawn(fun() ->
        register(server, Root),
        Found = find([{Root, root}]),
        unregister(server),
        Root ! {found, [Found, find([])]}
    end),
    receive {found, All} -> All end.

a_second_name_after_the_first() ->
    register(server, self()),
    unregister(server),
    attempt(fun() -> register(another, self()) end).

listed() ->
    Before = lists:member(server, registered()),
    register(server, self()),
    [Before, lists:member(server, registered())].

register_against_register() ->
    Root = self(),
    [spawn(fun() -> pause(), Root ! {Name, take(self())}, receive never -> ok end end)
     || Name <- [first, second]],
    [receive {Name, Result} -> Result end || Name <- [first, second]].

%% A process that ends when told to, and has just been told.
ending() ->
    {Pid, Ref} = spawn_monitor(fun() -> receive stop -> pause() end end),
    {Pid, Ref}.

register_against_end() ->
    {Pid, Ref} = ending(),
    Pid ! stop,
    pause(),
    Result = take(Pid),
    down(Ref),
    [Result, find([])].

register_against_whereis() ->
    Pid = spawn(fun() -> pause(), register(server, self()), receive never -> ok end end),
    pause(),
    find([{Pid, peer}]).

named_ending() ->
    {Pid, Ref} = ending(),
    register(server, Pid),
    Pid ! stop,
    pause(),
    {Pid, Ref}.

whereis_against_end() ->
    {Pid, _} = named_ending(),
    find([{Pid, peer}]).

send_against_end() ->
    named_ending(),
    attempt(fun() -> server ! hello end).

unregister_against_unregister() ->
    Root = self(),
    register(server, self()),
    [spawn(fun() -> pause(), Root ! {Name, attempt(fun() -> unregister(server) end)} end)
     || Name <- [first, second]],
    [receive {Name, Result} -> Result end || Name <- [first, second]].

unregister_against_end() ->
    {_, Ref} = named_ending(),
    Result = attempt(fun() -> unregister(server) end),
    down(Ref),
    [Result, find([])].

free_at_the_down() ->
    {_, Ref} = named_ending(),
    down(Ref),
    [find([]), take(self())].

free_at_the_exit() ->
    process_flag(trap_exit, true),
    {Pid, _} = ending(),
    register(server, Pid),
    link(Pid),
    Pid ! stop,
    receive {'EXIT', Pid, _} -> [find([]), take(self())] end.

%% What the killer itself sees next.
free_after_a_kill() ->
    Pid = idle(),
    register(server, Pid),
    exit(Pid, kill),
    Alive = is_process_alive(Pid),
    [Alive, find([{Pid, peer}])].

send_before_the_name_moves() ->
    Root = self(),
    [First, Second] = [spawn(fun() -> receive tick -> Root ! Name end end)
                       || Name <- [first, second]],
    register(server, First),
    server ! tick,
    unregister(server),
    register(server, Second),
    receive Name -> Name end.

pid_after_unregister() ->
    register(server, self()),
    Pid = whereis(server),
    unregister(server),
    Pid ! hello,
    drain().
