%% The workloads on the BEAM: plain Erlang processes, each written as one would by hand.
%%
%%   erlc bench.erl
%%   erl +S 1:1 +P 4000000 -noshell -run bench main WORKLOAD N THREADS
%%
%% Prints one line of key=value words, as the Rust programs beside it do; the numbers that
%% shape the workloads are those of ../src/shape.rs. A message is a tagged tuple, as is usual;
%% a bare integer would need no copy, but says nothing of what it is.
-module(bench).
-export([main/1]).
%% W4 and W4C: the server.
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).
%% W12: the state machine.
-export([callback_mode/0, handle_event/4]).
%% W10, T1 and T2: the children.
-export([start_child/1]).

-define(PRODUCERS, 8).
-define(SUBSCRIBERS, 10000).
-define(RING, 1000).
-define(TOKENS, 1000).
-define(BRANCHES, 10).
-define(GROUP, 64).
-define(SAMPLE, 64).
-define(FOREIGN, 10000).
-define(WINDOW, 512).
-define(KEYS, 1000).

main([Workload, Count, Threads]) ->
    N = list_to_integer(Count),
    case run(Workload, N) of
        none ->
            io:format(standard_error, "beam has no workload ~s~n", [Workload]),
            halt(4);
        {Operations, Wall, Cpu, Extra} ->
            io:format("sys=beam w=~s t=~s n=~b ns=~.2f total_ms=~.2f hwm_mb=~.1f"
                      " cpu_ms=~.2f cpu_ns=~.2f~s~n",
                      [Workload, Threads, N, Wall / Operations, Wall / 1.0e6,
                       memory_kib("VmHWM:") / 1024, float(Cpu), Cpu * 1.0e6 / Operations,
                       [io_lib:format(" ~s=~.2f", [K, float(V)]) || {K, V} <- Extra]]),
            halt(0)
    end;
main(_) ->
    io:format(standard_error, "usage: bench WORKLOAD N THREADS~n", []),
    halt(2).

run("W1", N) -> short_lives(N);
run("W2", N) -> idle_servers(N);
run("W3", N) -> ping_pong(N, []);
run("W3X", N) -> ping_pong(N, [{scheduler, 2}]);
run("W4", N) -> call_a_server(N);
run("W4C", N) -> cast_to_a_server(N div ?WINDOW);
run("W5", N) -> fan_in(N);
run("W5B", N) -> fan_in_by_windows(N div ?PRODUCERS div ?WINDOW);
run("W6", N) -> fan_out(N);
run("W7A", N) -> ring(N, 1);
run("W7P", N) -> ring(N, ?TOKENS);
run("W8", N) -> skynet(N);
run("W9A", N) -> fire(N);
run("W9B", N) -> cancel_in_groups(N div ?GROUP);
run("W9C", N) -> cancel_all(N);
run("W11", N) -> call_through(N, fun by_alias/2);
run("W11R", N) -> call_through(N, fun by_reference/2);
run("W12", N) -> call_a_machine(N);
run("E4", N) -> tasks(N);
run("E6", N) -> gets(N);
run("R1", N) -> lookups(N);
run("R2", N) -> dispatches(N);
run("W10", N) -> restarts(N);
run("T1", N) -> tree(N);
run("T2", N) -> children(N);
run(_, _) -> none.

%% Measuring ---------------------------------------------------------------------------------

start() ->
    Cpu = cpu_ms(),
    {erlang:monotonic_time(nanosecond), Cpu}.

stop({Wall, Cpu}, Operations) ->
    WallNow = erlang:monotonic_time(nanosecond),
    {Operations, WallNow - Wall, cpu_ms() - Cpu, []}.

