//! Which events belong to a run.

use std::collections::BTreeSet;

use super::Prefix;

/// The events of one run: the rows of a content up to the last row that the run read.
///
/// Streaming the same content again gives the same ids, so a shorter run must not count the events of a longer one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Run {
    prefix: Prefix,
    last_row: u64,
}

impl Run {
    /// Returns the events of the rows up to number `last_row` of the content with this `prefix`.
    #[must_use]
    pub fn new(prefix: Prefix, last_row: u64) -> Self {
        Self { prefix, last_row }
    }

    /// Returns the prefix of all ids of the content.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.prefix.as_ref()
    }

    #[must_use]
    pub fn last_row(&self) -> u64 {
        self.last_row
    }

    /// Adds the numbers of the run's rows whose ids occur in `text`.
    pub fn collect_rows(&self, text: &[u8], rows: &mut BTreeSet<u64>) {
        let prefix = self.prefix().as_bytes();
        let after = text
            .windows(prefix.len())
            .enumerate()
            .filter(|(_, window)| *window == prefix)
            .map(|(at, _)| &text[at + prefix.len()..]);
        for rest in after {
            let digits = rest.strip_prefix(b"-").unwrap_or_default();
            let end = digits.iter().position(|byte| !byte.is_ascii_digit());
            let digits = &digits[..end.unwrap_or(digits.len())];
            let number = str::from_utf8(digits).ok().and_then(|it| it.parse().ok());
            rows.extend(number.filter(|number| (1..=self.last_row).contains(number)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_a_run_are_found_in_a_text_once_each_and_no_others() {
        let prefix = Prefix::new(&[7; 32]);
        let run = Run::new(prefix.clone(), 20);
        let other = Prefix::new(&[8; 32]);
        let text = [
            prefix.id(3),
            prefix.id(3),
            prefix.id(20),
            prefix.id(21),
            other.id(4),
            format!("{}-x", prefix.as_ref()),
            prefix.as_ref().to_owned(),
        ]
        .join("\",\"");
        let mut rows = BTreeSet::new();
        run.collect_rows(text.as_bytes(), &mut rows);
        assert_eq!(rows, [3, 20].into());
    }
}
