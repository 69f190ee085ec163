//! Analysts: their tools, their rights and their numbers.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::environment::{Environment, beside_others};
use crate::python;

/// What `stack outputs` says of the analysts' door.
fn door(environment: &Environment) -> Value {
    let outputs = environment.json(&["outputs", environment.name, "--json"]);
    let mut door = outputs["warehouse"]["analysts"].clone();
    door["database"] = outputs["warehouse"]["database"].clone();
    door
}

fn text<'a>(told: &'a Value, what: &str) -> &'a str {
    told[what]
        .as_str()
        .unwrap_or_else(|| panic!("{what} in {told}"))
}

#[test]
fn amazons_own_driver_signs_in_by_verified_tls_and_reads_what_an_analyst_may() {
    let _way = beside_others();
    let told = python::run("redshift_driver.py", &door(Environment::shared()), &[]);
    assert_eq!(
        told["row"],
        json!(["tableau", "42", "0.0010", null]),
        "{told}"
    );
    assert_eq!(told["pages"], json!([10, 10, 5]));
    assert!(
        text(&told, "untrusted").contains("certificate verify failed"),
        "{told}"
    );
    assert!(!told["wrong_name"].is_null(), "{told}");
    assert!(
        text(&told, "wrong_password").contains("password authentication failed"),
        "{told}"
    );
    assert!(
        text(&told, "denied").contains("permission denied for schema retail"),
        "{told}"
    );
}

#[test]
fn psycopg_and_psql_sign_in_by_verified_tls_and_nobody_does_without() {
    let _way = beside_others();
    let environment = Environment::shared();
    let door = door(environment);
    let told = python::run("psycopg.py", &door, &[]);
    assert_eq!(
        told["row"],
        json!(["tableau", "42", "0.0010", null]),
        "{told}"
    );
    assert!(text(&told, "without_tls").contains("TLS only"), "{told}");
    assert!(
        text(&told, "wrong_password").contains("password authentication failed"),
        "{told}"
    );
    assert!(
        text(&told, "denied").contains("permission denied for schema retail"),
        "{told}"
    );
    let [host, port, root, pgpass] =
        ["host", "port", "sslrootcert", "pgpass"].map(|name| match &door[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
    let who = environment.shell(&format!(
        "PGPASSFILE={pgpass} psql --no-psqlrc -Atc 'SELECT current_user' \
         'postgresql://tableau@{host}:{port}/riverhouse?sslmode=verify-full&sslrootcert={root}'"
    ));
    assert_eq!(who.trim(), "tableau");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(pgpass).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_analysts_password_is_in_secrets_manager_under_the_name_that_aws_has() {
    let _way = beside_others();
    let environment = Environment::shared();
    let secret = environment.shell(
        "aws secretsmanager get-secret-value --secret-id riverhouse/local/tableau --query SecretString --output text",
    );
    let secret: Value = serde_json::from_str(&secret).unwrap();
    let pgpass = std::fs::read_to_string(environment.folder().join("tableau.pgpass")).unwrap();
    assert_eq!(secret["username"], "tableau");
    assert!(pgpass.contains(text(&secret, "password")));
}

#[test]
fn boto3_queries_pages_and_fails_as_with_redshift() {
    let _way = beside_others();
    let environment = Environment::shared();
    let outputs = environment.json(&["outputs", "--json"]);
    let value = |pointer: &str| outputs.pointer(pointer).unwrap().as_str().unwrap();
    let told = python::run(
        "data_api.py",
        &outputs["warehouse"],
        &[
            (
                "AWS_ENDPOINT_URL_REDSHIFT_DATA",
                value("/redshift_data_endpoint_url"),
            ),
            ("AWS_DEFAULT_REGION", value("/region")),
            ("AWS_ACCESS_KEY_ID", local::ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", local::SECRET_ACCESS_KEY),
        ],
    );
    assert_eq!(
        (&told["many"], &told["rows"]),
        (&json!("FINISHED"), &json!(3000)),
        "{told}"
    );
    assert!(told["pages"].as_u64().unwrap() > 1, "{told}");
    assert_eq!(
        told["row"],
        json!([{"longValue": 42}, {"stringValue": "0.0010"}, {"isNull": true}])
    );
    assert_eq!(told["failed"][0], "FAILED");
    assert!(
        told["failed"][1].as_str().unwrap().contains("none_such"),
        "{told}"
    );
    assert_eq!(told["batch"], json!(["FAILED", ["FINISHED", "FAILED"]]));
    assert_eq!(told["unknown_id"], "ResourceNotFoundException");
    assert_eq!(told["no_result"], "ResourceNotFoundException");
    assert_eq!(told["too_long"], "ValidationException");
}

/// Order lines as Kaggle has them, made by a small generator of numbers: sales, cancellations, guests,
/// adjustments, repeats, several countries and three months.
fn made_csv() -> String {
    let mut state: u64 = 20_101_201;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let countries = ["United Kingdom", "EIRE", "Germany", "France"];
    let mut text =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n"
            .to_owned();
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

/// Each question of `answers.py` as the analysts' views answer it.
const ANSWERS: [(&str, &str); 11] = [
    (
        "order_lines",
        "SELECT order_lines FROM analytics.data_as_of",
    ),
    ("units", "SELECT SUM(units) FROM analytics.revenue_by_month"),
    (
        "revenue",
        "SELECT SUM(net_revenue) FROM analytics.revenue_by_country",
    ),
    (
        "invoices",
        "SELECT COUNT(DISTINCT invoice_no) FROM retail.sales_line",
    ),
    (
        "top_item",
        "SELECT stock_code, net_quantity, net_revenue FROM analytics.top_items ORDER BY 2 DESC, 1 LIMIT 1",
    ),
    (
        "best_month_and_country",
        "SELECT month, country, net_revenue FROM analytics.revenue_by_month_country ORDER BY 3 DESC, 1, 2 LIMIT 1",
    ),
    (
        "most_cancelled_month",
        "SELECT month, cancellations, orders, cancelled_revenue FROM analytics.cancellations ORDER BY 2 DESC, 1 LIMIT 1",
    ),
    (
        "customers",
        "SELECT COUNT(*), SUM(is_returning) FROM analytics.customers",
    ),
    (
        "returning_in_the_last_month",
        "SELECT month, customers, returning_customers FROM analytics.customers_by_month ORDER BY 1 DESC LIMIT 1",
    ),
    (
        "greatest_basket",
        "SELECT invoice_no, lines, items, units, revenue FROM analytics.baskets ORDER BY 5 DESC, 1 LIMIT 1",
    ),
    (
        "best_customer",
        "SELECT customer_id, monetary, frequency, recency_days FROM analytics.customer_rfm ORDER BY 2 DESC, 1 LIMIT 1",
    ),
];

#[test]
fn analysts_numbers_are_those_of_an_independent_calculation_to_the_last_digit() {
    let (environment, _kept) = Environment::own("local-answers");
    environment.deploy();
    let file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    std::fs::write(file.path(), made_csv()).unwrap();
    let path = file.path().to_str().unwrap();
    environment.stack(&["stream", path, "--env", environment.name, "--wait"]);
    let told = python::run("answers.py", &json!({ "csv": path }), &[]);
    for (question, sql) in ANSWERS {
        let csv = environment.stack(&["query", sql, "--env", environment.name, "--format", "csv"]);
        let answer: Vec<_> = csv.lines().nth(1).unwrap().split(',').collect();
        assert_eq!(json!(answer), told[question], "{question}");
    }
}
