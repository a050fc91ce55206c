//! Help, lists and error messages, to the letter.

use super::{expect_text, run};

const COMMANDS: [&str; 10] = [
    "list",
    "run",
    "replay",
    "shrink",
    "diff",
    "explore",
    "demo",
    "strategies",
    "completions",
    "man",
];

#[test]
fn every_help_fits_a_screen_and_ends_with_an_example() {
    let mut all = run(&["--help"]).data;
    assert!(all.contains("Begin with `beamline demo`"), "{all}");
    for name in COMMANDS {
        let help = run(&[name, "--help"]);
        assert_eq!((help.code, help.talk.as_str()), (0, ""), "{name}");
        assert!(help.data.lines().count() <= 30, "{name}:\n{}", help.data);
        let lines: Vec<&str> = help.data.trim_end().lines().collect();
        let end = &lines[lines.len().saturating_sub(2)..];
        assert!(
            end.iter().any(|line| line.starts_with("Example: beamline")),
            "{}",
            help.data
        );
        assert!(
            lines.iter().all(|line| line.chars().count() <= 100),
            "{}",
            help.data
        );
        all += &format!("\n==== {name}\n{}", help.data);
    }
    expect_text("help", &all);
}

#[test]
fn lists_show_names_and_what_is_expected() {
    let all = run(&["list"]);
    assert_eq!(all.code, 0);
    assert!(all.data.lines().count() > 50, "{}", all.data);
    let some = run(&["list", "broken::late_reply", "mended::l*_reply"]);
    expect_text("list", &some.data);
    let json = run(&["list", "--json", "broken::late_reply"]);
    let line: serde_json::Value = serde_json::from_str(&json.data).expect("JSON");
    assert_eq!(line["group"], "broken");
    assert_eq!(line["verdict"], "always late_reply.own_answer");
    assert_eq!(line["mended"], "mended::late_reply");
    let json = run(&["list", "--json", "mended::forgetful_voter"]);
    let line: serde_json::Value = serde_json::from_str(&json.data).expect("JSON");
    assert_eq!(
        (&line["expects"], &line["faults"][0]),
        (&"sound".into(), &"crash".into())
    );
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    for (wrong, right) in [
        ("proces::ech", "process::echo"),
        ("broken::late_replies", "broken::late_reply"),
        ("brokn", "broken"),
        ("account", "demo::account"),
    ] {
        let ran = run(&["run", wrong, "--runs", "1"]);
        if right == "demo::account" {
            // That of the demonstration is in no list, so it is not suggested either.
            assert_eq!(ran.code, 4, "{}", ran.talk);
            continue;
        }
        assert_eq!((ran.code, ran.data.as_str()), (4, ""), "{wrong}");
        let asks = format!("error: no scenario is called {wrong}; did you mean {right}");
        assert!(ran.talk.starts_with(&asks), "{}", ran.talk);
    }
    let nothing = run(&["explore", "qqqqqqqqqqqqqqqqqq"]);
    assert_eq!(nothing.code, 4);
    assert!(
        nothing.talk.contains("`beamline list` shows them all"),
        "{}",
        nothing.talk
    );
}

#[test]
fn wrong_values_are_refused_with_what_was_expected() {
    for (arguments, expected) in [
        (
            &["run", "--seed", "zz"][..],
            "`zz` is no seed; expected a decimal number",
        ),
        (
            &["run", "--time", "soon"],
            "expected a time such as 250ms, 30s, 5m or 2h",
        ),
        (&["run", "--runs", "0"], "expected a number of runs above 0"),
        (
            &["run", "--shard", "3/2"],
            "expected I/N with I from 1 to N, such as 1/4",
        ),
        (
            &["run", "--faults", "flood:1"],
            "`flood` is no fault; expected crash, panic",
        ),
        (
            &["run", "--strategy", "pct:99"],
            "`pct:99` is no strategy; expected portfolio",
        ),
        (
            &["run", "--strategy", "exhaustive"],
            "`exhaustive` draws no runs; `beamline explore`",
        ),
        (
            &["explore", "kernel", "--granularity", "mixed"],
            "expected fused or fine",
        ),
        (
            &["diff", "kernel", "process"],
            "is neither a file nor SCENARIO@SEED:RUN",
        ),
        (
            &["diff", "process::echo@x:1", "b"],
            "is neither a file nor SCENARIO@SEED:RUN",
        ),
        (
            &["man", "rum"],
            "there is no subcommand rum; did you mean run?",
        ),
        (&["runn"], "a similar subcommand exists: 'run'"),
        (&["replay"], "required arguments were not provided"),
    ] {
        let ran = run(arguments);
        assert_eq!(
            (ran.code, ran.data.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            ran.talk
        );
        assert!(ran.talk.contains(expected), "{arguments:?}: {}", ran.talk);
    }
}

#[test]
fn manual_and_completions_are_made_from_the_definitions() {
    let man = run(&["man"]);
    assert_eq!(man.code, 0);
    assert!(man.data.contains(".TH beamline 1") && man.data.contains("strategies"));
    assert!(run(&["man", "explore"]).data.contains("early"));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]);
        assert_eq!((script.code, script.talk.as_str()), (0, ""), "{shell}");
        assert!(script.data.contains("early-firings"), "{shell}");
    }
}
