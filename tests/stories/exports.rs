//! Data that analysts unload from the warehouse, read by a third-party program.

use serde_json::{Value, json};

use crate::environment::{Environment, beside_others};
use crate::python;

/// Unloads every order line and selects their sums in one transaction, then downloads the file.
const UNLOAD: &str = r#"
    bucket=s3://riverhouse-local-exports
    aws s3 mb $bucket >/dev/null
    query="SELECT event_id, invoice_no, quantity, invoice_ts, unit_price, customer_id FROM retail.sales_line"
    unload="UNLOAD ('$query') TO '$bucket/sales_' IAM_ROLE 'arn:aws:iam::000000000000:role/any' FORMAT AS PARQUET"
    sums="SELECT count(*), sum(quantity), sum(quantity * unit_price), count(customer_id), max(invoice_ts) FROM retail.sales_line"
    id=$(aws redshift-data batch-execute-statement --cluster-identifier riverhouse-local --database riverhouse \
        --sqls "$unload" "$sums" --query Id --output text)
    until [ "$(aws redshift-data describe-statement --id $id --query Status --output text)" = FINISHED ]; do
        aws redshift-data describe-statement --id $id | grep '"Error"' && exit 1
        sleep 0.1
    done
    aws s3 cp --quiet $bucket/sales_0000_part_00.parquet "$FILE"
    aws redshift-data get-statement-result --id $id:2 --query Records[0]
"#;

#[test]
fn an_unload_to_parquet_holds_what_the_warehouse_holds_when_duckdb_reads_it() {
    let _way = beside_others();
    let environment = Environment::shared();
    environment.stack(&["stream", "--synthetic", "500", "--seed", "77", "--wait"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sales.parquet");
    let file = file.to_str().unwrap();
    let sums = environment.shell(&format!("FILE={file}\n{UNLOAD}"));
    let sums: Value = serde_json::from_str(&sums).unwrap();
    let sums: Vec<_> = sums.as_array().unwrap().iter().map(plain).collect();
    let told = python::run("parquet.py", &json!({ "file": file }), &[]);
    assert_eq!(told["sums"], json!(sums));
    assert_eq!(
        told["types"],
        json!([
            ["event_id", "VARCHAR"],
            ["invoice_no", "VARCHAR"],
            ["quantity", "INTEGER"],
            ["invoice_ts", "TIMESTAMP"],
            ["unit_price", "DECIMAL(12,4)"],
            ["customer_id", "VARCHAR"],
        ])
    );
}

/// Returns a field of the Data API as plain text.
fn plain(field: &Value) -> String {
    let value = field.as_object().unwrap().values().next().unwrap();
    value.as_str().map_or(value.to_string(), str::to_owned)
}
