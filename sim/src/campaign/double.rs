//! Making runs twice: determinism is enforced, not hoped for (contract C11).
//!
//! Most doubled runs are compared by hash, number of events, virtual time, outcome and tape. A few
//! are made twice more with a trace and compared record by record, which also shows values that
//! differ without changing what happens.

use super::calibrate::Runner;
use crate::tape::Tape;
use crate::trace::Record;
use crate::trace_diff;
use crate::world::Finished;

/// Of the doubled runs, the first so many are compared record by record, and one in so many later.
const DEEP_AT_FIRST: u64 = 4;
const DEEP_EVERY: u64 = 64;

/// How two executions of one run differ.
#[derive(Clone, Debug)]
pub(crate) struct Difference(pub(crate) String);

/// Whether the run of this number is made twice.
pub(super) fn is_doubled(number: u64, share: f64) -> bool {
    ordinal(number + 1, share) > ordinal(number, share)
}

/// Whether a doubled run is compared record by record.
pub(super) fn is_deep(number: u64, share: f64) -> bool {
    let ordinal = ordinal(number, share);
    ordinal < DEEP_AT_FIRST || ordinal.is_multiple_of(DEEP_EVERY)
}

/// How many of the runs before this one are doubled.
fn ordinal(number: u64, share: f64) -> u64 {
    (number as f64 * share.clamp(0.0, 1.0)).ceil() as u64
}

/// Makes a run again and says how it differs from the first time.
pub(super) fn compare(
    runner: &mut Runner<'_>,
    index: u64,
    first: &Finished,
    deep: bool,
) -> Option<Difference> {
    let tape = runner.world().tape().clone();
    let second = runner.run(index, false);
    let difference = shallow(first, &tape, &second, runner.world().tape());
    if difference.is_none() && !deep {
        return None;
    }
    let records = |runner: &mut Runner<'_>| {
        runner.run(index, true);
        runner.world().take_trace()
    };
    let (a, b) = (records(runner), records(runner));
    by_record(&a, &b).or(difference)
}

fn by_record(a: &[Record], b: &[Record]) -> Option<Difference> {
    trace_diff::diff(a, b).map(|difference| Difference(difference.to_string()))
}

fn shallow(a: &Finished, tape_a: &Tape, b: &Finished, tape_b: &Tape) -> Option<Difference> {
    if let Some(divergence) = tape_a.first_difference(tape_b) {
        return Some(Difference(divergence.to_string()));
    }
    let verdict = |run: &Finished| run.verdict.as_ref().map(|verdict| verdict.id.clone());
    let difference = if verdict(a) != verdict(b) {
        format!("the verdict was {:?} and then {:?}", verdict(a), verdict(b))
    } else if a.outcome != b.outcome {
        format!("the outcome was {:?} and then {:?}", a.outcome, b.outcome)
    } else if a.steps != b.steps || a.hash != b.hash || a.time != b.time {
        format!(
            "{} events with hash {:016x} until {} ns, and then {} with {:016x} until {} ns",
            a.steps, a.hash, a.time, b.steps, b.hash, b.time
        )
    } else {
        return None;
    };
    Some(Difference(difference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_kept() {
        let doubled = (0..1_000)
            .filter(|number| is_doubled(*number, 0.05))
            .count();
        assert_eq!(doubled, 50);
        assert!((0..100).all(|number| is_doubled(number, 1.0)));
        assert!(!(0..100).any(|number| is_doubled(number, 0.0)));
        assert!(
            is_doubled(0, 0.05),
            "even a short campaign doubles its first run"
        );
    }
}
