//! What a world knows of a scenario from earlier runs: names of chains, and what was learnt.
//!
//! Names are noted in runs with a trace alone: reports tell only of those. What was learnt comes
//! from the calibration alone (contract C12).

use std::collections::{BTreeMap, BTreeSet};
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
    /// How many different queues lead to each process, over all runs of the calibration.
    senders: Arc<FxHashMap<u128, u32>>,
    processes: BTreeSet<Path>,
    queues: BTreeSet<(Path, Path)>,
}

impl Lore {
    /// Goes by what a calibration has learnt from now on.
    pub(super) fn learn(
        &mut self,
        calibration: Arc<Calibration>,
        senders: Arc<FxHashMap<u128, u32>>,
    ) {
        self.calibration = calibration;
        self.senders = senders;
    }

    /// The ids of a process and of the deadlines that it waits for: `0.1` and `0.1~`.
    pub(super) fn process(path: Path) -> (ChoiceId, ChoiceId) {
        let mut label = LabelHash::new();
        path.hash(&mut label);
        let id = label.id();
        label.bytes(b"~");
        (id, label.id())
    }

    /// The id of a queue: `0.1>0.2`.
    pub(super) fn queue(from: Path, to: Path) -> ChoiceId {
        let mut label = LabelHash::new();
        from.hash(&mut label);
        label.bytes(b">");
        to.hash(&mut label);
        label.id()
    }

    /// The id of a timer of a process: `0.1!4`.
    pub(super) fn timer(by: Path, ordinal: u32) -> ChoiceId {
        let mut label = LabelHash::new();
        by.hash(&mut label);
        label.bytes(b"!");
        label.decimal(ordinal);
        label.id()
    }

    /// How many deliveries a run is expected to make through a queue.
    pub(super) fn expected(&self, queue: ChoiceId, granularity: Granularity) -> u32 {
        self.calibration.of(granularity).expected(queue)
    }

    /// Remembers the name of a process.
    pub(super) fn note_process(&mut self, path: Path) {
        self.processes.insert(path);
    }

    /// Remembers the name of a queue.
    pub(super) fn note_queue(&mut self, from: Path, to: Path) {
        self.queues.insert((from, to));
    }

    /// The labels of the ids of all processes and queues met in runs with a trace so far, and of
    /// their deadlines.
    pub(super) fn labels(&self) -> BTreeMap<ChoiceId, String> {
        let processes = self
            .processes
            .iter()
            .flat_map(|path| [path.to_string(), format!("{path}~")]);
        let queues = self.queues.iter().map(|(from, to)| format!("{from}>{to}"));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The quick way to an id gives the id of the label in words.
    #[test]
    fn ids_are_those_of_labels() {
        let mut paths = vec![Path::ROOT];
        for ordinal in [0, 9, 10, 239, 240, 65_536, u32::MAX] {
            let last = paths[paths.len() - 1];
            paths.extend([Path::ROOT.child(ordinal), last.child(ordinal)]);
        }
        for from in &paths {
            let (id, deadlines) = Lore::process(*from);
            assert_eq!(id, ChoiceId::of(&from.to_string()));
            assert_eq!(deadlines, ChoiceId::of(&format!("{from}~")));
            assert_eq!(Lore::timer(*from, 70), ChoiceId::of(&format!("{from}!70")));
            for to in &paths {
                assert_eq!(
                    Lore::queue(*from, *to),
                    ChoiceId::of(&format!("{from}>{to}"))
                );
            }
        }
    }
}
