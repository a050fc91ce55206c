# Elixir's library: GenServer, Task, Task.Supervisor, Agent, Registry and PartitionSupervisor.
defmodule Golden.Library do
  defmodule Counter do
    use GenServer

    def init(value), do: {:ok, value}
    def handle_call(:get, _, value), do: {:reply, value, value}
  end

  def cases do
    [
      server_without_handle_info: &server_without_handle_info/0,
      server_without_handle_call: &server_without_handle_call/0,
      server_child_restarted: &server_child_restarted/0,
      task_await: fn -> Task.await(async(:done)) end,
      task_messages: &task_messages/0,
      task_crash_untrapped: fn -> fate(fn -> Task.await(Task.async(fn -> raise "boom" end)) end) end,
      task_exit_untrapped: fn -> fate(fn -> Task.await(Task.async(fn -> exit(:boom) end)) end) end,
      task_exit_trapping: &task_exit_trapping/0,
      task_normal_exit: fn -> failing(fn -> Task.await(Task.async(fn -> exit(:normal) end)) end) end,
      task_timeout: fn -> failing(fn -> Task.await(Task.async(&wait/0), 1) end) end,
      task_owner_ends: &task_owner_ends/0,
      task_start_link_crash: &task_start_link_crash/0,
      task_start_crash: &task_start_crash/0,
      task_await_many: fn -> Task.await_many([async(:one), async(:two)]) end,
      task_await_many_exit: &task_await_many_exit/0,
      task_yield: fn -> Task.yield(async(:done), :infinity) end,
      task_yield_twice: &task_yield_twice/0,
      task_yield_against_end: &task_yield_against_end/0,
      task_shutdown: fn -> Task.shutdown(Task.async(&wait/0)) == nil end,
      task_shutdown_against_end: &task_shutdown_against_end/0,
      task_shutdown_brutally: &task_shutdown_brutally/0,
      task_ignore: &task_ignore/0,
      task_completed: fn -> Task.await(Task.completed(:done)) end,
      stream_of_one: fn -> stream([:one], &Function.identity/1) end,
      stream_exit_trapping: &stream_exit_trapping/0,
      stream_exit_untrapped: &stream_exit_untrapped/0,
      stream_killing_late_ones: &stream_killing_late_ones/0,
      supervised_task: fn -> Task.await(Task.Supervisor.async(tasks(), fn -> :done end)) end,
      supervised_nolink_exit: &supervised_nolink_exit/0,
      supervised_nolink_yield: &supervised_nolink_yield/0,
      supervised_shutdown_exited: &supervised_shutdown_exited/0,
      supervised_child: &supervised_child/0,
      supervised_terminate: &supervised_terminate/0,
      supervised_limit: &supervised_limit/0,
      supervisor_stops: &supervisor_stops/0,
      supervised_stream_exit: &supervised_stream_exit/0,
      agent_get: fn -> Agent.get(agent(), & &1) end,
      agent_update: &agent_update/0,
      agent_get_and_update: &agent_get_and_update/0,
      agent_cast: &agent_cast/0,
      agent_stop: &agent_stop/0,
      agent_exit: fn -> failing(fn -> Agent.get(agent(), fn _ -> exit(:boom) end) end) end,
      agent_crash: fn -> failing(fn -> Agent.get(agent(), fn _ -> raise "boom" end) end) end,
      agent_start_exit: fn -> Agent.start(fn -> exit(:boom) end) end,
      agent_dead: fn -> failing(fn -> Agent.get(:golden.dead(), & &1) end) end,
      agent_missing_name: fn -> failing(fn -> Agent.get(:server, & &1) end) end,
      agent_named: &agent_named/0,
      agent_two_updates: &agent_two_updates/0,
      registry_lookup: &registry_lookup/0,
      registry_taken: &registry_taken/0,
      registry_owner_ends: &registry_owner_ends/0,
      registry_against_another: &registry_against_another/0,
      registry_unregister: &registry_unregister/0,
      registry_duplicate: &registry_duplicate/0,
      registry_dispatch: &registry_dispatch/0,
      registry_via: &registry_via/0,
      registry_via_taken: &registry_via_taken/0,
      registry_via_missing: &registry_via_missing/0,
      registry_update: &registry_update/0,
      registry_keys: &registry_keys/0,
      partition_route: &partition_route/0,
      partition_count: &partition_count/0,
      partition_restart: &partition_restart/0
    ]
  end

  # ---------------------------------------------------------------- steps

  defp async(result), do: Task.async(fn -> result end)

  defp wait do
    receive do
      :never -> :ok
    end
  end

  defp fate(body), do: reason(:golden.fate(body))

  defp reason({:crash, %RuntimeError{message: text}}), do: {:crash, text}
  defp reason({%RuntimeError{message: text}, [_ | _]}), do: {:crash, text}
  defp reason({reason, {module, _, args}}) when is_atom(module) and is_list(args), do: reason(reason)
  defp reason(reason), do: :golden.reason(reason)

  defp failing(fun) do
    fun.()
  catch
    :exit, reason -> {:failed, reason(reason)}
  end

  defp next do
    receive do
      {:EXIT, _, reason} -> {:exit, :somebody, reason(reason)}
      {:DOWN, _, _, _, reason} -> {:down, :somebody, reason(reason)}
      {ref, result} when is_reference(ref) -> {:reply, result}
      message -> message
    end
  end

  defp drain, do: :golden.drain()

  # ---------------------------------------------------------------- GenServer

  defp server_without_handle_info do
    {:ok, pid} = GenServer.start(Counter, 7)
    send(pid, :hello)
    GenServer.call(pid, :get)
  end

  defp server_without_handle_call do
    {:ok, pid} = GenServer.start(Counter, 7)
    ref = Process.monitor(pid)
    GenServer.cast(pid, :hello)
    {kind, _} = :golden.down(ref)
    kind
  end

  # An agent as a child, which says when it is up.
  defp rising do
    self = self()

    {Agent,
     fn ->
       send(self, {:up, self()})
       0
     end}
  end

  defp up do
    receive do
      {:up, pid} -> pid
    end
  end

  # Kills a child and waits for the next one.
  defp restarted(first) do
    Agent.update(first, &(&1 + 1))
    ref = Process.monitor(first)
    Process.exit(first, :kill)
    killed = :golden.down(ref)
    [killed, Agent.get(up(), & &1)]
  end

  defp server_child_restarted do
    {:ok, _} = Supervisor.start_link([rising()], strategy: :one_for_one)
    restarted(up())
  end

  # ---------------------------------------------------------------- Task

  defp task_messages do
    async(:done)
    [next(), next()]
  end

  defp task_exit_trapping do
    Process.flag(:trap_exit, true)
    [failing(fn -> Task.await(Task.async(fn -> exit(:boom) end)) end), next()]
  end

  defp task_owner_ends do
    self = self()

    spawn(fn ->
      task = Task.async(&wait/0)
      send(self, task.pid)
      wait_for(:go)
      exit(:boom)
    end)

    receive do
      pid ->
        {:links, [owner]} = Process.info(pid, :links)
        ref = Process.monitor(pid)
        send(owner, :go)
        :golden.down(ref)
    end
  end

  defp wait_for(message) do
    receive do
      ^message -> :ok
    end
  end

  defp task_start_link_crash do
    Process.flag(:trap_exit, true)
    Task.start_link(fn -> raise "boom" end)
    next()
  end

  defp task_start_crash do
    {:ok, pid} = Task.start(fn -> wait_for(:go) && exit(:boom) end)
    ref = Process.monitor(pid)
    send(pid, :go)
    [:golden.down(ref) | drain()]
  end

  defp task_await_many_exit do
    Process.flag(:trap_exit, true)
    failing(fn -> Task.await_many([Task.async(&wait/0), Task.async(fn -> exit(:boom) end)]) end)
  end

  defp task_yield_twice do
    task = Task.async(fn -> wait_for(:go) && :done end)
    first = Task.yield(task, 0)
    send(task.pid, :go)
    [first, Task.yield(task, :infinity)]
  end

  defp task_yield_against_end do
    task = Task.async(fn -> :golden.pause() && :done end)
    :golden.pause()
    Task.yield(task, 0)
  end

  defp task_shutdown_against_end do
    task = Task.async(fn -> :golden.pause() && :done end)
    :golden.pause()
    Task.shutdown(task)
  end

  defp task_shutdown_brutally do
    Process.flag(:trap_exit, true)

    task =
      Task.async(fn ->
        Process.flag(:trap_exit, true)
        wait()
      end)

    [Task.shutdown(task, :brutal_kill) | drain()]
  end

  defp task_ignore do
    task = Task.async(fn -> wait_for(:go) && :done end)
    ref = Process.monitor(task.pid)
    ignored = Task.ignore(task)
    send(task.pid, :go)
    [ignored, :golden.down(ref) | drain()]
  end

  # ---------------------------------------------------------------- Task.async_stream

  defp stream(items, fun, options \\ []) do
    options = Keyword.merge([timeout: :infinity], options)
    Enum.to_list(Task.async_stream(items, fun, options))
  end

  defp stream_exit_trapping do
    Process.flag(:trap_exit, true)
    stream([:one], fn _ -> exit(:boom) end)
  end

  defp stream_exit_untrapped do
    fate(fn -> stream([:one], fn _ -> exit(:boom) end) end)
  end

  defp stream_killing_late_ones do
    stream([:one], fn _ -> wait() end, timeout: 1, on_timeout: :kill_task)
  end

  # ---------------------------------------------------------------- Task.Supervisor

  defp tasks(options \\ []) do
    {:ok, tasks} = Task.Supervisor.start_link(options)
    tasks
  end

  defp supervised_nolink_exit do
    failing(fn -> Task.await(Task.Supervisor.async_nolink(tasks(), fn -> exit(:boom) end)) end)
  end

  defp supervised_nolink_yield do
    Task.yield(Task.Supervisor.async_nolink(tasks(), fn -> exit(:boom) end), :infinity)
  end

  defp supervised_shutdown_exited do
    task = Task.Supervisor.async_nolink(tasks(), fn -> exit(:boom) end)
    ref = Process.monitor(task.pid)
    # The down of the task is there before that of a later monitor.
    :golden.down(ref)
    Task.shutdown(task)
  end

  defp supervised_child do
    tasks = tasks()
    self = self()
    {:ok, pid} = Task.Supervisor.start_child(tasks, fn -> send(self, :runs) && wait() end)
    :ok = wait_for(:runs)
    Task.Supervisor.children(tasks) == [pid]
  end

  defp supervised_terminate do
    tasks = tasks()
    {:ok, pid} = Task.Supervisor.start_child(tasks, &wait/0)
    ref = Process.monitor(pid)
    first = Task.Supervisor.terminate_child(tasks, pid)
    {:error, second} = Task.Supervisor.terminate_child(tasks, pid)
    [first, second, :golden.down(ref)]
  end

  defp supervised_limit do
    tasks = tasks(max_children: 1)
    {:ok, _} = Task.Supervisor.start_child(tasks, &wait/0)
    {:error, why} = Task.Supervisor.start_child(tasks, &wait/0)
    why
  end

  defp supervisor_stops do
    tasks = tasks()
    {:ok, pid} = Task.Supervisor.start_child(tasks, &wait/0)
    ref = Process.monitor(pid)
    Supervisor.stop(tasks)
    :golden.down(ref)
  end

  defp supervised_stream_exit do
    fun = fn _ -> exit(:boom) end
    Enum.to_list(Task.Supervisor.async_stream_nolink(tasks(), [:one], fun, timeout: :infinity))
  end

  # ---------------------------------------------------------------- Agent

  defp agent do
    {:ok, agent} = Agent.start(fn -> 0 end)
    agent
  end

  defp agent_update do
    agent = agent()
    updated = Agent.update(agent, &(&1 + 1))
    [updated, Agent.get(agent, & &1)]
  end

  defp agent_get_and_update do
    agent = agent()
    got = Agent.get_and_update(agent, &{&1, &1 + 1})
    [got, Agent.get(agent, & &1)]
  end

  defp agent_cast do
    agent = agent()
    cast = Agent.cast(agent, &(&1 + 1))
    Agent.cast(agent, &(&1 * 10))
    [cast, Agent.get(agent, & &1)]
  end

  defp agent_stop do
    agent = agent()
    ref = Process.monitor(agent)
    [Agent.stop(agent, :boom), :golden.down(ref)]
  end

  defp agent_named do
    {:ok, _} = Agent.start(fn -> 0 end, name: :server)
    {:error, {why, _}} = Agent.start(fn -> 0 end, name: :server)
    [why, Agent.get(:server, & &1)]
  end

  defp agent_two_updates do
    agent = agent()
    spawn(fn -> :golden.pause() && Agent.update(agent, &(&1 + 1), :infinity) end)
    :golden.pause()
    Agent.update(agent, &(&1 * 10 + 2), :infinity)
    Agent.get(agent, & &1, :infinity)
  end

  # ---------------------------------------------------------------- Registry

  defp unique do
    {:ok, _} = Registry.start_link(keys: :unique, name: :registry)
    :registry
  end

  # A process that has a key until it is told to stop.
  defp holder(registry, key, value) do
    self = self()

    pid =
      spawn(fn ->
        {:ok, _} = Registry.register(registry, key, value)
        send(self, :registered)
        wait_for(:stop)
      end)

    wait_for(:registered)
    pid
  end

  defp values(entries), do: Enum.map(entries, fn {_, value} -> value end)

  defp registry_lookup do
    registry = unique()
    holder(registry, :key, :value)
    values(Registry.lookup(registry, :key)) ++ values(Registry.lookup(registry, :other))
  end

  defp registry_taken do
    registry = unique()
    pid = holder(registry, :key, :value)
    {:error, {why, by}} = Registry.register(registry, :key, :own)
    [why, by == pid]
  end

  defp registry_owner_ends do
    registry = unique()
    pid = holder(registry, :key, :value)
    ref = Process.monitor(pid)
    send(pid, :stop)
    :golden.down(ref)
    values(Registry.lookup(registry, :key))
  end

  defp registry_against_another do
    registry = unique()
    self = self()

    spawn(fn ->
      :golden.pause()
      {won, _} = Registry.register(registry, :key, :theirs)
      send(self, {:theirs, won})
      wait()
    end)

    :golden.pause()
    {won, _} = Registry.register(registry, :key, :ours)
    [won, next()]
  end

  defp registry_unregister do
    registry = unique()
    {:ok, _} = Registry.register(registry, :key, :value)
    gone = Registry.unregister(registry, :key)
    again = Registry.unregister(registry, :key)
    [gone, again | values(Registry.lookup(registry, :key))]
  end

  defp duplicate do
    {:ok, _} = Registry.start_link(keys: :duplicate, name: :registry)
    :registry
  end

  defp registry_duplicate do
    registry = duplicate()
    Registry.register(registry, :key, :one)
    Registry.register(registry, :key, :two)
    holder(registry, :key, :three)
    Enum.sort(values(Registry.lookup(registry, :key)))
  end

  defp registry_dispatch do
    registry = duplicate()
    Registry.register(registry, :key, :one)
    holder(registry, :key, :two)

    Registry.dispatch(registry, :key, fn entries ->
      for {_, value} <- entries, do: send(self(), value)
    end)

    Enum.sort(drain())
  end

  defp registry_via do
    name = {:via, Registry, {unique(), :key}}
    {:ok, _} = GenServer.start(Counter, 7, name: name)
    GenServer.call(name, :get)
  end

  defp registry_via_taken do
    name = {:via, Registry, {unique(), :key}}
    {:ok, _} = GenServer.start(Counter, 7, name: name)
    {:error, {why, _}} = GenServer.start(Counter, 8, name: name)
    why
  end

  defp registry_via_missing do
    failing(fn -> GenServer.call({:via, Registry, {unique(), :key}}, :get) end)
  end

  defp registry_update do
    registry = unique()
    {:ok, _} = Registry.register(registry, :key, 1)
    {new, old} = Registry.update_value(registry, :key, &(&1 + 1))
    [old, new, Registry.update_value(registry, :other, &(&1 + 1))]
  end

  defp registry_keys do
    registry = unique()
    {:ok, _} = Registry.register(registry, :one, 1)
    {:ok, _} = Registry.register(registry, :two, 2)
    Enum.sort(Registry.keys(registry, self()))
  end

  # ---------------------------------------------------------------- PartitionSupervisor

  defp partitions do
    agent = {Agent, fn -> 0 end}
    {:ok, _} = PartitionSupervisor.start_link(child_spec: agent, name: :partitions, partitions: 2)
    :partitions
  end

  defp at(name, key), do: GenServer.whereis({:via, PartitionSupervisor, {name, key}})

  defp partition_route do
    name = partitions()
    Agent.update({:via, PartitionSupervisor, {name, 0}}, &(&1 + 1))

    [
      at(name, 0) == at(name, 2),
      at(name, 0) == at(name, 1),
      Agent.get(at(name, 0), & &1),
      Agent.get(at(name, 1), & &1)
    ]
  end

  defp partition_count do
    name = partitions()
    counted = PartitionSupervisor.count_children(name)
    [PartitionSupervisor.partitions(name), counted.active]
  end

  defp partition_restart do
    options = [child_spec: rising(), name: :partitions, partitions: 1]
    {:ok, _} = PartitionSupervisor.start_link(options)
    restarted(up())
  end
end
