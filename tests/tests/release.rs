//! `Release::run` as the `main` of a program: signals, deadlines and exit codes.
//!
//! This is such a program itself: with an argument it is the release that the tests look at.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use beamline::application::{Application, ApplicationSpec, Environment, Release, StartType, Top};
use beamline::prelude::*;

/// How long its applications may take to stop.
const DEADLINE: Duration = Duration::from_millis(400);

struct App {
    name: &'static str,
    needs: Option<&'static str>,
    manner: &'static str,
}

impl Application for App {
    type State = ();

    fn spec(&self) -> ApplicationSpec {
        let spec = ApplicationSpec::new(self.name);
        self.needs
            .into_iter()
            .fold(spec, ApplicationSpec::depends_on)
    }

    async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
        println!("start {}", self.name);
        let manner = self.manner;
        match manner {
            "refuses" => return Err(std::io::Error::other("no database").into()),
            "hangs" => std::future::pending().await,
            "kills" => {
                // The process that all others come from.
                let above = beamline::ancestors().last().map(|top| top.pid);
                exit(above.expect("somebody started it"), ExitReason::Kill);
                std::future::pending().await
            }
            _ => {}
        }
        let top = spawn_link(async move |mut mailbox: Mailbox| {
            trap_exit(true);
            if manner == "crashes" {
                panic!("out of cheese");
            }
            if manner == "ends" || manner == "is done" {
                return;
            }
            mailbox.receive::<Exit>().await;
            if manner == "busy" {
                loop {
                    std::hint::spin_loop();
                }
            }
        });
        println!("up {}", self.name);
        Ok(top.into())
    }

    async fn stop(&self, (): ()) {
        println!("stop {}", self.name);
        if self.manner == "is stuck" {
            std::future::pending().await
        }
    }
}

fn release(manner: &'static str) -> ExitCode {
    let app = |name, needs, manner| App {
        name,
        needs,
        manner,
    };
    let release = match manner {
        "is done" => Release::new().with_type(app("web", None, manner), StartType::Transient),
        "is stuck" => Release::new()
            .with(app("web", Some("store"), "crashes"))
            .with(app("store", None, manner)),
        _ => Release::new()
            .with(app("web", Some("store"), manner))
            .with(app("store", None, "polite")),
    };
    let runtime = Runtime::new().workers(2).on_panic(PanicPolicy::Silent);
    release.run(runtime, DEADLINE)
}

const MANNERS: [&str; 9] = [
    "polite", "refuses", "hangs", "crashes", "ends", "busy", "is done", "is stuck", "kills",
];

/// The release as a program of its own, killed when this is dropped.
struct Program(Child, BufReader<std::process::ChildStdout>);

impl Drop for Program {
    fn drop(&mut self) {
        // It has mostly ended.
        let _ = self.0.kill();
    }
}

impl Program {
    fn start(manner: &str) -> Self {
        let this = std::env::current_exe().expect("a program knows where it is");
        let mut command = Command::new(this);
        command
            .arg(manner)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("it can be started again");
        let lines = BufReader::new(child.stdout.take().expect("it is piped"));
        Program(child, lines)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.1.read_line(&mut line).expect("it writes text");
        line.trim_end().to_string()
    }

    fn signal(&self, signal: &str) {
        let pid = self.0.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "kill {signal} {pid}"
        );
    }

    /// Its exit code, what else it has printed, and its last line of errors.
    fn end(mut self) -> (Option<i32>, Vec<String>, String) {
        let lines = self.1.by_ref().lines().map_while(Result::ok).collect();
        let mut errors = String::new();
        let stderr = self.0.stderr.as_mut().expect("it is piped");
        stderr.read_to_string(&mut errors).expect("it writes text");
        let status = self.0.wait().expect("it ends");
        let last = errors.lines().last().unwrap_or_default().to_string();
        (status.code(), lines, last)
    }
}

/// Starts a release of this manner, and waits until these lines have come.
fn started(manner: &str, lines: &[&str]) -> Program {
    let mut program = Program::start(manner);
    for line in lines {
        assert_eq!(program.line(), *line);
    }
    program
}

const UP: [&str; 4] = ["start store", "up store", "start web", "up web"];

