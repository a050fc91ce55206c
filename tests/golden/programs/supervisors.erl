%% Supervisors (SUP, DSUP): the scripts of supervisors.txt, whose form its first lines tell.
%%
%% The events of a script come one after another: the next one when no supervisor of the tree lists
%% a child that is dead or being restarted. An outcome says for each event what a request was
%% answered, who was started (+) and who stopped as it was asked (-), and then the children of the
%% tree in the order of starting, with - after those that do not run.
-module(supervisors).
-export([cases/0, init/1, start_supervisor/1, start_child/2]).

cases() ->
    {ok, Text} = file:read_file("programs/supervisors.txt"),
    Lines = string:lexemes(binary_to_list(Text), "\n"),
    [parse(string:lexemes(Line, "/")) || [First | _] = Line <- Lines, First =/= $#].

parse([Name, Tree, Spares, Events]) ->
    {[Root], []} = specs(string:lexemes(Tree, " ")),
    {Others, []} = specs(string:lexemes(Spares, " ")),
    {list_to_atom(string:trim(Name)), fun() -> run(Root, Others, string:lexemes(Events, " ")) end}.

%% Words to specifications, up to the bracket that ends the list.
specs([]) -> {[], []};
specs(["]" | Rest]) -> {[], Rest};
specs(["[", Id, Restart, Strategy, Intensity, Auto | Rest]) ->
    {Children, Rest1} = specs(Rest),
    {More, Rest2} = specs(Rest1),
    Sup = {sup, Id, restart(Restart), list_to_atom(Strategy), list_to_integer(Intensity),
           list_to_atom(Auto), Children, lists:suffix("!", Restart)},
    {[Sup | More], Rest2};
specs([Word | Rest]) ->
    {More, Rest1} = specs(Rest),
    [Id, Restart, Manner, Plan] = string:lexemes(Word, ":"),
    Child = {child, Id, restart(Restart), list_to_atom(Manner), Plan, lists:suffix("!", Restart)},
    {[Child | More], Rest1}.

restart(Word) -> list_to_atom(string:trim(Word, trailing, "!")).

spec({sup, Id, Restart, _, _, _, _, Significant} = Sup) ->
    #{id => Id, start => {?MODULE, start_supervisor, [Sup]}, restart => Restart,
      significant => Significant, type => supervisor};
spec({child, Id, Restart, Manner, Plan, Significant}) ->
    Shutdown = case Manner of brutal -> brutal_kill; deaf -> 10; _ -> infinity end,
    Child = #{id => Id, start => {?MODULE, start_child, [Id, {Manner, Plan, get(driver)}]},
              restart => Restart, shutdown => Shutdown},
    case Significant of true -> Child#{significant => true}; false -> Child end.

start_supervisor({sup, _, _, dynamic, Intensity, _, [], _}) ->
    'Elixir.DynamicSupervisor':start_link([{strategy, one_for_one}, {max_restarts, Intensity},
                                           {max_seconds, 600}]);
start_supervisor(Sup) -> supervisor:start_link(?MODULE, {Sup, get(driver)}).

init({{sup, _, _, Strategy, Intensity, Auto, Children, _}, Driver}) ->
    put(driver, Driver),
    Flags = #{strategy => Strategy, intensity => Intensity, period => 600, auto_shutdown => Auto},
    {ok, {Flags, [spec(Child) || Child <- Children]}}.

%% The letters of a plan are what the starts of a child come to: success, failure, ignore; the last
%% one holds for all that follow.
start_child(Id, {Manner, Plan, Driver}) ->
    Driver ! {plan, self(), Id, Plan},
    case receive {plan, Letter} -> Letter end of
        $f -> {error, no};
        $i -> ignore;
        $s ->
            Parent = self(),
            Pid = proc_lib:spawn_link(fun() ->
                process_flag(trap_exit, true),
                Parent ! {ready, self()},
                live(Id, Manner, Driver)
            end),
            receive {ready, Pid} -> ok end,
            Driver ! {started, Id, Pid},
            {ok, Pid}
    end.

live(Id, Manner, Driver) ->
    receive
        {finish, Reason} -> exit(Reason);
        {'EXIT', _, shutdown} when Manner =:= deaf -> live(Id, Manner, Driver);
        {'EXIT', _, Reason} ->
            Driver ! {stopped, Id},
            exit(case Manner of odd -> odd; _ -> Reason end)
    end.

