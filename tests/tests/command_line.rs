//! The `beamline` command as users meet it: what it prints, where, and with which exit code.
//!
//! Texts that a schedule cannot change are compared with files in `tests/command_line/`; with
//! `BEAMLINE_BLESS=1` those are written instead.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

#[path = "command_line/campaigns.rs"]
mod campaigns;
#[path = "command_line/failure_files.rs"]
mod failure_files;
#[path = "command_line/manners.rs"]
mod manners;
#[path = "command_line/texts.rs"]
mod texts;

/// What a command did.
struct Ran {
    code: i32,
    data: String,
    talk: String,
}

/// The command, without whatever the surroundings of the test say to it.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beamline-command"));
    // Help and hints call the command as it was called.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::arg0(&mut command, "beamline");
    command.args(arguments).stdin(Stdio::null());
    let ours = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in ours.filter(|name| name.starts_with("BEAMLINE_") || name.starts_with("CLICOLOR")) {
        command.env_remove(name);
    }
    command.env_remove("CARGO").env_remove("NO_COLOR");
    // Failure files that nobody asked for would go to the current directory.
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}

fn ran(output: Output) -> Ran {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the command prints UTF-8");
    Ran {
        code: output.status.code().expect("the command ends by itself"),
        data: text(output.stdout),
        talk: text(output.stderr),
    }
}

fn run(arguments: &[&str]) -> Ran {
    ran(command(arguments).output().expect("the command starts"))
}

/// An empty folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("command-line-{name}"));
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
        _ => std::fs::create_dir_all(&folder).expect("a folder"),
    }
    folder
}

/// The files of a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are UTF-8")
}

/// Compares a text with the file of this name.
fn expect_text(name: &str, got: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/command_line");
    let file = folder.join(format!("{name}.txt"));
    if std::env::var_os("BEAMLINE_BLESS").is_some() {
        std::fs::write(&file, got).expect("the file is written");
        return;
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        got == expected,
        "{} differs; set BEAMLINE_BLESS=1 if this is meant:\n{got}",
        file.display()
    );
}
