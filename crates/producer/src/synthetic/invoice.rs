//! Generates one random invoice.

use rand::RngExt;

use super::item::{self, Item};
use super::rows::SyntheticRow;
use super::shopper::{self, Shopper};

/// Type and length of the next invoice. The frequencies are those of the real data.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Plan {
    Sale { known: bool, lines: u32 },
    Cancellation { known: bool, lines: u32 },
    WriteOff,
    Adjustment,
}

impl Plan {
    /// Returns the letter before the invoice number, the number of lines, and whether the customer is known.
    fn shape(self) -> (&'static str, u32, bool) {
        match self {
            Self::Sale { known, lines } => ("", lines, known),
            Self::Cancellation { known, lines } => ("C", lines, known),
            Self::WriteOff => ("", 1, false),
            Self::Adjustment => ("A", 1, false),
        }
    }
}

/// Generates invoice `number`, ordered after `minutes` opening minutes, with at most `most` lines.
pub(super) fn generate(
    rng: &mut impl RngExt,
    number: u64,
    minutes: u64,
    customers: u32,
    most: u32,
) -> Vec<SyntheticRow> {
    let plan = plan(rng);
    let (letter, lines, known) = plan.shape();
    let shopper = if known {
        shopper::customer(rng, customers)
    } else {
        shopper::guest(rng)
    };
    let invoice = format!("{letter}{number}");
    let lines = lines.min(most).max(1);
    // The lines of one invoice in 600 have two different minutes.
    let turn = if rng.random_ratio(1, 600) {
        lines / 2
    } else {
        lines
    };
    let mut rows: Vec<SyntheticRow> = Vec::new();
    for line in 0..lines {
        let mut row = match rows.last() {
            // One line in 100 repeats the line before in all eight columns, as in the real data.
            Some(before) if rng.random_ratio(1, 100) => before.clone(),
            _ => row(rng, plan, &invoice, shopper),
        };
        row.minutes = minutes + u64::from(line >= turn);
        rows.push(row);
    }
    rows
}

fn plan(rng: &mut impl RngExt) -> Plan {
    let known = !rng.random_ratio(1, 10);
    match rng.random_range(0..10_000) {
        0..3 => Plan::Adjustment,
        3..500 => Plan::WriteOff,
        500..1980 => Plan::Cancellation {
            known,
            lines: rng.random_range(1..=4),
        },
        _ => Plan::Sale {
            known,
            lines: lines(rng, known),
        },
    }
}

/// A guest's invoice collects many sales of a till, so it is longer.
fn lines(rng: &mut impl RngExt, known: bool) -> u32 {
    let percent = rng.random_range(0..100);
    rng.random_range(match (known, percent) {
        (_, ..15) => 1..=1,
        (true, ..50) => 2..=15,
        (true, ..90) => 10..=35,
        (true, ..99) => 30..=100,
        (true, _) => 100..=400,
        (false, ..60) => 5..=40,
        (false, ..95) => 30..=130,
        (false, _) => 200..=1_114,
    })
}

fn row(rng: &mut impl RngExt, plan: Plan, invoice: &str, shopper: Shopper) -> SyntheticRow {
    let Item {
        code,
        description,
        pence,
    } = item::pick(rng);
    let sale = SyntheticRow {
        invoice: invoice.to_owned(),
        code,
        description,
        quantity: quantity(rng),
        minutes: 0,
        tenths_of_a_penny: pence * 10,
        customer: shopper.number,
        country: shopper.country,
    };
    match plan {
        Plan::Sale { .. } if rng.random_ratio(1, 500) => SyntheticRow {
            tenths_of_a_penny: 0,
            ..sale
        },
        Plan::Sale { .. } => sale,
        Plan::Cancellation { .. } => SyntheticRow {
            quantity: -sale.quantity,
            ..sale
        },
        Plan::WriteOff => write_off(rng, sale),
        Plan::Adjustment => SyntheticRow {
            quantity: 1,
            code: "B".into(),
            description: "Adjust bad debt".into(),
            tenths_of_a_penny: -sale.tenths_of_a_penny * 1_000,
            ..sale
        },
    }
}

/// Written-off stock: price zero, almost no description.
fn write_off(rng: &mut impl RngExt, sale: SyntheticRow) -> SyntheticRow {
    SyntheticRow {
        quantity: -sale.quantity,
        tenths_of_a_penny: 0,
        description: ["", "?", "damaged", "check", "lost"][rng.random_range(0..5)].into(),
        ..sale
    }
}

fn quantity(rng: &mut impl RngExt) -> i32 {
    match rng.random_range(0..1_000) {
        0..450 => rng.random_range(1..=3),
        450..700 => rng.random_range(4..=10),
        700..900 => 12,
        900..970 => 24,
        970..998 => rng.random_range(25..=200),
        _ => rng.random_range(500..=4_800),
    }
}
