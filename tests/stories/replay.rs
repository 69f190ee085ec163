//! Staging, warehouse and tables are lost and rebuilt from the raw lake, and an interrupted file is resumed.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::environment::{Environment, printed};

const ROWS: usize = 3_000;

#[test]
fn lost_data_is_rebuilt_from_the_lake_and_an_interrupted_file_is_resumed() {
    let (environment, _kept) = Environment::own("local-replay");
    environment.deploy();
    an_interrupted_file_goes_on(&environment);
    what_was_lost_comes_back(&environment);
    what_was_given_up_is_listed_and_redriven_once(&environment);
}

fn an_interrupted_file_goes_on(environment: &Environment) {
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), csv()).unwrap();
    let path = file.path().to_str().unwrap();
    let stream = ["stream", path, "--env", environment.name];
    let mut child = environment
        .command(&stream)
        .args(["--rate", "400/s", "--batch", "100"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let folder = environment.folder().join("streams");
    let checkpoints = |_: &Environment| -> Vec<_> {
        let found = std::fs::read_dir(&folder).into_iter().flatten();
        let names = found.map(|entry| entry.unwrap().file_name());
        let names = names.filter(|name| name.to_string_lossy().ends_with(".json"));
        names.collect()
    };
    environment.wait_for("a checkpoint", checkpoints, |names| names.len() == 1);
    std::thread::sleep(Duration::from_secs(1));
    child.kill().unwrap();
    child.wait().unwrap();

    let resumed = environment
        .command(&stream)
        .args(["--resume", "--wait", "--json"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&resumed.stderr).into_owned();
    assert!(told.contains("resuming after line"), "{told}");
    let report: Value = serde_json::from_str(&printed(&resumed, "stream --resume")).unwrap();
    let sent = report["accepted"].as_u64().unwrap();
    assert!(0 < sent && sent < ROWS as u64, "{report}");
    assert_eq!(totals(environment), expected(), "{report}");
    assert_eq!(checkpoints(environment).len(), 0);

    let again = environment
        .command(&stream)
        .args(["--resume", "--limit", "10"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&again.stderr);
    assert!(told.contains("starting at the beginning"), "{told}");
}

fn what_was_lost_comes_back(environment: &Environment) {
    let invoice =
        |no: &str| environment.json(&["invoice", no, "--env", environment.name, "--json"]);
    let before = invoice("700001");
    let is_quiet = |status: &Value| status["healthy"] == true;
    environment.wait_for("a quiet environment", Environment::status, is_quiet);
    environment.shell(r#"aws s3 rm --quiet --recursive "s3://$RIVERHOUSE_STAGING_BUCKET/csv/""#);
    for table in ["retail.sales_line", "etl.load_file", "etl.load"] {
        let delete = format!("DELETE FROM {table}");
        environment.stack(&["query", &delete, "--env", environment.name]);
    }
    delete_items(environment, "700001");
    let gone = environment.run(&["invoice", "700001", "--env", environment.name]);
    assert!(!gone.status.success());

    let compared = environment.run(&["load", environment.name, "--reconcile", "--json"]);
    assert_eq!(compared.status.code(), Some(1));
    let compared: Value = serde_json::from_slice(&compared.stdout).unwrap();
    let unstaged = compared["comparison"]["unstaged"].as_array().unwrap().len();
    assert!(unstaged > 0, "{compared}");
    assert!(names_unstaged(environment));

    // The command can be killed at any moment; running it again resumes.
    let replay = ["replay", environment.name, "--dynamodb", "--json"];
    let mut child = environment
        .command(&replay)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(700));
    child.kill().unwrap();
    child.wait().unwrap();
    let replayed = environment.json(&replay);
    let objects = replayed["objects"].as_u64().unwrap();
    assert!(objects >= unstaged as u64, "{replayed}");
    assert_eq!(totals(environment), expected(), "{replayed}");
    assert_eq!(invoice("700001"), before);
    assert!(!names_unstaged(environment));

    // A second replay changes nothing.
    let files = staged(environment);
    let again = environment.json(&replay);
    assert_eq!(again["loaded"]["loaded"], 0, "{again}");
    assert_eq!(staged(environment), files);
    assert_eq!(totals(environment), expected());
    assert_eq!(invoice("700001"), before);
    environment.stack(&["load", environment.name, "--reconcile"]);
    // A replay of a range without objects ends at once.
    let none = environment.json(&["replay", environment.name, "--to", "2020-01-01", "--json"]);
    assert_eq!(none["objects"], 0);
}

fn what_was_given_up_is_listed_and_redriven_once(environment: &Environment) {
    // A batch in the format in which Lambda writes the stream records that it gave up.
    environment.shell(&format!(
        r#"data=$(printf '%s' '{}' | base64 -w0)
           logs=${{RIVERHOUSE_RAW_BUCKET/-raw-/-logs-}}
           printf '{{"timestamp":"2026-01-02T00:00:00Z","requestContext":{{"condition":"MaximumRecordAgeExceeded"}},"payload":{{"Records":[{{"kinesis":{{"data":"%s"}}}}]}}}}' "$data" |
             aws s3 cp --quiet - "s3://$logs/aws/lambda/given-up""#,
        json!({"events": [{"event_id": "given-up-1", "event": row_event()}]})
    ));
    let list = ["rejects", environment.name, "--stage", "store", "--json"];
    let listed = environment.stack(&list);
    let reject: Value = serde_json::from_str(listed.trim()).unwrap();
    assert_eq!(reject["reason"], "invocation_failed");
    let redriven = environment.stack(&["redrive", environment.name, "--stage", "store"]);
    assert!(redriven.contains("1 redriven, 0 still open"), "{redriven}");
    assert_eq!(environment.stack(&list), "");
    let count = |environment: &Environment| {
        let sql = "SELECT count(*) AS n FROM retail.sales_line WHERE event_id = 'given-up-1'";
        environment.query(sql)[0]["n"].as_u64().unwrap()
    };
    environment.wait_for("the redriven event", count, |count| *count == 1);

    // A dead letter is listed with its body until it is acknowledged.
    environment.shell(
        r#"sqs="aws sqs --endpoint-url $AWS_ENDPOINT_URL"
           url=$($sqs get-queue-url --queue-name riverhouse-local-replay-transform-dead --query QueueUrl --output text)
           $sqs send-message --queue-url "$url" --message-body 'no notification' >/dev/null"#,
    );
    let dead = [
        "rejects",
        environment.name,
        "--reason",
        "dead_letter",
        "--json",
    ];
    let letter: Value = serde_json::from_str(environment.stack(&dead).trim()).unwrap();
    assert_eq!(
        (&letter["stage"], &letter["record"]),
        (&json!("transform"), &json!("no notification"))
    );
    let id = letter["id"].as_str().unwrap();
    environment.stack(&["rejects", environment.name, "--acknowledge", id]);
    assert_eq!(environment.stack(&dead), "");
}

fn row_event() -> Value {
    json!({"InvoiceNo": "700777", "StockCode": "85123A", "Description": "HEART", "Quantity": 1,
        "InvoiceDate": "12/1/2010 8:26", "UnitPrice": 2.5, "CustomerID": 17850, "Country": "EIRE"})
}

/// Returns the rows of invoices with six lines each.
fn csv() -> String {
    let header =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";
    (0..ROWS).fold(header.to_owned(), |mut csv, row| {
        let invoice = 700_000 + row / 6;
        let quantity = row % 9 + 1;
        writeln!(
            csv,
            "{invoice},85123A,HEART {row},{quantity},12/1/2010 8:26,2.50,17850,EIRE"
        )
        .unwrap();
        csv
    })
}

fn expected() -> (u64, u64) {
    (ROWS as u64, (0..ROWS as u64).map(|row| row % 9 + 1).sum())
}

fn totals(environment: &Environment) -> (u64, u64) {
    let sql = "SELECT count(*) AS n, coalesce(sum(quantity), 0) AS units FROM retail.sales_line";
    let row = &environment.query(sql)[0];
    (row["n"].as_u64().unwrap(), row["units"].as_u64().unwrap())
}

fn names_unstaged(environment: &Environment) -> bool {
    let status = environment.status();
    let problems = status["problems"].as_array().unwrap().iter();
    let mut reasons = problems.map(|it| it["reason"].as_str().unwrap());
    reasons.any(|reason| reason.contains("never transformed"))
}

fn staged(environment: &Environment) -> String {
    environment
        .shell(r#"aws s3 ls --recursive "s3://$RIVERHOUSE_STAGING_BUCKET/csv/" | awk '{print $4}'"#)
}

fn delete_items(environment: &Environment, invoice: &str) {
    environment.shell(&format!(
        r#"table=riverhouse-{}-invoice
           for envelope in $(aws dynamodb query --table-name $table --key-condition-expression 'InvoiceNo = :no' \
               --expression-attribute-values '{{":no":{{"S":"{invoice}"}}}}' --query 'Items[].EnvelopeId.S' --output text); do
             aws dynamodb delete-item --table-name $table --key "{{\"InvoiceNo\":{{\"S\":\"{invoice}\"}},\"EnvelopeId\":{{\"S\":\"$envelope\"}}}}"
           done"#,
        environment.name
    ));
}
