%% Messages, their order, and receiving them (SIG-1 to SIG-18, MBX).
-module(messages).
-export([cases/0]).
-import(golden, [pause/0, as/2, drain/0, fate/1, dead/0, idle/0, mail/1, attempt/1]).

cases() ->
    [{of_one_sender, fun of_one_sender/0},
     {of_two_senders, fun of_two_senders/0},
     {of_three_senders, fun of_three_senders/0},
     {by_a_third_party, fun by_a_third_party/0},
     {sent_before_the_spawn, fun sent_before_the_spawn/0},
     {by_pid_name_and_alias, fun by_pid_name_and_alias/0},
     {to_oneself, fun to_oneself/0},
     {to_the_dead, fun() -> dead() ! hello end},
     {to_a_missing_name, fun() -> attempt(fun() -> nobody ! hello end) end},
     {selective, fun selective/0},
     {oldest_before_first_clause, fun oldest_before_first_clause/0},
     {nested, fun nested/0},
     {zero_and_nothing, fun() -> receive Message -> Message after 0 -> timeout end end},
     {zero_and_others, fun zero_and_others/0},
     {zero_and_the_last, fun zero_and_the_last/0},
     {zero_against_a_message, fun() -> against_a_message(0) end},
     {timeout_against_a_message, fun() -> against_a_message(1) end},
     {timeout_against_two_messages, fun timeout_against_two_messages/0},
     {guard_that_fails, fun guard_that_fails/0},
     {body_that_fails, fun body_that_fails/0},
     {sleep_takes_nothing, fun sleep_takes_nothing/0},
     {request_and_reply, fun request_and_reply/0},
     {late_reply, fun late_reply/0}].

two(Roles) -> [receive Message -> as(Message, Roles) end || _ <- [1, 2]].

of_one_sender() ->
    Root = self(),
    spawn(fun() -> Root ! one, pause(), Root ! two, pause(), Root ! three end),
    [receive Message -> Message end || _ <- [1, 2, 3]].

of_two_senders() ->
    Root = self(),
    [spawn(fun() -> pause(), Root ! Name end) || Name <- [one, two]],
    two([]).

of_three_senders() ->
    Root = self(),
    [spawn(fun() -> pause(), Root ! Name end) || Name <- [one, two, three]],
    [receive Message -> Message end || _ <- [1, 2, 3]].

%% The relay speaks because of what was sent after the cause.
by_a_third_party() ->
    Root = self(),
    Relay = spawn(fun() -> receive go -> Root ! effect end end),
    spawn(fun() -> Root ! cause, Relay ! go end),
    two([]).

sent_before_the_spawn() ->
    Root = self(),
    Pid = spawn(fun() -> receive A -> receive B -> Root ! {got, [A, B]} end end end),
    Pid ! before,
    spawn(fun() -> Pid ! later end),
    receive {got, Order} -> Order end.

by_pid_name_and_alias() ->
    Root = self(),
    register(server, Root),
    Alias = alias(),
    spawn(fun() -> Root ! pid, server ! name, Alias ! alias, Root ! pid end),
    [receive Message -> Message end || _ <- [1, 2, 3, 4]].

to_oneself() ->
    self() ! one,
    self() ! two,
    drain().

selective() ->
    [self() ! Message || Message <- [one, two, three]],
    receive two -> ok end,
    drain().

oldest_before_first_clause() ->
    [self() ! Message || Message <- [two, one]],
    receive one -> first_clause; two -> second_clause end.

nested() ->
    [self() ! Message || Message <- [one, two, three]],
    receive three -> receive Message -> [Message | drain()] end end.

zero_and_others() ->
    self() ! one,
    [receive two -> two after 0 -> timeout end | drain()].

zero_and_the_last() ->
    [self() ! Message || Message <- [one, two, three]],
    [receive three -> three after 0 -> timeout end | drain()].

%% Either wins, and the message is not lost.
against_a_message(Timeout) ->
    Root = self(),
    spawn(fun() -> pause(), Root ! hello end),
    pause(),
    receive hello -> hello
    after Timeout -> [timeout, receive hello -> hello end]
    end.

timeout_against_two_messages() ->
    Root = self(),
    spawn(fun() -> Root ! other, pause(), Root ! hello end),
    First = receive hello -> hello after 1 -> timeout end,
    receive other -> ok end,
    case First of
        hello -> [hello | drain()];
        timeout -> [timeout, receive hello -> hello end | drain()]
    end.

guard_that_fails() ->
    fate(fun() ->
        self() ! hello,
        receive Message when hd(Message) =:= one -> exit(taken)
        after 0 -> exit(passed_over)
        end
    end).

body_that_fails() ->
    self() ! one,
    self() ! two,
    try receive one -> exit(boom) end catch exit:boom -> drain() end.

sleep_takes_nothing() ->
    self() ! one,
    timer:sleep(1),
    drain().

request_and_reply() ->
    Server = spawn(fun() -> receive {From, Ref, ping} -> From ! {Ref, pong} end end),
    Ref = make_ref(),
    Server ! {self(), Ref, ping},
    receive {Ref, Answer} -> Answer end.

%% The reply that its caller no longer waits for is there afterwards.
late_reply() ->
    Server = spawn(fun() -> receive {From, ping} -> pause(), From ! pong end end),
    Server ! {self(), ping},
    Answer = receive pong -> pong after 1 -> timeout end,
    case Answer of
        pong -> [Answer | drain()];
        timeout -> mail(1), [Answer | drain()]
    end.
