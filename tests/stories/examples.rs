//! The programs of the folders `examples/`, run as their comments say.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread::JoinHandle;

use serde_json::json;

use crate::environment::{Environment, STACK, beside_others, printed};
use crate::streaming::drained;
use crate::{programs, python};

const PRODUCER_PY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/producer.py");
const PRODUCER_SH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/producer.sh");
/// More than one batch.
const EVENTS: usize = 501;

/// Returns the path of an example that `cargo test --workspace` built.
fn built(name: &str) -> String {
    let path = Path::new(STACK).with_file_name("examples").join(name);
    assert!(
        path.exists(),
        "{} is missing: run `cargo build --workspace --examples`",
        path.display()
    );
    path.display().to_string()
}

/// Returns order lines as CSV, each of an invoice of its own.
fn csv() -> String {
    let header =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
    let lines = (0..EVENTS).map(|n| {
        format!(
            "\n{},85123A,HEART,6,12/1/2010 8:26,2.55,,EIRE",
            8_800_000 + n
        )
    });
    std::iter::once(header.to_owned()).chain(lines).collect()
}

/// Returns the same order lines as NDJSON, with ids.
fn ndjson() -> String {
    let event = |n| {
        json!({
            "EventId": format!("example-shell/{n}"), "InvoiceNo": 8_800_000 + n, "StockCode": "85123A",
            "Quantity": 6, "InvoiceDate": "12/1/2010 8:26", "UnitPrice": 2.55, "Country": "EIRE"
        })
    };
    let lines = (0..EVENTS).flat_map(|n| [event(n).to_string(), "\n".to_owned()]);
    lines.collect()
}

/// Sends `input` twice with the shell line `producer`, and asserts that each event has one row in the warehouse.
fn assert_sent_once(environment: &Environment, producer: &str, input: &str, source: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("input");
    std::fs::write(&file, input).unwrap();
    for _ in 0..2 {
        environment.shell(&format!("{producer} <'{}'", file.display()));
    }
    let sql = format!(
        "SELECT count(*), count(DISTINCT event_id), sum(quantity) FROM retail.sales_line \
         WHERE event_id LIKE '{source}/%'"
    );
    let query = format!("'{}' riverhouse-local \"{sql}\"", built("query"));
    let expected = format!("{EVENTS}\t{EVENTS}\t{}", 6 * EVENTS);
    let rows = |environment: &Environment| environment.shell(&query).trim().to_owned();
    environment.wait_for("the rows", rows, |rows| *rows == expected);
    drained(environment);
    assert_eq!(rows(environment), expected);
}

#[test]
fn the_example_producer_in_python_can_send_its_file_again_and_the_example_query_counts_each_line_once()
 {
    let _way = beside_others();
    let environment = Environment::shared();
    let producer = format!("python3 '{PRODUCER_PY}' example-python");
    assert_sent_once(environment, &producer, &csv(), "example-python");
}

#[test]
fn the_example_producer_in_shell_can_send_its_file_again() {
    if !programs::has_curl() {
        return;
    }
    let _way = beside_others();
    let environment = Environment::shared();
    let producer = format!("sh '{PRODUCER_SH}'");
    assert_sent_once(environment, &producer, &ndjson(), "example-shell");
}

/// Returns the address of a server that answers requests with these statuses, and the bodies that it received.
fn server(statuses: [u16; 3]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let bodies = std::thread::spawn(move || {
        let mut bodies = Vec::new();
        for status in statuses {
            let (mut connection, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(connection.try_clone().unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let line = line.trim().to_ascii_lowercase();
                if line.is_empty() {
                    break;
                }
                if let Some(value) = line.strip_prefix("content-length: ") {
                    length = value.parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            bodies.push(String::from_utf8(body).unwrap());
            let answer = r#"{"accepted":1,"rejected":[]}"#;
            let length = answer.len();
            write!(
                connection,
                "HTTP/1.1 {status} -\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
            )
            .unwrap();
        }
        bodies
    });
    (url, bodies)
}

#[test]
fn the_example_producers_in_python_and_in_shell_send_the_same_ids_again_after_429_and_503() {
    let mut python = Command::new(python::python());
    python.args([PRODUCER_PY, "example-retry"]);
    let mut shell = Command::new("sh");
    shell.arg(PRODUCER_SH);
    let csv: String = csv().split_inclusive('\n').take(2).collect();
    let ndjson: String = ndjson().split_inclusive('\n').take(1).collect();
    for (mut producer, input) in [(python, csv), (shell, ndjson)] {
        if producer.get_program() == "sh" && !programs::has_curl() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("input");
        std::fs::write(&file, input).unwrap();
        let (url, bodies) = server([429, 503, 202]);
        producer
            .stdin(std::fs::File::open(file).unwrap())
            .env_remove("AWS_SESSION_TOKEN")
            .envs([
                ("RIVERHOUSE_API_URL", url.as_str()),
                ("AWS_REGION", "eu-west-1"),
            ])
            .envs([
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
            ]);
        printed(&producer.output().unwrap(), "the producer");
        let bodies = bodies.join().unwrap();
        assert!(bodies[0].contains(r#""EventId""#), "{bodies:?}");
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    }
}

#[test]
fn the_smallest_template_can_be_deployed() {
    let _way = beside_others();
    let environment = Environment::shared();
    let arn = environment.shell(&format!(
        r#"ask() {{ aws cloudformation describe-stacks --stack-name smallest --output text --query "Stacks[0].$1"; }}
           aws cloudformation create-stack --stack-name smallest --template-body "$('{}')" >/dev/null
           while [ "$(ask StackStatus)" = CREATE_IN_PROGRESS ]; do sleep 0.2; done
           ask 'Outputs[0].OutputValue'
           aws cloudformation delete-stack --stack-name smallest"#,
        built("smallest"),
    ));
    assert!(arn.trim().ends_with(":stream/events"), "{arn}");
}
