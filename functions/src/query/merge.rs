//! Merges the lines of several envelopes into one line per event id.

use std::collections::{BTreeMap, BTreeSet};

use events::{EnvelopeId, EventId};

/// Lines by event id. If an id has several contents, the content of the smallest envelope id wins.
#[derive(Debug)]
pub(super) struct Merge<L> {
    lines: BTreeMap<EventId, (EnvelopeId, L)>,
    conflicts: BTreeSet<EventId>,
}

impl<L> Default for Merge<L> {
    fn default() -> Self {
        Self {
            lines: BTreeMap::new(),
            conflicts: BTreeSet::new(),
        }
    }
}

impl<L: PartialEq> Merge<L> {
    /// Adds the line of event `id` in `envelope`. The order of the calls does not matter.
    pub(super) fn add(&mut self, envelope: &EnvelopeId, id: EventId, line: L) {
        let Some((winner, known)) = self.lines.get_mut(&id) else {
            self.lines.insert(id, (envelope.clone(), line));
            return;
        };
        if *known != line {
            self.conflicts.insert(id);
        }
        if envelope < winner {
            *winner = envelope.clone();
            *known = line;
        }
    }

    /// Returns the winning envelope and line of each event, in the order of the event ids.
    pub(super) fn winners(&self) -> impl Iterator<Item = &(EnvelopeId, L)> {
        self.lines.values()
    }

    /// Returns the number of event ids with several contents.
    pub(super) fn conflicts(&self) -> usize {
        self.conflicts.len()
    }

    /// Returns the winning lines in the order of their event ids.
    pub(super) fn into_lines(self) -> Vec<L> {
        self.lines.into_values().map(|(_, line)| line).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn envelope(digit: u8) -> EnvelopeId {
        format!("{digit:032x}").parse().unwrap()
    }

    proptest! {
        #[test]
        fn the_smallest_envelope_wins_in_any_order(
            said in prop::collection::vec((0..4_u8, 0..3_u8), 1..30)
        ) {
            // An envelope id is a hash of the content, so one envelope has one content for an id.
            let content = |envelope: u8, id: u8| (envelope / 2) ^ id;
            let merged = |said: &[(u8, u8)]| {
                let mut merge = Merge::default();
                for (of, id) in said {
                    merge.add(&envelope(*of), id.to_string().parse().unwrap(), content(*of, *id));
                }
                (merge.conflicts(), merge.into_lines())
            };
            let mut expected: BTreeMap<u8, BTreeMap<u8, u8>> = BTreeMap::new();
            for (of, id) in &said {
                expected.entry(*id).or_default().insert(*of, content(*of, *id));
            }
            let lines: Vec<_> = expected.values().filter_map(|said| said.values().next().copied()).collect();
            let conflicts = expected.values().filter(|said| {
                said.values().collect::<BTreeSet<_>>().len() > 1
            });
            prop_assert_eq!(merged(&said), (conflicts.count(), lines));
            let mut reversed = said.clone();
            reversed.reverse();
            prop_assert_eq!(merged(&reversed), merged(&said));
        }
    }
}
