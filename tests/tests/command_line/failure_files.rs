//! `replay`, `shrink` and `diff`: files that are whole, broken, foreign or of another program.

use std::path::{Path, PathBuf};

use super::{files, folder, run, text};

/// A failure file of `broken::late_reply`.
fn failure(name: &str) -> PathBuf {
    let folder = folder(name);
    let ran = run(&["run", "broken::late_reply", "--save", text(&folder)]);
    assert_eq!(ran.code, 0, "{}{}", ran.data, ran.talk);
    let files = files(&folder);
    assert_eq!(
        files.len(),
        1,
        "the canary leaves nothing behind: {files:?}"
    );
    files[0].clone()
}

#[test]
fn a_file_replays_to_the_same_bytes() {
    let file = failure("replay");
    let first = run(&["replay", text(&file)]);
    assert_eq!(
        (first.code, first.talk.as_str()),
        (10, ""),
        "{}",
        first.data
    );
    let id = "always late_reply.own_answer";
    let head = format!("broken::late_reply  FAIL  {id} (exact)\n");
    assert!(first.data.starts_with(&head), "{}", first.data);
    assert!(first.data.contains("late_reply.rs:"), "{}", first.data);
    let trace = |form| run(&["replay", text(&file), form]);
    assert_eq!(trace("--trace=json").data, trace("--trace=json").data);
    for line in trace("--trace=json").data.lines() {
        let record: serde_json::Value = serde_json::from_str(line).expect("a record");
        assert!(
            record["k"].is_string() && record["step"].is_u64(),
            "{record}"
        );
    }
    let told = trace("--trace").data;
    assert!(
        told.ends_with(&first.data) && told.starts_with("step 0 0 is the root\n"),
        "{told}"
    );
}

