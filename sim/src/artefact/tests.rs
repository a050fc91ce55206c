//! Files are read back equal, and whatever is wrong with one is said plainly.

use serde_json::json;

use super::*;
use crate::choice::ChoiceKind;

mod properties;
mod refusals;

fn header() -> Header {
    Header {
        scenario: "pool::lease".into(),
        beamline: "0.1.0".into(),
        rustc: Some("1.95.0".into()),
        target: None,
        granularity: Granularity::Fused,
        delivery: Delivery::Pairwise,
        strategy: "portfolio".into(),
        seed: Seed(0x2a),
        run: 17,
        faults: Faults::none().crashes(1).victims(["worker"]),
        limits: BTreeMap::from([("steps".to_owned(), 1_000_000)]),
        verdict: "always pool.returned".into(),
        location: Some("src/pool.rs:40".into()),
        story: 12,
        extra: Map::new(),
    }
}

fn labelled(index: u64, kind: ChoiceKind, n: u32, rank: u32, label: &str) -> Deviation {
    Deviation {
        index,
        kind,
        n,
        rank,
        id: ChoiceId::of(label),
    }
}

fn sample() -> Artefact {
    let deviations = [
        labelled(3, ChoiceKind::Event, 2, 1, "0.1>0.2"),
        labelled(9, ChoiceKind::Crash, 7, 6, "0.2"),
        labelled(12, ChoiceKind::Event, 3, 2, "not in the table"),
    ];
    let label_of = |id| {
        let known = ["0.1>0.2", "0.2"]
            .into_iter()
            .find(|label| ChoiceId::of(label) == id);
        known.map(str::to_owned)
    };
    Artefact::new(header(), &deviations.into_iter().collect(), &label_of)
}

const TEXT: &str = concat!(
    r##"{"format":"beamline replay","version":"1.0","scenario":"pool::lease","beamline":"0.1.0","##,
    r##""rustc":"1.95.0","##,
    r##""granularity":"fused","delivery":"pairwise","##,
    r##""strategy":"portfolio","seed":"0x2a","run":17,"##,
    r##""faults":{"crash":1,"victims":["worker"]},"##,
    r##""limits":{"steps":1000000},"##,
    r##""verdict":"always pool.returned","##,
    r##""location":"src/pool.rs:40","story":12}"##,
    "\n",
    r##"{"index":3,"kind":"event","n":2,"rank":1,"id":"0.1>0.2"}"##,
    "\n",
    r##"{"index":9,"kind":"crash","n":7,"rank":6,"id":"0.2"}"##,
    "\n",
    r##"{"index":12,"kind":"event","n":3,"rank":2,"id":"#7e776e3737a6f113"}"##,
    "\n",
    r##"{"end":3,"checksum":"41fe4a61851477f1"}"##,
    "\n",
);

/// The format as it stands in files that people keep.
#[test]
fn the_text_of_a_file_is_pinned() {
    assert_eq!(sample().to_text(), TEXT);
    assert_eq!(
        Artefact::parse(TEXT.as_bytes()).unwrap(),
        (sample(), vec![])
    );
}

#[test]
fn deviations_and_labels_come_back() {
    let (read, _) = Artefact::parse(TEXT.as_bytes()).unwrap();
    assert_eq!(read.deviations(), sample().deviations());
    assert_eq!(
        read.deviations().as_slice()[2].id,
        ChoiceId::of("not in the table")
    );
    assert_eq!(read.label_of(ChoiceId::of("0.2")), Some("0.2"));
    assert_eq!(read.label_of(ChoiceId::of("0.3")), None);
    assert_eq!(read.steps()[0].label, "0.1>0.2");
}

#[test]
fn a_label_that_is_not_that_of_its_id_is_not_written() {
    let deviations = [labelled(0, ChoiceKind::Event, 2, 1, "right")]
        .into_iter()
        .collect();
    let artefact = Artefact::new(header(), &deviations, &|_| Some("wrong".into()));
    assert_eq!(artefact.steps()[0].label, ChoiceId::of("right").to_string());
    let (read, _) = Artefact::parse(artefact.to_text().as_bytes()).unwrap();
    assert_eq!(read.deviations(), deviations);
}

#[test]
fn a_mixed_granularity_becomes_that_of_the_run() {
    let mixed = |run| Header {
        granularity: Granularity::Mixed,
        run,
        ..header()
    };
    let granularity = |run| Artefact::new(mixed(run), &Deviations::new(), &|_| None).header;
    assert_eq!(granularity(0).granularity, Granularity::Fused);
    assert_eq!(granularity(4).granularity, Granularity::Fine);
}

#[test]
fn ends_of_lines_and_blank_lines_do_not_count() {
    let dos = format!("\u{feff}\n{}", TEXT.replace('\n', "\r\n\r\n"));
    assert_eq!(Artefact::parse(dos.as_bytes()).unwrap(), (sample(), vec![]));
}

#[test]
fn fields_of_a_later_minor_version_are_kept_with_a_warning() {
    let mut later = sample();
    later
        .header
        .extra
        .insert("planet".into(), json!({"name": "Mars", "moons": [1, 2.5]}));
    later.steps[1].extra.insert("mood".into(), json!(null));
    later.trailer.insert("farewell".into(), json!("bye"));
    let text = later.to_text();
    let (read, warnings) = Artefact::parse(text.as_bytes()).unwrap();
    assert_eq!(read, later);
    assert_eq!(read.to_text(), text);
    let warnings: Vec<_> = warnings.iter().map(Warning::to_string).collect();
    assert_eq!(
        warnings,
        [
            "line 1: unknown field `planet`, kept but not used",
            "line 3: unknown field `mood`, kept but not used",
            "line 5: unknown field `farewell`, kept but not used",
        ],
    );
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a folder that no other test process uses"
)]
fn a_file_is_replaced_whole_and_leaves_nothing_behind() {
    let folder = std::env::temp_dir().join(format!("beamline-artefact-{}", std::process::id()));
    let path = folder.join("deep/er/pool.replay");
    sample().write(&path).unwrap();
    let mut other = sample();
    other.header.story = 99;
    other.write(&path).unwrap();
    assert_eq!(Artefact::read(&path).unwrap().0, other);
    let names: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1);

    // A folder stands where the file should go: nothing is written, nothing is left.
    let blocked = folder.join("deep");
    assert!(sample().write(&blocked).is_err());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    let missing = Artefact::read(&folder.join("none"))
        .unwrap_err()
        .to_string();
    assert!(missing.contains("none: "), "{missing}");
    std::fs::remove_dir_all(&folder).unwrap();
}
