//! Customers of the synthetic shop.

use rand::RngExt;

/// Countries of customers abroad. One customer in twelve lives abroad, as in the real data.
const ABROAD: [&str; 12] = [
    "Germany",
    "France",
    "EIRE",
    "Netherlands",
    "Spain",
    "Belgium",
    "Channel Islands",
    "RSA",
    "European Community",
    "Unspecified",
    "Australia",
    "Japan",
];
/// First customer number. The real data has 12346 to 18287.
const FIRST: u32 = 30_001;

const HOME: &str = "United Kingdom";

/// A known customer, or a guest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shopper {
    /// `None` for a guest.
    pub(super) number: Option<u32>,
    pub(super) country: &'static str,
}

/// Returns a guest, occasionally from abroad.
pub(super) fn guest(rng: &mut impl RngExt) -> Shopper {
    Shopper {
        number: None,
        country: country(rng.random_range(0..500)),
    }
}

/// Picks one of `customers` customers; some are far more frequent than others. A few order from two countries.
pub(super) fn customer(rng: &mut impl RngExt, customers: u32) -> Shopper {
    let number = rng
        .random_range(0..customers)
        .min(rng.random_range(0..customers));
    let moved = number % 500 == 7 && rng.random_ratio(1, 4);
    let country = if moved { "Cyprus" } else { country(number) };
    Shopper {
        number: Some(FIRST + number),
        country,
    }
}

fn country(number: u32) -> &'static str {
    if number % 12 == 5 {
        ABROAD[number as usize / 12 % ABROAD.len()]
    } else {
        HOME
    }
}
