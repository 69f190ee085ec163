//! Tests of files that the warehouse rejects, among valid files.

use functions::load::Report;

use crate::rig::{HEADER, Rig, csv, faults, load, soon};

const GOOD: &str = "csv/v1/dt=2026-01-02/good.csv.gz";
const BAD: &str = "csv/v1/dt=2026-01-02/bad.csv.gz";
const LAST: &str = "csv/v1/dt=2026-01-02/last.csv.gz";

/// Loads the rejected file among two valid ones and returns the reason of its quarantine.
async fn reason(rig: &Rig) -> String {
    rig.stage(GOOD, &[("e-1", "a", 1)]);
    rig.stage(LAST, &[("e-2", "a", 2)]);
    let loader = rig.loader();
    assert_eq!(load(&loader, &[GOOD, BAD, LAST]).await, Report::default());
    assert_eq!(rig.lines().await, ["e-1 1", "e-2 2"]);
    rig.assert_ledger_explains().await;
    let quarantined = loader.load_table.quarantined();
    assert_eq!(quarantined.keys().collect::<Vec<_>>(), [BAD]);
    // A second loader without any state gives the same reason and adds nothing to the table.
    let other = rig.loader();
    assert_eq!(load(&other, &[GOOD, BAD, LAST]).await, Report::default());
    assert_eq!(other.load_table.quarantined(), quarantined);
    assert_eq!(rig.lines().await.len(), 2);
    quarantined[BAD].clone()
}

