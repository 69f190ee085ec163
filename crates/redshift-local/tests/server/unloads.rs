//! `UNLOAD`.

use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Row;
use serde_json::{Value, json};

use crate::support::World;

const ROLE: &str = "iam_role 'arn:aws:iam::000000000000:role/copy'";

#[tokio::test]
async fn an_unload_can_be_loaded_again() {
    let world = World::new().await;
    world
        .ok("create table sales (id varchar(16) not null, text varchar(8), n int, price decimal(12, 4), \
             at timestamp, loaded timestamp default getdate())")
        .await;
    world
        .ok("insert into sales values ('a', 'x, \"y\"', 1, 0.0010, '2010-12-01 08:26:00', null)")
        .await;
    world.ok("insert into sales (id) values ('b')").await;
    let unload = format!(
        "unload ('select id, text, n, price, at from sales order by id') to 's3://bucket/out/sales_' {ROLE} \
         format as csv header gzip manifest"
    );
    let done = world.run(&unload).await;
    assert_eq!((done.error(), done.result_rows()), (None, 2));
    assert!(world.bucket().get("out/sales_0000_part_00.gz").is_some());
    let counted = world
        .batch(&[
            &unload.replace("/out/", "/counted/"),
            "select pg_last_unload_count()",
        ])
        .await;
    assert_eq!(world.result(&format!("{}:2", counted.id())).await, [["2"]]);
    let again = world.run(&unload).await;
    assert!(
        again.error().unwrap().contains("ALLOWOVERWRITE"),
        "{again:?}"
    );
    world.ok("create table copy (like sales)").await;
    world
        .ok(&format!(
            "copy copy (id, text, n, price, at) from 's3://bucket/out/sales_manifest' {ROLE} manifest csv gzip \
             ignoreheader 1 emptyasnull"
        ))
        .await;
    let columns = "id, text, n, price, at";
    let differences = format!(
        "select count(*) from ((select {columns} from sales except select {columns} from copy) union all \
         (select {columns} from copy except select {columns} from sales)) x"
    );
    assert_eq!(world.rows(&differences).await, [["0"]]);
}

/// Returns the rows of an unloaded Parquet file, as `name: value` for each column.
fn rows(file: &SerializedFileReader<axum::body::Bytes>) -> Vec<Vec<String>> {
    let values = |row: Row| {
        let values = row.get_column_iter();
        values
            .map(|(name, value)| format!("{name}: {value}"))
            .collect()
    };
    let rows = file.get_row_iter(None).unwrap();
    rows.map(|row| values(row.unwrap())).collect()
}

#[tokio::test]
async fn parquet_holds_exact_values_and_distinguishes_null_from_empty() {
    let world = World::new().await;
    world
        .ok("create table every (b boolean, s smallint, i int, l bigint, r real, d double precision, \
             t varchar(20), c char(3), day date, at timestamp, zoned timestamptz, price decimal(12, 4), \
             large decimal(38, 4), j super)")
        .await;
    world
        .ok("insert into every values (true, -7, 2147483647, -9223372036854775808, 1.5, 0.1, '£ \"x\"', 'ab', \
             '1969-12-31', '2010-12-01 08:26:00.000001', '2010-12-01 08:26:00+01', -11062.06, \
             -9999999999999999999999999999999999.9999, json_parse('{\"a\": [1, null]}')), \
             (null, null, null, null, null, null, '', null, null, null, null, null, null, null)")
        .await;
    let done = world
        .run(&format!(
            "unload ('select *, price * s as amount from every order by i') to 's3://bucket/pq/every_' {ROLE} \
             format as parquet manifest verbose"
        ))
        .await;
    assert_eq!((done.error(), done.result_rows()), (None, 2));
    let bytes = world.bucket().get("pq/every_0000_part_00.parquet").unwrap();
    let length = bytes.len();
    let file = SerializedFileReader::new(bytes).unwrap();
    let mut schema = Vec::new();
    parquet::schema::printer::print_schema(&mut schema, file.metadata().file_metadata().schema());
    insta::assert_snapshot!(String::from_utf8(schema).unwrap());
    insta::assert_debug_snapshot!(rows(&file));
    let manifest = world.bucket().get("pq/every_manifest").unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(
        manifest["entries"],
        json!([{
            "url": "s3://bucket/pq/every_0000_part_00.parquet",
            "meta": {"content_length": length, "record_count": 2},
        }])
    );
    assert_eq!(
        manifest["schema"]["elements"][11],
        json!({"name": "price", "type": {"base": "numeric", "precision": 12, "scale": 4}})
    );
}

#[tokio::test]
async fn parquet_has_row_groups_and_an_empty_result_has_a_schema() {
    let world = World::new().await;
    world.ok("create table wide (n int, t varchar(4000))").await;
    let long = "x".repeat(3_000);
    let lines: Vec<_> = (0..22_500).map(|n| format!("{n},{long}{n}")).collect();
    world.bucket().put("wide.csv", lines.join("\n"));
    world
        .ok(&format!("copy wide from 's3://bucket/wide.csv' {ROLE} csv"))
        .await;
    world
        .ok(&format!(
            "unload ('select n, t from wide order by n') to 's3://bucket/pq/wide_' {ROLE} parquet parallel off"
        ))
        .await;
    let bytes = world.bucket().get("pq/wide_000.parquet").unwrap();
    let file = SerializedFileReader::new(bytes).unwrap();
    let groups = file.metadata().row_groups();
    assert_eq!(groups.len(), 3);
    assert_eq!(
        groups.iter().map(RowGroupMetaData::num_rows).sum::<i64>(),
        22_500
    );
    let rows = rows(&file);
    assert_eq!(rows.last().unwrap()[0], "n: 22499");
    world
        .ok(&format!(
            "unload ('select n, t from wide where n < 0') to 's3://bucket/pq/none_' {ROLE} parquet"
        ))
        .await;
    let bytes = world.bucket().get("pq/none_0000_part_00.parquet").unwrap();
    let file = SerializedFileReader::new(bytes).unwrap();
    assert_eq!(file.metadata().file_metadata().num_rows(), 0);
    assert_eq!(
        file.metadata().file_metadata().schema().get_fields().len(),
        2
    );
}

#[tokio::test]
async fn an_unsupported_parquet_column_is_refused_and_leaves_no_file() {
    let world = World::new().await;
    world
        .ok("create table odd (a int, b varbyte(8), c time)")
        .await;
    for (query, words) in [
        (
            "select b from odd",
            "VARBYTE column \"b\" can only be unloaded to text or CSV",
        ),
        ("select c from odd", "column \"c\" of type time"),
        ("select a, a from odd", "column name \"a\" is duplicated"),
    ] {
        let done = world
            .run(&format!(
                "unload ('{query}') to 's3://bucket/odd/' {ROLE} parquet"
            ))
            .await;
        let error = done.error().unwrap_or("the statement succeeded");
        assert!(error.contains(words), "{query}: {error}");
    }
    assert!(world.bucket().get("odd/0000_part_00.parquet").is_none());
}
