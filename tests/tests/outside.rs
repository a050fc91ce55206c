//! The front page from a user's side: a crate of somebody else's, with its bug, fails its test as
//! the page shows, with a line to paste that replays the failure; mended, it passes.
//!
//! The crate under `tests/outside` is copied first, so that nothing is left behind beside it. Its
//! builds share a folder of their own below the target folder, and never go to the network.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How far from the end of its output a failing test may say what is wrong.
const LAST_LINES: usize = 25;

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests are a folder of it").into()
}

fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside")
}

/// A fresh copy of the crate, whose dependencies are found from anywhere.
fn copy(name: &str) -> PathBuf {
    let (from, to) = (root().join("tests/outside"), scratch().join(name));
    if to.exists() {
        fs::remove_dir_all(&to).expect("an old copy can be removed");
    }
    for folder in ["src", "tests"] {
        fs::create_dir_all(to.join(folder)).expect("the scratch folder can be written");
        for entry in fs::read_dir(from.join(folder)).expect("the crate is there") {
            let file = entry.expect("the entry can be read");
            let target = to.join(folder).join(file.file_name());
            fs::copy(file.path(), target).expect("it is a file");
        }
    }
    let manifest = fs::read_to_string(from.join("Cargo.toml")).expect("it has a manifest");
    let absolute = manifest.replace("../../", &format!("{}/", root().display()));
    assert_ne!(
        manifest, absolute,
        "the dependencies are given by relative paths"
    );
    fs::write(to.join("Cargo.toml"), absolute).expect("the scratch folder can be written");
    // The same versions as here, which are on this machine.
    fs::copy(root().join("Cargo.lock"), to.join("Cargo.lock")).expect("there is a lock file");
    to
}

/// Whether a command succeeded, and what it printed on both streams, in order.
fn run(folder: &Path, command: &mut Command) -> (bool, String) {
    let ours = std::env::vars_os().map(|(name, _)| name);
    for name in ours.filter(|name| name.to_string_lossy().starts_with("BEAMLINE_")) {
        command.env_remove(name);
    }
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let second = writer.try_clone().expect("a second end");
    command
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", scratch().join("target"))
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TERM_COLOR", "never")
        .stdout(writer)
        .stderr(second);
    let mut child = command.spawn().expect("cargo can be started");
    // The command holds writing ends of the pipe, which would keep the reader waiting.
    *command = Command::new("");
    let mut output = String::new();
    reader.read_to_string(&mut output).expect("it prints text");
    (child.wait().expect("it ends").success(), output)
}

fn cargo_test(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(folder, Command::new(cargo).arg("test").args(arguments))
}

/// The report of a failing check: from its first line to the one to paste.
fn report(output: &str) -> Vec<&str> {
    let from = output.lines().skip_while(|line| !line.starts_with("FAIL "));
    let mut ended = false;
    from.take_while(|line| !std::mem::replace(&mut ended, line.starts_with("  replay: ")))
        .collect()
}

fn paste_line<'a>(report: &[&'a str]) -> &'a str {
    let last = report.last().expect("the output holds a report");
    last.strip_prefix("  replay: ")
        .expect("it ends with a line to paste")
}

#[test]
fn a_failure_is_told_saved_and_replayed() {
    let folder = copy("hasty");
    let (passed, output) = cargo_test(&folder, &[]);
    assert!(!passed, "the bug was not found:\n{output}");
    let end: Vec<&str> = output.lines().rev().take(LAST_LINES).collect();
    let found = report(&output);
    assert!(found.len() > 4, "no report:\n{output}");
    for line in &found {
        assert!(
            end.contains(line),
            "not in the last {LAST_LINES} lines: {line}\n{output}"
        );
    }
    assert!(found[0].contains("always shop.price"), "{output}");
    assert!(
        found
            .iter()
            .any(|line| line.contains("shop.price is broken")),
        "{output}"
    );

    let page = fs::read_to_string(root().join("README.md")).expect("there is a front page");
    let shown = found.join("\n");
    assert!(
        page.contains(&shown),
        "the front page does not show this report:\n{shown}"
    );

    let paste = paste_line(&found);
    let (passed, again) = run(&folder, Command::new("sh").args(["-c", paste]));
    assert!(!passed, "`{paste}` did not fail:\n{again}");
    let replayed = report(&again);
    assert!(
        replayed[0].contains("reproduced (exact): always shop.price"),
        "{again}"
    );
    let story = |report: &[&str]| -> Vec<String> {
        let events = report.iter().filter(|line| line.starts_with("    "));
        events.map(|line| (*line).to_string()).collect()
    };
    assert!(!story(&found).is_empty());
    assert_eq!(story(&found), story(&replayed));

    // The saved failure is tried first, and says when it no longer happens.
    let (passed, mended) = cargo_test(&folder, &["--features", "mended", "--", "--nocapture"]);
    assert!(passed, "the mended program failed:\n{mended}");
    assert!(mended.contains("did not fail"), "{mended}");
}

