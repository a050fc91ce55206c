//! Registries, global names and partitions: who stands under which key, and where keys are routed.

use std::collections::BTreeMap;

use beamline::Pid;
use beamline::backend::record::registry::Registration;
use rustc_hash::FxHashMap;

use super::book::Book;
use super::catalogue::Id;
use super::people::People;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Registries {
    /// Of each registry that is judged, who stands under its keys, by serial.
    entries: FxHashMap<usize, FxHashMap<u64, BTreeMap<u64, Pid>>>,
    /// Where numbers were routed, by supervisor, its number of partitions, and number.
    routes: BTreeMap<(String, usize, u64), usize>,
}

impl Registries {
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.routes.clear();
    }

    pub(super) fn see(
        &mut self,
        book: &mut Book,
        people: &People,
        pid: Pid,
        event: &Registration<'_>,
    ) {
        match *event {
            Registration::Begun { registry } => {
                self.entries.insert(registry, FxHashMap::default());
            }
            Registration::Cleared { registry } => {
                // Which entries those were is not known here: it is no longer judged.
                self.entries.remove(&registry);
            }
            Registration::Entered {
                registry,
                holder,
                unique,
                key,
                serial,
            } => {
                let Some(entries) = self.entries.get_mut(&registry) else {
                    return;
                };
                let held = entries.entry(key).or_default();
                if unique {
                    let other = held.values().find(|other| people.is_well(**other));
                    book.judge(Id::KeyUnique, other.is_none(), || {
                        format!("{holder} and {other:?} have one key of a registry")
                    });
                }
                held.insert(serial, holder);
            }
            Registration::Removed {
                registry,
                key,
                serial,
            } => {
                let entries = self.entries.get_mut(&registry);
                if let Some(held) = entries.and_then(|entries| entries.get_mut(&key)) {
                    held.remove(&serial);
                }
            }
            Registration::Found {
                registry,
                key,
                pid: found,
            } => {
                self.found(book, pid, (registry, key), found);
            }
            Registration::Routed {
                supervisor,
                number,
                partitions,
                partition,
            } => {
                let route = (supervisor.to_string(), partitions, number);
                let before = *self.routes.entry(route).or_insert(partition);
                book.judge(Id::RouteStable, before == partition, || {
                    format!("{supervisor:?} routed {number} to {before}, and then to {partition}")
                });
            }
            _ => {}
        }
    }

    fn found(&self, book: &mut Book, pid: Pid, (registry, key): (usize, u64), found: Option<Pid>) {
        let Some(entries) = self.entries.get(&registry) else {
            return;
        };
        let held = entries.get(&key);
        let stands = held.and_then(|held| held.values().next().copied());
        book.judge(Id::KeyFound, stands == found, || {
            format!("{pid} looked up a key: {found:?} was found, {stands:?} stands there")
        });
    }
}
