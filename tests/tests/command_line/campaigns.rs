//! `run`, `explore`, `strategies` and `demo`.

use serde_json::Value;

use super::{files, folder, run, text};

fn lines(data: &str) -> Vec<Value> {
    let parsed = data
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"));
    parsed.collect()
}

#[test]
fn sound_scenarios_pass_and_say_what_was_covered() {
    let ran = run(&[
        "run",
        "process::echo",
        "mended::forgetful_voter",
        "--runs",
        "2_000",
    ]);
    assert_eq!(ran.code, 0, "{}{}", ran.data, ran.talk);
    let head = ran.data.lines().next().unwrap_or("");
    for title in ["scenario", "runs", "distinct", "runs/s", "faults injected"] {
        assert!(head.contains(title), "{head}");
    }
    assert!(ran.data.contains("process::echo"), "{}", ran.data);
    assert!(ran.data.contains("  crash "), "{}", ran.data);
    assert!(ran.data.ends_with("2 passed, 0 failed\n"), "{}", ran.data);
    assert!(ran.talk.starts_with("4,000 runs, "), "{}", ran.talk);
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_jobs() {
    let arguments = |jobs| {
        let scenarios = [
            "process::counter",
            "mended::pool_leak",
            "broken::late_reply",
        ];
        let mut arguments = vec![
            "run", "-q", "--runs", "3000", "--seed", "0x5eed", "--jobs", jobs,
        ];
        arguments.extend(scenarios);
        arguments
    };
    let one = run(&arguments("1"));
    assert_eq!((one.code, one.talk.as_str()), (0, ""), "{}", one.data);
    assert!(one.data.contains("3,000"), "{}", one.data);
    for jobs in ["2", "5"] {
        assert_eq!(run(&arguments(jobs)).data, one.data, "{jobs} jobs");
    }
}

#[test]
fn shards_together_make_the_runs_of_the_whole() {
    let json = |shard: &[&str]| {
        let arguments = ["run", "process::counter", "--json", "--runs", "1001"];
        let ran = run(&[&arguments[..], shard].concat());
        assert_eq!(ran.code, 0, "{}", ran.data);
        let finished = lines(&ran.data)
            .into_iter()
            .find(|l| l["type"] == "campaign_finished");
        let finished = finished.expect("it finished");
        (
            finished["runs"].as_u64().expect("runs"),
            finished["steps"].as_u64().expect("steps"),
        )
    };
    let whole = json(&[]);
    let parts = ["1/3", "2/3", "3/3"].map(|shard| json(&["--shard", shard]));
    assert_eq!(parts.map(|part| part.0), [334, 334, 333]);
    assert_eq!(parts.iter().map(|part| part.1).sum::<u64>(), whole.1);
}

#[test]
fn planted_bugs_are_found_shrunk_told_and_mended() {
    let bugs = [
        "broken::late_reply",
        "broken::lost_update",
        "broken::circular_calls",
    ];
    let ran = run(&[&["run", "--json"][..], &bugs].concat());
    assert_eq!(ran.code, 0, "{}{}", ran.data, ran.talk);
    let lines = lines(&ran.data);
    let kinds: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["type"].as_str())
        .collect();
    let pair = ["finding", "campaign_finished"];
    let expected: Vec<&str> =
        [&["run_started"][..], &pair, &pair, &pair, &["run_finished"]].concat();
    assert_eq!(kinds, expected);
    for finding in lines.iter().filter(|line| line["type"] == "finding") {
        assert_eq!(finding["expected"], true, "{finding}");
        assert!(
            finding["story"]
                .as_array()
                .is_some_and(|story| story.len() <= 11),
            "{finding}"
        );
        // Where planted bugs go nowhere there is no file, but a token.
        assert_eq!(finding["file"], Value::Null);
        let token = finding["token"].as_str().expect("short runs have tokens");
        let scenario = finding["scenario"].as_str().expect("a name");
        let replayed = run(&["replay", scenario, token]);
        assert_eq!(replayed.code, 10, "{}", replayed.data);
        let id = finding["id"].as_str().expect("an id");
        assert!(
            replayed.data.contains(&format!("FAIL  {id} (exact)")),
            "{}",
            replayed.data
        );
    }
    for finished in lines
        .iter()
        .filter(|line| line["type"] == "campaign_finished")
    {
        assert_eq!(finished["twin"]["findings"], 0, "{finished}");
        assert!(
            finished["twin"]["runs"].as_u64() >= Some(1_000),
            "{finished}"
        );
    }
}

#[test]
fn a_bug_that_is_not_found_fails_the_run() {
    // Its failing order needs more than one run.
    let ran = run(&[
        "run",
        "broken::double_vote",
        "--runs",
        "1",
        "--strategy",
        "round-robin",
    ]);
    assert_eq!(ran.code, 12, "{}", ran.data);
    assert!(
        ran.data
            .contains("FAIL not found: always election.majority"),
        "{}",
        ran.data
    );
    assert!(ran.data.ends_with("0 passed, 1 failed\n"), "{}", ran.data);
}

