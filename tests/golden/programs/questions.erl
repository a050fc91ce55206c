%% What can be asked of a process and done to it: aliveness, info, suspension, hibernation, the
%% dictionary, priorities (P-19 to P-24, P-39 to P-79).
-module(questions).
-export([cases/0, woken/1, woken_with_dictionary/1]).
-import(golden, [pause/0, as/2, drain/0, fate/2, down/1, dead/0, idle/0, attempt/1]).

cases() ->
    [{alive_self, fun() -> is_process_alive(self()) end},
     {alive_dead, fun() -> is_process_alive(dead()) end},
     {alive_against_end, fun alive_against_end/0},
     {alive_after_messages, fun alive_after_messages/0},
     {info_of_the_dead, fun() -> process_info(dead(), links) end},
     {info_against_end, fun info_against_end/0},
     {info_name, fun info_name/0},
     {info_queue_length, fun info_queue_length/0},
     {info_messages, fun info_messages/0},
     {info_status_of_oneself, fun() -> {_, S} = process_info(self(), status), S end},
     {info_status_of_a_waiting_one, fun info_status_of_a_waiting_one/0},
     {info_parent, fun info_parent/0},
     {info_dictionary, fun info_dictionary/0},
     {processes_lists_the_living, fun processes_lists_the_living/0},
     {flag_returns_the_previous, fun flag_returns_the_previous/0},
     {priority_returns_the_previous, fun priority_returns_the_previous/0},
     {priorities_and_order, fun priorities_and_order/0},
     {dictionary_put_get_erase, fun dictionary_put_get_erase/0},
     {suspend, fun suspend/0},
     {suspend_twice, fun suspend_twice/0},
     {suspend_and_resume, fun suspend_and_resume/0},
     {suspend_oneself, fun() -> attempt(fun() -> erlang:suspend_process(self()) end) end},
     {suspend_the_dead, fun suspend_the_dead/0},
     {suspend_against_end, fun suspend_against_end/0},
     {resume_unsuspended, fun resume_unsuspended/0},
     {suspender_ends, fun suspender_ends/0},
     {suspended_and_exit, fun suspended_and_exit/0},
     {hibernate_and_wake, fun hibernate_and_wake/0},
     {hibernate_with_a_message, fun hibernate_with_a_message/0},
     {hibernate_and_die, fun hibernate_and_die/0},
     {hibernate_trapping, fun hibernate_trapping/0},
     {hibernate_keeps_the_dictionary, fun hibernate_keeps_the_dictionary/0},
     {hibernate_is_waiting, fun hibernate_is_waiting/0}].

ask(Pid, Item) ->
    {Item, Value} = process_info(Pid, Item),
    Value.

alive_against_end() ->
    Pid = spawn(fun() -> pause() end),
    pause(),
    is_process_alive(Pid).

alive_after_messages() ->
    Pid = idle(),
    Pid ! other,
    exit(Pid, normal),
    is_process_alive(Pid).

info_against_end() ->
    Pid = spawn(fun() -> pause() end),
    pause(),
    case process_info(Pid, links) of
        undefined -> undefined;
        _ -> known
    end.

info_name() ->
    Unnamed = process_info(self(), registered_name),
    register(server, self()),
    [Unnamed =:= [], ask(self(), registered_name)].

info_queue_length() ->
    Pid = idle(),
    [Pid ! Message || Message <- [one, two, three]],
    ask(Pid, message_queue_len).

info_messages() ->
    Pid = idle(),
    [Pid ! Message || Message <- [one, two, three]],
    ask(Pid, messages).

info_status_of_a_waiting_one() ->
    Root = self(),
    Pid = spawn(fun() -> Root ! ready, receive stop -> ok end end),
    receive ready -> ok end,
    pause(),
    ask(Pid, status).

info_parent() ->
    Root = self(),
    spawn(fun() -> Root ! {parent, ask(self(), parent)} end),
    receive {parent, Pid} -> as(Pid, [{Root, root}]) end.

info_dictionary() ->
    Root = self(),
    Pid = spawn(fun() -> put(key, value), Root ! ready, receive stop -> ok end end),
    receive ready -> ok end,
    proplists:get_value(key, ask(Pid, dictionary)).