%% The processor time of this OS process, user's and kernel's, in steps of 10 ms;
%% erlang:statistics(runtime) would leave the kernel's out.
cpu_ms() ->
    case file:read_file("/proc/self/stat") of
        {ok, Stat} ->
            [_, Rest] = string:split(binary_to_list(Stat), ")", trailing),
            Fields = string:lexemes(Rest, " \n"),
            10 * (list_to_integer(lists:nth(12, Fields)) + list_to_integer(lists:nth(13, Fields)));
        {error, _} ->
            0
    end.

%% One line of the kernel's account of this OS process; zero where there is none.
memory_kib(Key) ->
    case file:read_file("/proc/self/status") of
        {ok, Status} ->
            [Line | _] = [L || L <- string:split(binary_to_list(Status), "\n", all),
                               lists:prefix(Key, L)],
            list_to_integer(lists:nth(2, string:lexemes(Line, "\t ")));
        {error, _} ->
            0
    end.

resident_bytes() ->
    memory_kib("VmRSS:") * 1024.

%% Runs Body in a process of its own and answers with its result: the driver of a workload is
%% a process like the others.
drive(Body) ->
    Me = self(),
    spawn(fun() -> Me ! {result, Body()} end),
    receive {result, Result} -> Result end.

%% Sums N numbers and sends the sum to Owner.
collector(Owner, N) ->
    spawn(fun() -> Owner ! {sum, sum(N, 0)} end).

sum(0, Sum) -> Sum;
sum(N, Sum) -> receive {item, X} -> sum(N - 1, Sum + X) end.

await_sum(Expected) ->
    receive {sum, Expected} -> ok end.

%% W1, W2 and W8: spawning -------------------------------------------------------------------

short_lives(N) ->
    drive(fun() ->
        Collector = collector(self(), N),
        Watch = start(),
        spawn_short(N - 1, Collector),
        await_sum(N * (N - 1) div 2),
        stop(Watch, N)
    end).

spawn_short(-1, _) -> ok;
spawn_short(I, Collector) ->
    spawn(fun() -> Collector ! {item, I} end),
    spawn_short(I - 1, Collector).

idle_servers(N) ->
    drive(fun() ->
        Started = counters:new(1, [write_concurrency]),
        Before = resident_bytes(),
        Watch = start(),
        Servers = spawn_servers(N - 1, Started, []),
        await_started(Started, (N + ?SAMPLE - 1) div ?SAMPLE),
        {_, Wall, Cpu, []} = stop(Watch, N),
        timer:sleep(100),
        Bytes = (resident_bytes() - Before) / N,
        Again = start(),
        Me = self(),
        lists:foreach(fun(Server) -> Server ! {get, Me} end, Servers),
        Sum = sum(N, 0),
        Sum = N * (N - 1) div 2,
        {_, Reply, ReplyCpu, []} = stop(Again, N),
        Used = (resident_bytes() - Before) / N,
        {N, Wall, Cpu, [{bytes, Bytes}, {used_bytes, Used}, {reply_ns, Reply / N},
                        {reply_cpu_ns, ReplyCpu * 1.0e6 / N}]}
    end).

spawn_servers(-1, _, Servers) -> Servers;
spawn_servers(I, Started, Servers) ->
    Server = spawn(fun() ->
        case I rem ?SAMPLE of
            0 -> counters:add(Started, 1, 1);
            _ -> ok
        end,
        server(I)
    end),
    spawn_servers(I - 1, Started, [Server | Servers]).

server(State) ->
    receive {get, From} -> From ! {item, State}, server(State) end.

await_started(Started, Count) ->
    case counters:get(Started, 1) of
        Count -> ok;
        _ -> erlang:yield(), await_started(Started, Count)
    end.

skynet(N) ->
    drive(fun() ->
        Me = self(),
        Watch = start(),
        spawn(fun() -> node_of(Me, 0, N) end),
        Sum = sum(1, 0),
        Sum = N * (N - 1) div 2,
        stop(Watch, N)
    end).

node_of(Parent, First, 1) ->
    Parent ! {item, First};
