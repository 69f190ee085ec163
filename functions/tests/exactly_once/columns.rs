//! Tests that everything generated from the column list matches it.

use std::io::{Read as _, Write as _};

use aws_lambda_events::sqs::SqsEvent;
use events::row::{COLUMNS, CSV_VERSION, ColumnType, staged_prefix_of};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use functions::load::Report;
use functions::memory::{Counter, Objects, StoppedClock};
use functions::transform::{ROLL_BYTES, Transform};
use lambda_runtime::{Context, LambdaEvent};
use templates::columns::{self, Compared, SqlColumn};
use templates::render;
use templates::sql::load::{Stage, Tally, Winner};
use time::OffsetDateTime;
use warehouse::Submission;
use warehouse::load::StagedFile;

use crate::rig::{Rig, load, soon};

const BATCH: &str = include_str!("../fixtures/sqs-batch.json");
const CREATED: &str = include_str!("../fixtures/s3-object-created.json");
const RAW: &str = "raw/v1/dt=2026-01-02/hr=03/shardId-000000000000/49-51.ndjson.gz";
const LINE: &str = r#"{"event_id":"e-1","envelope_id":"0123456789abcdef0123456789abcdef","received_at":"2026-01-02T03:04:05Z","event":{"InvoiceNo":"C536365","StockCode":"85123a","Description":" WHITE, \"T-LIGHT\" £ ","Quantity":-6,"InvoiceDate":"12/1/2010 8:26","UnitPrice":0.001,"CustomerID":"17850.0","Country":"EIRE"}}"#;
const FIELDS: [&str; COLUMNS.len()] = [
    "e-1",
    "0123456789abcdef0123456789abcdef",
    "C536365",
    "cancellation",
    "85123a",
    "WHITE, \"T-LIGHT\" £",
    "-6",
    "2010-12-01 08:26:00",
    "0.0010",
    "17850",
    "EIRE",
    "2026-01-02 03:04:05",
];

/// Returns the key and the bytes of the staged file that `transform` writes for one line of the lake.
async fn transformed(version: u32) -> (String, Vec<u8>) {
    let transform = Transform {
        lake: Objects::default(),
        staging: Objects::default(),
        clock: StoppedClock::at(OffsetDateTime::UNIX_EPOCH),
        metrics: Counter::default(),
        roll_bytes: ROLL_BYTES,
        version,
    };
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    let text = [LINE, "\n"].concat();
    zip.write_all(text.as_bytes()).unwrap();
    transform.lake.insert(RAW, zip.finish().unwrap());
    let mut batch: SqsEvent = serde_json::from_str(BATCH).unwrap();
    batch.records.truncate(1);
    batch.records[0].body = Some(CREATED.to_owned());
    let answer = transform.handle(LambdaEvent::new(batch, Context::default()));
    assert_eq!(answer.await.unwrap().batch_item_failures.len(), 0);
    let key = transform.staging.keys("csv/").remove(0);
    let file = transform.staging.object(&key).unwrap();
    (key, file)
}

/// Returns name, type and nullability of each column of the table, as reported by the database.
async fn table(rig: &Rig) -> Vec<String> {
    let sql = "SELECT column_name, data_type, COALESCE(character_maximum_length, numeric_precision), \
               numeric_scale, is_nullable FROM information_schema.columns \
               WHERE table_schema = 'retail' AND table_name = 'sales_line' AND column_name <> 'load_id' \
               ORDER BY ordinal_position";
    rig.rows(sql).await
}

#[tokio::test]
async fn null_and_a_value_conflict_in_a_column_of_every_type_and_two_nulls_do_not() {
    let rig = Rig::new().await;
    let (columns, content) = widened();
    for (name, kind, _) in NULLABLE {
        let sql = format!("ALTER TABLE retail.sales_line ADD COLUMN {name} {kind}");
        rig.admin().query("test", &sql).await.unwrap();
    }
    let kept: Vec<_> = (0..5).map(|id| row(id, None)).collect();
    // For each column an event with a value where the table has NULL, and one event without any value.
    let fresh = (0..5).map(|id| row(id, (id < 4).then_some(id)));
    // The same inside the files: each event once with and once without a value.
    let twice = (0..4).flat_map(|id| [row(id, None), row(id, Some(id))]);
    let twice = twice.map(|row| row.replace("'e-", "'f-"));
    let load = kept.join(", ").replace(')', ", 'old')");
    let staged: Vec<_> = fresh.chain(twice).collect();
    let statements = vec![
        format!(
            "INSERT INTO retail.sales_line ({}) VALUES {load}",
            with_load(&columns)
        ),
        render(&Stage { columns: &columns }).unwrap(),
        format!("INSERT INTO stage VALUES {}", staged.join(", ")),
        render(&Winner {
            columns: &columns,
            content: &content,
        })
        .unwrap(),
        render(&Tally { content: &content }).unwrap(),
        "SELECT conflicts FROM tally".to_owned(),
    ];
    let submission = Submission {
        name: "test".to_owned(),
        statements,
        token: None,
    };
    let parts = rig.admin().run(&submission).await.unwrap();
    let rows = rig.admin().fetch(&parts[5].id).await.unwrap();
    assert_eq!(rows.long(0, "conflicts"), Some(8));
}

