//! What the reader says of a file that it does not take.

use super::*;

/// What the reader says of a text.
fn refusal(text: &str) -> String {
    Artefact::parse(text.as_bytes())
        .expect_err("it is refused")
        .to_string()
}

/// What the reader says of the sample with one piece replaced.
fn refusal_with(piece: &str, replacement: &str) -> String {
    assert!(TEXT.contains(piece), "{piece}");
    refusal(&TEXT.replacen(piece, replacement, 1))
}

#[test]
fn a_wrong_field_is_named_with_its_line_and_what_was_expected() {
    let below = "a number below n=7 and above 0";
    let kinds = "crash, panic, early-timeout, late-timer, slow, fail-spawn";
    let unknown = format!("`crsh` is no kind of choice; expected event, {kinds}, time-mode, user");
    let no_seed = "`0xyz`"
        .parse::<Seed>()
        .unwrap_err()
        .to_string()
        .replace("``", "`");
    let cases = [
        (
            r#""rank":6"#,
            r#""rank":7"#,
            "3 rank",
            &*format!("expected {below}, got 7"),
        ),
        (
            r#""rank":6"#,
            r#""rank":0"#,
            "3 rank",
            &format!("expected {below}, got 0"),
        ),
        (
            r#""rank":6"#,
            r#""rank":1.5"#,
            "3 rank",
            &format!("expected {below}, got 1.5"),
        ),
        (
            r#""rank":6,"#,
            "",
            "3 rank",
            &format!("missing; expected {below}"),
        ),
        (
            r#""n":7"#,
            r#""n":1"#,
            "3 n",
            "expected a number from 2 below 2^32, got 1",
        ),
        (
            r#""index":9"#,
            r#""index":3"#,
            "3 index",
            "expected a number above 3, the index before, got 3",
        ),
        (
            r#""index":3"#,
            r#""index":-3"#,
            "2 index",
            "expected a whole number, got -3",
        ),
        (r#""crash","n""#, r#""crsh","n""#, "3 kind", &unknown),
        (
            r#""crash","n""#,
            r#"[],"n""#,
            "3 kind",
            "expected a kind of choice, got a list",
        ),
        (
            r#""id":"0.2""#,
            r#""id":2"#,
            "3 id",
            "expected the label of an alternative, got 2",
        ),
        (r#""0x2a""#, r#""0xyz""#, "1 seed", &no_seed),
        (
            r#""seed":"0x2a","#,
            "",
            "1 seed",
            "missing; expected a seed such as 0x2a",
        ),
        (
            r#""fused""#,
            r#""mixed""#,
            "1 granularity",
            "expected fused or fine, got `mixed`",
        ),
        (
            r#""pairwise""#,
            r#""bag""#,
            "1 delivery",
            "`bag` is unknown; expected pairwise or immediate",
        ),
        (
            r#""run":17"#,
            r#""run":"17""#,
            "1 run",
            "expected a whole number, got the text `17`",
        ),
        (
            r#"{"crash":1"#,
            r#"{"hail":1"#,
            "1 faults.hail",
            &format!("no kind of fault; expected {kinds}"),
        ),
        (
            r#"{"crash":1"#,
            r#"{"crash":true"#,
            "1 faults.crash",
            "expected a budget below 2^32, got true",
        ),
        (
            r#"["worker"]"#,
            "[1]",
            "1 faults.victims",
            "expected a list of texts, got 1",
        ),
        (
            r#"{"steps":1000000}"#,
            "7",
            "1 limits",
            "expected an object, got 7",
        ),
        (
            r#""steps":1000000"#,
            r#""steps":{}"#,
            "1 limits.steps",
            "expected a whole number, got an object",
        ),
        (
            r#""end":3"#,
            r#""end":4"#,
            "5 end",
            "expected 3, the number of deviations above, got 4",
        ),
    ];
    for (piece, replacement, place, expected) in cases {
        let (line, field) = place.split_once(' ').expect("a line and a field");
        let expected = format!("line {line}: field `{field}`: {expected}");
        assert_eq!(refusal_with(piece, replacement), expected);
    }
}

#[test]
fn what_is_no_such_file_is_told_apart_from_a_broken_one() {
    let cut = TEXT.rfind("{\"end\"").expect("a last line");
    let expected =
        "expected a deviation or the last line, which has `end`, got the end of the file";
    assert_eq!(
        refusal(&TEXT[..cut]),
        format!("line 5: {expected}: the file was cut")
    );
    let header = "expected the header, an object with the field `format`";
    assert_eq!(
        refusal("\n\n"),
        format!("line 1: {header}, got the end of the file: the file is empty")
    );
    assert_eq!(refusal("[1]"), "line 1: expected an object, got a list");
    assert_eq!(
        refusal("{}"),
        "line 1: field `format`: missing; expected the text `beamline replay`"
    );
    assert_eq!(
        refusal(&TEXT[..TEXT.len() - 3]),
        "line 5: not JSON: the line ends too soon, after column 37"
    );
    assert_eq!(
        refusal(&format!("{TEXT}\nmore")),
        "line 7: expected nothing after `end`, got `more`"
    );
    assert_eq!(
        refusal_with("\"beamline replay\"", "\"a log\""),
        "line 1: field `format`: expected the text `beamline replay`, got `a log`",
    );
    let bytes = [TEXT.as_bytes(), b"{\"a\":\"\xff\"}"].concat();
    let error = Artefact::parse(&bytes).unwrap_err().to_string();
    assert_eq!(error, "line 6: not UTF-8 text at byte 7 of the line");
}

#[test]
fn a_change_is_noticed_and_can_be_meant() {
    let changed = TEXT.replace(r#""rank":6"#, r#""rank":5"#);
    let refused = refusal(&changed);
    assert!(
        refused.starts_with("line 5: field `checksum`: expected `"),
        "{refused}"
    );
    assert!(
        refused.ends_with("the file was changed (take the field out to use the file as it is)")
    );
    let at = changed.find(",\"checksum\"").unwrap();
    let meant = format!("{}}}\n", &changed[..at]);
    let (read, warnings) = Artefact::parse(meant.as_bytes()).unwrap();
    assert_eq!(read.deviations().as_slice()[1].rank, 5);
    let warnings: Vec<_> = warnings.iter().map(Warning::to_string).collect();
    assert_eq!(
        warnings,
        ["line 5: field `checksum`: missing, so that changes go unnoticed"]
    );
}

#[test]
fn versions_are_kept_apart() {
    let version =
        |text: &str| TEXT.replace(r#""version":"1.0""#, &format!(r#""version":"{text}""#));
    let later = "line 1: field `version`: expected 1.x, got 2.0: a later Beamline wrote it";
    assert_eq!(refusal(&version("2.0")), later);
    assert_eq!(
        refusal(&version("0.9")),
        "line 1: field `version`: expected 1.x, got 0.9: it is too old",
    );
    assert_eq!(
        refusal(&version("one")),
        "line 1: field `version`: expected a version such as 1.0, got `one`",
    );
}
