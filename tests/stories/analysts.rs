//! Analysts: their tools, their rights and their numbers.

use serde_json::{Value, json};

use crate::environment::{Environment, beside_others};
use crate::python;

/// What `stack outputs` says of the analysts' door.
pub(crate) fn door(environment: &Environment) -> Value {
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
