//! Results, their types and pages, and the catalog.

use aws_sdk_redshiftdata::error::ProvideErrorMetadata;
use aws_sdk_redshiftdata::types::{ColumnMetadata, Field, QueryRecords, ResultFormatString};

use crate::support::{CLUSTER, World};

#[tokio::test]
async fn each_type_has_its_field_with_the_exact_value() {
    let world = World::new().await;
    let done = world
        .run(
            "select 9223372036854775807::bigint a, 1::smallint b, 0.1::float8 c, true d, \
             12345678901234567890.123400::decimal(38, 6) e, date '2011-12-09' f, \
             timestamp '2011-12-09 12:50:00.25' g, 'x£'::varchar(8) h, null::int i, \
             json_parse('{\"b\":1}') j, avg(k) l, extract(year from date '2011-01-01') m \
             from (select 1 as k union all select 2)",
        )
        .await;
    assert_eq!(done.error(), None);
    let client = world.client("root");
    let result = client
        .get_statement_result()
        .id(done.id())
        .send()
        .await
        .unwrap();
    let text = |value: &str| Field::StringValue(value.to_owned());
    assert_eq!(
        result.records()[0],
        [
            Field::LongValue(i64::MAX),
            Field::LongValue(1),
            Field::DoubleValue(0.1),
            Field::BooleanValue(true),
            text("12345678901234567890.123400"),
            text("2011-12-09"),
            text("2011-12-09 12:50:00.25"),
            text("x£"),
            Field::IsNull(true),
            text("{\"b\":1}"),
            Field::LongValue(1),
            Field::LongValue(2011),
        ]
    );
    let types: Vec<_> = result
        .column_metadata()
        .iter()
        .map(|c| c.type_name().unwrap())
        .collect();
    assert_eq!(
        types,
        [
            "int8",
            "int2",
            "float8",
            "bool",
            "numeric",
            "date",
            "timestamp",
            "varchar",
            "int4",
            "super",
            "int8",
            "int8"
        ]
    );
    let decimal = &result.column_metadata()[4];
    assert_eq!((decimal.precision(), decimal.scale()), (38, 6));
}

#[tokio::test]
async fn a_column_of_a_table_names_its_schema_and_table() {
    let world = World::new().await;
    world
        .ok("create table t (a int not null, b varchar(16))")
        .await;
    let done = world.run("select a as x, b from t").await;
    assert_eq!((done.result_rows(), done.has_result_set()), (0, Some(true)));
    let result = world
        .client("root")
        .get_statement_result()
        .id(done.id())
        .send()
        .await
        .unwrap();
    let [a, b] = result.column_metadata() else {
        panic!()
    };
    assert_eq!(
        (a.name(), a.table_name(), a.schema_name()),
        (Some("x"), Some("t"), Some("public"))
    );
    assert_eq!((a.nullable(), b.nullable(), b.precision()), (0, 1, 16));
}

#[tokio::test]
async fn all_pages_together_hold_every_row_once() {
    let world = World::new().await;
    let done = world
        .run("select n, repeat('x', 200) from generate_series(1, 20000) n")
        .await;
    assert_eq!(done.result_rows(), 20_000);
    let client = world.client("root");
    let mut seen = Vec::new();
    let mut token = None;
    let mut pages = 0;
    loop {
        let page = client
            .get_statement_result()
            .id(done.id())
            .set_next_token(token)
            .send()
            .await
            .unwrap();
        assert_eq!(page.total_num_rows(), 20_000);
        seen.extend(
            page.records()
                .iter()
                .map(|row| *row[0].as_long_value().unwrap()),
        );
        token = page.next_token().map(str::to_owned);
        pages += 1;
        if token.is_none() {
            break;
        }
    }
    assert!(pages > 1);
    assert_eq!(seen, (1..=20_000).collect::<Vec<i64>>());
    let wrong = client
        .get_statement_result()
        .id(done.id())
        .next_token("x")
        .send()
        .await;
    assert_eq!(
        wrong.unwrap_err().into_service_error().code(),
        Some("ValidationException")
    );
}

#[tokio::test]
async fn a_csv_result_is_read_only_with_the_second_version() {
    let world = World::new().await;
    let client = world.client("root");
    let sent = client
        .execute_statement()
        .sql("select 1 a, 'x, \"y\"' b, null::int c")
        .result_format(ResultFormatString::Csv)
        .cluster_identifier(CLUSTER)
        .database(world.database())
        .wait_time_seconds(30)
        .send()
        .await
        .unwrap();
    let id = sent.id().unwrap();
    let result = client
        .get_statement_result_v2()
        .id(id)
        .send()
        .await
        .unwrap();
    let records = QueryRecords::CsvRecords("1,\"x, \"\"y\"\"\",\r\n".to_owned());
    assert_eq!(result.records(), [records]);
    let json = client
        .get_statement_result()
        .id(id)
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        json.into_service_error().code(),
        Some("ValidationException")
    );
}

