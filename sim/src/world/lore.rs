//! What a world knows of a scenario from earlier runs: names of chains, and what was learnt.
//!
//! Ids are computed once per path and pair and kept, since most runs of a scenario have the same.
//! What was learnt comes from the calibration alone (contract C12).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::path::Path;
use crate::choice::{ChoiceId, LabelHash};
use crate::mode::Granularity;
use crate::strategy::Calibration;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Lore {
    calibration: Arc<Calibration>,
    processes: FxHashMap<u128, (ChoiceId, ChoiceId)>,
    queues: FxHashMap<(u128, u128), Known>,
    /// How many different queues lead to each process, over all runs of the calibration.
    senders: FxHashMap<u128, u32>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    id: ChoiceId,
    fused: u32,
    fine: u32,
}

struct Hashed<'a>(&'a mut LabelHash);

impl Write for Hashed<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.bytes(text.as_bytes());
        Ok(())
    }
}

fn id_of(label: std::fmt::Arguments<'_>) -> ChoiceId {
    let mut hash = LabelHash::new();
    // Hashing cannot fail.
    let _ = Hashed(&mut hash).write_fmt(label);
    hash.id()
}

impl Lore {
    /// Goes by what a calibration has learnt from now on.
    pub(super) fn learn(&mut self, calibration: Arc<Calibration>, senders: &FxHashMap<u128, u32>) {
        self.calibration = calibration;
        self.senders.clone_from(senders);
        self.queues.clear();
    }

    /// The ids of a process and of the deadlines that it waits for.
    pub(super) fn process(&mut self, path: Path) -> (ChoiceId, ChoiceId) {
        let ids = || {
            (
                id_of(format_args!("{path}")),
                id_of(format_args!("{path}~")),
            )
        };
        *self.processes.entry(path.key()).or_insert_with(ids)
    }

    /// The id of a queue and how many deliveries a run is expected to make through it.
    pub(super) fn queue(
        &mut self,
        from: Path,
        to: Path,
        granularity: Granularity,
    ) -> (ChoiceId, u32) {
        let calibration = &self.calibration;
        let known = self
            .queues
            .entry((from.key(), to.key()))
            .or_insert_with(|| {
                let id = id_of(format_args!("{from}>{to}"));
                let (fused, fine) = (
                    calibration.fused.expected(id),
                    calibration.fine.expected(id),
                );
                Known { id, fused, fine }
            });
        let expected = if granularity == Granularity::Fine {
            known.fine
        } else {
            known.fused
        };
        (known.id, expected)
    }

    /// The id of a timer of a process.
    pub(super) fn timer(&self, by: Path, ordinal: u32) -> ChoiceId {
        id_of(format_args!("{by}!{ordinal}"))
    }

    /// The labels of all ids of processes and queues met so far, and of their deadlines.
    pub(super) fn labels(&self) -> BTreeMap<ChoiceId, String> {
        let processes = self.processes.keys().flat_map(|key| {
            let path = Path::from_key(*key);
            [path.to_string(), format!("{path}~")]
        });
        let queues = self
            .queues
            .keys()
            .map(|(from, to)| format!("{}>{}", Path::from_key(*from), Path::from_key(*to)));
        let labels = processes
            .chain(queues)
            .map(|label| (ChoiceId::of(&label), label));
        labels.collect()
    }

    /// How many queues were seen to lead to a process.
    pub(super) fn senders(&self, to: Path) -> u32 {
        self.senders.get(&to.key()).copied().unwrap_or(0)
    }
}