fn a_signal_stops_everything_in_order() {
    for signal in ["-TERM", "-INT"] {
        let program = started("polite", &UP);
        program.signal(signal);
        let (code, lines, errors) = program.end();
        assert_eq!((code, &*errors), (Some(0), ""));
        assert_eq!(lines, ["stop web", "stop store"]);
    }
}

fn a_failed_start_is_told_and_undone() {
    let (code, lines, errors) = started("refuses", &UP[..3]).end();
    assert_eq!(code, Some(1));
    assert!(
        errors.contains("web could not be started: error: no database"),
        "{errors}"
    );
    assert_eq!(lines, ["stop store"]);
}

fn a_signal_during_the_start_is_heard() {
    let program = started("hangs", &UP[..3]);
    program.signal("-TERM");
    let (code, lines, errors) = program.end();
    assert_eq!((code, &*errors), (Some(0), ""));
    assert_eq!(lines, ["stop store"]);
}

fn a_crash_of_a_permanent_application_is_a_failure() {
    let (code, lines, errors) = started("crashes", &UP).end();
    assert_eq!(code, Some(1));
    assert!(
        errors.contains("permanent application web ended"),
        "{errors}"
    );
    assert!(errors.contains("out of cheese"), "{errors}");
    assert_eq!(lines, ["stop web", "stop store"]);
    let (code, lines, _) = started("ends", &UP).end();
    assert_eq!(code, Some(1));
    assert_eq!(lines, ["stop web", "stop store"]);
}

fn what_does_not_stop_in_time_is_left_behind() {
    let program = started("busy", &UP);
    program.signal("-TERM");
    let (code, _, errors) = program.end();
    assert_eq!(code, Some(124));
    assert!(errors.contains("had not stopped after 400ms"), "{errors}");
}

fn the_end_of_the_last_is_the_end_of_the_program() {
    let (code, lines, errors) = started("is done", &["start web", "up web"]).end();
    assert_eq!((code, &*errors), (Some(0), ""));
    assert_eq!(lines, ["stop web"]);
}

fn a_failure_is_stopped_for_no_longer_than_a_signal() {
    let (code, lines, errors) = started("is stuck", &UP).end();
    assert_eq!(code, Some(124));
    assert!(errors.contains("had not stopped after 400ms"), "{errors}");
    assert_eq!(lines, ["stop web", "stop store"]);
}

fn the_death_of_the_root_is_a_failure() {
    let (code, _, errors) = started("kills", &UP[..3]).end();
    assert_eq!(code, Some(1));
    assert!(errors.contains("the root process was killed"), "{errors}");
}

fn a_second_signal_ends_it_at_once() {
    let program = started("busy", &UP);
    program.signal("-TERM");
    std::thread::sleep(DEADLINE / 4);
    program.signal("-INT");
    let (code, _, errors) = program.end();
    assert_eq!(code, Some(130), "{errors}");
}

fn main() -> ExitCode {
    let argument = std::env::args().nth(1);
    let manner = MANNERS
        .iter()
        .find(|manner| argument.as_deref() == Some(**manner));
    if let Some(manner) = manner {
        return release(manner);
    }
    let tests: [(&str, fn()); 9] = [
        (
            "a_signal_stops_everything_in_order",
            a_signal_stops_everything_in_order,
        ),
        (
            "a_failed_start_is_told_and_undone",
            a_failed_start_is_told_and_undone,
        ),
        (
            "a_signal_during_the_start_is_heard",
            a_signal_during_the_start_is_heard,
        ),
        (
            "a_crash_of_a_permanent_application_is_a_failure",
            a_crash_of_a_permanent_application_is_a_failure,
        ),
        (
            "what_does_not_stop_in_time_is_left_behind",
            what_does_not_stop_in_time_is_left_behind,
        ),
        (
            "the_end_of_the_last_is_the_end_of_the_program",
            the_end_of_the_last_is_the_end_of_the_program,
        ),
        (
            "a_failure_is_stopped_for_no_longer_than_a_signal",
            a_failure_is_stopped_for_no_longer_than_a_signal,
        ),
        (
            "the_death_of_the_root_is_a_failure",
            the_death_of_the_root_is_a_failure,
        ),
        (
            "a_second_signal_ends_it_at_once",
            a_second_signal_ends_it_at_once,
        ),
    ];
    for (name, test) in tests {
        test();
        println!("test {name} ... ok");
    }
    ExitCode::SUCCESS
}
