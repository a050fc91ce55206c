//! Child specifications of agents, tasks and their supervisors.

use super::*;

#[test]
fn agt_014_an_agent_is_a_permanent_worker() {
    both("AGT-14", async || {
        let spec = Agent::child(|| 7_u32);
        assert_eq!(spec.get_id(), &Name::from("Agent"));
        assert_eq!(spec.get_restart(), Restart::Permanent);
        let supervisor = patient([spec.name("seven")]).await.expect("it starts");
        let agent = Agent::<u32, Name>::named("seven");
        assert_eq!(agent.get(|value| *value).no_timeout().await, Ok(7));
        supervisor.stop().await.expect("it runs");
    });
}

#[test]
fn task_010_a_task_is_a_temporary_worker() {
    both("TASK-10", async || {
        let log = log();
        let spec = Task::child(move || {
            let log = log.clone();
            async move { log.tell(Told::Up("task", me())) }
        });
        assert_eq!(spec.get_id(), &Name::from("Task"));
        assert_eq!(spec.get_restart(), Restart::Temporary);
        let supervisor = patient([spec]).await.expect("it starts");
        ups(["task"]).await;
        forgets(&supervisor, "Task").await;
    });
}

#[test]
fn tsup_003_a_task_supervisor_is_a_supervisor() {
    both("TSUP-3", async || {
        let spec = TaskSupervisor::child();
        assert_eq!(spec.get_id(), &Name::from("TaskSupervisor"));
        assert_eq!(spec.get_kind(), beamline::ChildType::Supervisor);
        let supervisor = patient([spec.name("tasks")]).await.expect("it starts");
        let tasks = TaskSupervisor::whereis("tasks").await.expect("it runs");
        let task = tasks.spawn(async { 6 * 7 }).await.expect("it starts");
        assert_eq!(task.join(None).await, Ok(42));
        supervisor.stop().await.expect("it runs");
    });
}
