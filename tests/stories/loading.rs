//! Manual loads, files that the warehouse rejects, and the reconciliation of the three stores.

use std::io::Write;

use serde_json::{Value, json};

use crate::environment::Environment;

pub(crate) const HEADER: &str = "event_id,envelope_id,invoice_no,kind,stock_code,description,quantity,invoice_ts,unit_price,customer_id,country,ingested_at";

/// Writes an object to the staging bucket.
pub(crate) fn stage(environment: &Environment, name: &str, bytes: &[u8]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().write_all(bytes).unwrap();
    environment.shell(&format!(
        r#"aws s3 cp --quiet {} "s3://$RIVERHOUSE_STAGING_BUCKET/csv/v1/dt=2026-01-02/{name}.csv.gz""#,
        file.path().display()
    ));
}

pub(crate) fn zipped(text: &str) -> Vec<u8> {
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap()
}

pub(crate) fn row(event: &str, description: &str) -> String {
    format!(
        "{event},00000000000000000000000000000001,536365,sale,85123A,{description},6,2010-12-01 08:26:00,2.55,17850,EIRE,2026-01-02 03:04:05\n"
    )
}

/// Disables the queue's mapping, so that only manual loads run.
fn stop_the_queue(environment: &Environment) {
    environment.shell(&format!(
        r"for id in $(aws lambda list-event-source-mappings --function-name riverhouse-{}-load --query 'EventSourceMappings[].UUID' --output text); do
            aws lambda update-event-source-mapping --uuid $id --no-enabled >/dev/null; done",
        environment.name
    ));
}

fn load(environment: &Environment, reconcile: bool) -> (Option<i32>, Value) {
    let mut arguments = vec!["load", environment.name, "--json"];
    if reconcile {
        arguments.push("--reconcile");
    }
    let output = environment.run(&arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{stderr}"));
    (output.status.code(), report)
}

#[test]
fn a_manual_load_loads_staged_files_and_reports_why_others_are_in_quarantine() {
    let (environment, _kept) = Environment::own("local-load");
    environment.deploy();
    environment.stack(&[
        "stream",
        "--synthetic",
        "400",
        "--env",
        environment.name,
        "--wait",
    ]);
    let migrated = environment.json(&["migrate", environment.name, "--json"]);
    assert_eq!(migrated, json!({"applied": []}));
    let (code, report) = load(&environment, true);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(
        (&report["loaded"], &report["left"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(report["comparison"]["agrees"], true, "{report}");

    stop_the_queue(&environment);
    let good = format!(
        "{HEADER}\n{}{}",
        row("hand-1", "HEART"),
        row("hand-2", "HEART")
    );
    // 129 characters, but 258 bytes of UTF-8.
    let long = format!("{HEADER}\n{}", row("hand-3", &"£".repeat(129)));
    stage(&environment, "good", &zipped(&good));
    stage(&environment, "long", &zipped(&long));
    stage(&environment, "torn", &zipped(&good.repeat(50))[..60]);
    let (code, report) = load(&environment, false);
    assert_eq!((code, &report["loaded"]), (Some(1), &json!(1)), "{report}");
    let reasons = reasons(&report);
    assert!(reasons.contains_key("torn"), "{report}");
    // A rejected row is kept alone, with its column, the reason and its content.
    let row = environment.stack(&["rejects", environment.name, "--stage", "load", "--json"]);
    let row = row.lines().find(|line| line.contains("hand-3")).unwrap();
    let row: Value = serde_json::from_str(row).unwrap();
    assert_eq!(row["field"], "description", "{row}");
    let detail = row["detail"].as_str().unwrap();
    assert!(detail.contains("String length exceeds DDL length"), "{row}");
    let lines = "SELECT event_id FROM retail.sales_line WHERE event_id LIKE 'hand-%' ORDER BY 1";
    let loaded = environment.query(lines);
    assert_eq!(
        loaded,
        [json!({"event_id": "hand-1"}), json!({"event_id": "hand-2"})]
    );

    assert_told_again(&environment);
}

/// Asserts that files in quarantine are still reported and are not loaded again.
fn assert_told_again(environment: &Environment) {
    // The comparison reports the day on which staging has more rows.
    let (code, report) = load(environment, true);
    assert_eq!((code, &report["loaded"]), (Some(1), &json!(0)), "{report}");
    let days = report["comparison"]["days"].as_array().unwrap();
    let day = days.iter().find(|day| day["day"] == "2026-01-02").unwrap();
    assert_eq!(
        (
            &day["lake"],
            &day["staging"],
            &day["warehouse"],
            &day["agrees"]
        ),
        (&json!(0), &json!(3), &json!(2), &json!(false))
    );
    let status = environment.status();
    let named: Vec<_> = status["set_aside"]
        .as_array()
        .unwrap()
        .iter()
        .map(|aside| &aside["file"])
        .collect();
    assert_eq!(named.len(), 1, "{status}");
    let kinds = status["problems"].as_array().unwrap().iter();
    assert!(kinds.clone().any(|it| it["kind"] == "rejects"), "{status}");
}

/// Returns the reason for each file in quarantine, by the file's name.
fn reasons(report: &Value) -> std::collections::BTreeMap<String, String> {
    let aside = report["set_aside"].as_array().unwrap().iter();
    aside
        .map(|aside| {
            let file = aside["file"].as_str().unwrap().rsplit_once('/').unwrap().1;
            let name = file.trim_end_matches(".csv.gz").to_owned();
            (name, aside["reason"].as_str().unwrap().to_owned())
        })
        .collect()
}