node_of(Parent, First, Leaves) ->
    Me = self(),
    Share = Leaves div ?BRANCHES,
    [spawn(fun() -> node_of(Me, First + Child * Share, Share) end)
     || Child <- lists:seq(0, ?BRANCHES - 1)],
    Parent ! {item, sum(?BRANCHES, 0)}.

%% W3, W3X, W5, W5B, W6 and W7: messages -----------------------------------------------------

%% Place is empty, or says on which scheduler the other side is to stay.
ping_pong(N, Place) ->
    Me = self(),
    Here = case Place of [] -> []; _ -> [{scheduler, 1}] end,
    spawn_opt(fun() ->
        Pong = spawn_opt(fun pong/0, Place),
        Watch = start(),
        ping(0, N, Pong),
        Me ! {result, stop(Watch, N)}
    end, Here),
    receive {result, Result} -> Result end.

ping(N, N, _) -> ok;
ping(I, N, Pong) ->
    Pong ! {self(), I},
    receive {Pong, Next} -> ping(Next, N, Pong) end.

pong() ->
    receive {Ping, I} -> Ping ! {self(), I + 1}, pong() end.

%% W4 and W4C: a server.
init([]) -> {ok, 0};
init([machine]) -> {ok, active, none, [{state_timeout, 30000, expired}]};
%% W10, T1 and T2.
init({supervisor, Flags, Children}) -> {ok, {Flags, Children}};
init({child, none}) -> {ok, 0};
init({child, Tells}) -> Tells ! {runs, self()}, {ok, 0}.

handle_call({say, I}, _From, Count) -> {reply, I, Count};
handle_call(count, _From, Count) -> {reply, Count, Count}.

handle_cast({add, I}, Count) -> {noreply, Count + I}.

call_a_server(N) ->
    drive(fun() ->
        {ok, Server} = gen_server:start(?MODULE, [], []),
        Watch = start(),
        calls(N, Server),
        stop(Watch, N)
    end).

calls(0, _) -> ok;
calls(I, Server) -> I = gen_server:call(Server, {say, I}), calls(I - 1, Server).

cast_to_a_server(Windows) ->
    drive(fun() ->
        {ok, Server} = gen_server:start(?MODULE, [], []),
        Watch = start(),
        casts(Windows, 0, Server),
        stop(Watch, Windows * ?WINDOW)
    end).

%% The server confirms each window.
casts(0, _, _) -> ok;
casts(Windows, Count, Server) ->
    repeat(?WINDOW, fun() -> gen_server:cast(Server, {add, 1}) end),
    Next = Count + ?WINDOW,
    Next = gen_server:call(Server, count),
    casts(Windows - 1, Next, Server).

%% W12: a state machine, whose state timeout each call sets anew.
callback_mode() -> handle_event_function.

handle_event({call, From}, {touch, I}, active, _) ->
    {keep_state_and_data, [{reply, From, I}, {state_timeout, 30000, expired}]};
handle_event(state_timeout, expired, active, Data) -> {next_state, expired, Data}.

call_a_machine(N) ->
    drive(fun() ->
        {ok, Machine} = gen_statem:start(?MODULE, [machine], []),
        Watch = start(),
        touches(N, Machine),
        stop(Watch, N)
    end).

touches(0, _) -> ok;
touches(I, Machine) -> I = gen_statem:call(Machine, {touch, I}), touches(I - 1, Machine).

fan_in(N) ->
    drive(fun() ->
        Each = N div ?PRODUCERS,
        Consumer = collector(self(), Each * ?PRODUCERS),
        Watch = start(),
        [spawn(fun() -> produce(Each - 1, Consumer) end) || _ <- lists:seq(1, ?PRODUCERS)],
        await_sum(?PRODUCERS * (Each * (Each - 1) div 2)),
        stop(Watch, Each * ?PRODUCERS)
    end).

produce(-1, _) -> ok;
produce(I, Consumer) -> Consumer ! {item, I}, produce(I - 1, Consumer).

