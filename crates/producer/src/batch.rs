//! Gathers rows into request bodies.

/// Maximum number of events per request, a limit of the API.
pub const MAX_EVENTS: usize = 500;

/// Maximum size of a body in bytes: below the API's limit of 4 MiB.
pub const MAX_BYTES: usize = 4_000_000;

/// Maximum size of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Number of events, at least 1.
    pub events: usize,
    /// Size of the body in bytes.
    pub bytes: usize,
}

/// Events of one request as a JSON array, with the line of the source that each came from.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Batch {
    body: Vec<u8>,
    /// Offset in the body where each event ends.
    ends: Vec<usize>,
    lines: Vec<u64>,
    /// Progress through the source after the last row: bytes of a file, or number of synthetic rows.
    pub position: u64,
}

impl Batch {
    /// Returns the number of events.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the body of the request.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the line of the source that event `index` came from.
    #[must_use]
    pub fn line(&self, index: usize) -> Option<u64> {
        self.lines.get(index).copied()
    }

    /// Returns a batch of these events only, in this order. Ignores indexes that do not exist.
    #[must_use]
    pub fn only(&self, indexes: &[usize]) -> Self {
        let mut some = Self {
            position: self.position,
            ..Self::default()
        };
        for &index in indexes.iter().filter(|index| **index < self.len()) {
            some.push(self.lines[index], |body| {
                body.extend_from_slice(self.event(index));
            });
        }
        some.seal();
        some
    }

    fn event(&self, index: usize) -> &[u8] {
        let start = match index.checked_sub(1) {
            Some(before) => self.ends[before],
            None => 0,
        };
        // Each event follows one byte: `[` or `,`.
        &self.body[start + 1..self.ends[index]]
    }

    fn push(&mut self, line: u64, write: impl FnOnce(&mut Vec<u8>)) {
        self.body
            .push(if self.ends.is_empty() { b'[' } else { b',' });
        write(&mut self.body);
        self.ends.push(self.body.len());
        self.lines.push(line);
    }

    fn seal(&mut self) {
        self.body.push(b']');
    }

    /// Removes the events from index `first` on from an unsealed batch, and returns them as a batch.
    fn split_off(&mut self, first: usize, capacity: usize) -> Self {
        let cut = self.ends[first - 1];
        let mut body = Vec::with_capacity(capacity);
        body.extend_from_slice(&self.body[cut..]);
        body[0] = b'[';
        self.body.truncate(cut);
        let ends = self
            .ends
            .split_off(first)
            .into_iter()
            .map(|end| end - cut)
            .collect();
        Self {
            body,
            ends,
            lines: self.lines.split_off(first),
            position: self.position,
        }
    }
}

/// Gathers events into batches, in order and without loss.
///
/// A batch ends at the end of an invoice if it is then at least three quarters full. The API writes one record per
/// invoice and request, so an undivided invoice is one record and one item.
#[derive(Debug)]
pub(crate) struct Batcher {
    limits: Limits,
    open: Batch,
    invoice: String,
    /// Index of the first event of the last invoice in `open`.
    invoice_start: usize,
}

