//! `COPY`.

mod history;

use serde_json::json;

use crate::support::World;

const ROLE: &str = "iam_role 'arn:aws:iam::000000000000:role/copy'";

async fn sales(world: &World) {
    world
        .ok("create table sales (id varchar(16) not null, text varchar(8), n int, price decimal(12, 4), \
             at timestamp, loaded timestamp default getdate())")
        .await;
}

#[tokio::test]
async fn a_manifest_of_gzip_csv_is_loaded_in_one_transaction() {
    let world = World::new().await;
    sales(&world).await;
    let bucket = world.bucket();
    let one = bucket.put_gzip(
        "p/1.csv.gz",
        "id,text,n,price,at\r\na,\"x, \"\"y\"\"\",1,0.00149,2010-12-01 08:26:00\r\nb,,,,\r\n",
    );
    let two = bucket.put_gzip(
        "p/2.csv.gz",
        "id,text,n,price,at\nc,££,-2,1e2,2011-12-09T12:50:00Z\n",
    );
    let entry = |key: &str, length: usize| json!({"url": format!("s3://bucket/p/{key}"), "mandatory": true, "meta": {"content_length": length}});
    let manifest = json!({"entries": [entry("1.csv.gz", one), entry("2.csv.gz", two)]});
    bucket.put("m.json", manifest.to_string());
    let copy = format!(
        "copy sales (id, text, n, price, at) from 's3://bucket/m.json' {ROLE} manifest csv gzip \
         ignoreheader 1 timeformat 'auto' emptyasnull roundec compupdate off statupdate off maxerror 0"
    );
    let done = world.batch(&[&copy, "select pg_last_copy_count()"]).await;
    assert_eq!(done.error(), None);
    assert_eq!(world.result(&format!("{}:2", done.id())).await, [["3"]]);
    assert_eq!(
        world
            .rows("select id, text, n, price, at from sales order by id")
            .await,
        [
            ["a", "x, \"y\"", "1", "0.0015", "2010-12-01 08:26:00"],
            ["b", "NULL", "NULL", "NULL", "NULL"],
            ["c", "££", "-2", "100.0000", "2011-12-09 12:50:00"],
        ]
    );
    assert_eq!(
        world
            .rows("select count(*) from sales where loaded is null")
            .await,
        [["0"]]
    );
    let history = "select status, table_name, loaded_rows, source_file_count, error_count from sys_load_history";
    assert_eq!(
        world.rows(history).await,
        [["completed", "sales", "3", "2", "0"]]
    );
}

#[tokio::test]
async fn a_rejected_row_fails_the_load_and_its_error_remains_after_the_rollback() {
    let world = World::new().await;
    sales(&world).await;
    world.bucket().put(
        "bad/1.csv",
        "a,fits,1,1.5,2010-12-01 08:26:00\nb,far too long,2,1,\n",
    );
    let copy = format!("copy sales (id, text, n, price, at) from 's3://bucket/bad/' {ROLE} csv");
    let failed = world
        .batch(&["insert into sales (id) values ('kept?')", &copy])
        .await;
    assert_eq!(
        failed.error(),
        Some(
            "Query #2 failed with ERROR: Load into table 'sales' failed.  Check \
             'sys_load_error_detail' system table for details."
        )
    );
    assert_eq!(world.rows("select count(*) from sales").await, [["0"]]);
    let query = failed.sub_statements()[1].redshift_query_id();
    let detail = format!(
        "select file_name, line_number, column_name, column_type, column_length, error_code, \
         error_message from sys_load_error_detail where query_id = {query}"
    );
    assert_eq!(
        world.rows(&detail).await,
        [[
            "s3://bucket/bad/1.csv",
            "2",
            "text",
            "character varying",
            "8",
            "1204",
            "String length exceeds DDL length"
        ]]
    );
    world.ok(&format!("{copy} maxerror 2")).await;
    assert_eq!(world.rows("select id from sales").await, [["a"]]);
}

#[tokio::test]
async fn missing_corrupt_or_wrongly_sized_files_fail_the_load() {
    let world = World::new().await;
    sales(&world).await;
    let bucket = world.bucket();
    bucket.put("plain.csv", "a,b,1,1,\n");
    bucket.put("cut.gz", &b"\x1f\x8b\x08\x00\x00\x00\x00\x00"[..]);
    bucket.put(
        "gone.json",
        json!({"entries": [{"url": "s3://bucket/gone", "mandatory": true}]}).to_string(),
    );
    bucket.put(
        "spare.json",
        json!({"entries": [{"url": "s3://bucket/gone"}]}).to_string(),
    );
    let sized =
        json!({"entries": [{"url": "s3://bucket/plain.csv", "meta": {"content_length": 1}}]});
    bucket.put("sized.json", sized.to_string());
    for (source, words) in [
        ("spare.json' manifest", "no file of the manifest exists"),
        (
            "nothing/",
            "The specified S3 prefix 'nothing/' does not exist",
        ),
        ("gone.json' manifest", "NoSuchKey"),
        ("nothing.json' manifest", "Problem reading manifest file"),
        ("plain.csv' manifest", "not in correct json format"),
        ("sized.json' manifest", "content_length is 1"),
        ("cut.gz' gzip", "cut.gz"),
        ("plain.csv' gzip", "plain.csv"),
    ] {
        let (key, options) = source.split_once('\'').unwrap_or((source, ""));
        let copy = format!(
            "copy sales (id, text, n, price, at) from 's3://bucket/{key}' {ROLE} csv {options}"
        );
        let failed = world.run(&copy).await;
        let error = failed.error().unwrap_or("the statement succeeded");
        assert!(error.contains(words), "{source}: {error}");
    }
    bucket.put(
        "some.json",
        json!({"entries": [{"url": "s3://bucket/gone"}, {"url": "s3://bucket/plain.csv"}]})
            .to_string(),
    );
    world
        .ok(&format!(
            "copy sales (id, text, n, price, at) from 's3://bucket/some.json' {ROLE} csv manifest"
        ))
        .await;
    let history = "select distinct status from sys_load_history order by 1";
    assert_eq!(world.rows(history).await, [["aborted"], ["completed"]]);
    assert_eq!(world.rows("select count(*) from sales").await, [["1"]]);
}

