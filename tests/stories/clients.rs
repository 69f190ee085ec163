//! Real clients, configured only with what `stack outputs --env` prints.

use serde_json::Value;

use crate::environment::{Environment, STACK, beside_others};
use crate::programs;

#[test]
fn aws_psql_and_the_redshift_data_api_work_at_once() {
    let _way = beside_others();
    let environment = Environment::shared();
    let stream = environment.shell(r#"aws kinesis describe-stream-summary --stream-name "$RIVERHOUSE_STREAM" --query StreamDescriptionSummary.StreamStatus --output text"#);
    assert_eq!(stream.trim(), "ACTIVE");
    let table = environment.shell(r#"aws dynamodb describe-table --table-name "$RIVERHOUSE_INVOICE_TABLE" --query Table.TableStatus --output text"#);
    assert_eq!(table.trim(), "ACTIVE");
    let schemas = environment.shell(r#"psql --no-psqlrc -Atc "SELECT count(*) FROM information_schema.schemata WHERE schema_name IN ('etl', 'retail', 'analytics')""#);
    assert_eq!(schemas.trim(), "3");
    let rows = environment.shell(
        r"id=$(aws redshift-data execute-statement --cluster-identifier riverhouse-local --database riverhouse \
             --sql 'SELECT 40 + 2 AS answer' --query Id --output text)
          until [ $(aws redshift-data describe-statement --id $id --query Status --output text) = FINISHED ]; do sleep 0.1; done
          aws redshift-data get-statement-result --id $id",
    );
    let rows: Value = serde_json::from_str(&rows).unwrap();
    assert_eq!(rows["Records"][0][0]["longValue"], 42, "{rows}");
}

#[test]
fn aws_pages_through_a_large_result_and_says_why_a_statement_failed() {
    let _way = beside_others();
    let environment = Environment::shared();
    let printed = environment.shell(
        r#"run() {
             id=$(aws redshift-data execute-statement --cluster-identifier riverhouse-local --database riverhouse \
               --sql "$1" --query Id --output text)
             until [[ $(aws redshift-data describe-statement --id $id --query Status --output text) =~ FINISHED|FAILED ]]
             do sleep 0.1; done
           }
           page() { aws redshift-data get-statement-result --id $id --no-paginate \
             --query '[length(Records), NextToken]' --output text "$@"; }
           run "SELECT REPEAT('x', 1000) FROM svv_columns a, svv_columns b LIMIT 3000"
           read -r rows token < <(page)
           echo $rows
           while [ "$token" != None ]; do read -r rows token < <(page --next-token "$token"); echo $rows; done
           aws redshift-data get-statement-result --id $id --query 'length(Records[])' --output json
           run 'SELECT * FROM retail.none_such'
           aws redshift-data describe-statement --id $id --query '[Status, Error]' --output text"#,
    );
    let lines: Vec<_> = printed.lines().collect();
    let [pages @ .., all, failed] = lines.as_slice() else {
        panic!("{printed}")
    };
    let pages: Vec<u32> = pages.iter().map(|rows| rows.parse().unwrap()).collect();
    assert!(pages.len() > 1, "{printed}");
    assert_eq!(pages.iter().sum::<u32>(), 3000, "{printed}");
    assert_eq!(*all, "3000", "{printed}");
    let (status, error) = failed.split_once('\t').unwrap();
    assert_eq!(status, "FAILED");
    assert!(error.contains("none_such"), "{printed}");
}

#[test]
fn a_secret_signs_in_as_the_user_whose_password_it_holds() {
    let _way = beside_others();
    let environment = Environment::shared();
    let answers = environment.shell(
        r#"ask() {
               id=$(aws redshift-data execute-statement --cluster-identifier riverhouse-local --database riverhouse \
                   --secret-arn "$1" --sql "$2" --query Id --output text 2>&1) || { echo "$id"; return; }
               until aws redshift-data describe-statement --id $id --query Status --output text | grep -q 'FINISHED\|FAILED'
               do sleep 0.1; done
               aws redshift-data get-statement-result --id $id --query 'Records[0][0].stringValue' --output text 2>/dev/null ||
                   aws redshift-data describe-statement --id $id --query Error --output text
           }
           ask riverhouse/local/tableau 'SELECT current_user'
           ask riverhouse/local/tableau 'SELECT count(*) FROM retail.sales_line'
           ask riverhouse/local/none 'SELECT 1'"#,
    );
    let mut answers = answers.lines().filter(|line| !line.is_empty());
    assert_eq!(answers.next(), Some("tableau"));
    let denied = answers.next().unwrap();
    assert!(
        denied.contains("permission denied for schema retail"),
        "{denied}"
    );
    let missing = answers.next().unwrap();
    assert!(
        missing.contains("ValidationException") && missing.contains("riverhouse/local/none"),
        "{missing}"
    );
}

#[test]
fn outputs_are_the_contract() {
    let _way = beside_others();
    let environment = Environment::shared();
    let outputs = environment.json(&["outputs", "--json"]);
    for pointer in [
        "/environment",
        "/target",
        "/region",
        "/endpoint_url",
        "/redshift_data_endpoint_url",
        "/api_url",
        "/stream",
        "/buckets/raw",
        "/buckets/staging",
        "/tables/customer",
        "/tables/invoice",
        "/warehouse/host",
        "/warehouse/port",
        "/warehouse/database",
        "/warehouse/cluster_identifier",
        "/warehouse/dsn",
    ] {
        assert!(
            outputs
                .pointer(pointer)
                .is_some_and(|value| !value.is_null()),
            "{pointer} in {outputs}"
        );
    }
    let dsn = outputs["warehouse"]["dsn"].as_str().unwrap();
    assert_eq!(
        environment
            .shell(&format!(
                "env -u PGPASSFILE psql --no-psqlrc -Atc 'SELECT 1' '{dsn}'"
            ))
            .trim(),
        "1"
    );
}

#[test]
fn nobody_without_a_valid_signature_reaches_the_data_api() {
    let _way = beside_others();
    let environment = Environment::shared();
    let refused = environment
        .shell("AWS_SECRET_ACCESS_KEY=wrong aws redshift-data list-statements 2>&1 || true");
    assert!(
        refused.contains("InvalidSignature") || refused.contains("signature"),
        "{refused}"
    );
    let outputs = environment.json(&["outputs", "--json"]);
    let unsigned = environment.unsigned(
        "POST",
        outputs["redshift_data_endpoint_url"].as_str().unwrap(),
        &[
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", "RedshiftData.ListStatements"),
        ],
        b"{}",
    );
    assert!(
        unsigned.text().contains("MissingAuthenticationToken"),
        "{unsigned:?}"
    );
}

/// Returns the shell code blocks of a section of the README.
fn readme(section: &str) -> Vec<&'static str> {
    let text = include_str!("../../README.md");
    let (_, rest) = text.split_once(&format!("\n## {section}\n")).unwrap();
    let section = rest.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

#[test]
fn the_lines_of_readme_for_your_own_clients_work_as_they_are() {
    let _way = beside_others();
    let environment = Environment::shared();
    let folder = tempfile::tempdir().unwrap();
    let [first, unload] = readme("Your own clients")[..] else {
        panic!("README has other blocks for your own clients")
    };
    let [analysts] = readme("Analysts")[..] else {
        panic!("README has other blocks for analysts")
    };
    let run = |lines: &str| {
        environment.shell(&format!(
            "cd '{}'; export RIVERHOUSE_HOME='{}'; stack() {{ '{STACK}' \"$@\"; }}\n{lines}",
            folder.path().display(),
            environment.home().display(),
        ))
    };
    let (without_curl, curl) = first.split_once("curl ").unwrap();
    let printed = run(without_curl);
    assert!(printed.contains(r#""StreamStatus": "ACTIVE""#), "{printed}");
    assert!(printed.contains(r#""Database": "riverhouse""#), "{printed}");
    assert!(printed.contains("(1 row)"), "{printed}");
    if programs::has_curl() {
        let printed = run(&format!("curl --silent --show-error {curl}"));
        let answer: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(answer["accepted"], 1, "{printed}");
    }
    run(unload);
    assert!(
        folder
            .path()
            .join("top_items_0000_part_00.parquet")
            .exists()
    );
    if programs::has_psql_with_tls() {
        let printed = run(analysts);
        assert!(printed.contains("net_revenue"), "{printed}");
    }
}