#[tokio::test]
async fn results_of_a_batch_are_read_by_part_and_unknown_ones_are_not_found() {
    let world = World::new().await;
    let done = world.batch(&["select 7", "create table t (a int)"]).await;
    assert_eq!(world.result(&format!("{}:1", done.id())).await, [["7"]]);
    let client = world.client("root");
    let unknown = "d9b6c0c9-0747-4bf4-b142-e8883122f766".to_owned();
    for id in [done.id().to_owned(), format!("{}:2", done.id()), unknown] {
        let missing = client
            .get_statement_result()
            .id(&id)
            .send()
            .await
            .unwrap_err();
        assert_eq!(
            missing.into_service_error().code(),
            Some("ResourceNotFoundException"),
            "{id}"
        );
    }
    let malformed = client
        .get_statement_result()
        .id("x")
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        malformed.into_service_error().code(),
        Some("ValidationException")
    );
}

#[tokio::test]
async fn the_catalog_is_listed_and_described() {
    let world = World::new().await;
    world.ok("create schema s").await;
    world
        .ok("create table s.t (a int not null, b decimal(12, 4) default 0)")
        .await;
    world.ok("create view s.v as select a from s.t").await;
    let client = world.client("root");
    let databases = client
        .list_databases()
        .cluster_identifier(CLUSTER)
        .database(world.database());
    let databases = databases.send().await.unwrap();
    assert!(
        databases
            .databases()
            .iter()
            .any(|name| name == world.database())
    );
    let schemas = client
        .list_schemas()
        .cluster_identifier(CLUSTER)
        .database(world.database());
    let schemas = schemas.schema_pattern("s%").send().await.unwrap();
    assert_eq!(schemas.schemas(), ["s"]);
    let tables = client
        .list_tables()
        .cluster_identifier(CLUSTER)
        .database(world.database());
    let tables = tables.schema_pattern("s").send().await.unwrap();
    let tables: Vec<_> = tables
        .tables()
        .iter()
        .map(|t| (t.name().unwrap(), t.r#type().unwrap()))
        .collect();
    assert_eq!(tables, [("t", "TABLE"), ("v", "VIEW")]);
    let columns = client
        .describe_table()
        .cluster_identifier(CLUSTER)
        .database(world.database());
    let columns = columns.schema("s").table("t").send().await.unwrap();
    let columns: Vec<_> = columns
        .column_list()
        .iter()
        .map(|c| {
            (
                c.name().unwrap(),
                c.type_name().unwrap(),
                c.nullable(),
                c.scale(),
            )
        })
        .collect();
    assert_eq!(columns, [("a", "int4", 0, 0), ("b", "numeric", 1, 4)]);
}

#[tokio::test]
async fn a_row_larger_than_64_kilobytes_is_refused_and_leaves_no_file() {
    let world = World::new().await;
    let fits = world.run("select repeat('x', 65530), 'sixsix'").await;
    assert_eq!(fits.error(), None);
    let large = world.run("select repeat('x', 65530), 'seven77'").await;
    let error = large.error().unwrap();
    assert!(
        error.starts_with("ERROR: Packet for query is too large"),
        "{error}"
    );
    let left = |id: &str| world.state().join(format!("results/{id}.0.rows")).exists();
    assert_eq!((left(fits.id()), left(large.id())), (true, false));
}

#[tokio::test]
async fn a_table_and_a_result_describe_a_column_the_same_way() {
    let world = World::new().await;
    world
        .ok("create table t (a date, b timestamp, c decimal(12, 4), d varchar(16), e boolean, f super)")
        .await;
    let done = world.run("select * from t").await;
    let client = world.client("root");
    let result = client.get_statement_result().id(done.id()).send();
    let result = result.await.unwrap();
    let table = client
        .describe_table()
        .cluster_identifier(CLUSTER)
        .database(world.database())
        .schema("public")
        .table("t")
        .send()
        .await
        .unwrap();
    let told = |column: &ColumnMetadata| {
        let name = column.type_name().unwrap().to_owned();
        (
            name,
            column.precision(),
            column.scale(),
            column.is_case_sensitive(),
        )
    };
    let of_result: Vec<_> = result.column_metadata().iter().map(told).collect();
    let of_table: Vec<_> = table.column_list().iter().map(told).collect();
    assert_eq!(of_result, of_table);
    let dates: Vec<_> = of_table
        .iter()
        .map(|(_, precision, ..)| *precision)
        .collect();
    assert_eq!(dates, [13, 29, 12, 16, 1, 0]);
    let by_case: Vec<_> = of_table.iter().map(|(.., by_case)| *by_case).collect();
    assert_eq!(by_case, [false, false, false, true, false, false]);
}
