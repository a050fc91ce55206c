//! How the command behaves on terminals, pipes and interrupts.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::Duration;

use super::{command, ran, run};

#[test]
fn a_closed_pipe_is_a_success() {
    for arguments in [
        &["list"][..],
        &["replay", "process::queued_messages", "--trace=json"],
    ] {
        let mut child = command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        // Nobody reads a single byte.
        drop(child.stdout.take());
        let ran = ran(child.wait_with_output().expect("it ends"));
        assert_eq!((ran.code, ran.talk.as_str()), (0, ""), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_said() {
    let full = std::fs::File::create("/dev/full").expect("Linux has it");
    let output = command(&["list"]).stdout(full).output().expect("it starts");
    let ran = ran(output);
    assert_eq!(ran.code, 2);
    assert!(
        ran.talk.starts_with("error: cannot write: "),
        "{}",
        ran.talk
    );
}

#[test]
fn colour_is_for_those_who_see_it() {
    let plain = run(&["list", "kernel"]).data;
    assert!(!plain.contains('\x1b'), "{plain:?}");
    let coloured = run(&["list", "kernel", "--color", "always"]).data;
    assert!(coloured.contains("\x1b["), "{coloured:?}");
    let mut forced = command(&["list", "kernel"]);
    forced.env("CLICOLOR_FORCE", "1");
    let forced = ran(forced.output().expect("it starts"));
    assert_eq!(forced.data, coloured);
    let mut never = command(&["list", "kernel", "--color", "never"]);
    never.env("CLICOLOR_FORCE", "1");
    assert_eq!(ran(never.output().expect("it starts")).data, plain);
}

#[test]
fn misspelt_variables_are_warned_of_and_wrong_ones_refused() {
    let mut misspelt = command(&["list", "kernel::a_lost_update"]);
    misspelt.env("BEAMLINE_SEDE", "1");
    let misspelt = ran(misspelt.output().expect("it starts"));
    assert_eq!(misspelt.code, 0);
    assert!(
        misspelt.talk.contains("unknown variable BEAMLINE_SEDE"),
        "{}",
        misspelt.talk
    );
    let mut wrong = command(&["run", "process::echo"]);
    wrong.env("BEAMLINE_RUNS", "many");
    let wrong = ran(wrong.output().expect("it starts"));
    assert_eq!(wrong.code, 2);
    assert!(wrong.talk.contains("'many' for '--runs"), "{}", wrong.talk);
    let mut heard = command(&["run", "process::echo", "-q"]);
    heard.env("BEAMLINE_RUNS", "7");
    assert!(
        ran(heard.output().expect("it starts"))
            .data
            .contains("process::echo     7 ")
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_prints_what_was_found_so_far() {
    let arguments = [
        "run",
        "broken::late_reply",
        "process::echo",
        "--time",
        "600s",
        "--json",
    ];
    let mut child = command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut data = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut lines = String::new();
    // The planted bug comes first, and is found at once.
    while !lines.contains("campaign_finished") {
        assert!(data.read_line(&mut lines).expect("a line") > 0, "{lines}");
    }
    std::thread::sleep(Duration::from_millis(300));
    let interrupted = std::process::Command::new("kill")
        // To the process and to its group, as some senders do: that is one interrupt.
        .args([
            "-s",
            "INT",
            &child.id().to_string(),
            &child.id().to_string(),
        ])
        .status();
    assert!(interrupted.expect("kill runs").success());
    data.read_to_string(&mut lines).expect("the rest");
    let code = child.wait().expect("it ends").code();
    assert_eq!(code, Some(130), "{lines}");
    let last: serde_json::Value =
        serde_json::from_str(lines.lines().last().unwrap_or("")).expect("JSON");
    assert_eq!(last["type"], "run_finished", "{lines}");
    assert_eq!(
        (&last["interrupted"], &last["passed"]),
        (&true.into(), &2.into()),
        "{lines}"
    );
}