%% A producer has no more than a window of messages under way.
fan_in_by_windows(Windows) ->
    drive(fun() ->
        Each = Windows * ?WINDOW,
        Me = self(),
        Consumer = spawn(fun() -> Me ! {sum, confirming(Each * ?PRODUCERS, 0)} end),
        Watch = start(),
        [spawn(fun() -> repeat(Windows, fun() -> window(Consumer) end) end)
         || _ <- lists:seq(1, ?PRODUCERS)],
        await_sum(Each * ?PRODUCERS * (?WINDOW - 1) div 2),
        stop(Watch, Each * ?PRODUCERS)
    end).

window(Consumer) ->
    produce(?WINDOW - 1, Consumer),
    Consumer ! {confirm, self()},
    receive confirmed -> ok end.

confirming(0, Sum) -> Sum;
confirming(N, Sum) ->
    receive
        {item, X} -> confirming(N - 1, Sum + X);
        {confirm, Producer} -> Producer ! confirmed, confirming(N, Sum)
    end.

fan_out(N) ->
    drive(fun() ->
        Rounds = N div ?SUBSCRIBERS,
        Done = collector(self(), ?SUBSCRIBERS),
        Subscribers = [spawn(fun() -> Done ! {item, sum(Rounds, 0)} end)
                       || _ <- lists:seq(1, ?SUBSCRIBERS)],
        timer:sleep(20),
        Watch = start(),
        publish(0, Rounds, Subscribers),
        await_sum(?SUBSCRIBERS * (Rounds * (Rounds - 1) div 2)),
        stop(Watch, Rounds * ?SUBSCRIBERS)
    end).

publish(Rounds, Rounds, _) -> ok;
publish(Round, Rounds, Subscribers) ->
    lists:foreach(fun(Subscriber) -> Subscriber ! {item, Round} end, Subscribers),
    publish(Round + 1, Rounds, Subscribers).

ring(N, Tokens) ->
    drive(fun() ->
        Hops = N div Tokens,
        Me = self(),
        First = spawn(fun() -> receive {next, Next} -> member(Next, Me) end end),
        Last = lists:foldl(fun(_, Next) -> spawn(fun() -> member(Next, Me) end) end,
                           First, lists:seq(2, ?RING)),
        First ! {next, Last},
        timer:sleep(20),
        Watch = start(),
        [First ! {token, Hops} || _ <- lists:seq(1, Tokens)],
        [receive home -> ok end || _ <- lists:seq(1, Tokens)],
        stop(Watch, Hops * Tokens)
    end).

member(Next, Done) ->
    receive
        {token, 1} -> Done ! home;
        {token, Hops} -> Next ! {token, Hops - 1}
    end,
    member(Next, Done).

%% W9: timers --------------------------------------------------------------------------------

soon(I) -> 1 + (I * 7919) rem 1000.
late(I) -> 60000 + (I * 7919) rem 60000.

fire(N) ->
    drive(fun() ->
        Watch = start(),
        set_soon(N - 1),
        Sum = sum(N, 0),
        Sum = N * (N - 1) div 2,
        stop(Watch, N)
    end).

set_soon(-1) -> ok;
set_soon(I) -> erlang:send_after(soon(I), self(), {item, I}), set_soon(I - 1).

cancel_in_groups(Groups) ->
    drive(fun() ->
        Watch = start(),
        repeat(Groups, fun() -> cancel(set_late(?GROUP - 1, [])) end),
        stop(Watch, Groups * ?GROUP)
    end).

cancel_all(N) ->
    drive(fun() ->
        Watch = start(),
        cancel(set_late(N - 1, [])),
        stop(Watch, N)
    end).

repeat(0, _) -> ok;
repeat(N, Body) -> Body(), repeat(N - 1, Body).

set_late(-1, Timers) -> Timers;
set_late(I, Timers) ->
    set_late(I - 1, [erlang:send_after(late(I), self(), tick) | Timers]).