/// A nullable column of each type, with a value.
const NULLABLE: [(&str, &str, &str); 4] = [
    ("units", "INTEGER", "7"),
    ("weight", "DECIMAL(12,4)", "0.5"),
    ("packed", "TIMESTAMP", "'2026-01-02 03:04:05'"),
    ("colour", "VARCHAR(9)", "'red'"),
];

/// Returns the columns of the list and of [`NULLABLE`], and those of them that are compared.
fn widened() -> (Vec<SqlColumn>, Vec<Compared>) {
    let more = NULLABLE.map(|(name, kind, _)| SqlColumn {
        name,
        kind: kind.to_owned(),
        null: "NULL",
        comment: "",
    });
    let columns = columns::of_version(1).into_iter().chain(more);
    let nullable = NULLABLE.map(|(name, ..)| Compared {
        name,
        nullable: true,
    });
    let content = columns::content().into_iter().chain(nullable);
    (columns.collect(), content.collect())
}

/// Returns the row of event `id`, with NULL in all of [`NULLABLE`] except the one at `with`.
fn row(id: usize, with: Option<usize>) -> String {
    let cell = |at: usize| match with {
        Some(with) if with == at => NULLABLE[at].2,
        _ => "NULL",
    };
    let cells = [0, 1, 2, 3].map(cell).join(", ");
    format!(
        "('e-{id}', 'a', '1', 'sale', '2', NULL, 1, '2026-01-02', 1, NULL, 'EIRE', '2026-01-02', {cells})"
    )
}

/// Returns the columns of the table, which also has the load of each row.
fn with_load(columns: &[SqlColumn]) -> String {
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    [names.join(", "), "load_id".to_owned()].join(", ")
}

#[tokio::test]
async fn reader_header_copy_list_and_table_have_the_same_columns_in_the_same_order() {
    let rig = Rig::new().await;
    let (key, file) = transformed(CSV_VERSION).await;
    let mut text = String::new();
    GzDecoder::new(file.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    let names = COLUMNS.map(|column| column.name);
    assert_eq!(
        text.lines().next().unwrap().split(',').collect::<Vec<_>>(),
        names
    );

    // COPY's column list follows the order of the file, so a misplaced column would show a wrong value.
    rig.world.bucket().put(&key, file);
    assert_eq!(load(&rig.loader(), &[&key]).await, Report::default());
    let row = format!("SELECT {} FROM retail.sales_line", names.join(", "));
    assert_eq!(rig.rows(&row).await, [FIELDS.join(" ")]);

    let table = table(&rig).await;
    let expected = COLUMNS.map(|column| {
        let kind = match column.kind {
            // The warehouse itself checks the length in bytes.
            ColumnType::Text { bytes } => format!("character varying {bytes} "),
            ColumnType::Integer => "integer 32 0".to_owned(),
            ColumnType::Decimal { precision, scale } => format!("numeric {precision} {scale}"),
            ColumnType::Timestamp => "timestamp without time zone  ".to_owned(),
        };
        let null = if column.nullable { "YES" } else { "NO" };
        format!("{} {kind} {null}", column.name)
    });
    assert_eq!(table, expected);
}

#[tokio::test]
async fn a_file_of_the_next_version_is_staged_below_its_own_prefix_and_loaded_beside_one_of_this() {
    let next = CSV_VERSION + 1;
    let rig = Rig::new().await;
    let mut files = Vec::new();
    for version in [CSV_VERSION, next] {
        let (key, file) = transformed(version).await;
        assert!(key.starts_with(&staged_prefix_of(version)), "{key}");
        rig.world.bucket().put(&key, file);
        files.push(StagedFile::up_to(next, &key).unwrap());
    }
    // Functions of the current version leave a file of a newer version to functions that know it.
    assert!(StagedFile::at(files[1].key()).is_err());
    assert_eq!(rig.loader().load(files, soon()).await, Report::default());
    // There are two loads, because COPY's column list depends on the version. The event that is in both is loaded
    // once.
    assert_eq!(rig.ledger().await, ["1 1 0 0 1 1", "1 1 1 0 0 1"]);
    rig.assert_ledger_explains().await;
}
