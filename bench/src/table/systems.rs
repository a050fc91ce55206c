//! The systems: how each is built and run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The name of our own system.
pub(crate) const OURS: &str = "beamline";
/// The Rust systems beside it, each a package in `peers/`.
const PEERS: [&str; 5] = ["tokio", "ractor", "kameo", "actix", "shuttle"];
/// A measurement that takes longer than this has hung.
const PATIENCE: Duration = Duration::from_secs(300);

/// A system that is ready to be measured.
#[derive(Debug)]
pub(crate) struct System {
    /// Its name in the table and in the lines it prints.
    pub(crate) name: &'static str,
    program: PathBuf,
    /// Whether it is the BEAM, whose flags say how many schedulers it has.
    beam: bool,
}

/// Builds what can be built here, and says on the standard error what cannot.
pub(crate) fn installed(wanted: &[String]) -> Vec<System> {
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let ours = std::env::current_exe().expect("this program has a path");
    let mut systems = vec![System {
        name: OURS,
        program: ours,
        beam: false,
    }];
    if wants("beam") {
        systems.extend(note("beam", beam()));
    }
    for name in PEERS.into_iter().filter(|name| wants(name)) {
        systems.extend(note(name, peer(name)));
    }
    systems
}

fn note(name: &'static str, built: Result<PathBuf, String>) -> Option<System> {
    match built {
        Ok(program) => Some(System {
            name,
            program,
            beam: name == "beam",
        }),
        Err(why) => {
            eprintln!("{name} is left out: {why}");
            None
        }
    }
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn target_of(package: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| package.join("target"), PathBuf::from)
}

/// Compiles the Erlang script; its folder stands for the program.
fn beam() -> Result<PathBuf, String> {
    let folder = target_of(&here().join("..")).join("beam");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let script = here().join("beam/bench.erl");
    succeed(Command::new("erlc").arg("-o").arg(&folder).arg(script))?;
    Ok(folder)
}

/// Builds one peer, alone: see the head of its manifest.
fn peer(name: &str) -> Result<PathBuf, String> {
    let package = here().join("peers").join(name);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--release", "--locked", "--quiet"])
        .current_dir(&package);
    succeed(&mut command)?;
    Ok(target_of(&package)
        .join("release")
        .join(format!("peer-{name}")))
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} ended with {status}")),
        Err(error) => Err(format!("{program}: {error}")),
    }
}

impl System {
    /// Runs one workload in a fresh OS process and reads the line that it prints.
    pub(crate) fn run(
        &self,
        workload: &str,
        n: u64,
        threads: usize,
    ) -> Result<BTreeMap<String, f64>, String> {
        let mut command = if self.beam {
            self.erl(workload, threads)
        } else {
            self.program()
        };
        command.args([workload, &n.to_string(), &threads.to_string()]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| error.to_string())?;
        // A line fits into a pipe, so the program can end before it is read.
        await_end(&mut child)?;
        let output = child
            .wait_with_output()
            .map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("ended with {}", output.status));
        }
        let line = String::from_utf8_lossy(&output.stdout);
        let words = line
            .split_whitespace()
            .filter_map(|word| word.split_once('='));
        let figures: BTreeMap<String, f64> = words
            .filter_map(|(key, value)| Some((key.to_string(), value.parse().ok()?)))
            .collect();
        if figures.contains_key("ns") {
            Ok(figures)
        } else {
            Err(format!("printed {line:?}"))
        }
    }

    fn program(&self) -> Command {
        Command::new(&self.program)
    }

    fn erl(&self, workload: &str, threads: usize) -> Command {
        let mut command = Command::new("erl");
        command
            .arg("+S")
            .arg(format!("{threads}:{threads}"))
            .args(["+P", "4000000"]);
        if workload == "W9A" {
            // That row compares processor time, which idle schedulers would spend on waiting.
            command.args(["+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"]);
        }
        command
            .arg("-noshell")
            .arg("-pa")
            .arg(&self.program)
            .args(["-run", "bench", "main"]);
        command
    }
}

fn await_end(child: &mut Child) -> Result<(), String> {
    let begun = Instant::now();
    while child
        .try_wait()
        .map_err(|error| error.to_string())?
        .is_none()
    {
        if begun.elapsed() > PATIENCE {
            child.kill().map_err(|error| error.to_string())?;
            return Err(format!("was stopped after {} s", PATIENCE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}
