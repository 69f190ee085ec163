//! Rows of a file: good ones with texts that some reader could take for something else, and what poisons them.

pub(super) const ROWS: usize = 3_000;
pub(super) const COLUMNS: [&str; 8] = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
];

/// Column, the value that poisons it, and the reason for the refusal.
pub(super) const POISONS: [(usize, &str, &str); 24] = [
    (0, "", "missing"),
    (0, "536365\u{1}", "bad_character"),
    (0, "123456789012345678901234567890123", "too_long"),
    (1, "", "missing"),
    (1, "85123\0A", "bad_character"),
    (2, "HEART\0", "bad_character"),
    (3, "", "missing"),
    (3, "six", "not_a_number"),
    (3, "1.5", "not_a_number"),
    (3, "\\N", "not_a_number"),
    (3, "2147483648", "out_of_range"),
    (4, "", "missing"),
    (4, "13/1/2010 8:26", "not_a_date"),
    (4, "0000-01-01T00:00:00+23:59", "not_a_date"),
    (4, "9999-12-31T23:59:59-01:00", "out_of_range"),
    (5, "", "missing"),
    (5, "2,50", "not_a_number"),
    (5, "0.00001", "out_of_range"),
    (5, "100000000", "out_of_range"),
    (6, "17850\u{7f}0", "bad_character"),
    (6, "123456789012345678901234567890123", "too_long"),
    (7, "", "missing"),
    (7, "EI\0RE", "bad_character"),
    (
        7,
        "12345678901234567890123456789012345678901234567890123456789012345",
        "too_long",
    ),
];

/// Texts that some reader on the way could take for something else.
const EDGE_CASES: [&str; 12] = [
    "\\N",
    "\\\\N",
    "\\",
    "\\.",
    "NULL",
    "a\"b",
    "a,b",
    "a\nb",
    "'",
    "£ \u{fffd} €",
    "100%",
    "e\u{301}",
];

/// Row `n`.
pub(super) fn good(n: usize) -> [String; 8] {
    let text = EDGE_CASES[n % EDGE_CASES.len()];
    let mut row = [
        &format!("{}", 800_000 + n / 6),
        "85123A",
        "HEART",
        &format!("{}", n % 9 + 1),
        "12/1/2010 8:26",
        "2.50",
        "17850",
        "EIRE",
    ]
    .map(str::to_owned);
    // Each of the text columns in turn; an identifier has no line break.
    let column = [0, 1, 2, 7][n / EDGE_CASES.len() % 4];
    if column == 2 || column == 7 || text != "a\nb" {
        text.clone_into(&mut row[column]);
    }
    row
}
