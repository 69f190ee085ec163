//! Events from a file or from synthetic data, followed to every place where they can be read.

use std::fmt::Write;
use std::process::Stdio;
use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::environment::{Environment, beside_others};
use crate::lake::{self, Sums};

/// Returns the sums of a run's events in the warehouse.
fn warehouse(environment: &Environment, prefix: &str) -> Sums {
    let row = &environment.query(&format!(
        "SELECT count(*) AS events, sum(quantity) AS units, sum(quantity * unit_price) AS revenue, \
         count(DISTINCT invoice_no) AS invoices, count(DISTINCT customer_id) AS customers \
         FROM retail.sales_line WHERE event_id LIKE '{prefix}%'"
    ))[0];
    let number = |name: &str| match &row[name] {
        Value::Number(number) => number.as_i64().unwrap(),
        other => panic!("{name}: {other}"),
    };
    let count = |name: &str| usize::try_from(number(name)).unwrap();
    Sums {
        events: count("events"),
        units: number("units"),
        revenue: row["revenue"]
            .as_str()
            .unwrap()
            .parse::<Decimal>()
            .unwrap()
            .normalize(),
        invoices: count("invoices"),
        customers: count("customers"),
    }
}

/// Returns the expected sums in a report of synthetic data.
fn expected(report: &Value) -> Sums {
    let expected = &report["expected"];
    let count = |name: &str| usize::try_from(expected[name].as_u64().unwrap()).unwrap();
    Sums {
        events: count("rows"),
        units: expected["units"].as_i64().unwrap(),
        revenue: expected["revenue"]
            .as_str()
            .unwrap()
            .parse::<Decimal>()
            .unwrap()
            .normalize(),
        invoices: count("invoices"),
        customers: count("customers"),
    }
}

fn stream(environment: &Environment, arguments: &[&str]) -> Value {
    let command = [
        &["stream"],
        arguments,
        &["--env", environment.name, "--wait", "--json"],
    ]
    .concat();
    environment.json(&command)
}

#[test]
fn synthetic_events_have_the_same_sums_in_lake_staging_and_warehouse_and_streaming_again_changes_none()
 {
    let _way = beside_others();
    let environment = Environment::shared();
    let report = stream(environment, &["--synthetic", "3000", "--seed", "11"]);
    let prefix = report["event_id_prefix"].as_str().unwrap();
    let sums = expected(&report);
    assert_eq!(report["accepted"], 3000, "{report}");
    assert_eq!(warehouse(environment, prefix), sums);
    assert_eq!(lake::raw(environment, prefix), sums);
    assert_eq!(lake::staged(environment, prefix), sums);

    // Other batch sizes give other envelopes of the same events.
    let again = stream(
        environment,
        &["--synthetic", "3000", "--seed", "11", "--batch", "170"],
    );
    assert_eq!(again["event_id_prefix"], report["event_id_prefix"]);
    drained(environment);
    assert_eq!(warehouse(environment, prefix), sums);
    assert_eq!(lake::raw(environment, prefix), sums);
    assert_eq!(lake::staged(environment, prefix), sums);
}

#[test]
fn a_client_that_is_killed_on_the_way_loses_nothing_when_all_is_streamed_again() {
    let _way = beside_others();
    let environment = Environment::shared();
    let slowly = [
        "stream",
        "--synthetic",
        "4000",
        "--seed",
        "12",
        "--limit",
        "2500",
        "--rate",
        "1500/s",
    ];
    let mut client = environment
        .command(&slowly)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(1200));
    client.kill().unwrap();
    client.wait().unwrap();

    let report = stream(environment, &["--synthetic", "4000", "--seed", "12"]);
    let prefix = report["event_id_prefix"].as_str().unwrap();
    drained(environment);
    assert_eq!(warehouse(environment, prefix), expected(&report));
    assert_eq!(lake::raw(environment, prefix), expected(&report));
}

