//! Generates synthetic rows.

use std::borrow::Cow;
use std::collections::VecDeque;

use events::UnitPrice;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::checksums::Tally;
use super::{Checksums, calendar, invoice, traps};
use crate::Prefix;
use crate::item::Row;

/// Below this number of rows invoices are short; otherwise one invoice could take all rows.
const LARGE_FROM: u64 = 5_000;

/// Opening minutes until the last edge case is ordered.
const LAST_TRAP: u64 = 70;

/// First invoice number after those of the edge cases. The real data has 536365 to 581587.
const FIRST_INVOICE: u64 = 700_400;

/// A row before it is formatted.
#[derive(Clone, Debug)]
pub(super) struct SyntheticRow {
    pub(super) invoice: String,
    pub(super) code: Cow<'static, str>,
    pub(super) description: Cow<'static, str>,
    pub(super) quantity: i32,
    /// Opening minutes of the shop since its first day.
    pub(super) minutes: u64,
    /// The real data has prices of 0.001 pounds, so pence would be too coarse.
    pub(super) tenths_of_a_penny: i64,
    pub(super) customer: Option<u32>,
    pub(super) country: &'static str,
}

/// Iterates over a given number of synthetic rows: first every edge case of the real data, then random invoices over
/// one year.
///
/// Deterministic on every machine: the same number and seed give the same rows with the same ids. It uses no floating
/// point, and a random generator with a specification.
#[derive(Debug)]
pub(crate) struct SyntheticRows {
    prefix: Prefix,
    rng: ChaCha8Rng,
    total: u64,
    number: u64,
    invoice: u64,
    waiting: VecDeque<SyntheticRow>,
    tally: Tally,
}

impl SyntheticRows {
    /// Generates `total` rows from `seed`.
    #[must_use]
    pub(crate) fn new(total: u64, seed: u64) -> Self {
        // The name is part of the ids of all events: it must not change.
        let name = format!("riverhouse made rows v1: {total} of seed {seed}");
        Self {
            prefix: Prefix::new(&Sha256::digest(name).into()),
            rng: ChaCha8Rng::seed_from_u64(seed),
            total,
            number: 0,
            invoice: FIRST_INVOICE,
            waiting: traps::rows().collect(),
            tally: Tally::default(),
        }
    }

    /// Returns the prefix of the ids of its events.
    #[must_use]
    pub(crate) fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    /// Returns the total number of rows.
    #[must_use]
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Returns the sums over the rows generated so far.
    #[must_use]
    pub(crate) fn checksums(&self) -> Checksums {
        self.tally.sums()
    }

    fn generate_invoice(&mut self) {
        let minutes = self.minutes();
        // About as many rows per customer as in the real data.
        let customers = u32::try_from(self.total / 124).unwrap_or(u32::MAX).max(40);
        let most = if self.total < LARGE_FROM {
            60
        } else {
            u32::MAX
        };
        let (rng, number) = (&mut self.rng, self.invoice);
        self.waiting
            .extend(invoice::generate(rng, number, minutes, customers, most));
        self.invoice += 1;
    }

    /// Spreads the rows over the year, whatever their number.
    fn minutes(&self) -> u64 {
        let all = u128::from(self.total.max(1));
        let part =
            u128::from(calendar::OPEN_MINUTES - LAST_TRAP - 2) * u128::from(self.number) / all;
        LAST_TRAP + u64::try_from(part).unwrap_or(calendar::OPEN_MINUTES)
    }

    fn written(&mut self, row: SyntheticRow) -> Row<'static> {
        let price = Decimal::new(row.tenths_of_a_penny, 3).normalize();
        // Tenths of a penny have three decimal places; a price may have four.
        if let Ok(price) = UnitPrice::try_from(price) {
            self.tally
                .add(&row.invoice, row.quantity, price, row.customer);
        }
        let fields = [
            row.invoice.into(),
            row.code,
            row.description,
            row.quantity.to_string().into(),
            calendar::written(row.minutes).into(),
            price.to_string().into(),
            row.customer
                .map(|customer| customer.to_string())
                .unwrap_or_default()
                .into(),
            row.country.into(),
        ];
        Row {
            number: self.number,
            line: self.number,
            position: self.number,
            fields,
        }
    }
}

