//! What loads leave in `SYS_LOAD_HISTORY` and `STL_LOAD_ERRORS`.

use super::{ROLE, sales};
use crate::support::World;

#[tokio::test]
async fn a_prefix_loads_its_large_and_empty_files_but_not_the_marker_of_a_folder() {
    let world = World::new().await;
    sales(&world).await;
    let bucket = world.bucket();
    bucket.put("p/", "");
    bucket.put("p/empty.csv", "");
    // More than the 4 MiB up to which an object is read at once.
    let large = format!("a,{},1,1,\n", "x".repeat(8)).repeat(300_000);
    bucket.put("p/large.csv", large.clone());
    let copy =
        format!("copy sales (id, text, n, price, at) from 's3://bucket/p/' {ROLE} csv emptyasnull");
    world.ok(&copy).await;
    assert_eq!(
        world.rows("select count(*), sum(n) from sales").await,
        [["300000", "300000"]]
    );
    let history = "select loaded_rows, source_file_count, source_file_bytes, loaded_bytes, error_count, \
                   data_source, start_time <= end_time from sys_load_history";
    let bytes = large.len().to_string();
    assert_eq!(
        world.rows(history).await,
        [["300000", "2", &bytes, &bytes, "0", "s3://bucket/p/", "true"]]
    );
}

#[tokio::test]
async fn noload_checks_the_rows_and_loads_none() {
    let world = World::new().await;
    sales(&world).await;
    world.bucket().put("good.csv", "a,b,1,1,\nc,d,2,2,\n");
    world.bucket().put("bad.csv", "a,b,one,1,\n");
    let copy = |file: &str| {
        format!(
            "copy sales (id, text, n, price, at) from 's3://bucket/{file}' {ROLE} csv emptyasnull noload"
        )
    };
    world.ok(&copy("good.csv")).await;
    assert!(world.run(&copy("bad.csv")).await.error().is_some());
    assert_eq!(world.rows("select count(*) from sales").await, [["0"]]);
    assert_eq!(
        world
            .rows("select status, loaded_rows, error_count from sys_load_history order by status")
            .await,
        [["aborted", "0", "1"], ["completed", "2", "0"]]
    );
}

#[tokio::test]
async fn columns_are_filled_whatever_their_names_and_their_types_are_shown() {
    let world = World::new().await;
    world
        .ok(
            "create table t (\"A \"\"b\"\"\" decimal(5, 2), id int identity(1, 1), \
             at timestamptz, flag boolean, day date)",
        )
        .await;
    world.bucket().put(
        "t.csv",
        "1.5,2010-12-01 08:26:00+01,yes,2010-12-01\n1e9,,,\n,,maybe,\n,,,soon\n1,2\n",
    );
    let copy = format!("copy t from 's3://bucket/t.csv' {ROLE} csv timeformat 'auto' maxerror 9");
    world.ok(&copy).await;
    assert_eq!(
        world
            .rows("select \"A \"\"b\"\"\", id, at = '2010-12-01 07:26:00+00', flag, day from t")
            .await,
        [["1.50", "1", "true", "true", "2010-12-01"]]
    );
    // Names are folded to lower case, quoted ones too.
    let errors = "select line_number, trim(colname), trim(type), trim(col_length), err_code, \
                  trim(raw_line), trim(raw_field_value) from stl_load_errors order by 1";
    assert_eq!(
        world.rows(errors).await,
        [
            ["2", "a \"b\"", "numeric", "5,2", "1204", "1e9,,,", "1e9"],
            ["3", "flag", "boolean", "", "1210", ",,maybe,", "maybe"],
            ["4", "day", "date", "", "1205", ",,,soon", "soon"],
            ["5", "", "", "", "1214", "1,2", ""],
        ]
    );
    let missing = format!("copy t (nothing) from 's3://bucket/t.csv' {ROLE} csv");
    let unknown = format!("copy nowhere from 's3://bucket/t.csv' {ROLE} csv");
    for (copy, words) in [
        (
            missing,
            "column \"nothing\" of the COPY list does not exist",
        ),
        (unknown, "nowhere"),
    ] {
        let failed = world.run(&copy).await;
        let error = failed.error().unwrap_or("the statement succeeded");
        assert!(error.contains(words), "{error}");
    }
}
