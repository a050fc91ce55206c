%% Aliases, of themselves and of monitors (SIG-33 to SIG-37, MON-20 to MON-25).
-module(aliases).
-export([cases/0]).
-import(golden, [pause/0, as/2, drain/0, drain/1, down/1, idle/0]).

cases() ->
    [{reaches_its_maker, fun reaches_its_maker/0},
     {unalias, fun unalias_twice/0},
     {unalias_of_another, fun unalias_of_another/0},
     {message_after_unalias, fun message_after_unalias/0},
     {message_against_unalias, fun message_against_unalias/0},
     {for_one_reply, fun for_one_reply/0},
     {no_alias, fun no_alias/0},
     {of_the_dead, fun of_the_dead/0},
     {explicit_after_down, fun() -> after_down(explicit_unalias) end},
     {demonitor_after_down, fun() -> after_down(demonitor) end},
     {reply_after_down, fun() -> after_down(reply_demonitor) end},
     {explicit_after_demonitor, fun() -> after_demonitor(explicit_unalias) end},
     {demonitor_after_demonitor, fun() -> after_demonitor(demonitor) end},
     {reply_after_demonitor, fun() -> after_demonitor(reply_demonitor) end},
     {explicit_two_replies, fun() -> two_replies(explicit_unalias) end},
     {demonitor_two_replies, fun() -> two_replies(demonitor) end},
     {reply_two_replies, fun() -> two_replies(reply_demonitor) end},
     {reply_against_end, fun reply_against_end/0},
     {unalias_keeps_the_monitor, fun unalias_keeps_the_monitor/0},
     {explicit_of_the_dead, fun explicit_of_the_dead/0}].

reaches_its_maker() ->
    Alias = alias(),
    spawn(fun() -> Alias ! hello end),
    receive Message -> Message end.

unalias_twice() ->
    Alias = alias(),
    [unalias(Alias), unalias(Alias)].

unalias_of_another() ->
    Root = self(),
    Alias = alias(),
    spawn(fun() -> Root ! {found, unalias(Alias)} end),
    Found = receive {found, Answer} -> Answer end,
    Alias ! hello,
    [Found, receive hello -> hello end].

%% A process that sends through a reference what it is told to, and says so directly.
sender(Ref) ->
    Root = self(),
    spawn(fun() -> sender(Root, Ref) end).

sender(Root, Ref) ->
    receive
        {send, Message} ->
            Ref ! Message,
            Root ! sent,
            sender(Root, Ref)
    end.

message_after_unalias() ->
    Alias = alias(),
    Sender = sender(Alias),
    unalias(Alias),
    Sender ! {send, hello},
    receive sent -> drain() end.

message_against_unalias() ->
    Alias = alias(),
    Sender = sender(Alias),
    Sender ! {send, hello},
    pause(),
    unalias(Alias),
    receive sent -> drain() end.

for_one_reply() ->
    Alias = alias([reply]),
    Sender = sender(Alias),
    [begin Sender ! {send, Message}, receive sent -> ok end end || Message <- [one, two]],
    drain().

no_alias() ->
    Sender = sender(make_ref()),
    Sender ! {send, hello},
    receive sent -> drain() end.

of_the_dead() ->
    Root = self(),
    {_, Ref} = spawn_monitor(fun() -> Root ! alias() end),
    Alias = receive Made when is_reference(Made) -> Made end,
    down(Ref),
    Sender = sender(Alias),
    Sender ! {send, hello},
    receive sent -> drain() end.

after_down(Mode) ->
    Pid = idle(),
    Ref = monitor(process, Pid, [{alias, Mode}]),
    Sender = sender(Ref),
    exit(Pid, boom),
    Reason = down(Ref),
    Sender ! {send, hello},
    receive sent -> [Reason | drain()] end.

after_demonitor(Mode) ->
    Pid = idle(),
    Ref = monitor(process, Pid, [{alias, Mode}]),
    Sender = sender(Ref),
    Found = erlang:demonitor(Ref, [info]),
    Sender ! {send, hello},
    receive sent -> [Found | drain()] end.

%% Whether a second reply, and a down, come after a first one.
two_replies(Mode) ->
    Pid = idle(),
    Ref = monitor(process, Pid, [{alias, Mode}]),
    Sender = sender(Ref),
    [begin Sender ! {send, Message}, receive sent -> ok end end || Message <- [one, two]],
    Second = monitor(process, Pid),
    exit(Pid, boom),
    receive {'DOWN', Second, process, _, _} -> drain([{Pid, peer}]) end.

reply_against_end() ->
    Pid = spawn(fun() -> receive go -> pause() end end),
    Ref = monitor(process, Pid, [{alias, reply_demonitor}]),
    Second = monitor(process, Pid),
    Sender = sender(Ref),
    Pid ! go,
    pause(),
    Sender ! {send, reply},
    receive sent -> ok end,
    receive {'DOWN', Second, process, _, _} -> drain([{Pid, peer}]) end.

unalias_keeps_the_monitor() ->
    Pid = idle(),
    Ref = monitor(process, Pid, [{alias, demonitor}]),
    Found = unalias(Ref),
    exit(Pid, boom),
    [Found, down(Ref)].

explicit_of_the_dead() ->
    Ref = monitor(process, golden:dead(), [{alias, explicit_unalias}]),
    Reason = down(Ref),
    Ref ! hello,
    [Reason, receive Message -> Message end].
