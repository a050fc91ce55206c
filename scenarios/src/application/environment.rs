//! Settings: defaults, a configuration over them, values put at run time, and what is required.

use beamline::application::{
    Application, ApplicationError, ApplicationSpec, Config, Environment, Key, Release,
    SettingError, StartType, Top,
};
use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("application::environment", environment)
            .about("a pool whose size comes from defaults, configuration and an operator")
            .expects(["environment.configured", "environment.changed_in_time"])
            .no_leaks(),
        Scenario::new("application::required", required)
            .about("an application that does not start before its secret is set")
            .expects(["required.missing", "required.set_in_time"])
            .no_leaks(),
    ]
}

const POOL_SIZE: Key<u32> = Key::new("pool_size");
const SECRET: Key<String> = Key::new("secret");

/// A pool of workers, as many as its settings say when it starts.
struct Pool;

impl Application for Pool {
    type State = ();

    fn spec(&self) -> ApplicationSpec {
        ApplicationSpec::new("pool").default(&POOL_SIZE, 1)
    }

    async fn start(&self, environment: &Environment) -> Result<Top, ExitReason> {
        let size = environment.fetch(&POOL_SIZE).await?;
        let worker = |number: u32| {
            ChildSpec::new(format!("worker {number}"), || async {
                Ok::<_, StartError>(spawn_link(async |mut mailbox: Mailbox| {
                    mailbox.receive_any().await;
                }))
            })
        };
        let pool = Supervisor::start_link((0..size).map(worker));
        Ok(pool.name("pool").await?.into())
    }
}

async fn environment() -> Result<(), ExitReason> {
    // As if from an environment variable.
    let text = [None, Some("2")][random_range(0..2) as usize];
    let config = Config::new().parse("pool", &POOL_SIZE, text)?;
    let release = Release::new().with(Pool).config(config);
    let applications = release.start_link().await?;
    let settings = applications.environment("pool");
    let begun = settings.get_or(&POOL_SIZE, 0).await;
    always!(
        "environment.layers",
        begun == if text.is_some() { 2 } else { 1 },
        "{begun}"
    );
    let operator = settings.clone();
    let (_, done) = spawn_monitor(async move |_: Mailbox| operator.put(&POOL_SIZE, 3).await);
    applications.start_all().await?;
    let running = Supervisor::at("pool").count_children().await?.active;
    always!(
        "environment.size",
        running == begun as usize || running == 3,
        "{running}"
    );
    sometimes!("environment.configured", running == 2);
    sometimes!("environment.changed_in_time", running == 3);
    mailbox()
        .receive_where(|down: &Down| down.reference == done)
        .await;
    let last = settings.fetch(&POOL_SIZE).await?;
    always!("environment.last_write", last == 3, "{last}");
    Ok(applications.shutdown().await?)
}

/// Needs a secret that nobody has written down.
struct Vault;

impl Application for Vault {
    type State = ();

    fn spec(&self) -> ApplicationSpec {
        ApplicationSpec::new("vault").required(&SECRET)
    }

    async fn start(&self, environment: &Environment) -> Result<Top, ExitReason> {
        let secret = environment.fetch(&SECRET).await;
        always!("required.set_at_start", secret.is_ok(), "{secret:?}");
        Ok(Supervisor::start_link([]).await?.into())
    }
}

async fn required() -> Result<(), ExitReason> {
    let applications = Release::new().with(Vault).start_link().await?;
    let settings = applications.environment("vault");
    let (_, done) =
        spawn_monitor(async move |_: Mailbox| settings.put(&SECRET, "swordfish".to_string()).await);
    let early = applications.start("vault", StartType::Permanent).await;
    let missing = |error: &ApplicationError| {
        matches!(
            error,
            ApplicationError::Setting(SettingError::NotSet { key: "secret", .. })
        )
    };
    always!(
        "required.clear",
        early.as_ref().err().is_none_or(missing),
        "{early:?}"
    );
    sometimes!("required.missing", early.is_err());
    sometimes!("required.set_in_time", early.is_ok());
    mailbox()
        .receive_where(|down: &Down| down.reference == done)
        .await;
    let late = applications
        .ensure_started("vault", StartType::Permanent)
        .await;
    always!("required.enough", late.is_ok(), "{late:?}");
    Ok(applications.shutdown().await?)
}
