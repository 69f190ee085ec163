//! Items of the synthetic shop.

use std::borrow::Cow;

use rand::RngExt;

/// Number of numbered items.
const ITEMS: u32 = 3_800;

/// Prices in pence.
const PRICES: [i64; 16] = [
    29, 42, 55, 85, 85, 125, 125, 165, 195, 210, 255, 295, 375, 495, 795, 1275,
];

/// Charges and corrections that the real shop books as items: code, description, price in pence.
const SPECIAL: [(&str, &str, i64); 8] = [
    ("POST", "POSTAGE", 1800),
    ("DOT", "DOTCOM POSTAGE", 11_417),
    ("M", "Manual", 125),
    ("m", "Manual", 250),
    ("C2", "CARRIAGE", 5000),
    ("BANK CHARGES", "Bank Charges", 1500),
    ("gift_0001_20", "Dotcomgiftshop Gift Voucher £20.00", 1667),
    ("AMAZONFEE", "AMAZON FEE", 13_541),
];

const COLOURS: [&str; 8] = [
    "WHITE",
    "RED",
    "PINK",
    "IVORY",
    "BLUE POLKADOT",
    "VINTAGE",
    "SET/6",
    "RETROSPOT",
];
const THINGS: [&str; 19] = [
    "HANGING HEART T-LIGHT HOLDER",
    "METAL LANTERN",
    "HOT WATER BOTTLE",
    "JUMBO BAG",
    "CAKE STAND 3 TIER",
    "PARTY BUNTING",
    "LUNCH BAG",
    "POPCORN HOLDER",
    "PAPER CHAIN KIT 50'S CHRISTMAS ",
    "ALARM CLOCK BAKELIKE",
    "TEA TOWEL, KITCHEN",
    "WICKER  BASKET",
    "SPACEBOY BEAKER ",
    " COAT RACK",
    "12\" RULER",
    "MINI JIGSAW",
    "GLIDERS ASSTD DESIGNS",
    "£ SIGN, \"LUCKY\" CHARM",
    "Bag 500g Swirly Marbles",
];

/// Item of an order line.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) code: Cow<'static, str>,
    pub(super) description: Cow<'static, str>,
    /// Price in pence.
    pub(super) pence: i64,
}

/// Picks a random item; some items are far more frequent than others.
pub(super) fn pick(rng: &mut impl RngExt) -> Item {
    if rng.random_ratio(1, 200) {
        let (code, description, pence) = SPECIAL[rng.random_range(0..SPECIAL.len())];
        return Item {
            code: code.into(),
            description: description.into(),
            pence,
        };
    }
    let number = rng.random_range(0..ITEMS).min(rng.random_range(0..ITEMS));
    let item = numbered(number);
    if rng.random_ratio(1, 250) {
        return Item {
            code: item.code.to_lowercase().into(),
            ..item
        };
    }
    if rng.random_ratio(1, 300) {
        return Item {
            description: item.description.to_lowercase().into(),
            ..item
        };
    }
    item
}

/// Returns item `number`. Every tenth code has a letter after its digits.
fn numbered(number: u32) -> Item {
    let index = number as usize;
    let letter = match number % 20 {
        3 => "A",
        11 => "B",
        _ => "",
    };
    let colour = COLOURS[index % COLOURS.len()];
    let thing = THINGS[index / COLOURS.len() % THINGS.len()];
    Item {
        code: format!("{}{letter}", 20_000 + number * 17 % 70_000).into(),
        description: format!("{colour} {thing}").into(),
        pence: PRICES[index * 7 % PRICES.len()],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbered_items_have_different_codes_that_their_columns_hold() {
        let codes: BTreeSet<_> = (0..ITEMS).map(|number| numbered(number).code).collect();
        assert_eq!(codes.len(), ITEMS as usize);
        for code in codes {
            assert!(code.parse::<events::StockCode>().is_ok(), "{code}");
        }
    }
}
