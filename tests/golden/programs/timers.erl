%% Timers (TMR).
-module(timers).
-export([cases/0]).
-import(golden, [pause/0, as/2, drain/0, down/1, dead/0, idle/0, mail/1]).

cases() ->
    [{fires, fun() -> erlang:send_after(1, self(), tick), receive Message -> Message end end},
     {fires_with_its_reference, fun fires_with_its_reference/0},
     {cancel_in_time, fun cancel_in_time/0},
     {cancel_twice, fun cancel_twice/0},
     {cancel_late, fun cancel_late/0},
     {cancel_against_firing, fun cancel_against_firing/0},
     {cancel_by_another, fun cancel_by_another/0},
     {cancel_by_two, fun cancel_by_two/0},
     {read_in_time, fun read_in_time/0},
     {read_late, fun read_late/0},
     {read_against_firing, fun read_against_firing/0},
     {zero_against_a_send, fun zero_against_a_send/0},
     {two_of_one_time, fun two_of_one_time/0},
     {sooner_and_later, fun sooner_and_later/0},
     {to_a_name_that_moves, fun to_a_name_that_moves/0},
     {to_a_name_of_the_ending, fun to_a_name_of_the_ending/0},
     {to_the_dead, fun to_the_dead/0},
     {to_the_killed, fun to_the_killed/0},
     {of_the_dead, fun of_the_dead/0},
     {against_a_timeout, fun against_a_timeout/0},
     {against_a_message, fun against_a_message/0}].

far() -> 100000.

left(false) -> gone;
left(Left) when is_integer(Left) -> left.

fires_with_its_reference() ->
    Ref = erlang:start_timer(1, self(), tick),
    receive {timeout, Ref, Message} -> {timeout, Message} end.

cancel_in_time() ->
    Ref = erlang:send_after(far(), self(), tick),
    [left(erlang:cancel_timer(Ref)) | drain()].

cancel_twice() ->
    Ref = erlang:send_after(far(), self(), tick),
    [left(erlang:cancel_timer(Ref)), left(erlang:cancel_timer(Ref))].

cancel_late() ->
    Ref = erlang:send_after(0, self(), tick),
    mail(1),
    [left(erlang:cancel_timer(Ref)) | drain()].

%% What was not cancelled comes.
cancel_against_firing() ->
    Ref = erlang:send_after(1, self(), tick),
    pause(),
    case left(erlang:cancel_timer(Ref)) of
        left -> [left | drain()];
        gone -> [gone, receive Message -> Message end]
    end.

cancel_by_another() ->
    Root = self(),
    Ref = erlang:send_after(far(), self(), tick),
    spawn(fun() -> Root ! {cancelled, left(erlang:cancel_timer(Ref))} end),
    receive {cancelled, Left} -> [Left, left(erlang:read_timer(Ref))] end.

cancel_by_two() ->
    Root = self(),
    Ref = erlang:send_after(far(), self(), tick),
    spawn(fun() -> pause(), Root ! {cancelled, left(erlang:cancel_timer(Ref))} end),
    pause(),
    Own = left(erlang:cancel_timer(Ref)),
    receive {cancelled, Left} -> [Own, Left] end.

read_in_time() ->
    Ref = erlang:send_after(far(), self(), tick),
    [left(erlang:read_timer(Ref)), left(erlang:read_timer(Ref))].

read_late() ->
    Ref = erlang:send_after(0, self(), tick),
    receive tick -> left(erlang:read_timer(Ref)) end.

read_against_firing() ->
    Ref = erlang:send_after(1, self(), tick),
    pause(),
    Left = left(erlang:read_timer(Ref)),
    receive tick -> Left end.

zero_against_a_send() ->
    erlang:send_after(0, self(), tick),
    self() ! own,
    [receive Message -> Message end || _ <- [1, 2]].

two_of_one_time() ->
    At = erlang:monotonic_time(millisecond) + 2,
    [erlang:send_after(At, self(), Message, [{abs, true}]) || Message <- [one, two]],
    [receive Message -> Message end || _ <- [1, 2]].

sooner_and_later() ->
    erlang:send_after(3, self(), later),
    erlang:send_after(1, self(), sooner),
    [receive Message -> Message end || _ <- [1, 2]].

%% Who owns the name when the timer fires, if anybody.
to_a_name_that_moves() ->
    Root = self(),
    [First, Second] = [spawn(fun() -> receive tick -> Root ! Name end end)
                       || Name <- [first, second]],
    register(server, First),
    erlang:send_after(1, server, tick),
    pause(),
    golden:attempt(fun() -> unregister(server) end),
    pause(),
    register(server, Second),
    receive Name -> Name after 6 -> nobody end.

to_a_name_of_the_ending() ->
    Root = self(),
    Pid = spawn(fun() ->
        receive tick -> Root ! came; stop -> Root ! stopped end
    end),
    register(server, Pid),
    erlang:send_after(1, server, tick),
    pause(),
    Pid ! stop,
    receive Message -> Message end.

to_the_dead() ->
    left(erlang:read_timer(erlang:send_after(far(), dead(), tick))).

to_the_killed() ->
    Pid = idle(),
    Ref = monitor(process, Pid),
    Timer = erlang:send_after(far(), Pid, tick),
    exit(Pid, kill),
    [down(Ref), left(erlang:read_timer(Timer))].

of_the_dead() ->
    Root = self(),
    {_, Ref} = spawn_monitor(fun() -> erlang:send_after(1, Root, tick) end),
    [down(Ref), receive Message -> Message end].

against_a_timeout() ->
    erlang:send_after(1, self(), tick),
    receive tick -> tick
    after 1 -> [timeout, receive tick -> tick end]
    end.

against_a_message() ->
    Root = self(),
    erlang:send_after(1, self(), tick),
    spawn(fun() -> pause(), Root ! hello end),
    [receive Message -> Message end || _ <- [1, 2]].