impl Batcher {
    /// Returns an empty batcher.
    #[must_use]
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            open: Batch::default(),
            invoice: String::new(),
            invoice_start: 0,
        }
    }

    /// Adds the event of `invoice` from `line`, which `write` appends. Returns a batch when one is full.
    ///
    /// `position` is the progress through the source after this row.
    pub(crate) fn push(
        &mut self,
        invoice: &str,
        line: u64,
        position: u64,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Option<Batch> {
        let before = self.open.position;
        if self.invoice != invoice {
            invoice.clone_into(&mut self.invoice);
            self.invoice_start = self.open.len();
        }
        self.open.push(line, write);
        self.open.position = position;
        let events = self.open.len();
        let fits = events <= self.limits.events && self.open.body.len() < self.limits.bytes;
        (!fits && events > 1).then(|| {
            let mut full = self.cut();
            full.position = before;
            full
        })
    }

    /// Returns the remaining events.
    pub(crate) fn finish(&mut self) -> Option<Batch> {
        let mut last = std::mem::take(&mut self.open);
        self.invoice_start = 0;
        (!last.is_empty()).then(|| {
            last.seal();
            last
        })
    }

    /// Returns whether a cut before event `at` leaves a batch that is at least three quarters full, and a rest that
    /// fits into the next batch.
    fn ends_well(&self, at: usize) -> bool {
        let is_full = at * 4 >= self.open.len() * 3;
        let cut = at.checked_sub(1).map_or(0, |last| self.open.ends[last]);
        is_full && self.open.body.len() - cut < self.limits.bytes
    }

    fn cut(&mut self) -> Batch {
        let events = self.open.len();
        let at = if self.ends_well(self.invoice_start) {
            self.invoice_start
        } else {
            events - 1
        };
        let rest = self.open.split_off(at, self.open.body.capacity());
        self.invoice_start = self.invoice_start.saturating_sub(at);
        let mut full = std::mem::replace(&mut self.open, rest);
        full.seal();
        full
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn batches(limits: Limits, rows: &[(String, usize)]) -> Vec<Batch> {
        let mut batcher = Batcher::new(limits);
        let mut done = Vec::new();
        for (number, (invoice, size)) in rows.iter().enumerate() {
            let number = number as u64;
            let write = |body: &mut Vec<u8>| {
                body.extend_from_slice(format!("[{number},\"{}\"]", "x".repeat(*size)).as_bytes());
            };
            done.extend(batcher.push(invoice, number, number, write));
        }
        done.extend(batcher.finish());
        assert_eq!(batcher.finish(), None);
        done
    }

    fn rows(invoices: &[(&str, usize)]) -> Vec<(String, usize)> {
        let of = |(invoice, lines): &(&str, usize)| vec![((*invoice).to_owned(), 1); *lines];
        invoices.iter().flat_map(of).collect()
    }

    fn sizes(limits: Limits, invoices: &[(&str, usize)]) -> Vec<usize> {
        batches(limits, &rows(invoices))
            .iter()
            .map(Batch::len)
            .collect()
    }

    const TWENTY: Limits = Limits {
        events: 20,
        bytes: MAX_BYTES,
    };

    #[test]
    fn a_batch_ends_where_an_invoice_does_if_that_costs_little() {
        assert_eq!(sizes(TWENTY, &[("1", 18), ("2", 4), ("3", 9)]), [18, 13]);
    }

    #[test]
    fn an_invoice_is_parted_rather_than_a_batch_sent_half_empty() {
        assert_eq!(sizes(TWENTY, &[("1", 5), ("2", 18)]), [20, 3]);
        assert_eq!(sizes(TWENTY, &[("1", 45)]), [20, 20, 5]);
    }

    #[test]
    fn an_invoice_that_ends_with_the_batch_stays_in_it() {
        assert_eq!(sizes(TWENTY, &[("1", 10), ("2", 10), ("3", 1)]), [20, 1]);
        assert_eq!(sizes(TWENTY, &[("1", 20)]), [20]);
        assert_eq!(sizes(TWENTY, &[]), [0; 0]);
    }

    #[test]
    fn a_resent_part_holds_only_the_events_asked_for() {
        let batch = batches(TWENTY, &rows(&[("1", 4)])).remove(0);
        let some = batch.only(&[1, 3, 9]);
        assert_eq!(some.body(), b"[[1,\"x\"],[3,\"x\"]]");
        assert_eq!(
            (some.line(0), some.line(1), some.line(2)),
            (Some(1), Some(3), None)
        );
        assert_eq!(batch.only(&[0, 1, 2, 3]), batch);
    }

    proptest! {
        #[test]
        fn batching_loses_nothing_and_keeps_order_and_limits(
            rows in prop::collection::vec(("[12]", 0_usize..60), 0..200),
            events in 1_usize..30,
            bytes in 80_usize..600,
        ) {
            let mut seen = Vec::new();
            for batch in batches(Limits { events, bytes }, &rows) {
                prop_assert!((1..=events).contains(&batch.len()));
                prop_assert!(batch.body().len() <= bytes);
                let back: Vec<(u64, String)> = serde_json::from_slice(batch.body()).unwrap();
                prop_assert_eq!(back.len(), batch.len());
                for (index, (number, text)) in back.into_iter().enumerate() {
                    prop_assert_eq!(batch.line(index), Some(number));
                    prop_assert_eq!(text.len(), rows[usize::try_from(number).unwrap()].1);
                    seen.push(number);
                }
                prop_assert!(batch.position >= *seen.last().unwrap());
            }
            prop_assert_eq!(seen, (0..rows.len() as u64).collect::<Vec<_>>());
        }
    }
}
