%% Runs the programs of this folder and counts their outcomes; also what the programs share.
%%
%% A module of programs exports cases/0: a list of {Name, Fun}. A fun is run in a process of its
%% own and returns its outcome: a list is written with commas, a tuple with blanks. Neither pids
%% nor references may be in it; as/2 replaces pids by roles.
-module(golden).
-export([run/0, collate/0]).
-export([pause/0, reason/1, as/2, drain/1, drain/0, fate/1, fate/2, dead/0, idle/0, mail/1,
         attempt/1, down/1, busy/1]).

%% ---------------------------------------------------------------- what programs use

%% A point at which others may come first: nothing, a yield, some work or a short sleep. It stands
%% wherever the counterpart awaits and the case is about what happens meanwhile.
pause() ->
    case rand:uniform(10) of
        N when N =< 3 -> ok;
        N when N =< 5 -> erlang:yield();
        N when N =< 7 -> busy(rand:uniform(500));
        N when N =< 9 -> busy(rand:uniform(20000));
        _ -> receive after rand:uniform(2) -> ok end
    end.

busy(0) -> ok;
busy(N) -> busy(N - 1).

%% A reason without its stack.
reason({{nocatch, Thrown}, [_ | _]}) -> {nocatch, Thrown};
reason({Error, [{_, _, _, _} | _]}) -> {crash, Error};
reason(Reason) -> Reason.

%% A message with roles for pids.
as({'EXIT', Pid, Reason}, Roles) -> {exit, role(Pid, Roles), reason(Reason)};
as({'DOWN', _, process, Object, Reason}, Roles) -> {down, role(Object, Roles), reason(Reason)};
as({timeout, _, Message}, _) -> {timeout, Message};
as(Pid, Roles) when is_pid(Pid) -> role(Pid, Roles);
as(Message, _) -> Message.

role({Name, _Node}, _) -> Name;
role(Pid, Roles) -> proplists:get_value(Pid, Roles, somebody).

%% What is in the mailbox.
drain() -> drain([]).
drain(Roles) ->
    receive Message -> [as(Message, Roles) | drain(Roles)]
    after 0 -> []
    end.

%% The reason for which a process that runs this ends.
fate(Fun) ->
    {_, Ref} = spawn_monitor(Fun),
    down(Ref).

%% The same for a process to which something is done meanwhile.
fate(Fun, Meanwhile) ->
    {Pid, Ref} = spawn_monitor(Fun),
    Meanwhile(Pid),
    down(Ref).

down(Ref) ->
    receive {'DOWN', Ref, process, _, Reason} -> reason(Reason) end.

%% A process that is dead for certain.
dead() ->
    {Pid, Ref} = spawn_monitor(fun() -> ok end),
    normal = down(Ref),
    Pid.

%% A process that ends when it is told to stop.
idle() -> spawn(fun() -> receive stop -> ok end end).

%% Waits until so many messages are in the mailbox, and takes none.
mail(Number) ->
    case process_info(self(), message_queue_len) of
        {_, Length} when Length >= Number -> ok;
        _ -> erlang:yield(), mail(Number)
    end.

%% Whether something is refused with an error.
attempt(Fun) ->
    try Fun() of _ -> ok catch error:_ -> refused end.

%% ---------------------------------------------------------------- running

%% The arguments: rounds, busy processes, groups as name:Module.
run() ->
    [Rounds, Load | Groups] = init:get_plain_arguments(),
    logger:set_primary_config(level, none),
    [spawn(fun load/0) || _ <- lists:seq(1, list_to_integer(Load))],
    [run_group(string:split(Group, ":"), list_to_integer(Rounds)) || Group <- Groups],
    halt().

load() ->
    busy(rand:uniform(5000)),
    case rand:uniform(20) of
        1 -> receive after 1 -> ok end;
        _ -> erlang:yield()
    end,
    load().