cancel(Timers) ->
    lists:foreach(fun(Timer) -> Left = erlang:cancel_timer(Timer), true = is_integer(Left) end,
                  Timers).

%% W11 and W11R: calls by a process whose mailbox is full of other messages ------------------

call_through(N, Calls) ->
    drive(fun() ->
        Server = spawn(fun answer/0),
        [self() ! {foreign, I} || I <- lists:seq(1, ?FOREIGN)],
        Watch = start(),
        Calls(N, Server),
        stop(Watch, N)
    end).

%% The reply comes through an alias that ends with it.
by_alias(0, _) -> ok;
by_alias(N, Server) ->
    Ref = erlang:alias([reply]),
    Server ! {call, Ref, Ref, N},
    receive {Ref, N} -> ok after 5000 -> exit(timeout) end,
    by_alias(N - 1, Server).

%% The reply comes to the pid and is told by a reference.
by_reference(0, _) -> ok;
by_reference(N, Server) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, N},
    receive {Ref, N} -> ok after 5000 -> exit(timeout) end,
    by_reference(N - 1, Server).

answer() ->
    receive {call, To, Ref, X} -> To ! {Ref, X}, answer() end.

%% E4: a task for each number, waited for before the next --------------------------------------

tasks(N) ->
    drive(fun() ->
        Watch = start(),
        task(N),
        stop(Watch, N)
    end).

task(0) -> ok;
task(N) ->
    Work = fun() -> receive {go, Alias} -> Alias ! {Alias, N} end end,
    {Pid, Ref} = spawn_opt(Work, [link, {monitor, [{alias, demonitor}]}]),
    Pid ! {go, Ref},
    receive {Ref, N} -> erlang:demonitor(Ref, [flush]) after 5000 -> exit(timeout) end,
    task(N - 1).

%% E6: a fun applied to a value that a process holds ------------------------------------------

gets(N) ->
    drive(fun() ->
        Agent = spawn(fun() -> agent(1) end),
        Watch = start(),
        get_value(N, Agent),
        stop(Watch, N)
    end).

agent(Value) ->
    receive {get, Fun, Ref} -> Ref ! {Ref, Fun(Value)}, agent(Value) end.

get_value(0, _) -> ok;
get_value(N, Agent) ->
    Ref = erlang:monitor(process, Agent, [{alias, reply_demonitor}]),
    Agent ! {get, fun(Value) -> Value end, Ref},
    receive
        {Ref, 1} -> ok;
        {'DOWN', Ref, process, Agent, Reason} -> exit(Reason)
    after 5000 -> exit(timeout)
    end,
    get_value(N - 1, Agent).

%% W10, T1 and T2: supervisors ---------------------------------------------------------------

%% One module is the callback of supervisors and of servers: what it is given tells them apart.
start_child(Tells) -> gen_server:start_link(?MODULE, {child, Tells}, []).

child(Id, Tells) -> #{id => Id, start => {?MODULE, start_child, [Tells]}}.

restarts(N) ->
    logger:set_primary_config(level, none),
    drive(fun() ->
        Flags = #{intensity => 1 bsl 50, period => 1},
        {ok, Sup} = supervisor:start_link(?MODULE, {supervisor, Flags, [child(one, self())]}),
        Child = receive {runs, Pid} -> Pid end,
        Watch = start(),
        restart(N, Child),
        Figures = stop(Watch, N),
        gen_server:stop(Sup),
        Figures
    end).

restart(0, _) -> ok;
restart(N, Child) ->
    exit(Child, kill),
    receive {runs, Pid} -> restart(N - 1, Pid) end.

