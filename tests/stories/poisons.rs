//! Poisons of every field and kind among good rows, at every stage: each good row arrives, and each poison is kept
//! with its field and reason.

mod rows;

use std::collections::BTreeMap;
use std::io::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::api::event;
use crate::environment::{Environment, printed};
use crate::loading::{HEADER, row, stage, zipped};
use rows::{COLUMNS, POISONS, ROWS, good};

/// Rejects by stage, field and reason.
type Kept = BTreeMap<(String, String, String), usize>;

/// The field and the reason of a refusal.
type Named = (&'static str, &'static str);

#[test]
fn every_good_row_arrives_and_every_poison_is_kept_with_its_field_and_reason() {
    let (environment, _turn) = Environment::own("local-poisons");
    environment.deploy();
    let mut kept = Kept::new();
    let prefix = streamed(&environment, &mut kept);
    posted(&environment, &mut kept);
    put_on_the_stream(&environment, &mut kept);
    put_into_the_lake(&environment, &mut kept);
    put_into_staging(&environment, &mut kept);
    let good = "SELECT event_id FROM retail.sales_line WHERE event_id LIKE 'good-%' ORDER BY 1";
    let ids = |environment: &Environment| -> Vec<String> {
        let rows = environment.query(good);
        let ids = rows.iter().map(|row| row["event_id"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    };
    let all = [
        "good-in-lake",
        "good-on-stream",
        "good-posted",
        "good-staged",
    ];
    environment.wait_for("the good rows beside the poisons", ids, |ids| *ids == all);
    environment.wait_for("every reject", rejects, |found| *found == kept);
    assert_rows(&environment, &prefix);
    assert_told_and_acknowledged(&environment, &kept);
}

/// Streams a file of good rows with a poison after every fortieth. Returns what the ids of its events start with.
fn streamed(environment: &Environment, kept: &mut Kept) -> String {
    let mut csv = csv::Writer::from_writer(tempfile::NamedTempFile::with_suffix(".csv").unwrap());
    csv.write_record(COLUMNS).unwrap();
    let mut poisons = 0;
    for n in 0..ROWS {
        let row = good(n);
        csv.write_record(&row).unwrap();
        if n % 40 == 39 {
            let (column, value, reason) = POISONS[n / 40 % POISONS.len()];
            let mut row = good(n);
            value.clone_into(&mut row[column]);
            csv.write_record(&row).unwrap();
            expect(kept, "ingest", COLUMNS[column], reason);
            poisons += 1;
        }
    }
    let file = csv.into_inner().unwrap();
    let path = file.path().to_str().unwrap();
    let stream = [
        "stream",
        path,
        "--env",
        environment.name,
        "--wait",
        "--json",
    ];
    // Poisons are told by the exit code, unless they are allowed.
    assert_eq!(environment.run(&stream).status.code(), Some(1));
    let allowed = poisons.to_string();
    let again = [&stream[..], &["--allow-rejects", &allowed]].concat();
    let report = environment.json(&again);
    assert_eq!(
        (&report["accepted"], &report["rejected"]["count"]),
        (&json!(ROWS), &json!(poisons)),
        "{report}"
    );
    report["event_id_prefix"].as_str().unwrap().to_owned()
}

/// The values of every good row, compared text by text.
fn assert_rows(environment: &Environment, prefix: &str) {
    let mut expected: BTreeMap<[String; 4], (u64, u64)> = BTreeMap::new();
    for n in 0..ROWS {
        let [invoice, code, words, quantity, _, _, _, country] = good(n);
        let (rows, units) = expected.entry([invoice, code, words, country]).or_default();
        *rows += 1;
        *units += quantity.parse::<u64>().unwrap();
    }
    let found = environment.query(&format!(
        "SELECT invoice_no, stock_code, description, country, count(*) AS n, sum(quantity) AS units \
         FROM retail.sales_line WHERE event_id LIKE '{prefix}%' GROUP BY 1, 2, 3, 4"
    ));
    let found: BTreeMap<_, _> = found
        .iter()
        .map(|row| {
            let texts = ["invoice_no", "stock_code", "description", "country"];
            let texts = texts.map(|name| row[name].as_str().unwrap_or_default().to_owned());
            (
                texts,
                (row["n"].as_u64().unwrap(), row["units"].as_u64().unwrap()),
            )
        })
        .collect();
    assert_eq!(found, expected);
    // The shop's reads have them, too.
    let answer = environment.json(&["invoice", "\\N", "--env", environment.name, "--json"]);
    assert!(answer["line_count"].as_u64().unwrap() > 10, "{answer}");
}

/// Events in one request, and a whole request.
fn posted(environment: &Environment, kept: &mut Kept) {
    let lines = lines();
    let body: Vec<_> = lines.iter().map(|(line, _)| line.as_slice()).collect();
    let (status, answer) = environment.post("application/x-ndjson", &body.join(&b'\n'));
    assert_eq!((status, &answer["accepted"]), (202, &json!(1)), "{answer}");
    for (field, reason) in lines.iter().filter_map(|(_, refused)| *refused) {
        expect(kept, "ingest", field, reason);
    }
    let (status, _) = environment.post("application/json", b"[{\"InvoiceNo\":\"1\"},");
    assert_eq!(status, 400);
    expect(kept, "ingest", "record", "not_json");
}

/// Lines of a request, each with the field and the reason of its refusal.
fn lines() -> Vec<(Vec<u8>, Option<Named>)> {
    let with = |field: &str, value: Value| {
        let mut event = event("poison-1");
        event[field] = value;
        event.to_string().into_bytes()
    };
    let mut broken = with("Description", json!("A POUND"));
    let at = broken.windows(5).position(|it| it == b"POUND").unwrap();
    broken[at] = 0xa3;
    let mut other = event("good-posted");
    other["Quantity"] = json!(7);
    vec![
        (event("good-posted").to_string().into_bytes(), None),
        (broken, Some(("event", "not_utf8"))),
        (b"{\"InvoiceNo\":".to_vec(), Some(("event", "not_json"))),
        (b"7".to_vec(), Some(("event", "not_an_object"))),
        (
            b"{\"InvoiceNo\":\"1\",\"InvoiceNo\":\"1\"}".to_vec(),
            Some(("event", "duplicate_field")),
        ),
        (
            with("Note", json!("x".repeat(9_000))),
            Some(("event", "too_large")),
        ),
        (
            with("EventId", json!("x".repeat(65))),
            Some(("EventId", "too_long")),
        ),
        (
            with("EventId", json!("a\nb")),
            Some(("EventId", "bad_character")),
        ),
        (
            other.to_string().into_bytes(),
            Some(("EventId", "reused_id")),
        ),
        (
            with("StockCode", json!("x".repeat(33))),
            Some(("StockCode", "too_long")),
        ),
        (
            with("Description", json!("x".repeat(257))),
            Some(("Description", "too_long")),
        ),
        (
            with("Quantity", json!([1])),
            Some(("Quantity", "wrong_type")),
        ),
        (
            with("CustomerID", json!({})),
            Some(("CustomerID", "wrong_type")),
        ),
    ]
}

/// Records that `ingest` did not write.
fn put_on_the_stream(environment: &Environment, kept: &mut Kept) {
    let mut bad = event("poison-2");
    bad["UnitPrice"] = json!("two");
    let events = [
        ("poison-2", bad),
        ("good-on-stream", event("good-on-stream")),
    ];
    let hash = events.iter().fold(Sha256::new(), |sha, (id, event)| {
        sha.chain_update(id)
            .chain_update([0])
            .chain_update(event.to_string())
            .chain_update([0])
    });
    let hash = hash.finalize()[..16].try_into().unwrap();
    let id = format!("{:032x}", u128::from_be_bytes(hash));
    let events = events.map(|(id, event)| json!({"event_id": id, "event": event}));
    let envelope = json!({
        "v": 1, "envelope_id": id, "request_id": "r", "received_at": "2026-01-02T03:04:05Z", "events": events,
    });
    for record in ["no envelope", &envelope.to_string()] {
        let file = written(record.as_bytes());
        environment.shell(&format!(
            r#"aws kinesis put-record --stream-name "$RIVERHOUSE_STREAM" --partition-key poison --data fileb://{}"#,
            file.path().display()
        ));
    }
    expect(kept, "store", "record", "not_an_envelope");
    expect(kept, "store", "UnitPrice", "not_a_number");
}

/// Lines that `store` did not write.
fn put_into_the_lake(environment: &Environment, kept: &mut Kept) {
    let line = |id: &str, event: Value| {
        json!({"event_id": id, "envelope_id": "2".repeat(32), "received_at": "2026-01-02T03:04:05Z", "event": event})
            .to_string()
    };
    let mut bad = event("poison-3");
    bad["Country"] = Value::Null;
    let lines = [
        line("good-in-lake", event("good-in-lake")),
        "no line".to_owned(),
        line("poison-3", bad),
    ];
    let file = written(&zipped(&lines.join("\n")));
    environment.shell(&format!(
        r#"aws s3 cp --quiet {} "s3://$RIVERHOUSE_RAW_BUCKET/raw/v1/dt=2026-01-02/hr=03/by-hand/1-3.ndjson.gz""#,
        file.path().display()
    ));
    expect(kept, "transform", "record", "not_a_lake_line");
    expect(kept, "transform", "Country", "missing");
}

/// Rows and a file that `transform` did not write.
fn put_into_staging(environment: &Environment, kept: &mut Kept) {
    let rows = [
        row("good-staged", "HEART"),
        row("poison-4", &"£".repeat(129)),
        row("poison-5", "HEART").replace(",6,", ",six,"),
        row("poison-6", "HEART").replace("2010-12-01", "2010-13-01"),
        row("poison-7", "HEART").replace(",2.55,", ",999999999,"),
    ];
    stage(
        environment,
        "rows",
        &zipped(&format!("{HEADER}\n{}", rows.concat())),
    );
    for column in ["description", "quantity", "invoice_ts", "unit_price"] {
        expect(kept, "load", column, "copy_refused");
    }
    let whole = zipped(&format!(
        "{HEADER}\n{}",
        row("poison-8", "HEART").repeat(50)
    ));
    stage(environment, "torn", &whole[..60]);
    expect(kept, "load", "file", "set_aside");
}

fn expect(kept: &mut Kept, stage: &str, field: &str, reason: &str) {
    let key = [stage, field, reason].map(str::to_owned);
    *kept.entry(key.into()).or_default() += 1;
}

fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// What `stack rejects` lists. Each names its place, and has the original bytes.
fn rejects(environment: &Environment) -> Kept {
    let listed = environment.stack(&["rejects", environment.name, "--json"]);
    let mut found = Kept::new();
    for line in listed.lines() {
        let reject: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| reject[name].as_str().unwrap();
        for name in ["id", "at", "detail", "position", "record"] {
            assert!(!text(name).is_empty(), "{reject}");
        }
        expect(&mut found, text("stage"), text("field"), text("reason"));
    }
    found
}

fn assert_told_and_acknowledged(environment: &Environment, kept: &Kept) {
    let status = environment.status();
    assert_eq!(status["healthy"], false);
    for stage in ["ingest", "store", "transform", "load"] {
        let count: usize = kept
            .iter()
            .filter(|((of, ..), _)| of == stage)
            .map(|(_, n)| n)
            .sum();
        let problems = status["problems"].as_array().unwrap();
        let told = |it: &Value| {
            it["stage"] == stage && it["reason"].as_str().unwrap().contains(&count.to_string())
        };
        assert!(problems.iter().any(told), "{count} of {stage}: {status}");
    }
    let acknowledge = ["rejects", environment.name, "--acknowledge", "all"];
    printed(&environment.run(&acknowledge), "rejects --acknowledge all");
    assert_eq!(rejects(environment), Kept::new());
    environment.wait_for("health", Environment::status, |it| it["healthy"] == true);
}
