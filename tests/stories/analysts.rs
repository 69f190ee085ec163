//! Analysts: their tools, their permissions and their numbers.

use serde_json::{Value, json};

use crate::environment::{Environment, beside_others};
use crate::programs;
use crate::python;

/// Returns the analysts' connection settings from `stack outputs`.
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
    assert!(text(&told, "wrong_name").contains("mismatch"), "{told}");
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
fn psycopg_signs_in_by_verified_tls_pages_and_fails_and_nobody_does_without() {
    let _way = beside_others();
    let told = python::run("psycopg.py", &door(Environment::shared()), &[]);
    assert_eq!(
        told["row"],
        json!(["tableau", "42", "0.0010", null]),
        "{told}"
    );
    assert_eq!(told["pages"], json!([10, 10, 5, 0]));
    for (what, words) in [
        ("without_tls", "TLS only"),
        ("untrusted", "certificate verify failed"),
        ("wrong_name", "does not match host name \"wrong.example\""),
        ("wrong_password", "password authentication failed"),
        ("denied", "permission denied for schema retail"),
    ] {
        assert!(text(&told, what).contains(words), "{what}: {told}");
    }
}

/// Runs `psql` with the analysts' connection, optionally with another address and other root certificates. Returns
/// what it printed on both streams, followed by its exit code.
fn psql(
    environment: &Environment,
    server: Option<&str>,
    roots: Option<&str>,
    rest: &str,
) -> String {
    let door = door(environment);
    let server = server.map_or_else(|| format!("host={}", text(&door, "host")), str::to_owned);
    environment.shell(&format!(
        "code=0; PGPASSFILE={} psql --no-psqlrc -At {rest} \
         '{server} port={} dbname={} user=tableau sslmode=verify-full sslrootcert={}' 2>&1 || code=$?; echo \"exit $code\"",
        text(&door, "pgpass"),
        door["port"],
        text(&door, "database"),
        roots.unwrap_or(text(&door, "sslrootcert")),
    ))
}

#[test]
fn psql_signs_in_by_verified_tls_pages_and_fails() {
    if !programs::has_psql_with_tls() {
        return;
    }
    let _way = beside_others();
    let environment = Environment::shared();
    let ask = |rest: &str| psql(environment, None, None, rest);
    assert_eq!(ask("-c 'SELECT current_user'"), "tableau\nexit 0\n");
    // Row 21 fails. With paging the two pages before it are printed; without paging nothing is.
    let fails = "-c 'SELECT 1 / (n - 21) FROM generate_series(1, 25) AS n'";
    let paged = ask(&format!("-v FETCH_COUNT=10 {fails}"));
    let two_pages = "0\n".repeat(19) + "-1";
    assert!(paged.starts_with(&two_pages), "{paged}");
    assert!(paged.contains("ERROR:  division by zero"), "{paged}");
    assert!(paged.ends_with("exit 1\n"), "{paged}");
    let whole = ask(fails);
    assert!(whole.starts_with("ERROR:  division by zero"), "{whole}");
    let denied = ask("-c 'SELECT * FROM retail.sales_line'");
    assert!(
        denied.contains("permission denied for schema retail"),
        "{denied}"
    );
    assert!(denied.ends_with("exit 1\n"), "{denied}");
}

#[test]
fn psql_trusts_neither_another_certificate_nor_another_name() {
    if !programs::has_psql_with_tls() {
        return;
    }
    let _way = beside_others();
    let environment = Environment::shared();
    let door = door(environment);
    // Valid root certificates that did not sign the server's certificate.
    let roots = text(&python::run("psycopg.py", &door, &[]), "other_roots").to_owned();
    let untrusted = psql(environment, None, Some(&roots), "-c 'SELECT 1'");
    assert!(
        untrusted.contains("certificate verify failed"),
        "{untrusted}"
    );
    assert!(untrusted.ends_with("exit 2\n"), "{untrusted}");
    let server = "host=wrong.example hostaddr=127.0.0.1";
    let wrong_name = psql(environment, Some(server), None, "-c 'SELECT 1'");
    assert!(
        wrong_name.contains("does not match host name \"wrong.example\""),
        "{wrong_name}"
    );
    assert!(wrong_name.ends_with("exit 2\n"), "{wrong_name}");
}

#[test]
fn the_analysts_password_is_in_secrets_manager_under_the_name_that_aws_has() {
    let _way = beside_others();
    let environment = Environment::shared();
    let secret = environment.shell(
        "aws secretsmanager get-secret-value --secret-id riverhouse/local/tableau --query SecretString --output text",
    );
    let secret: Value = serde_json::from_str(&secret).unwrap();
    let file = environment.folder().join("tableau.pgpass");
    let pgpass = std::fs::read_to_string(&file).unwrap();
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
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