tree(N) ->
    drive(fun() ->
        Children = [child(Id, none) || Id <- lists:seq(1, N)],
        Watch = start(),
        {ok, Sup} = supervisor:start_link(?MODULE, {supervisor, #{}, Children}),
        {_, Wall, Cpu, []} = stop(Watch, N),
        Again = start(),
        gen_server:stop(Sup),
        {_, Stop, StopCpu, []} = stop(Again, N),
        {N, Wall, Cpu, [{stop_ns, Stop / N}, {stop_cpu_ns, StopCpu * 1.0e6 / N}]}
    end).

%% Elixir's dynamic supervisor.
children(N) ->
    drive(fun() ->
        elixir(),
        {ok, Sup} = 'Elixir.DynamicSupervisor':start_link([{strategy, one_for_one}]),
        Spec = child(any, none),
        Watch = start(),
        add_children(N, Sup, Spec),
        Figures = stop(Watch, N),
        gen_server:stop(Sup),
        Figures
    end).

add_children(0, _, _) -> ok;
add_children(N, Sup, Spec) ->
    {ok, _} = 'Elixir.DynamicSupervisor':start_child(Sup, Spec),
    add_children(N - 1, Sup, Spec).

%% Registries: Elixir's ------------------------------------------------------------------------

%% A registry of Elixir's, which is found by the program `elixir`.
registry(Keys) ->
    elixir(),
    {ok, _} = 'Elixir.Registry':start_link([{keys, Keys}, {name, bench_registry}]),
    bench_registry.

elixir() ->
    Bin = filename:dirname(program(os:find_executable("elixir"))),
    true = code:add_pathz(filename:join([Bin, "..", "lib", "elixir", "ebin"])),
    {ok, _} = application:ensure_all_started(elixir).

program(Path) ->
    case file:read_link(Path) of
        {ok, Target} -> program(filename:absname_join(filename:dirname(Path), Target));
        {error, _} -> Path
    end.

entry(Registry, Key, Ready) ->
    {ok, _} = 'Elixir.Registry':register(Registry, Key, 0),
    Ready ! registered,
    receive stop -> ok end.

lookups(N) ->
    drive(fun() ->
        Registry = registry(unique),
        Me = self(),
        [spawn(fun() -> entry(Registry, Key, Me) end) || Key <- lists:seq(0, ?KEYS - 1)],
        [receive registered -> ok end || _ <- lists:seq(1, ?KEYS)],
        Watch = start(),
        look_up(N, Registry),
        stop(Watch, N)
    end).

look_up(0, _) -> ok;
look_up(I, Registry) ->
    [{_, 0}] = 'Elixir.Registry':lookup(Registry, I rem ?KEYS),
    look_up(I - 1, Registry).

dispatches(N) ->
    drive(fun() ->
        Registry = registry(duplicate),
        Me = self(),
        Rounds = N div ?SUBSCRIBERS,
        Done = collector(Me, ?SUBSCRIBERS),
        [spawn(fun() -> subscriber(Registry, Me, Rounds, Done) end)
         || _ <- lists:seq(1, ?SUBSCRIBERS)],
        [receive registered -> ok end || _ <- lists:seq(1, ?SUBSCRIBERS)],
        Watch = start(),
        dispatch(0, Rounds, Registry),
        await_sum(?SUBSCRIBERS * (Rounds * (Rounds - 1) div 2)),
        stop(Watch, Rounds * ?SUBSCRIBERS)
    end).

%% Waits for its end, so that the registry forgets nobody while it is measured.
subscriber(Registry, Ready, Rounds, Done) ->
    {ok, _} = 'Elixir.Registry':register(Registry, topic, 0),
    Ready ! registered,
    Done ! {item, sum(Rounds, 0)},
    receive stop -> ok end.

dispatch(Rounds, Rounds, _) -> ok;
dispatch(Round, Rounds, Registry) ->
    Send = fun(Entries) -> [Pid ! {item, Round} || {Pid, _} <- Entries] end,
    'Elixir.Registry':dispatch(Registry, topic, Send),
    dispatch(Round + 1, Rounds, Registry).