impl Iterator for SyntheticRows {
    type Item = Row<'static>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.number == self.total {
            return None;
        }
        if self.waiting.is_empty() {
            self.generate_invoice();
        }
        let row = self.waiting.pop_front()?;
        self.number += 1;
        Some(self.written(row))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use events::{Amount, Kind, OrderLine};
    use proptest::prelude::*;

    use super::*;
    use crate::event;

    fn json(total: u64, seed: u64) -> (Vec<String>, Checksums) {
        let mut rows = SyntheticRows::new(total, seed);
        let mut lines = Vec::new();
        let prefix = rows.prefix.clone();
        for row in &mut rows {
            let mut out = Vec::new();
            event::write(&mut out, &prefix, row.number, &row.fields);
            lines.push(String::from_utf8(out).unwrap());
        }
        (lines, rows.checksums())
    }

    fn lines(json: &[String]) -> Vec<OrderLine> {
        json.iter()
            .map(|json| events::read(json).unwrap().line)
            .collect()
    }

    #[test]
    fn the_traps_come_first() {
        insta::assert_snapshot!(json(27, 1).0.join("\n"));
    }

    #[test]
    fn the_same_seed_makes_the_same_events_and_another_makes_others() {
        assert_eq!(json(400, 7), json(400, 7));
        assert_ne!(json(400, 7).0[399], json(400, 8).0[399]);
        assert_ne!(json(400, 7).0[0], json(401, 7).0[0], "ids differ");
    }

    #[test]
    fn the_platform_reads_every_row_and_its_sums_are_the_expected() {
        let (json, expected) = json(20_000, 1);
        let lines = lines(&json);
        let customers: BTreeSet<_> = lines.iter().filter_map(|l| l.customer_id.clone()).collect();
        let invoices: BTreeSet<_> = lines.iter().map(|l| l.invoice_no.clone()).collect();
        let revenue: Amount = lines.iter().map(OrderLine::amount).sum();
        assert_eq!(expected.rows, 20_000);
        assert_eq!(
            expected.units,
            lines.iter().map(|l| i64::from(l.quantity)).sum::<i64>()
        );
        assert_eq!(expected.revenue, revenue.into());
        assert_eq!(expected.invoices, invoices.len());
        assert_eq!(expected.customers, customers.len());
        insta::assert_json_snapshot!(expected, @r#"
        {
          "rows": 20000,
          "units": 256009,
          "revenue": "859888.398",
          "invoices": 1077,
          "customers": 155
        }
        "#);
    }

    #[test]
    fn made_rows_are_distributed_like_the_real_ones() {
        let lines = lines(&json(20_000, 1).0);
        let share = |of: &dyn Fn(&OrderLine) -> bool| lines.iter().filter(|l| of(l)).count();
        let mut sizes = BTreeMap::<_, u32>::new();
        for line in &lines {
            *sizes.entry(line.invoice_no.clone()).or_default() += 1;
        }
        let times: BTreeSet<_> = lines
            .iter()
            .map(|l| (l.invoice_ts.year(), l.invoice_ts.month()))
            .collect();
        assert!((3_000..7_000).contains(&share(&|l| l.customer_id.is_none())));
        assert!((200..800).contains(&share(&|l| l.kind == Kind::Cancellation)));
        assert!((700..1_400).contains(&sizes.len()), "{}", sizes.len());
        assert!(
            sizes.values().any(|lines| *lines > 500),
            "one larger than a request"
        );
        assert_eq!(times.len(), 13, "every month from December to December");
        assert!(
            lines
                .windows(2)
                .all(|pair| pair[0].invoice_ts <= pair[1].invoice_ts + time::Duration::MINUTE)
        );
    }

    proptest! {
        #[test]
        fn any_number_of_any_seed_is_made_in_full(total in 0_u64..300, seed in any::<u64>()) {
            let (json, expected) = json(total, seed);
            prop_assert_eq!(json.len() as u64, total);
            prop_assert_eq!(expected.rows, total);
            lines(&json);
        }
    }
}