#[tokio::test]
async fn an_invalid_record_does_not_affect_valid_ones() {
    let world = World::new().await;
    sales(&world).await;
    world
        .bucket()
        .put("nails.csv", "a,5\" nail,1\nb,\"x\" ,2\nc, \"y\",  \n");
    world.bucket().put(
        "bad.json",
        "{\"id\":\"d\"}\n{\"id\":}\n{\"id\":\"e\",\"text\":\"\\ud800\"}\n{\"id\":\"f\"}\n",
    );
    world
        .bucket()
        .put("open.json", "{\"id\":\"g\"\n{\"id\":\"h\"}\n");
    let copy = |file: &str, format: &str| {
        format!("copy sales (id, text, n) from 's3://bucket/{file}' {ROLE} {format} maxerror 9")
    };
    world.ok(&copy("nails.csv", "csv")).await;
    world.ok(&copy("bad.json", "json 'auto'")).await;
    assert_eq!(
        world
            .rows("select id, text, n from sales order by id")
            .await,
        [
            ["b", "x", "2"],
            ["c", "y", "NULL"],
            ["d", "NULL", "NULL"],
            ["f", "NULL", "NULL"],
        ]
    );
    let failed = world.run(&copy("open.json", "json 'auto'")).await;
    assert!(
        failed
            .error()
            .is_some_and(|error| error.contains("has no end"))
    );
}

#[tokio::test]
async fn numbers_out_of_range_and_short_rows_affect_only_their_rows() {
    let world = World::new().await;
    world
        .ok("create table t (id int generated by default as identity(1, 1), r real, d float, s super, \
             v varchar(8), c char(8))")
        .await;
    world.bucket().put(
        "t.csv",
        "1,1e39,1,1,x,y\n2,1,1e-400,1,x,y\n3,1,1,\"\"\"\\u0000\"\"\",x,y\n4,1.5,2,\n",
    );
    world
        .ok(&format!(
            "copy t from 's3://bucket/t.csv' {ROLE} csv fillrecord maxerror 9"
        ))
        .await;
    assert_eq!(
        world.rows("select id, r, d, s, v, c from t").await,
        [["4", "1.5", "2", "NULL", "", "NULL"]]
    );
    world.bucket().put("n.txt", "0\u{1}0\n\\N\u{1}x\n");
    world
        .ok(&format!(
            "copy t (v, c) from 's3://bucket/n.txt' {ROLE} delimiter '\\001' null as '\\N'"
        ))
        .await;
    assert_eq!(
        world
            .rows("select v, rtrim(c) from t where r is null order by v")
            .await,
        [["0", "0"], ["NULL", "x"]]
    );
}

#[tokio::test]
async fn json_and_delimited_files_are_loaded_too() {
    let world = World::new().await;
    sales(&world).await;
    world.bucket().put(
        "lines.json",
        "{\"id\":\"a\",\"price\":0.0010,\"other\":[1]}\n{\"id\":\"b\",\"text\":\"\",\"n\":\"7\"}",
    );
    world
        .ok(&format!(
            "copy sales (id, text, n, price) from 's3://bucket/lines.json' {ROLE} json 'auto'"
        ))
        .await;
    world.bucket().put("rows.txt", "c|x\\|y|1\nd|~|\n");
    world
        .ok(&format!(
            "copy sales (id, text, n) from 's3://bucket/rows.txt' {ROLE} escape null as '~'"
        ))
        .await;
    assert_eq!(
        world
            .rows("select id, text, n, price from sales order by id")
            .await,
        [
            ["a", "NULL", "NULL", "0.0010"],
            ["b", "", "7", "NULL"],
            ["c", "x|y", "1", "NULL"],
            ["d", "NULL", "NULL", "NULL"],
        ]
    );
}

#[tokio::test]
async fn a_file_compressed_with_zstandard_is_loaded() {
    let world = World::new().await;
    sales(&world).await;
    let text = "a,x,1,1.5,\nb,y,2,2.5,\n";
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let file = ruzstd::encoding::compress_to_vec(text.as_bytes(), level);
    world.bucket().put("z.csv.zst", file);
    world
        .ok(&format!(
            "copy sales (id, text, n, price, at) from 's3://bucket/z.csv.zst' {ROLE} csv zstd"
        ))
        .await;
    assert_eq!(world.rows("select sum(n) from sales").await, [["3"]]);
}
