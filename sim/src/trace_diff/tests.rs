//! Differences of real traces.

use beamline::prelude::*;

use super::*;
use crate::campaign::{Campaign, Settings, replay_seed};
use crate::strategy::Strategy;
use crate::world::Body;

fn trace_of(run: u64) -> Vec<Record> {
    let body = Body::new(async || {
        let root = me();
        for letter in ['a', 'b', 'c', 'd'] {
            spawn(async move |_| send(root, letter));
        }
        let mut mailbox = mailbox();
        for _ in 0..4 {
            mailbox.receive::<char>().await;
        }
    });
    let settings = Settings {
        strategy: Strategy::random(),
        ..Settings::default()
    };
    replay_seed(
        &Campaign {
            name: "letters".into(),
            body,
            settings,
        },
        run,
    )
    .trace
}

#[test]
fn equal_traces_do_not_differ() {
    assert_eq!(diff(&trace_of(0), &trace_of(0)), None);
    assert_eq!(diff(&[], &[]), None);
}

#[test]
fn the_first_record_that_differs_is_named() {
    let one = trace_of(0);
    let other = (1..50)
        .map(trace_of)
        .find(|other| *other != one)
        .expect("another order");
    let difference = diff(&one, &other).expect("they differ");
    let at = difference.record;
    assert_eq!(one[..at], other[..at]);
    assert_ne!(one[at], other[at]);
    assert!(difference.step >= one[at].step);
    let shown = difference.to_string();
    assert!(
        shown.starts_with(&format!("first difference: record {at} of step ")),
        "{shown}"
    );
    assert!(
        shown.contains("\n-step ") && shown.contains("\n+step "),
        "{shown}"
    );
}

#[test]
fn a_trace_that_ends_early_differs_where_it_ends() {
    let one = trace_of(0);
    let difference = diff(&one[..7], &one).expect("one is shorter");
    assert_eq!((difference.record, difference.one.as_deref()), (7, None));
    assert!(difference.other.is_some());
    assert_eq!(difference.step, one[7].step);
    assert!(!difference.unified.contains("\n-"), "{difference}");
}

#[test]
fn traces_have_a_line_for_each_record() {
    let trace = trace_of(3);
    let text = text(&trace);
    assert_eq!(text.lines().count(), trace.len());
    assert!(
        text.starts_with("step 0 0 is the root\nstep 0 0 spawns 0.0\n"),
        "{text}"
    );
    assert!(text.contains(" -- 0.2>0, "), "{text}");
    assert!(text.contains(" 0 receives 'b' from 0.1\n"), "{text}");
    let json = json_lines(&trace);
    assert_eq!(json.lines().count(), trace.len());
    for (line, record) in json.lines().zip(&trace) {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(value["step"], record.step);
        assert!(value["k"].is_string());
    }
}
