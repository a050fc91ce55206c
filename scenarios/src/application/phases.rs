//! A tree that crashes while its application goes through the phases of its start.

use std::sync::{Arc, Mutex};

use beamline::application::{Application, ApplicationSpec, Environment, Release, StartType, Top};
use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("application::phases", phases)
            .about("a server is killed while the phases of a start use it: all is up, or nothing")
            .expects([
                "phases.passed",
                "phases.refused",
                "phases.passed_by_the_next_server",
            ])
            .no_leaks(),
    ]
}

/// What the phases fill, and what they fill it with.
#[derive(Default)]
struct Store(Vec<&'static str>);

#[derive(Debug)]
enum Ask {
    Put(&'static str, Caller<()>),
    All(Caller<Vec<&'static str>>),
}

impl GenServer for Store {
    type Args = ();
    type Call = Ask;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Store::default().into())
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        match ask {
            Ask::Put(what, caller) => {
                self.0.push(what);
                caller.reply(());
            }
            Ask::All(caller) => caller.reply(self.0.clone()),
        }
        Ok(Next::Wait)
    }
}

fn store() -> Server<Store, Name> {
    Server::named("store")
}

/// An application with a store, whose phases put one word each into it.
struct Shop {
    /// Phases that are over, in order.
    passed: Arc<Mutex<Vec<&'static str>>>,
}

impl Application for Shop {
    type State = ();

    fn spec(&self) -> ApplicationSpec {
        let spec = ApplicationSpec::new("shop");
        spec.phase("schema").phase("goods")
    }

    async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
        let children = [Store::child(()).name("store")];
        Ok(Supervisor::start_link(children).name("shop").await?.into())
    }

    async fn start_phase(&self, phase: &Name, _: &Environment) -> Result<(), ExitReason> {
        let word = match &**phase {
            "schema" => "schema",
            _ => "goods",
        };
        store()
            .call(|caller| Ask::Put(word, caller))
            .no_timeout()
            .await?;
        if let Ok(mut passed) = self.passed.lock() {
            passed.push(word);
        }
        Ok(())
    }
}

async fn phases() -> Result<(), ExitReason> {
    let passed = Arc::new(Mutex::new(Vec::new()));
    let shop = Shop {
        passed: passed.clone(),
    };
    let applications = Release::new().with(shop).start_link().await?;
    // Kills the first store that it finds, whatever it is doing.
    let saboteur = Task::spawn(async {
        for _ in 0..8 {
            if let Some(store) = whereis("store").await {
                return exit(store, ExitReason::Kill);
            }
            yield_now().await;
        }
    });
    let started = applications.start("shop", StartType::Temporary).await;
    let passed = passed.lock().map(|passed| passed.clone());
    let passed = passed.unwrap_or_default();
    if started.is_ok() {
        always!(
            "phases.in_order",
            passed == ["schema", "goods"],
            "{passed:?}"
        );
        let kept = store().call(Ask::All).no_timeout().await;
        sometimes!(
            "phases.passed",
            kept.as_ref().is_ok_and(|kept| *kept == passed)
        );
        let of_the_next = kept.is_ok_and(|kept| kept == ["goods"]);
        sometimes!("phases.passed_by_the_next_server", of_the_next);
    } else {
        always!("phases.stopped_there", passed.len() < 2, "{passed:?}");
        let left = (whereis("shop").await, whereis("store").await);
        always!("phases.undone", left == (None, None), "{left:?}");
        let running = applications.running().await?;
        always!("phases.not_running", running.is_empty(), "{running:?}");
        sometimes!("phases.refused", true);
    }
    let _ = saboteur.join(None).await;
    Ok(applications.shutdown().await?)
}