%% ---------------------------------------------------------------- the driver

-record(run, {root, tree, spares, log}).

run(Root, Spares, Events) ->
    process_flag(trap_exit, true),
    Log = spawn_link(fun() -> log([], #{}, #{}) end),
    put(driver, Log),
    Run = #run{tree = Root, spares = Spares, log = Log},
    case start_supervisor(Root) of
        {ok, Pid} ->
            Begun = told(Run#run{root = Pid}, none),
            [Begun | events(Events, Run#run{root = Pid})];
        {error, _} -> [words(["failed" | take(Run)])]
    end.

%% What happened, in order; how often each child was started, and its last pid.
log(Told, Starts, Pids) ->
    receive
        {plan, From, Id, Plan} ->
            N = maps:get(Id, Starts, 1),
            From ! {plan, lists:nth(min(N, length(Plan)), Plan)},
            log(Told, Starts#{Id => N + 1}, Pids);
        {started, Id, Pid} -> log(["+" ++ Id | Told], Starts, Pids#{Id => Pid});
        {stopped, Id} -> log(["-" ++ Id | Told], Starts, Pids);
        {take, From} -> From ! {told, lists:reverse(Told)}, log([], Starts, Pids);
        {pids, From} -> From ! {pids, Pids}, log(Told, Starts, Pids)
    end.

take(#run{log = Log, tree = Tree}) ->
    Log ! {take, self()},
    Told = receive {told, List} -> List end,
    case element(4, Tree) of dynamic -> lists:sort(Told); _ -> Told end.

pids(#run{log = Log}) -> Log ! {pids, self()}, receive {pids, Pids} -> Pids end.

pid(Id, Run) ->
    case maps:get(Id, pids(Run), none) of
        none -> none;
        Pid -> case is_process_alive(Pid) of true -> Pid; false -> none end
    end.

events([], _) -> [];
events([Event | Rest], Run) ->
    Answer = event(string:lexemes(Event, ":"), Run),
    case settled(Run) of
        true -> [told(Run, Answer) | events(Rest, Run)];
        {gone, Reason} -> [words(take(Run) ++ ["gone", atom_to_list(golden:reason(Reason))])]
    end.

told(Run, Answer) ->
    Words = [atom_to_list(Answer) || Answer =/= none] ++ take(Run),
    words(Words ++ ["[" ++ text(listed(Run#run.root, Run)) ++ "]"]).

words(List) -> list_to_binary(text(List)).

text(List) -> lists:append(lists:join(" ", List)).

event(["both", A, B], Run) ->
    case {pid(A, Run), pid(B, Run), owner(A, Run)} of
        {PidA, PidB, Owner} when is_pid(PidA), is_pid(PidB), is_pid(Owner) ->
            sys:suspend(Owner),
            finish(PidA, boom), queued(Owner, 1),
            finish(PidB, boom), queued(Owner, 2),
            sys:resume(Owner),
            none;
        _ -> nobody
    end;
event(["stop"], Run) -> sys:terminate(Run#run.root, normal), none;
event(["count"], Run) ->
    Counts = case element(4, Run#run.tree) of
        dynamic -> maps:to_list('Elixir.DynamicSupervisor':count_children(Run#run.root));
        _ -> supervisor:count_children(Run#run.root)
    end,
    Key = fun(Name) -> integer_to_list(proplists:get_value(Name, Counts)) end,
    list_to_atom(lists:append(lists:join(".", [Key(specs), Key(active), Key(supervisors),
                                               Key(workers)])));
event([What, Id], Run) when What =:= "crash"; What =:= "normal"; What =:= "shutdown";
                            What =:= "kill" ->
    case pid(Id, Run) of
        none -> nobody;
        Pid when What =:= "kill" -> ended(Pid, fun() -> exit(Pid, kill) end);
        Pid -> finish(Pid, case What of "crash" -> boom; _ -> list_to_atom(What) end)
    end;
event(["add", Id], Run) ->
    Spec = spec(lists:keyfind(Id, 2, Run#run.spares)),
    case element(4, Run#run.tree) of
        dynamic -> answer('Elixir.DynamicSupervisor':start_child(Run#run.root, Spec));
        _ -> answer(supervisor:start_child(Run#run.root, Spec))
    end;
event(["terminate", Id], #run{tree = Tree} = Run) when element(4, Tree) =:= dynamic ->
    case maps:get(Id, pids(Run), none) of
        none -> nobody;
        Pid -> answer('Elixir.DynamicSupervisor':terminate_child(Run#run.root, Pid))
    end;
event([What, Id], Run) ->
    case owner(Id, Run) of
        none -> nobody;
        Owner when What =:= "terminate" -> answer(supervisor:terminate_child(Owner, Id));
        Owner when What =:= "restart" -> answer(supervisor:restart_child(Owner, Id));
        Owner when What =:= "delete" -> answer(supervisor:delete_child(Owner, Id))
    end.

answer(ok) -> ok;
answer(ignore) -> ignored;
answer({ok, undefined}) -> ignored;
answer({ok, _}) -> ok;
answer({error, Why}) when is_atom(Why), Why =/= no -> Why;
answer({error, {already_started, _}}) -> already_started;
answer({error, _}) -> failed.

finish(Pid, Reason) -> ended(Pid, fun() -> Pid ! {finish, Reason} end).

ended(Pid, Act) ->
    Ref = monitor(process, Pid),
    Act(),
    receive {'DOWN', Ref, _, _, _} -> none end.

queued(Pid, Number) ->
    case process_info(Pid, message_queue_len) of
        {_, Length} when Length >= Number -> ok;
        _ -> erlang:yield(), queued(Pid, Number)
    end.

%% The supervisor that has this child, if it runs.
owner(Id, Run) -> owner(Id, Run#run.tree, Run#run.root, Run).

owner(Id, {sup, _, _, _, _, _, Children, _}, Pid, Run) ->
    case lists:keymember(Id, 2, Children) of
        true -> Pid;
        false ->
            Inner = [{Child, nested(element(2, Child), Pid)} || Child <- Children,
                     element(1, Child) =:= sup],
            Found = [owner(Id, Child, Sup, Run) || {Child, Sup} <- Inner, is_pid(Sup)],
            case [Owner || Owner <- Found, Owner =/= none] of
                [Owner | _] -> Owner;
                [] when Pid =:= Run#run.root ->
                    case lists:keymember(Id, 2, Run#run.spares) of true -> Pid; false -> none end;
                [] -> none
            end
    end.

nested(Id, Pid) ->
    try lists:keyfind(Id, 1, supervisor:which_children(Pid)) of
        {_, Sup, _, _} when is_pid(Sup) -> Sup;
        _ -> none
    catch exit:_ -> none
    end.

children(Pid) ->
    try lists:reverse(supervisor:which_children(Pid)) catch exit:_ -> gone end.

%% Waits until the whole tree is at rest, or its root is gone.
settled(#run{root = Root} = Run) ->
    receive
        {'EXIT', Root, Reason} -> {gone, Reason}
    after 0 ->
        case rests(Root) of
            true -> true;
            false -> golden:busy(500), erlang:yield(), settled(Run)
        end
    end.

rests(Pid) ->
    case children(Pid) of
        gone -> false;
        Children -> lists:all(fun rests_child/1, Children)
    end.

rests_child({_, restarting, _, _}) -> false;
rests_child({_, undefined, _, _}) -> true;
rests_child({_, Pid, supervisor, _}) -> is_process_alive(Pid) andalso rests(Pid);
rests_child({_, Pid, worker, _}) -> is_process_alive(Pid).

listed(Pid, #run{tree = Tree} = Run) when element(4, Tree) =:= dynamic ->
    Ids = [Id || {Id, P} <- maps:to_list(pids(Run)), lists:keymember(P, 2, children(Pid))],
    lists:sort(Ids);
listed(Pid, Run) -> [listed_child(Child, Run) || Child <- children(Pid)].

listed_child({Id, undefined, _, _}, _) -> Id ++ "-";
listed_child({Id, Pid, supervisor, _}, Run) -> Id ++ "(" ++ text(listed(Pid, Run)) ++ ")";
listed_child({Id, _, worker, _}, _) -> Id.
