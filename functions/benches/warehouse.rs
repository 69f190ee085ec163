//! Performance of the local warehouse: its start, a load with as many rows as the full data set, and queries. Exits
//! with 1 if a limit is exceeded.
//!
//! `cargo bench -p functions --bench warehouse --profile dev`

#![recursion_limit = "256"]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement says where it stopped, and prints"
)]

#[path = "../tests/exactly_once/rig.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod rig;
#[path = "../../crates/redshift-local/tests/server/support/mod.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod support;

use std::fmt::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use functions::load::Report;

use crate::rig::{HEADER, Rig, load};

/// Rows of the full data set, and the number of files in which `transform` stages them.
const ROWS: usize = 541_909;
const FILES: usize = 8;

/// Limit for one load of all rows, including the ledgers. All limits are for an idle machine with two cores.
const LOAD_LIMIT: Duration = Duration::from_secs(10);
/// Limit for reading all rows of one view.
const VIEW_LIMIT: Duration = Duration::from_secs(1);
/// Limit from no data folder to a migrated warehouse that answers.
const START_LIMIT: Duration = Duration::from_secs(2);

/// Returns the rows of file `file`. All files together have as many invoices, customers, items and countries as the
/// full data set, and one to eight descriptions per item.
fn rows(file: usize) -> String {
    let mut text = format!("{HEADER}\n");
    for row in (file..ROWS).step_by(FILES) {
        let (invoice, letter) = (row / 21, if row / 21 % 7 == 0 { "C" } else { "" });
        let (kind, sign) = if letter.is_empty() {
            ("sale", 1)
        } else {
            ("cancellation", -1)
        };
        let customer = if invoice % 4 == 0 {
            String::new()
        } else {
            (12_346 + invoice % 4_372).to_string()
        };
        let (day, item) = (invoice / 70, row * 7_919 % 4_070);
        let wording = row / 4_070 % (1 + item % 8);
        writeln!(
            text,
            "0123456789abcdef-{row:06},{invoice:032x},{letter}{},{kind},{item},ITEM NUMBER {item} WORDING {wording},{},2011-{:02}-{:02} 12:00:00,{}.{:02},{customer},COUNTRY {},2026-01-02 03:04:05",
            536_365 + invoice,
            sign * i64::try_from(1 + row % 12).unwrap(),
            1 + day / 31 % 12,
            1 + day % 28,
            row % 20,
            row % 100,
            invoice % 38
        )
        .unwrap();
    }
    text
}

/// Prints the duration and returns whether it is within the limit.
fn within(limit: Duration, what: &str, took: Duration) -> bool {
    let fits = took < limit;
    let verdict = if fits { "" } else { "  TOO SLOW" };
    println!(
        "{what:<44} {:>7.2} s of {:>2} s{verdict}",
        took.as_secs_f64(),
        limit.as_secs()
    );
    fits
}

#[tokio::main]
async fn main() -> ExitCode {
    let begun = Instant::now();
    let rig = Rig::new().await;
    let mut fits = within(
        START_LIMIT,
        "first start, migrations included",
        begun.elapsed(),
    );
    let keys: Vec<_> = (0..FILES)
        .map(|file| format!("csv/v1/dt=2026-01-02/{file}.csv.gz"))
        .collect();
    for (file, key) in keys.iter().enumerate() {
        rig.world.bucket().put_gzip(key, &rows(file));
    }
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    let begun = Instant::now();
    assert_eq!(load(&rig.loader(), &keys).await, Report::default());
    fits &= within(LOAD_LIMIT, &format!("load of {ROWS} rows"), begun.elapsed());
    let views = "SELECT table_schema || '.' || table_name FROM information_schema.views \
                 WHERE table_schema IN ('analytics', 'retail') ORDER BY 1";
    for view in rig.rows(views).await {
        let begun = Instant::now();
        // Computes all columns but fetches only one row.
        let sql = format!("SELECT COUNT(*) FROM (SELECT DISTINCT * FROM {view}) AS all_rows");
        rig.rows(&sql).await;
        fits &= within(VIEW_LIMIT, &view, begun.elapsed());
    }
    if fits {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