processes_lists_the_living() ->
    Pid = idle(),
    Before = lists:member(Pid, processes()),
    Dead = dead(),
    [Before, lists:member(Dead, processes())].

flag_returns_the_previous() ->
    [process_flag(trap_exit, true), process_flag(trap_exit, false)].

priority_returns_the_previous() ->
    [process_flag(priority, high), process_flag(priority, low), process_flag(priority, normal)].

priorities_and_order() ->
    Root = self(),
    [spawn_opt(fun() -> pause(), Root ! Priority end, [{priority, Priority}])
     || Priority <- [low, high]],
    [receive Message -> Message end || _ <- [1, 2]].

dictionary_put_get_erase() ->
    [put(key, one), put(key, two), get(key), erase(key), get(key)].

%% A process that answers, and whether it has answered.
echo() ->
    Root = self(),
    spawn(fun() -> echo(Root) end).

echo(Root) ->
    receive Message -> Root ! Message end,
    echo(Root).

suspend() ->
    Pid = echo(),
    erlang:suspend_process(Pid),
    Pid ! hello,
    [ask(Pid, status), ask(Pid, message_queue_len) | drain()].

suspend_twice() ->
    Pid = echo(),
    erlang:suspend_process(Pid),
    erlang:suspend_process(Pid),
    erlang:resume_process(Pid),
    Pid ! hello,
    [ask(Pid, status), ask(Pid, message_queue_len) | drain()].

suspend_and_resume() ->
    Pid = echo(),
    erlang:suspend_process(Pid),
    Pid ! hello,
    erlang:resume_process(Pid),
    receive Message -> Message end.

suspend_the_dead() ->
    Dead = dead(),
    attempt(fun() -> erlang:suspend_process(Dead) end).

suspend_against_end() ->
    Pid = spawn(fun() -> pause() end),
    pause(),
    attempt(fun() -> erlang:suspend_process(Pid) end).

resume_unsuspended() ->
    Pid = idle(),
    attempt(fun() -> erlang:resume_process(Pid) end).

suspender_ends() ->
    Pid = echo(),
    Pid ! hello,
    {_, Ref} = spawn_monitor(fun() -> erlang:suspend_process(Pid), pause() end),
    [down(Ref), receive Message -> Message end].

suspended_and_exit() ->
    fate(fun() -> receive never -> ok end end, fun(Pid) ->
        erlang:suspend_process(Pid),
        exit(Pid, boom)
    end).

woken(Root) -> receive Message -> Root ! as(Message, [{Root, root}]) end.

hibernate_and_wake() ->
    Root = self(),
    Pid = spawn(fun() -> erlang:hibernate(?MODULE, woken, [Root]) end),
    pause(),
    Pid ! hello,
    receive Message -> Message end.

hibernate_with_a_message() ->
    Root = self(),
    Pid = spawn(fun() -> receive go -> erlang:hibernate(?MODULE, woken, [Root]) end end),
    Pid ! hello,
    Pid ! go,
    receive Message -> Message end.

hibernate_and_die() ->
    Root = self(),
    Reason = fate(fun() -> erlang:hibernate(?MODULE, woken, [Root]) end, fun(Pid) ->
        pause(),
        exit(Pid, boom)
    end),
    [Reason | drain()].

hibernate_trapping() ->
    Root = self(),
    Pid = spawn(fun() ->
        process_flag(trap_exit, true),
        Root ! ready,
        erlang:hibernate(?MODULE, woken, [Root])
    end),
    receive ready -> ok end,
    pause(),
    exit(Pid, boom),
    receive Message -> Message end.

woken_with_dictionary(Root) -> receive hello -> Root ! get(key) end.

hibernate_keeps_the_dictionary() ->
    Root = self(),
    Pid = spawn(fun() ->
        put(key, kept),
        erlang:hibernate(?MODULE, woken_with_dictionary, [Root])
    end),
    Pid ! hello,
    receive Message -> Message end.

hibernate_is_waiting() ->
    Root = self(),
    Pid = spawn(fun() -> Root ! ready, erlang:hibernate(?MODULE, woken, [Root]) end),
    receive ready -> ok end,
    pause(),
    ask(Pid, status).
