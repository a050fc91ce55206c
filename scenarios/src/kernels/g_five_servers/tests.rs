//! The number of classes, three ways: naive search of fewer servers, which five have too many runs
//! for; a model of five; and how many classes random runs of five ever meet.

use std::collections::BTreeSet;

use beamline_sim::{Check, Granularity, Strategy};

#[test]
fn the_classes_are_two_orders_at_each_server_and_all_orders_of_the_reports() {
    let found = Check::new("kernel::g_two_servers")
        .early_firings(0)
        .explore(super::body::<2>);
    assert!(found.complete, "{found}");
    assert_eq!((found.failing_traces, found.traces), (2, 4 * 2), "{found}");

    let found = Check::new("kernel::g_three_servers")
        .early_firings(0)
        .explore(super::body::<3>);
    assert!(found.complete, "{found}");
    assert_eq!((found.failing_traces, found.traces), (6, 8 * 6), "{found}");
}

/// What each of five servers has received, and in which order they have been heard.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    received: [Vec<char>; 5],
    heard: Vec<usize>,
}

impl State {
    /// Every state that one delivery leads to: the kernel as the text above it says, without any
    /// of the code that is judged.
    fn next(&self) -> Vec<State> {
        let mut next = Vec::new();
        for server in 0..5 {
            for letter in ['x', 'y'] {
                if !self.received[server].contains(&letter) {
                    let mut state = self.clone();
                    state.received[server].push(letter);
                    next.push(state);
                }
            }
            if self.received[server].len() == 2 && !self.heard.contains(&server) {
                let mut state = self.clone();
                state.heard.push(server);
                next.push(state);
            }
        }
        next
    }
}

/// A state holds what each process has met and in which order, which is what a class is: so the
/// final states are the classes.
#[test]
fn a_naive_search_of_a_model_counts_what_is_declared() {
    let mut seen = BTreeSet::from([State::default()]);
    let mut open = vec![State::default()];
    let (mut all, mut failing) = (0, 0);
    while let Some(state) = open.pop() {
        let next = state.next();
        if next.is_empty() {
            all += 1;
            failing += u64::from(state.received.iter().all(|letters| letters[0] == 'x'));
        }
        let fresh = next.into_iter().filter(|state| seen.insert(state.clone()));
        open.extend(fresh);
    }
    let declared = super::scenario().class_counts();
    assert_eq!(Some((failing, all)), declared);
}

/// Forty draws for each class: that one of them is missed has odds of less than one in ten
/// thousand even where it is drawn a third as often as others.
#[test]
fn random_runs_of_the_program_meet_as_many_classes_and_no_more() {
    let (_, all) = super::scenario().class_counts().expect("declared");
    let report = Check::new("kernel::g_classes")
        .strategy(Strategy::random())
        .granularity(Granularity::Fused)
        .runs(40 * all)
        .double_runs(0.0)
        .regressions(None)
        .report(async || {
            super::x_first::<5>().await;
        });
    assert!(report.findings.is_empty());
    assert_eq!(report.distinct_traces, all);
}