#[test]
fn an_exhaustive_search_states_its_bounds() {
    let ran = run(&["explore", "kernel::b2_order", "--early-firings", "0"]);
    assert_eq!(ran.code, 0, "{}", ran.data);
    for expected in [
        "kernel::b2_order  complete\n",
        "6 runs, 6 distinct, 1 of them failing\n",
        "bounds: fused granularity, pairwise delivery, 0 early firings, no faults\n",
        "verdict always kernel.order: 1 run\n",
        "  1  0 (root) receives Letter('c') from ",
    ] {
        assert!(ran.data.contains(expected), "{expected}\n{}", ran.data);
    }
    let cut = run(&[
        "explore",
        "kernel::d_registry",
        "--max-runs",
        "10",
        "--strict",
    ]);
    assert_eq!(cut.code, 12, "{}", cut.data);
    assert!(cut.data.contains("incomplete\n"), "{}", cut.data);
    assert!(
        cut.data.contains("was hit: what was not run may fail\n"),
        "{}",
        cut.data
    );
    let json = run(&["explore", "kernel::c_deadlock", "--json"]);
    let line = &lines(&json.data)[0];
    assert_eq!(
        (&line["complete"], &line["traces"]),
        (&true.into(), &3.into()),
        "{line}"
    );
    assert_eq!(line["failing_traces"], 1, "{line}");
}

#[test]
fn strategies_stand_beside_the_ideal() {
    let arguments = [
        "strategies",
        "kernel::b2_order",
        "--trials",
        "9",
        "--max-runs",
        "500",
    ];
    let ran = run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.data);
    let [head, row] = ran.data.lines().collect::<Vec<_>>()[..] else {
        panic!("{}", ran.data)
    };
    for name in [
        "ideal",
        "portfolio",
        "learnt",
        "random",
        "pct:1",
        "pct:2",
        "round-robin",
    ] {
        assert!(head.split_whitespace().any(|word| word == name), "{head}");
    }
    let words: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(
        words[..5],
        ["kernel::b2_order", "1", "/", "6", "4"],
        "{row}"
    );
    // The median of nine trials lies near the ideal, and nobody needs a hundred runs.
    let random: u64 = words[7].parse().expect("a median");
    assert!((1..100).contains(&random), "{row}");
    let ideal = run(&[&arguments[..], &["--json"]].concat());
    assert_eq!(lines(&ideal.data)[0]["ideal"], 4);
}

#[test]
fn the_demonstration_finds_tells_saves_and_replays() {
    let folder = folder("demo");
    let ran = run(&["demo", "--folder", text(&folder)]);
    assert_eq!(ran.code, 0, "{}{}", ran.data, ran.talk);
    let story: Vec<&str> = ran
        .data
        .lines()
        .filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    assert!((3..=10).contains(&story.len()), "{}", ran.data);
    assert!(
        story[story.len() - 1].contains("account.balance is broken"),
        "{}",
        ran.data
    );
    assert!(
        ran.data.contains("Replayed from there: the same bytes"),
        "{}",
        ran.data
    );
    let [file] = &files(&folder)[..] else {
        panic!("one file: {}", ran.data)
    };
    let commands: Vec<&str> = ran
        .data
        .lines()
        .skip_while(|line| *line != "Go on with:")
        .skip(1)
        .collect();
    assert_eq!(commands.len(), 3, "{}", ran.data);
    for line in &commands[..2] {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        let next = run(&words);
        assert!(
            matches!(next.code, 0 | 10),
            "{line}: {}{}",
            next.data,
            next.talk
        );
    }
    let replayed = run(&["replay", text(file)]);
    assert!(
        replayed
            .data
            .contains("FAIL  always account.balance (exact)"),
        "{}",
        replayed.data
    );
}

/// The folder cannot be made, as a file stands in its way.
#[test]
fn a_planted_bug_that_cannot_be_saved_says_so() {
    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml/folder");
    let bug = "broken::lost_update";
    let ran = run(&["run", bug, "--save", FOLDER]);
    assert_eq!(ran.code, 0, "{}{}", ran.data, ran.talk);
    let says_so = |line: &str| line.starts_with("broken::lost_update  not saved: cannot write");
    assert!(ran.data.lines().any(says_so), "{}", ran.data);

    let ran = run(&["run", bug, "--json", "--save", FOLDER]);
    let lines = lines(&ran.data);
    let finding = lines.iter().find(|line| line["type"] == "finding");
    let problem = finding.and_then(|finding| finding["not_saved"].as_str());
    assert!(
        problem.is_some_and(|problem| problem.starts_with("cannot write")),
        "{}",
        ran.data
    );
}