#[test]
fn the_mended_program_passes() {
    let folder = copy("mended");
    let (passed, output) = cargo_test(&folder, &["--features", "mended"]);
    assert!(passed, "{output}");
    assert!(
        output.contains("test each_item_has_its_price ... ok"),
        "{output}"
    );
    assert!(
        !folder.join("regressions").exists(),
        "a passing test saves nothing"
    );
}

/// What the compiler says of a test file with these lines in a process.
fn refusal(name: &str, lines: &str) -> String {
    let folder = copy(name);
    let text = format!(
        "use beamline::prelude::*;\n\
         async fn process(mut mailbox: Mailbox) {{ {lines} }}\n\
         fn main() {{ let _ = process; }}\n"
    );
    // A file of its own: to cargo all copies are one crate, and older files are built already.
    let file = folder.join("tests").join(name).with_extension("rs");
    fs::write(file, text).expect("the scratch folder can be written");
    let (built, output) = cargo_test(&folder, &["--no-run", "--test", name]);
    assert!(!built, "it was built:\n{output}");
    output
}

#[test]
fn a_receive_that_is_written_wrongly_is_refused_in_words() {
    let output = refusal(
        "receive",
        "receive! { mailbox }
         receive! { mailbox, n in u8 => n }
         receive! { mailbox; n => n }
         receive! { mailbox; after std::time::Duration::ZERO => (), n in u8 => n }
         receive! { mailbox; n in u8 where *n > 0 }",
    );
    let told = [
        "a receive needs a clause: `PATTERN in TYPE => EXPRESSION`",
        "the mailbox of a receive is followed by a semicolon",
        "does not say the message's type: write `n in TYPE => …`",
        "`after` is the last clause of a receive",
        "found `n in u8 where *n > 0`",
    ];
    for words in told {
        assert!(output.contains(words), "{words}\n{output}");
    }
}

#[test]
fn a_body_that_returns_no_reason_is_refused_in_words() {
    let output = refusal("returns", "spawn(async |_| 5_u8);");
    assert!(output.contains("a process cannot return `u8`"), "{output}");
    assert!(
        output.contains("`ExitReason::other` makes a reason"),
        "{output}"
    );
}

#[test]
fn nothing_is_left_beside_the_crate() {
    let folder = fs::read_dir(root().join("tests/outside")).expect("the crate is there");
    let names = folder.map(|entry| entry.expect("the entry can be read").file_name());
    let mut names: Vec<_> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["Cargo.toml", "src", "tests"]);
}

/// Every Rust block of the front page that the documentation does not compile is part of the crate
/// that the tests above do, or of the test of the page's server.
#[test]
fn the_front_page_quotes_the_crate() {
    let page = fs::read_to_string(root().join("README.md")).expect("there is a front page");
    let blocks: Vec<&str> = page
        .split("\n```rust,ignore\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```\n").next())
        .collect();
    assert!(!blocks.is_empty(), "the front page shows no test");
    let files = [
        "tests/outside/src/hasty.rs",
        "tests/outside/tests/shop.rs",
        "tests/tests/front_page/server.rs",
    ];
    let files = files.map(|file| fs::read_to_string(root().join(file)).expect("the file is there"));
    for block in blocks {
        for piece in block
            .split("\n\n")
            .map(str::trim)
            .filter(|piece| !piece.starts_with("//"))
        {
            let quoted = files.iter().any(|file| file.contains(piece));
            assert!(quoted, "this is in no file that is tested:\n{piece}");
        }
    }
}