/// Returns a file like Kaggle's: ISO-8859-1, CRLF, quotes, guests, a cancellation, repetitions, a tiny price.
fn kaggle_file() -> Vec<u8> {
    let mut text = String::from(
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n",
    );
    let mut row =
        |invoice: &str, code: &str, words: &str, quantity: i32, price: &str, customer: &str| {
            write!(
                text,
                "{invoice},{code},{words},{quantity},12/1/2010 8:26,{price},{customer},EIRE\r\n"
            )
            .unwrap();
        };
    for line in 0..620 {
        row(
            "990001",
            &format!("2{line:04}"),
            "\"BOX \"\"£5\"\", PINK\"",
            3,
            "1.25",
            "88001",
        );
    }
    row("990002", "85123a", " HEART ", 2, "0.001", "");
    row("990002", "85123a", " HEART ", 2, "0.001", "");
    row("C990003", "D", "Discount", -1, "27.5", "88001");
    row("A990004", "B", "Adjust bad debt", 1, "-11062.06", "");
    row("990005", "22197", "", -5, "0", "");
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect()
}

#[test]
fn a_file_as_kaggle_has_it_can_be_asked_for_in_the_shop_and_in_the_warehouse() {
    let _way = beside_others();
    let environment = Environment::shared();
    let file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    std::fs::write(file.path(), kaggle_file()).unwrap();
    let report = stream(environment, &[file.path().to_str().unwrap()]);
    let prefix = report["event_id_prefix"].as_str().unwrap();
    assert_eq!(report["accepted"], 625, "{report}");
    let sums = Sums {
        events: 625,
        units: 620 * 3 + 4 - 1 + 1 - 5,
        revenue: "-8764.556".parse().unwrap(),
        invoices: 5,
        customers: 1,
    };
    assert_eq!(warehouse(environment, prefix), sums);
    assert_eq!(lake::staged(environment, prefix), sums);

    // 620 lines were sent in two requests, so they are in two envelopes.
    let invoice = environment.json(&["invoice", "990001", "--json"]);
    assert_eq!(
        (&invoice["line_count"], &invoice["units"]),
        (&620.into(), &1860.into())
    );
    assert_eq!(invoice["total"], "2325");
    assert_eq!(invoice["lines"][0]["description"], "BOX \"£5\", PINK");
    let guest = environment.json(&["invoice", "990002", "--json"]);
    assert_eq!(
        (&guest["line_count"], &guest["customer_id"]),
        (&2.into(), &Value::Null)
    );
    assert_eq!(guest["total"], "0.004");
    let invoices = environment.json(&["invoices", "88001", "--json"]);
    let numbers: Vec<_> = invoices["invoices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["invoice_no"])
        .collect();
    assert_eq!(numbers, ["990001", "C990003"]);
}

#[test]
fn an_unknown_name_is_an_error_with_the_name_and_an_exit_code() {
    let _way = beside_others();
    let environment = Environment::shared();
    for (arguments, names) in [
        (vec!["invoice", "none-such"], "none-such"),
        (vec!["invoices", "none-such"], "none-such"),
        (vec!["stream", "/no/such.csv"], "/no/such.csv"),
        (vec!["query", "SELECT * FROM retail.none_such"], "none_such"),
        (vec!["status", "local-none"], "local-none"),
        (vec!["deploy", "none-such"], "none-such"),
    ] {
        let output = environment.run(&arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {stderr}");
        assert!(
            stderr.starts_with("error: ") && stderr.contains(names),
            "{arguments:?}: {stderr}"
        );
    }
    assert_eq!(environment.run(&["stream"]).status.code(), Some(2));
}

/// Waits until no stage has a backlog.
pub(crate) fn drained(environment: &Environment) {
    environment.wait_for(
        "the stages to drain",
        |environment| {
            let status = environment.status();
            let stages = status["stages"].as_array().unwrap();
            stages
                .iter()
                .filter_map(|stage| stage["backlog"].as_u64())
                .sum::<u64>()
        },
        |backlog| *backlog == 0,
    );
}
