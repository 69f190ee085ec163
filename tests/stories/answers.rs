//! Analysts' numbers: compares every view with an independent calculation from the producer's file.

use std::fmt::Write;

use serde_json::json;

use crate::analysts::door;
use crate::environment::Environment;
use crate::python;

pub(crate) const HEADER: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n";

/// The difficult cases of the real data: stock codes in both cases, equal lines, an invoice with two times and in two
/// requests, quotes and pound signs, free items, stock written off, a sale with a negative quantity, charges,
/// adjustments, a customer with two countries and one with cancellations only.
const EDGE_CASES: &str = r#"536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,12/15/2010 8:26,2.55,17850,United Kingdom
536365,71053, WHITE  METAL LANTERN ,6,12/15/2010 8:26,3.39,17850,United Kingdom
536365,85123a,white hanging heart,2,12/15/2010 8:26,2.55,17850,United Kingdom
536365,21730,GLASS STAR FROSTED T-LIGHT HOLDER,6,12/15/2010 8:26,4.25,17850,United Kingdom
536365,21730,GLASS STAR FROSTED T-LIGHT HOLDER,6,12/15/2010 8:26,4.25,17850,United Kingdom
536365,21730,GLASS STAR FROSTED T-LIGHT HOLDER,6,12/15/2010 8:26,4.25,17850,United Kingdom
536366,22139,"RETRO 7"" TEA SET, ""POLKADOT""",56,12/15/2010 8:28,7.95,,United Kingdom
536366,79323P,"CIRCUS PARADE £1, LIGHT",3,12/15/2010 8:28,1.65,,United Kingdom
536366,71053,"METAL LANTERN, MOROCCAN",1,12/15/2010 8:28,3.39,,United Kingdom
536366,20713,20713,4,12/15/2010 8:28,1.95,,United Kingdom
536370,22728,ALARM CLOCK BAKELIKE PINK,24,12/15/2010 8:45,3.75,12583,France
536370,POST,POSTAGE,3,12/15/2010 8:46,18,12583,France
C536379,D,Discount,-1,12/15/2010 9:41,27.5,14527,United Kingdom
C536383,35004C,SET OF 3 COLOURED  FLYING DUCKS,-1,12/15/2010 9:49,4.65,15311,Iceland
C536384,M,Manual,-2,12/16/2010 9:53,1.69,,United Kingdom
536385,21833,,-12,12/16/2010 10:03,0,,United Kingdom
536386,22423,?,-1,12/16/2010 10:03,0,,United Kingdom
536387,84347,damaged,-9600,12/16/2010 10:04,0,,United Kingdom
536388,22841,ROUND CAKE TIN VINTAGE GREEN,1,12/16/2010 10:05,0,12647,Germany
536389,PADS,PADS TO MATCH ALL CUSHIONS,1,12/16/2010 10:06,0.001,16550,United Kingdom
536389,PADS,,7,12/16/2010 10:06,0.001,16550,United Kingdom
A536390,B,Adjust bad debt,1,12/16/2010 10:07,11062.06,,United Kingdom
A536391,B,Adjust bad debt,1,12/16/2010 10:07,-11062.06,,United Kingdom
536392,23843,"PAPER CRAFT , LITTLE BIRDIE",80995,12/20/2010 9:15,2.08,16446,United Kingdom
C536393,23843,"PAPER CRAFT , LITTLE BIRDIE",-80995,12/20/2010 9:27,2.08,16446,United Kingdom
536366,BANK CHARGES,Bank Charges,1,12/15/2010 8:28,15,,United Kingdom
536394,gift_0001_50,Dotcomgiftshop Gift Voucher £50.00,1,12/20/2010 9:30,41.67,,EIRE
536395,m,Manual,1,12/20/2010 9:31,5,17850,EIRE
536396,22900,SET 2 TEA TOWELS I LOVE LONDON,-3,12/20/2010 9:32,2.95,,United Kingdom
536397,AMAZONFEE,AMAZON FEE,-1,12/20/2010 9:33,1.25,,United Kingdom
"#;

/// Returns synthetic order lines from a small random number generator: sales, cancellations, guests, adjustments and
/// repetitions, in several countries and three months.
fn synthetic() -> String {
    let mut state: u64 = 20_101_201;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let countries = ["United Kingdom", "EIRE", "Germany", "France"];
    let mut text = String::new();
    for invoice in 0..400_u64 {
        let (month, day, hour) = (1 + next(3), 1 + next(28), 7 + next(12));
        let kind = next(10);
        let (letter, sign) = match kind {
            0 => ("C", -1),
            1 if invoice % 7 == 0 => ("A", 1),
            _ => ("", 1),
        };
        let customer = match next(4) {
            0 => String::new(),
            _ => (12_346 + next(60)).to_string(),
        };
        let country = countries[usize::try_from(next(4)).unwrap()];
        for _ in 0..=next(9) {
            let (code, units) = (
                22_000 + next(40),
                i64::try_from(1 + next(48)).unwrap() * sign,
            );
            let (pounds, pence) = (next(30), next(10_000));
            writeln!(
                text,
                "{letter}{},{code},ITEM {code},{units},{month}/{day}/2011 {hour}:05,{pounds}.{pence:04},{customer},{country}\r",
                540_000 + invoice
            )
            .unwrap();
        }
    }
    text
}

/// Returns the edge cases and synthetic order lines.
pub(crate) fn text() -> String {
    [HEADER, &EDGE_CASES.replace('\n', "\r\n"), &synthetic()].concat()
}

/// Returns the file in the encoding of Kaggle's file, ISO-8859-1.
fn file() -> Vec<u8> {
    text()
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect()
}

#[test]
fn analysts_views_are_an_independent_calculation_to_the_last_digit_of_each_column() {
    let (environment, _kept) = Environment::own("local-answers");
    environment.deploy();
    let csv = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    std::fs::write(csv.path(), file()).unwrap();
    let path = csv.path().to_str().unwrap();
    environment.stack(&["stream", path, "--env", environment.name, "--wait"]);
    let outputs = environment.json(&["outputs", environment.name, "--json"]);
    let asked =
        json!({ "csv": path, "door": door(&environment), "dsn": outputs["warehouse"]["dsn"] });
    let told = python::run("answers.py", &asked, &[]);
    let views = told.as_object().unwrap();
    assert_eq!(views.len(), 18, "{told:#}");
    for (view, found) in views {
        let found = found.as_str().unwrap();
        assert!(
            found.ends_with(" rows") && found != "0 rows",
            "{view}: {found}"
        );
    }
}