run_group([Group, Module], Rounds) ->
    [run_case([Group, "/", atom_to_list(Name)], Fun, Rounds)
     || {Name, Fun} <- (list_to_atom(Module)):cases()].

run_case(Name, Fun, Rounds) ->
    Count = fun(_, Counts) ->
        maps:update_with(once(Fun), fun(N) -> N + 1 end, 1, Counts)
    end,
    Counts = lists:foldl(Count, #{}, lists:seq(1, Rounds)),
    [io:format("~ts\t~ts\t~b~n", [Name, Outcome, N]) || {Outcome, N} <- maps:to_list(Counts)].

once(Fun) ->
    Before = processes(),
    {Pid, Ref} = spawn_monitor(fun() -> exit({outcome, Fun()}) end),
    Outcome = receive
        {'DOWN', Ref, process, Pid, {outcome, Term}} -> iolist_to_binary(text(Term));
        {'DOWN', Ref, process, Pid, Reason} -> iolist_to_binary(text({died, reason(Reason)}))
    after 10000 ->
        erlang:demonitor(Ref, [flush]),
        <<"hangs">>
    end,
    [end_of(Left) || Left <- processes() -- Before],
    Outcome.

%% What a run leaves behind is gone, names and all, before the next one.
end_of(Pid) ->
    Ref = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Ref, _, _, _} -> ok end.

text([]) -> "nothing";
text(List) when is_list(List) -> lists:join(", ", [text(Item) || Item <- List]);
text(Tuple) when is_tuple(Tuple) ->
    lists:join(" ", [text(Item) || Item <- tuple_to_list(Tuple)]);
text(Atom) when is_atom(Atom) -> atom_to_list(Atom);
text(Number) when is_integer(Number) -> integer_to_list(Number);
text(Text) when is_binary(Text) -> Text;
text(Other) -> io_lib:format("~w", [Other]).

%% ---------------------------------------------------------------- writing down

%% Adds up the lines that runs printed, and writes one file a group. The arguments: the folder,
%% the version of Elixir, files with lines.
collate() ->
    [Folder, Elixir | Files] = init:get_plain_arguments(),
    Sums = lists:foldl(fun add_file/2, #{}, Files),
    Groups = lists:usort([group(Case) || {Case, _} <- maps:keys(Sums)]),
    [write(Folder, Elixir, Group, Sums) || Group <- Groups],
    halt().

group(Case) -> hd(string:split(Case, "/")).

add_file(File, Sums) ->
    {ok, Text} = file:read_file(File),
    lists:foldl(fun add_line/2, Sums, string:split(string:trim(Text), "\n", all)).

add_line(Line, Sums) ->
    [Case, Outcome, Number] = string:split(Line, "\t", all),
    N = binary_to_integer(Number),
    maps:update_with({Case, Outcome}, fun(Sum) -> Sum + N end, N, Sums).

write(Folder, Elixir, Group, Sums) ->
    Otp = erlang:system_info(otp_release),
    Head = io_lib:format("{\"otp\":\"~s\",\"erts\":\"~s\",\"elixir\":\"~s\"}~n",
                         [Otp, erlang:system_info(version), Elixir]),
    Cases = lists:usort([Case || {Case, _} <- maps:keys(Sums), group(Case) =:= Group]),
    Lines = [line(Case, Sums) || Case <- Cases],
    ok = file:write_file(iolist_to_binary([Folder, "/", Group, ".jsonl"]), [Head, Lines]).

line(Case, Sums) ->
    Counts = lists:sort([{Outcome, N} || {{C, Outcome}, N} <- maps:to_list(Sums), C =:= Case]),
    Fields = [io_lib:format("\"~ts\":~b", [Outcome, N]) || {Outcome, N} <- Counts],
    Name = lists:last(string:split(Case, "/")),
    io_lib:format("{\"case\":\"~ts\",\"outcomes\":{~ts}}~n", [Name, lists:join(",", Fields)]).
