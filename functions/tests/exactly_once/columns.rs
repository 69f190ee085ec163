//! The one column list against everything that is made from it.

use std::io::{Read as _, Write as _};

use aws_lambda_events::sqs::SqsEvent;
use events::row::{COLUMNS, ColumnType};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use functions::load::Report;
use functions::memory::{Counter, Objects};
use functions::transform::{ROLL_BYTES, Transform};
use lambda_runtime::{Context, LambdaEvent};

use crate::rig::{Rig, load};

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

/// The staged file that `transform` makes of one line of the lake: its key and its bytes.
async fn transformed() -> (String, Vec<u8>) {
    let transform = Transform {
        lake: Objects::default(),
        staging: Objects::default(),
        metrics: Counter::default(),
        roll_bytes: ROLL_BYTES,
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

/// Name, type and nullability of each column of the table, as the database tells.
async fn table(rig: &Rig) -> Vec<String> {
    let sql = "SELECT column_name, data_type, COALESCE(character_maximum_length, numeric_precision), \
               numeric_scale, is_nullable FROM information_schema.columns \
               WHERE table_schema = 'retail' AND table_name = 'sales_line' AND column_name <> 'load_id' \
               ORDER BY ordinal_position";
    rig.rows(sql).await
}

#[tokio::test]
async fn reader_header_copy_list_table_and_catalog_have_the_same_columns_in_the_same_order() {
    let rig = Rig::new().await;
    let (key, file) = transformed().await;
    let mut text = String::new();
    GzDecoder::new(file.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    let names = COLUMNS.map(|column| column.name);
    assert_eq!(
        text.lines().next().unwrap().split(',').collect::<Vec<_>>(),
        names
    );

    // COPY's list names the columns of the table in the order of the file: one out of place is another value.
    rig.world.bucket().put(&key, file);
    assert_eq!(load(&rig.loader(), &[&key]).await, Report::default());
    let row = format!("SELECT {} FROM retail.sales_line", names.join(", "));
    assert_eq!(rig.rows(&row).await, [FIELDS.join(" ")]);

    let table = table(&rig).await;
    let expected = COLUMNS.map(|column| {
        let kind = match column.kind {
            // Bytes are checked by the warehouse; what the catalog has is at least as long.
            ColumnType::Text { bytes } => format!("character varying {bytes} "),
            ColumnType::Integer => "integer 32 0".to_owned(),
            ColumnType::Decimal { precision, scale } => format!("numeric {precision} {scale}"),
            ColumnType::Timestamp => "timestamp without time zone  ".to_owned(),
        };
        let null = if column.nullable { "YES" } else { "NO" };
        format!("{} {kind} {null}", column.name)
    });
    assert_eq!(table, expected);
    let hive = COLUMNS.map(|column| format!("{} {}", column.name, column.kind.hive()));
    insta::assert_snapshot!(hive.join("\n"));
}
