# Processes by the functions of Elixir.
defmodule Golden.Processes do
  def cases do
    [
      sleep_takes_nothing: fn ->
        send(self(), :one)
        Process.sleep(1)
        :golden.drain()
      end,
      info_of_the_dead: fn -> Process.info(:golden.dead()) == nil end,
      info_name: fn -> Process.info(self(), :registered_name) == {:registered_name, []} end,
      register_a_taken_name: fn ->
        Process.register(self(), :server)
        :golden.attempt(fn -> Process.register(:golden.idle(), :server) end)
      end,
      whereis: fn -> Process.whereis(:server) == nil end,
      send_to_a_missing_name: fn -> :golden.attempt(fn -> send(:server, :hello) end) end,
      exit_of_another: fn ->
        pid = :golden.idle()
        ref = Process.monitor(pid)
        Process.exit(pid, :normal)
        Process.exit(pid, :boom)
        :golden.down(ref)
      end,
      cancel_and_read: fn ->
        timer = Process.send_after(self(), :tick, 100_000)
        read = is_integer(Process.read_timer(timer))
        [read, is_integer(Process.cancel_timer(timer)), Process.cancel_timer(timer)]
      end,
      demonitor_flush: fn ->
        {_, ref} = spawn_monitor(fn -> exit(:boom) end)
        :golden.mail(1)
        [Process.demonitor(ref, [:flush]) | :golden.drain()]
      end,
      raise_uncaught: fn ->
        {%RuntimeError{message: text}, _} = reason(fn -> raise "boom" end)
        {:crash, text}
      end
    ]
  end

  defp reason(body) do
    {pid, ref} = spawn_monitor(body)

    receive do
      {:DOWN, ^ref, :process, ^pid, reason} -> reason
    end
  end
end
