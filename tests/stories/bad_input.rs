//! Invalid input is answered or kept with a reason, and never blocks valid input.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::api::event;
use crate::environment::{Environment, beside_others};

#[test]
fn every_kind_of_bad_request_gets_its_own_answer() {
    let _way = beside_others();
    let environment = Environment::shared();
    let too_many = Value::from(
        (0..501)
            .map(|n| event(&format!("many-{n}")))
            .collect::<Vec<_>>(),
    )
    .to_string();
    for (content_type, body, expected) in [
        ("application/json", "not json", 400),
        ("application/json", "[]", 400),
        ("application/json", "{\"InvoiceNo\": true}", 400),
        ("application/x-ndjson", "\n", 400),
        ("text/csv", "a,b", 415),
        ("application/json", too_many.as_str(), 413),
    ] {
        let (status, answer) = environment.post(content_type, body.as_bytes());
        assert_eq!(
            status,
            expected,
            "{content_type} {}: {answer}",
            &body[..body.len().min(40)]
        );
    }
    let empty = environment.post("application/json", b"");
    assert_eq!(empty.0, 400);
}

#[test]
fn invalid_events_are_reported_and_valid_ones_are_accepted() {
    let _way = beside_others();
    let environment = Environment::shared();
    let with = |id: &str, field: &str, value: Value| {
        let mut event = event(id);
        event[field] = value;
        event
    };
    let body = json!([
        event("good-1"),
        with("bad-1", "Quantity", json!("six")),
        with("bad-2", "InvoiceDate", json!("13/1/2010 8:26")),
        with("bad-3", "UnitPrice", Value::Null),
        "text",
        with("bad-4", "Note", json!("x".repeat(9000))),
        event("good-2"),
    ]);
    let (status, answer) = environment.post("application/json", body.to_string().as_bytes());
    assert_eq!((status, &answer["accepted"]), (202, &json!(2)), "{answer}");
    let named: Vec<_> = answer["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {} {}", it["index"], it["field"], it["reason"]).replace('"', ""))
        .collect();
    assert_eq!(
        named,
        [
            "1 Quantity not_a_number",
            "2 InvoiceDate not_a_date",
            "3 UnitPrice missing",
            "4 event not_an_object",
            "5 event too_large",
        ]
    );
    loaded(environment, &["good-1", "good-2"]);
}

#[test]
fn an_invalid_byte_rejects_one_event_even_in_a_compressed_body_and_ignored_fields_are_named() {
    let _way = beside_others();
    let environment = Environment::shared();
    let mut replaced = event("replaced");
    replaced["Description"] = json!("\u{fffd} BOX");
    replaced["Till"] = json!(7);
    let mut body = format!("[{replaced},").into_bytes();
    let mut broken = event("broken");
    broken["Description"] = json!("£ BOX");
    body.extend(
        broken
            .to_string()
            .chars()
            .map(|it| u8::try_from(it).unwrap()),
    );
    body.extend_from_slice(format!(",{}]", event("after-broken")).as_bytes());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&body).unwrap();
    let headers = [
        ("Content-Type", "application/json"),
        ("Content-Encoding", "gzip"),
    ];
    for answer in [environment.post("application/json", &body), {
        let answer = environment.http("POST", "/events", &headers, &gzip.finish().unwrap());
        (answer.status, answer.json())
    }] {
        let (status, answer) = answer;
        assert_eq!((status, &answer["accepted"]), (202, &json!(2)), "{answer}");
        assert_eq!(
            (
                &answer["rejected"][0]["index"],
                &answer["rejected"][0]["reason"]
            ),
            (&json!(1), &json!("not_utf8"))
        );
        assert_eq!(answer["unknown_fields"], json!(["Till"]));
    }
    let brotli = [
        ("Content-Type", "application/json"),
        ("Content-Encoding", "br"),
    ];
    let answer = environment.http("POST", "/events", &brotli, b"{}");
    assert_eq!(
        (answer.status, &answer.json()["reason"]),
        (415, &json!("unsupported_encoding"))
    );
    loaded(environment, &["replaced", "after-broken"]);
}

#[test]
fn an_invalid_record_on_the_stream_is_kept_with_its_reason_and_blocks_no_other() {
    let _way = beside_others();
    let environment = Environment::shared();
    let rejects = |environment: &Environment| -> u64 {
        let status = environment.status();
        let stages = status["stages"].as_array().unwrap();
        stages
            .iter()
            .map(|stage| stage["rejects"].as_u64().unwrap())
            .sum()
    };
    let before = rejects(environment);
    environment.shell(
        r#"poison=$(mktemp); printf 'this is no envelope' > $poison
           aws kinesis put-record --stream-name "$RIVERHOUSE_STREAM" --partition-key poison --data fileb://$poison
           rm $poison"#,
    );
    let (status, _) = environment.post(
        "application/json",
        event("beside-poison").to_string().as_bytes(),
    );
    assert_eq!(status, 202);
    loaded(environment, &["beside-poison"]);
    environment.wait_for("the reject", rejects, |now| *now > before);
    let kept = environment.shell(
        r#"aws s3 cp --quiet --recursive "s3://$RIVERHOUSE_RAW_BUCKET/rejects/" rejects
           find rejects -type f -exec gunzip -cf {} +; rm -r rejects"#,
    );
    assert!(
        kept.contains("this is no envelope") && kept.contains("reason"),
        "{kept}"
    );
}

/// Waits until the warehouse has exactly one row for each of the events.
fn loaded(environment: &Environment, ids: &[&str]) {
    let list = ids
        .iter()
        .map(|id| format!("'{id}'"))
        .collect::<Vec<_>>()
        .join(", ");
    let sql = format!("SELECT count(*) AS n FROM retail.sales_line WHERE event_id IN ({list})");
    let count = |environment: &Environment| environment.query(&sql)[0]["n"].as_u64().unwrap();
    environment.wait_for("the good events", count, |count| *count == ids.len() as u64);
}