#[test]
fn a_run_replays_from_its_seed() {
    let one = run(&[
        "replay",
        "process::counter",
        "--seed",
        "7",
        "--run",
        "3",
        "--trace=json",
    ]);
    let again = run(&[
        "replay",
        "process::counter",
        "--seed",
        "0x7",
        "--run",
        "3",
        "--trace=json",
    ]);
    assert_eq!(one.code, 0);
    assert_eq!(one.data, again.data);
    let other = run(&["replay", "process::counter", "--seed", "8", "--run", "3"]);
    assert!(
        other.data.contains("nothing was violated"),
        "{}",
        other.data
    );
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_line() {
    let file = failure("wrong");
    let whole = std::fs::read_to_string(&file).expect("it was written");
    let lines: Vec<&str> = whole.lines().collect();
    let cut = format!("{}\n", lines[..lines.len() - 1].join("\n"));
    let cases = [
        ("empty", String::new(), 2, "line 1: expected the header"),
        ("text", "hello\n".into(), 2, "line 1: "),
        (
            "foreign",
            "{\"format\":\"x\"}\n".into(),
            2,
            "line 1: field `format`: expected the text",
        ),
        ("cut", cut, 2, "the file was cut"),
        (
            "changed",
            whole.replacen("\"run\":", "\"run\":1", 1),
            2,
            "field `checksum`",
        ),
        (
            "later",
            whole.replace("\"1.0\"", "\"2.0\""),
            2,
            "line 1: field `version`",
        ),
    ];
    for (name, content, code, expected) in cases {
        let wrong = file.with_file_name(format!("{name}.jsonl"));
        std::fs::write(&wrong, content).expect("written");
        for arguments in [&["replay", text(&wrong)][..], &["shrink", text(&wrong)]] {
            let ran = run(arguments);
            assert_eq!(
                (ran.code, ran.data.as_str()),
                (code, ""),
                "{name}: {}",
                ran.talk
            );
            let place = format!("error: {}: ", text(&wrong));
            assert!(ran.talk.starts_with(&place), "{name}: {}", ran.talk);
            assert!(ran.talk.contains(expected), "{name}: {}", ran.talk);
        }
    }
    let missing = run(&["replay", "no/such/file.jsonl"]);
    assert_eq!(missing.code, 2);
    assert!(
        missing.talk.starts_with("error: no/such/file.jsonl: "),
        "{}",
        missing.talk
    );
}

/// Replaces a text in a file.
fn edit(file: &Path, old: &str, new: &str) {
    let whole = std::fs::read_to_string(file).expect("it was written");
    assert!(whole.contains(old), "{whole}");
    // Without its checksum a file may be edited.
    let edited: Vec<String> = whole
        .lines()
        .map(|line| line.replace(old, new))
        .map(|line| match line.find(",\"checksum\"") {
            Some(at) => format!("{}}}", &line[..at]),
            None => line,
        })
        .collect();
    std::fs::write(file, edited.join("\n") + "\n").expect("written");
}

#[test]
fn a_file_of_another_catalogue_names_its_scenario() {
    let file = failure("stranger");
    edit(&file, "broken::late_reply", "broken::late_replies");
    let ran = run(&["replay", text(&file)]);
    assert_eq!((ran.code, ran.data.as_str()), (4, ""), "{}", ran.talk);
    assert!(
        ran.talk
            .contains("called broken::late_replies; did you mean broken::late_reply"),
        "{}",
        ran.talk
    );
}

#[test]
fn tokens_say_what_is_wrong_with_them() {
    for (token, expected) in [
        ("hello", "a token begins with `bl1-`"),
        ("bl1-200", "the token was clipped"),
        ("bl9-200", "reads version 1"),
    ] {
        let ran = run(&["replay", "broken::late_reply", token]);
        assert_eq!((ran.code, ran.data.as_str()), (2, ""), "{token}");
        assert!(ran.talk.contains(expected), "{token}: {}", ran.talk);
    }
}

#[test]
fn shrinking_again_changes_nothing_that_is_minimal() {
    let file = failure("shrink");
    let before = std::fs::read(&file).expect("it was written");
    let ran = run(&["shrink", text(&file)]);
    assert_eq!(ran.code, 0, "{}{}", ran.data, ran.talk);
    assert!(
        ran.data.contains("it cannot be made smaller"),
        "{}",
        ran.data
    );
    assert_eq!(std::fs::read(&file).expect("still there"), before);
    let copy = file.with_file_name("copy.jsonl");
    let ran = run(&["shrink", text(&file), "--output", text(&copy)]);
    assert_eq!(ran.code, 0, "{}{}", ran.data, ran.talk);
    let replayed = run(&["replay", text(&copy)]);
    assert!(replayed.data.contains("(exact)"), "{}", replayed.data);
}

#[test]
fn shrinking_again_never_writes_over_another_failure() {
    let file = failure("other");
    edit(&file, "late_reply.own_answer", "late_reply.some_other");
    let before = std::fs::read(&file).expect("it is there");
    let ran = run(&["shrink", text(&file)]);
    assert_eq!(ran.code, 14, "{}{}", ran.data, ran.talk);
    let told = "recorded was always late_reply.some_other: the file stays as it was";
    assert!(ran.data.contains(told), "{}", ran.data);
    assert_eq!(std::fs::read(&file).expect("still there"), before);
}

#[test]
fn shrinking_again_keeps_what_a_later_version_wrote() {
    let file = failure("later");
    edit(&file, "\"story\":", "\"mood\":{\"of\":[1]},\"story\":");
    edit(&file, "{\"end\":", "{\"weather\":\"fine\",\"end\":");
    let copy = file.with_file_name("copy.jsonl");
    let ran = run(&["shrink", text(&file), "--output", text(&copy)]);
    assert_eq!(ran.code, 0, "{}{}", ran.data, ran.talk);
    let whole = std::fs::read_to_string(&copy).expect("it was written");
    for kept in ["\"mood\":{\"of\":[1]}", "\"weather\":\"fine\""] {
        assert!(whole.contains(kept), "{whole}");
    }
}

#[test]
fn differences_begin_where_the_runs_part() {
    let file = failure("diff");
    let same = run(&["diff", text(&file), text(&file)]);
    assert_eq!(same.code, 0, "{}", same.data);
    assert!(same.data.starts_with("the same "), "{}", same.data);
    let other = run(&["diff", text(&file), "broken::late_reply@0:0"]);
    assert_eq!(other.code, 14, "{}{}", other.data, other.talk);
    assert!(
        other.data.starts_with("first difference: record "),
        "{}",
        other.data
    );
    let has = |sign| other.data.lines().any(|line| line.starts_with(sign));
    assert!(
        has("-step") && has("+step") && has(" step"),
        "{}",
        other.data
    );
    let unknown = run(&["diff", "broken::late@0:0", "broken::late_reply@0:0"]);
    assert_eq!(unknown.code, 4, "{}", unknown.talk);
}
