//! Edge cases of the real data, which come before all random rows.
//!
//! Their invoice and customer numbers do not occur in the real data, so both can be streamed together.

use super::rows::SyntheticRow;

/// Invoice, code, description, quantity, opening minutes, price in tenths of a penny, customer, country.
type Trap = (
    &'static str,
    &'static str,
    &'static str,
    i32,
    u64,
    i64,
    Option<u32>,
    &'static str,
);

const UK: &str = "United Kingdom";
const KNOWN: Option<u32> = Some(37_850);

const TRAPS: [Trap; 27] = [
    // A plain line; spaces at both ends and inside a description.
    (
        "700365",
        "85123A",
        "WHITE HANGING HEART T-LIGHT HOLDER",
        6,
        26,
        2550,
        KNOWN,
        UK,
    ),
    (
        "700365",
        "71053",
        " WHITE  METAL LANTERN ",
        6,
        26,
        3390,
        KNOWN,
        UK,
    ),
    // The same code in another case, on one invoice.
    (
        "700365",
        "85123a",
        "WHITE HANGING HEART T-LIGHT HOLDER",
        2,
        26,
        2550,
        KNOWN,
        UK,
    ),
    // Lines that are equal in all eight columns are three different lines.
    (
        "700365",
        "21730",
        "GLASS STAR FROSTED T-LIGHT HOLDER",
        6,
        26,
        4250,
        KNOWN,
        UK,
    ),
    (
        "700365",
        "21730",
        "GLASS STAR FROSTED T-LIGHT HOLDER",
        6,
        26,
        4250,
        KNOWN,
        UK,
    ),
    (
        "700365",
        "21730",
        "GLASS STAR FROSTED T-LIGHT HOLDER",
        6,
        26,
        4250,
        KNOWN,
        UK,
    ),
    // A guest; quotes, commas and the pound sign.
    (
        "700366",
        "22139",
        "RETRO 7\" TEA SET, \"POLKADOT\"",
        56,
        28,
        7950,
        None,
        UK,
    ),
    (
        "700366",
        "79323P",
        "CIRCUS PARADE £1, LIGHT",
        3,
        28,
        1650,
        None,
        UK,
    ),
    // The same code with another description; a description that looks like a number.
    (
        "700366",
        "71053",
        "METAL LANTERN, MOROCCAN",
        1,
        28,
        3390,
        None,
        UK,
    ),
    ("700366", "20713", "20713", 4, 28, 1950, None, UK),
    // A customer abroad, and one invoice with two times.
    (
        "700370",
        "22728",
        "ALARM CLOCK BAKELIKE PINK",
        24,
        45,
        3750,
        Some(32_583),
        "France",
    ),
    (
        "700370",
        "POST",
        "POSTAGE",
        3,
        46,
        18_000,
        Some(32_583),
        "France",
    ),
    // Cancellations: of goods, of a discount, without a customer.
    ("C700379", "D", "Discount", -1, 60, 27_500, Some(34_527), UK),
    (
        "C700383",
        "35004C",
        "SET OF 3 COLOURED  FLYING DUCKS",
        -1,
        62,
        4650,
        Some(35_311),
        UK,
    ),
    ("C700384", "M", "Manual", -2, 62, 1690, None, UK),
    // Written-off stock: not a cancellation, price zero, no customer, almost no description.
    ("700385", "21833", "", -12, 63, 0, None, UK),
    ("700386", "22423", "?", -1, 63, 0, None, UK),
    ("700387", "84347", "damaged", -9600, 64, 0, None, UK),
    // A free item for a known customer, and prices of a tenth of a penny.
    (
        "700388",
        "22841",
        "ROUND CAKE TIN VINTAGE GREEN",
        1,
        65,
        0,
        Some(32_647),
        "Germany",
    ),
    (
        "700389",
        "PADS",
        "PADS TO MATCH ALL CUSHIONS",
        1,
        66,
        1,
        Some(36_550),
        UK,
    ),
    (
        "700389",
        "PADS",
        "PADS TO MATCH ALL CUSHIONS",
        7,
        66,
        1,
        Some(36_550),
        UK,
    ),
    // Adjusted bad debt: negative prices.
    (
        "A700390",
        "B",
        "Adjust bad debt",
        1,
        67,
        11_062_060,
        None,
        UK,
    ),
    (
        "A700391",
        "B",
        "Adjust bad debt",
        1,
        67,
        -11_062_060,
        None,
        UK,
    ),
    // A bulk order that is cancelled immediately.
    (
        "700392",
        "23843",
        "PAPER CRAFT , LITTLE BIRDIE",
        80_995,
        68,
        2080,
        Some(36_446),
        UK,
    ),
    (
        "C700393",
        "23843",
        "PAPER CRAFT , LITTLE BIRDIE",
        -80_995,
        69,
        2080,
        Some(36_446),
        UK,
    ),
    // Invoice 700366 again: its lines are not contiguous.
    (
        "700366",
        "BANK CHARGES",
        "Bank Charges",
        1,
        70,
        15_000,
        None,
        UK,
    ),
    (
        "700394",
        "gift_0001_50",
        "Dotcomgiftshop Gift Voucher £50.00",
        1,
        70,
        41_670,
        None,
        "EIRE",
    ),
];

/// Returns all edge cases in the order of their times.
pub(super) fn rows() -> impl Iterator<Item = SyntheticRow> {
    TRAPS.into_iter().map(|trap| {
        let (invoice, code, description, quantity, minutes, tenths, customer, country) = trap;
        SyntheticRow {
            invoice: invoice.to_owned(),
            code: code.into(),
            description: description.into(),
            quantity,
            minutes,
            tenths_of_a_penny: tenths,
            customer,
            country,
        }
    })
}
