//! The tree with which applications are taught: repository, cache, tasks and endpoint under one
//! supervisor, each of which needs those before it.

use beamline::application::{Application, ApplicationSpec, Environment, Release, Top};
use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("application::my_app", my_app)
            .about("a tree of four children whose cache crashes while requests come in")
            .expects(["my_app.cache_was_warm", "my_app.cache_was_restarted"])
            .no_leaks(),
    ]
}

/// Where the prices are kept.
struct Repo;

#[derive(Debug)]
struct Price(&'static str, Caller<u32>);

impl GenServer for Repo {
    type Args = ();
    type Call = Price;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Repo.into())
    }

    async fn handle_call(&mut self, Price(item, caller): Price) -> Flow<Self> {
        caller.reply(u32::try_from(item.len()).unwrap_or(u32::MAX));
        Ok(Next::Wait)
    }
}

/// Prices that were asked for before. Asks the repository, which therefore has to be there.
#[derive(Default)]
struct Cache(Vec<(&'static str, u32)>);

#[derive(Debug)]
enum Cached {
    Price(&'static str, Caller<u32>),
    Len(Caller<usize>),
}

impl GenServer for Cache {
    type Args = ();
    type Call = Cached;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Cache::default().into())
    }

    async fn handle_call(&mut self, asked: Cached) -> Flow<Self> {
        match asked {
            Cached::Price(item, caller) => {
                let known = self.0.iter().find(|(name, _)| *name == item);
                let price = match known {
                    Some((_, price)) => *price,
                    None => {
                        let repo = Server::<Repo, Name>::named("repo");
                        let price = repo.call(|caller| Price(item, caller)).no_timeout().await?;
                        self.0.push((item, price));
                        price
                    }
                };
                caller.reply(price);
            }
            Cached::Len(caller) => caller.reply(self.0.len()),
        }
        Ok(Next::Wait)
    }
}

/// Answers requests, each in a task of its own.
struct Endpoint;

#[derive(Debug)]
struct Get(&'static str, Caller<Option<u32>>);

impl GenServer for Endpoint {
    type Args = ();
    type Call = Get;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Endpoint.into())
    }

    async fn handle_call(&mut self, Get(item, caller): Get) -> Flow<Self> {
        let Some(tasks) = TaskSupervisor::whereis("tasks").await else {
            caller.reply(None);
            return Ok(Next::Wait);
        };
        let answer = async move {
            let cache = Server::<Cache, Name>::named("cache");
            let price = cache.call(|caller| Cached::Price(item, caller));
            caller.reply(price.no_timeout().await.ok());
        };
        // If it cannot be started, the caller learns that nobody answers.
        let _ = tasks.start_child(answer).await;
        Ok(Next::Wait)
    }
}

struct MyApp;

impl Application for MyApp {
    type State = ();

    fn spec(&self) -> ApplicationSpec {
        ApplicationSpec::new("my_app")
    }

    async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
        let children = [
            Repo::child(()).name("repo"),
            Cache::child(()).name("cache").shutdown(Shutdown::Infinity),
            TaskSupervisor::child().name("tasks"),
            Endpoint::child(()).name("endpoint"),
        ];
        Ok(Supervisor::start_link(children)
            .name("my_app")
            .await?
            .into())
    }
}

async fn my_app() -> Result<(), ExitReason> {
    let applications = Release::new().with(MyApp).start_link().await?;
    applications.start_all().await?;
    let endpoint = Server::<Endpoint, Name>::named("endpoint");
    let get = || endpoint.call(|caller| Get("ounce", caller)).no_timeout();
    let first = get().await;
    always!("my_app.price", first == Ok(Some(5)), "{first:?}");
    let cache = whereis("cache").await;
    if let Some(cache) = cache {
        exit(cache, ExitReason::Kill);
    }
    // The cache may be gone when the request comes to it, but never the endpoint.
    let second = get().await;
    always!(
        "my_app.answered",
        matches!(second, Ok(Some(5) | None)),
        "{second:?}"
    );
    let restarted = loop {
        match whereis("cache").await {
            Some(pid) if Some(pid) != cache => break pid,
            _ => yield_now().await,
        }
    };
    let warm = Server::<Cache>::of(restarted)
        .call(Cached::Len)
        .no_timeout()
        .await?;
    sometimes!("my_app.cache_was_warm", warm == 1);
    sometimes!("my_app.cache_was_restarted", warm == 0);
    applications.shutdown().await?;
    for name in ["repo", "cache", "tasks", "endpoint", "my_app"] {
        always!("my_app.stopped", whereis(name).await.is_none(), "{name}");
    }
    Ok(())
}
