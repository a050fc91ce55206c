%% State machines (GSM): the scripts of machines.txt, whose form its first lines tell.
%%
%% The events of a script come one after another: the next one when the machine has nothing left
%% but its mailbox and its timers. An outcome says for each event which callbacks were called, which
%% calls were answered and how the machine ended; and at last what became of the other calls.
-module(machines).
-behaviour(gen_statem).
-export([cases/0]).
-export([init/1, callback_mode/0, handle_event/4, terminate/3, code_change/4]).
-export([a/3, b/3, c/3]).

%% A unit of time, in milliseconds; one that never comes; callbacks until a machine stops.
-define(UNIT, 40).
-define(FAR, 3600000).
-define(CALLBACKS, 40).

cases() ->
    {ok, Text} = file:read_file("programs/machines.txt"),
    Lines = string:lexemes(binary_to_list(Text), "\n"),
    [parse(string:lexemes(Line, "/")) || [First | _] = Line <- Lines, First =/= $#].

parse([Name, Mode, Init, Rules, Events]) ->
    Parsed = maps:from_list([rule(Rule) || Rule <- string:lexemes(Rules, ";"),
                                           string:trim(Rule) =/= ""]),
    {list_to_atom(string:trim(Name)), fun() ->
        run({string:lexemes(Mode, " "), string:lexemes(Init, " "), Parsed, self()},
            string:lexemes(Events, " "))
    end}.

rule(Rule) ->
    [First | Others] = string:lexemes(Rule, "|"),
    [State, Kind | Words] = string:lexemes(First, " "),
    {{State, Kind}, [Words | [string:lexemes(Other, " ") || Other <- Others]]}.

%% ---------------------------------------------------------------- the machine

init({Mode, Init, Rules, Driver}) ->
    [put(Key, Value) || {Key, Value} <- [{mode, Mode}, {rules, Rules}, {driver, Driver},
                                         {kept, []}, {left, ?CALLBACKS}]],
    process_flag(trap_exit, lists:member("traps", Mode)),
    case Init of
        ["ignore"] -> ignore;
        ["stop:" ++ Reason] -> {stop, list_to_atom(Reason)};
        ["crash"] -> error(bang);
        [State | Actions] -> {ok, list_to_atom(State), data, actions(Actions, State, none)}
    end.

callback_mode() ->
    Style = case hd(get(mode)) of
        "functions" -> state_functions;
        "handle" -> handle_event_function
    end,
    case lists:member("enter", get(mode)) of
        true -> [Style, state_enter];
        false -> Style
    end.

a(Type, Content, Data) -> handle_event(Type, Content, a, Data).
b(Type, Content, Data) -> handle_event(Type, Content, b, Data).
c(Type, Content, Data) -> handle_event(Type, Content, c, Data).

handle_event(enter, Old, New, Data) ->
    State = atom_to_list(New),
    tell(atom_to_list(Old) ++ ">" ++ State),
    result(due(State, "enter", ["done"]), State, none, Data);
handle_event(Type, Content, StateAtom, Data) ->
    State = atom_to_list(StateAtom),
    {Kind, Word} = named(Type, Content),
    tell(State ++ "." ++ Word),
    Default = case Type of {call, _} -> ["keep", "reply"]; _ -> ["keep"] end,
    Words = due(State, Kind, Default),
    Kept = not (lists:member("postpone", Words) orelse lists:member("same", Words)),
    [put(kept, get(kept) ++ [From]) || {call, From} <- [Type], Kept],
    result(Words, State, {Type, Content}, Data).

terminate(Reason, State, _) ->
    tell(lists:append(["end.", reason(Reason), ".", atom_to_list(State)])),
    case maps:get({"*", "end"}, get(rules), none) of
        none -> ok;
        [["crash"]] -> error(bang);
        [["exit:" ++ Why]] -> exit(list_to_atom(Why))
    end.

code_change(_, _, Data, State) -> {ok, State, Data}.

tell(Word) -> get(driver) ! {told, Word}.

%% What is looked up in the rules, and what is told.
named(Type, Content) when Type =:= cast; Type =:= internal ->
    Word = atom_to_list(Type) ++ ":" ++ atom_to_list(Content),
    {Word, Word};
named({call, _}, Content) -> Word = "call:" ++ atom_to_list(Content), {Word, Word};
named(info, {'EXIT', _, Reason}) -> {"info:exit", "info:exit." ++ reason(Reason)};
named(info, Tuple) when element(1, Tuple) =:= timeout -> {"info:stray", "info:stray"};
named(info, Content) -> Word = "info:" ++ atom_to_list(Content), {Word, Word};
named(timeout, Content) -> {"event", "event" ++ content(Content)};
named(state_timeout, Content) -> {"state", "state" ++ content(Content)};
named({timeout, Name}, Content) ->
    Word = "timer:" ++ atom_to_list(Name),
    {Word, Word ++ content(Content)}.

%% A timeout in its short form has its time for a content.
content(Time) when is_integer(Time) -> "";
content(Content) -> ":" ++ atom_to_list(Content).

%% Which alternative of a rule it is; the last one holds for all that follow.
due(State, Kind, Default) ->
    Left = put(left, get(left) - 1),
    case first([{State, Kind}, {"*", Kind}]) of
        _ when Left =:= 1 -> ["stop:enough"];
        none -> Default;
        {Key, Words} ->
            Times = case get({times, Key}) of undefined -> 1; N -> N + 1 end,
            put({times, Key}, Times),
            lists:nth(min(Times, length(Words)), Words)
    end.

first([]) -> none;
first([Key | Keys]) ->
    case maps:find(Key, get(rules)) of
        {ok, Words} -> {Key, Words};
        error -> first(Keys)
    end.

result(["crash" | _], _, _, _) -> error(bang);
result(["exit:" ++ Reason | _], _, _, _) -> exit(list_to_atom(Reason));
result(["throw" | Words], State, Event, Data) -> throw(result(Words, State, Event, Data));
result(["stop:" ++ Reason | Words], State, Event, Data) ->
    Replies = [Reply || Reply <- actions(Words, State, Event), element(1, Reply) =:= reply],
    case Replies of
        [] -> {stop, list_to_atom(Reason)};
        _ -> {stop_and_reply, list_to_atom(Reason), Replies, Data}
    end;
result([Word | Words], State, Event, Data) ->
    case {Word, actions(Words, State, Event)} of
        {"keep", []} -> keep_state_and_data;
        {"keep", [Action]} -> {keep_state_and_data, Action};
        {"keep", Actions} -> {keep_state_and_data, Actions};
        {"keep_data", Actions} -> {keep_state, Data, Actions};
        {"done", Actions} -> {next_state, list_to_atom(State), Data, Actions};
        {"next:" ++ Next, Actions} -> {next_state, list_to_atom(Next), Data, Actions};
        {"repeat", []} -> repeat_state_and_data;
        {"repeat", Actions} -> {repeat_state_and_data, Actions};
        {"repeat_data", Actions} -> {repeat_state, Data, Actions}
    end.

actions(Words, State, Event) ->
    lists:append([action(string:lexemes(Word, ":"), State, Event) || Word <- Words]).

action(["postpone"], _, _) -> [postpone];
action(["forget"], _, _) -> [{postpone, false}];
action(["hibernate"], _, _) -> [hibernate];
action(["awake"], _, _) -> [{hibernate, false}];
action(["same"], _, {Type, Content}) -> [{next_event, Type, Content}];
action(["reply"], State, _) ->
    case get(kept) of
        [] -> [];
        [From | Kept] -> put(kept, Kept), [{reply, From, list_to_atom(State)}]
    end;
action(["insert", "event", Content], _, _) -> [{next_event, timeout, list_to_atom(Content)}];
action(["insert", "state", Content], _, _) -> [{next_event, state_timeout, list_to_atom(Content)}];
action(["insert", "timer", Name, Content], _, _) ->
    [{next_event, {timeout, list_to_atom(Name)}, list_to_atom(Content)}];
action(["insert", Type, Content], _, _) ->
    [{next_event, list_to_atom(Type), list_to_atom(Content)}];
action(["bare", Time], _, _) -> [time(Time)];
action(["event" | How], _, _) -> [timeout(timeout, How)];
action(["state" | How], _, _) -> [timeout(state_timeout, How)];
action(["timer", Name | How], _, _) -> [timeout({timeout, list_to_atom(Name)}, How)].

timeout(Kind, ["cancel"]) -> {Kind, cancel};
timeout(Kind, ["update", Content]) -> {Kind, update, list_to_atom(Content)};
timeout(Kind, ["past", Content]) -> {Kind, now_plus(-1), list_to_atom(Content), {abs, true}};
timeout(Kind, ["at" ++ Time, Content]) ->
    {Kind, now_plus(time(Time)), list_to_atom(Content), [{abs, true}]};
timeout(Kind, [Time, Content]) -> {Kind, time(Time), list_to_atom(Content)}.

now_plus(infinity) -> infinity;
now_plus(Time) -> erlang:monotonic_time(millisecond) + Time.

%% In tenths of a unit.
time("far") -> ?FAR;
time("never") -> infinity;
time(Tenths) -> list_to_integer(Tenths) * ?UNIT div 10.

reason(Reason) ->
    case golden:reason(Reason) of
        {crash, Why} -> atom_to_list(Why);
        Why -> atom_to_list(Why)
    end.

%% ---------------------------------------------------------------- the driver

run(Script, Events) ->
    process_flag(trap_exit, true),
    case gen_statem:start_link(?MODULE, Script, []) of
        {ok, Pid} -> events([none | Events], Pid, []);
        ignore -> [<<"ignored">>];
        {error, Reason} -> left(), [words(["failed", reason(Reason)])]
    end.

%% Until release 26 a start that failed leaves its exit behind.
left() -> receive {'EXIT', _, _} -> ok after 0 -> ok end.

events([], Pid, Calls) ->
    unlink(Pid),
    [words([name(Call), "waits"]) || Call <- Calls];
events([Event | Rest], Pid, Calls) ->
    {Word, More} = event(string:lexemes(atom_or_text(Event), ":"), Pid),
    case synced(Pid) of
        true ->
            {Told, Open} = told(Calls ++ More),
            [words(Word ++ Told) | events(Rest, Pid, Open)];
        false ->
            receive {'EXIT', Pid, Reason} -> ok end,
            {Told, Open} = told(Calls ++ More),
            Ends = [words([name(Call), "failed", failed(Call)]) || Call <- Open],
            [words(Word ++ Told ++ ["exit." ++ reason(Reason)]) | Ends]
    end.

atom_or_text(none) -> "none";
atom_or_text(Text) -> Text.

words([]) -> <<"-">>;
words(Words) -> list_to_binary(lists:join(" ", Words)).

name({Name, _}) -> Name.

failed({_, Id}) ->
    receive Message ->
        case gen_statem:check_response(Message, Id) of
            {error, {Reason, _}} -> reason(Reason);
            no_reply -> failed({none, Id})
        end
    end.

%% What was told, then who was answered, in the order of asking; and the calls that were not.
told(Calls) ->
    {Told, Answered} = take(Calls, [], []),
    Answers = [Name ++ "=" ++ atom_to_list(proplists:get_value(Id, Answered))
               || {Name, Id} <- Calls, lists:keymember(Id, 1, Answered)],
    {Told ++ Answers, [Call || {_, Id} = Call <- Calls, not lists:keymember(Id, 1, Answered)]}.

take(Calls, Told, Answered) ->
    receive
        {told, Word} -> take(Calls, [Word | Told], Answered);
        Message when element(1, Message) =/= 'DOWN' ->
            Replies = [{Id, Reply} || {_, Id} <- Calls,
                                      {reply, Reply} <- [gen_statem:check_response(Message, Id)]],
            [_] = Replies,
            take(Calls, Told, Replies ++ Answered)
    after 0 -> {lists:reverse(Told), Answered}
    end.

%% Whether the machine is there; it has then handled what it can.
synced(Pid) ->
    try sys:get_state(Pid, infinity) of _ -> true catch exit:_ -> false end.

event(["none"], _) -> {[], []};
event(["cast", What], Pid) -> gen_statem:cast(Pid, list_to_atom(What)), {[], []};
event(["info", What], Pid) -> Pid ! list_to_atom(What), {[], []};
event(["call", What], Pid) ->
    {[], [{What, gen_statem:send_request(Pid, list_to_atom(What))}]};
event(["rest"], _) -> timer:sleep(?UNIT * 87 div 10), {[], []};
event(["wait", Tenths], _) -> timer:sleep(time(Tenths)), {[], []};
event(["suspend"], Pid) -> sys:suspend(Pid, infinity), {[], []};
event(["resume"], Pid) -> sys:resume(Pid, infinity), {[], []};
event(["resume_and_rest"], Pid) -> event(["resume"], Pid), event(["rest"], Pid);
event(["replace", To], Pid) ->
    sys:replace_state(Pid, fun({_, Data}) -> {list_to_atom(To), Data} end, infinity),
    {[], []};
event(["state"], Pid) ->
    {State, _} = sys:get_state(Pid, infinity),
    {[atom_to_list(State)], []};
event(["change", To], Pid) ->
    ok = sys:change_code(Pid, ?MODULE, old, list_to_atom(To), infinity),
    {[], []};
event(["stop", Reason], Pid) ->
    Word = try gen_statem:stop(Pid, list_to_atom(Reason), infinity) of ok -> "ok"
           catch exit:Why -> reason(Why)
           end,
    {[Word], []};
event(["exit", Reason], Pid) -> exit(Pid, list_to_atom(Reason)), {[], []};
event(["stranger", Reason], Pid) ->
    {_, Ref} = spawn_monitor(fun() -> exit(Pid, list_to_atom(Reason)), synced(Pid) end),
    receive {'DOWN', Ref, _, _, _} -> {[], []} end.