/// Returns the lines of the file's reject object.
fn rejects(rig: &Rig, file: &str) -> Vec<serde_json::Value> {
    let key = format!("rejects/load/{}.ndjson", file.trim_end_matches(".csv.gz"));
    let bytes = rig.world.bucket().get(&key).unwrap();
    let lines = str::from_utf8(&bytes).unwrap().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn a_rejected_row_is_kept_with_line_column_and_bytes_and_the_others_are_loaded() {
    let rig = Rig::new().await;
    let text = csv(&[("e-8", "a", 8), ("e-9", "a", 9), ("e-7", "a", 7)]).replace(",9,", ",nine,");
    rig.world.bucket().put_gzip(BAD, &text);
    rig.stage(GOOD, &[("e-1", "a", 1)]);
    for _ in 0..2 {
        assert_eq!(load(&rig.loader(), &[GOOD, BAD]).await, Report::default());
        assert_eq!(rig.lines().await, ["e-1 1", "e-7 7", "e-8 8"]);
        rig.assert_ledger_explains().await;
        let [reject] = &rejects(&rig, BAD)[..] else {
            panic!("not one reject");
        };
        assert_eq!(reject["field"], "quantity");
        assert_eq!(reject["event_id"], "e-9");
        assert_eq!(reject["position"], format!("{BAD}, line 3"));
        assert_eq!(reject["record"], text.lines().nth(2).unwrap());
    }
}

#[tokio::test]
async fn thousands_of_bad_rows_take_one_more_load_and_not_thousands() {
    let rig = Rig::new().await;
    let lines: Vec<String> = csv(&vec![("e-0", "a", 8); 4_000])
        .lines()
        .enumerate()
        .map(|(n, line)| {
            let bad = if n % 2 == 0 { ",8," } else { ",eight," };
            let line = line.replace("e-0,", &format!("e-{n},"));
            format!("{}\n", line.replace(",8,", bad))
        })
        .collect();
    rig.world.bucket().put_gzip(BAD, &lines.concat());
    let loader = rig.loader();
    assert_eq!(load(&loader, &[BAD]).await, Report::default());
    assert_eq!(rejects(&rig, BAD).len(), 2_000);
    assert_eq!(rig.totals().await.order_lines, 2_000);
    assert_eq!(loader.metrics.of("FilesSplit"), 1);
}

#[tokio::test]
async fn a_rejected_row_without_a_line_number_is_found_by_halving_and_the_others_are_loaded() {
    let rig = Rig::new().await;
    let connection = rig.world.postgres().connect(rig.world.database()).await;
    let trigger = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
         $$BEGIN RAISE 'Numeric data overflow'; END$$; \
         CREATE TRIGGER refuse BEFORE INSERT ON retail.sales_line FOR EACH ROW \
         WHEN (NEW.quantity = 13) EXECUTE FUNCTION refuse()";
    connection.batch_execute(trigger).await.unwrap();
    rig.stage(BAD, &[("e-1", "a", 1), ("e-2", "a", 13), ("e-3", "a", 3)]);
    rig.stage(GOOD, &[("e-4", "a", 4)]);
    assert_eq!(load(&rig.loader(), &[GOOD, BAD]).await, Report::default());
    assert_eq!(rig.lines().await, ["e-1 1", "e-3 3", "e-4 4"]);
    assert!(rejects(&rig, BAD).is_empty());
    rig.assert_ledger_explains().await;
}

#[tokio::test]
async fn a_loader_killed_at_any_step_around_a_bad_row_loses_and_doubles_nothing() {
    let rig = Rig::new().await;
    let loader = rig.loader();
    let mut loads = 0;
    for after_effect in [false, true] {
        for calls in 1.. {
            let key = format!("csv/v1/dt=2026-01-02/{after_effect}-{calls}.csv.gz");
            let event = |number: u32| format!("{after_effect}-{calls}-{number}");
            let text = csv(&[
                (&event(1), "a", 1),
                (&event(2), "a", 9),
                (&event(3), "a", 3),
            ]);
            rig.world
                .bucket()
                .put_gzip(&key, &text.replace(",9,", ",nine,"));
            faults(&loader).fail_after(calls, after_effect);
            load(&loader, &[&key]).await;
            let died = faults(&loader).has_stopped();
            faults(&loader).repair();
            if calls % 2 == 0 {
                loader.reconcile(soon()).await.unwrap();
            }
            assert_eq!(load(&loader, &[&key]).await, Report::default());
            loads += 1;
            let totals = rig.totals().await;
            assert_eq!(
                (totals.order_lines, totals.units),
                (2 * loads, 4 * loads),
                "killed at call {calls}"
            );
            assert_eq!(rejects(&rig, &key).len(), 1);
            if !died {
                assert!(calls > 12, "the loader was never killed");
                break;
            }
        }
    }
    rig.assert_ledger_explains().await;
}

#[tokio::test]
async fn texts_that_mean_null_elsewhere_are_loaded_as_they_were_sent() {
    let rig = Rig::new().await;
    let texts = [
        "\\N", "\\\\", "NULL", "null", "\"", "a,b", "a\nb", "<null>", "'", "\\",
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER.split(',')).unwrap();
    for text in texts {
        let (at, envelope) = ("2026-01-02 03:04:05", "a".repeat(32));
        let row = [
            text, &envelope, text, "sale", text, text, "1", at, "1", text, text, at,
        ];
        writer.write_record(row).unwrap();
    }
    let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    rig.world.bucket().put_gzip(GOOD, &text);
    assert_eq!(load(&rig.loader(), &[GOOD]).await, Report::default());
    let sql = "SELECT event_id, invoice_no, stock_code, description, customer_id, country \
               FROM retail.sales_line";
    let mut seen = rig.rows(sql).await;
    seen.sort();
    let mut expected: Vec<_> = texts.iter().map(|text| [*text; 6].join(" ")).collect();
    expected.sort();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn one_id_on_two_invoices_is_two_events_and_the_smallest_envelope_wins_in_each() {
    let rig = Rig::new().await;
    let other = |text: String| text.replace(",536365,", ",536366,");
    let bucket = rig.world.bucket();
    bucket.put_gzip(GOOD, &csv(&[("e-1", "b", 1)]));
    bucket.put_gzip(BAD, &other(csv(&[("e-1", "a", 2)])));
    bucket.put_gzip(LAST, &csv(&[("e-1", "c", 3)]));
    let loader = rig.loader();
    for keys in [&[GOOD, BAD][..], &[LAST]] {
        assert_eq!(load(&loader, keys).await, Report::default());
    }
    let sql = "SELECT invoice_no, quantity FROM retail.sales_line ORDER BY 1";
    assert_eq!(rig.rows(sql).await, ["536365 1", "536366 2"]);
}

#[tokio::test]
async fn every_view_answers_over_the_most_extreme_values_that_are_accepted() {
    let rig = Rig::new().await;
    let events: Vec<String> = (0..400).map(|n| format!("e-{n}")).collect();
    let rows: Vec<_> = events.iter().map(|e| (e.as_str(), "a", 9)).collect();
    let text: Vec<String> = csv(&rows)
        .lines()
        .enumerate()
        .map(|(n, line)| {
            let value = [",2147483647,", ",1000000,", ",-2147483647,", ",-1000000,"][n % 4];
            let price = if n % 2 == 0 {
                ",46566.1287,"
            } else {
                ",99999999.9999,"
            };
            let line = line.replace(",9,", value).replace(",2.55,", price);
            let line = if n % 4 > 1 {
                line.replace(",536365,sale", ",C536365,cancellation")
            } else {
                line
            };
            format!("{line}\n")
        })
        .collect();
    rig.world.bucket().put_gzip(GOOD, &text.concat());
    assert_eq!(load(&rig.loader(), &[GOOD]).await, Report::default());
    let views = rig
        .rows(
            "SELECT table_schema || '.' || table_name FROM information_schema.views \
               WHERE table_schema IN ('analytics', 'retail') ORDER BY 1",
        )
        .await;
    assert!(views.len() > 10);
    for view in views {
        let rows = rig.rows(&format!("SELECT * FROM {view}")).await;
        assert!(!rows.is_empty(), "{view}");
    }
}

#[tokio::test]
async fn a_text_that_fits_in_characters_and_not_in_bytes_is_refused() {
    let rig = Rig::new().await;
    let text = csv(&[("e-9", "a", 9)]).replace("HEART", &"£".repeat(129));
    rig.world.bucket().put_gzip(BAD, &text);
    let reason = reason(&rig).await;
    assert_eq!(rejects(&rig, BAD).len(), 1);
    assert_eq!(
        reason,
        "line 2, column description: String length exceeds DDL length"
    );
}

#[tokio::test]
async fn a_text_that_fills_its_column_to_the_last_byte_is_loaded() {
    let rig = Rig::new().await;
    let text = csv(&[("e-9", "a", 9)]).replace("HEART", &"£".repeat(128));
    rig.world.bucket().put_gzip(BAD, &text);
    let loader = rig.loader();
    assert_eq!(load(&loader, &[BAD]).await, Report::default());
    let length = rig
        .rows("SELECT OCTET_LENGTH(description) FROM retail.sales_line")
        .await;
    assert_eq!(length, ["256"]);
}

#[tokio::test]
async fn a_truncated_file_is_quarantined() {
    let rig = Rig::new().await;
    rig.world
        .bucket()
        .put_gzip("whole", &csv(&[("e-9", "a", 9); 99]));
    let whole = rig.world.bucket().get("whole").unwrap();
    rig.world.bucket().put(BAD, whole.slice(..whole.len() / 2));
    let reason = reason(&rig).await;
    assert!(reason.contains(BAD), "{reason}");
}

#[tokio::test]
async fn a_file_that_is_gone_is_quarantined() {
    let rig = Rig::new().await;
    let reason = reason(&rig).await;
    assert!(reason.contains("NoSuchKey"), "{reason}");
}

#[tokio::test]
async fn errors_of_an_earlier_copy_are_not_applied_to_a_later_one() {
    let rig = Rig::new().await;
    rig.stage(GOOD, &[("e-1", "a", 1)]);
    let text = csv(&[("e-9", "a", 9)]);
    rig.world
        .bucket()
        .put_gzip(BAD, &text.replace(",9,", ",nine,"));
    assert_eq!(load(&rig.loader(), &[BAD]).await, Report::default());
    // The file was fixed; now another file of the same load is rejected.
    rig.world.bucket().put_gzip(BAD, &text);
    rig.world
        .bucket()
        .put_gzip(LAST, &csv(&[("e-8", "a", 8)]).replace(",8,", ",eight,"));
    let loader = rig.loader();
    assert_eq!(load(&loader, &[GOOD, BAD, LAST]).await, Report::default());
    assert_eq!(
        loader.load_table.quarantined().keys().collect::<Vec<_>>(),
        [LAST]
    );
    assert_eq!(rig.lines().await, ["e-1 1", "e-9 9"]);
}
