use super::*;

fn ms(times: impl IntoIterator<Item = u64>) -> Vec<Duration> {
    times.into_iter().map(Duration::from_millis).collect()
}

#[test]
fn percentiles_are_times_that_were_measured() {
    let of = |times| {
        let times = request_times(ms(times));
        (times.count, times.p50_ms, times.p99_ms)
    };
    assert_eq!(of((1..=100).rev().collect::<Vec<_>>()), (100, 50, 99));
    assert_eq!(of((1..=1_000).collect()), (1_000, 500, 990));
    assert_eq!(of(vec![7, 3]), (2, 3, 7));
    assert_eq!(of(vec![5]), (1, 5, 5));
    assert_eq!(of(vec![]), (0, 0, 0));
}

#[test]
fn a_rate_needs_no_time_at_all() {
    assert_eq!(per_second(541_909, Duration::from_millis(45_159)), 12_000);
    assert_eq!(per_second(5, Duration::ZERO), 5_000);
}

fn report() -> Report {
    let mut tally = Tally {
        accepted: 12_345,
        retried: 500,
        requests: ms(1..=25),
        ..Tally::default()
    };
    for line in 2..24 {
        let detail = "`six` is not a number".to_owned();
        let rejected = Rejected {
            index: 0,
            field: "Quantity".to_owned(),
            reason: "not_a_number".to_owned(),
            detail,
        };
        tally.rejected.add(RejectedRow::new(Some(line), rejected));
    }
    tally.rejected.first.truncate(2);
    let mut read = ReadSummary {
        rows: 12_367,
        ..ReadSummary::default()
    };
    let reason = "the row has 2 fields, but the header has 8".to_owned();
    read.skipped.add(Skipped::new(9, 1, reason));
    let took = Duration::from_millis(1_500);
    let mut report = Report::new(
        "local",
        "d07aec9960083af2",
        Ending::Finished,
        took,
        read,
        tally,
    );
    report.wait = Some(Waited {
        seconds: 2.25,
        loaded: 12_345,
        rejected: 0,
    });
    report
}

#[test]
fn a_person_reads_counts_times_and_the_first_problems() {
    insta::assert_snapshot!(report(), @"
    12,345 accepted, 22 rejected, 500 retried; 12,367 rows read, 1 skipped
    8,244 events/s over 1.5 s; 25 requests, p50 13 ms, p99 25 ms
      rejected line 2: Quantity not_a_number: `six` is not a number
      rejected line 3: Quantity not_a_number: `six` is not a number
      and 20 more
      skipped line 9: the row has 2 fields, but the header has 8
    12,345 loaded, 0 rejected by later stages, 2.2 s after the last response
    event ids start with d07aec9960083af2
    ");
}

#[test]
fn a_program_reads_the_same_as_json() {
    insta::assert_json_snapshot!(report(), @r#"
    {
      "environment": "local",
      "ending": "finished",
      "event_id_prefix": "d07aec9960083af2",
      "rows": 12367,
      "accepted": 12345,
      "rejected": {
        "count": 22,
        "first": [
          {
            "line": 2,
            "field": "Quantity",
            "reason": "not_a_number",
            "detail": "`six` is not a number"
          },
          {
            "line": 3,
            "field": "Quantity",
            "reason": "not_a_number",
            "detail": "`six` is not a number"
          }
        ]
      },
      "skipped": {
        "count": 1,
        "first": [
          {
            "line": 9,
            "rows": 1,
            "reason": "the row has 2 fields, but the header has 8"
          }
        ]
      },
      "retried": 500,
      "seconds": 1.5,
      "events_per_second": 8244,
      "requests": {
        "count": 25,
        "p50_ms": 13,
        "p99_ms": 25
      },
      "expected": null,
      "wait": {
        "seconds": 2.25,
        "loaded": 12345,
        "rejected": 0
      }
    }
    "#);
}

#[test]
fn rows_of_a_workbook_are_told_by_sheet_and_row_and_a_run_without_rows_says_so() {
    let sheet = |name: &str, before| Sheet {
        name: name.to_owned(),
        before,
    };
    let mut tally = Tally::default();
    let rejected = Rejected {
        index: 0,
        field: "Quantity".to_owned(),
        reason: "not_a_number".to_owned(),
        detail: "`six` is not a number".to_owned(),
    };
    tally.rejected.add(RejectedRow::new(Some(17), rejected));
    let mut read = ReadSummary {
        sheets: vec![sheet("Year 2009-2010", 0), sheet("Year 2010-2011", 10)],
        ..ReadSummary::default()
    };
    let reason = "the row has 70000 bytes, but the maximum is 65536".to_owned();
    read.skipped.add(Skipped::new(10, 1, reason));
    let report = |read, tally| {
        let took = Duration::from_millis(1);
        Report::new("local", "d07a", Ending::Finished, took, read, tally).to_string()
    };
    let text = report(read, tally);
    assert!(
        text.contains("rejected sheet `Year 2010-2011`, row 7: Quantity"),
        "{text}"
    );
    assert!(
        text.contains("skipped sheet `Year 2009-2010`, row 10: the row has 70000"),
        "{text}"
    );
    let nothing = report(ReadSummary::default(), Tally::default());
    assert!(nothing.contains("nothing was sent"), "{nothing}");
}

#[test]
fn fields_that_the_api_ignored_are_named() {
    let tally = Tally {
        unknown_fields: ["till".to_owned(), "invoiceno".to_owned()].into(),
        ..Tally::default()
    };
    let report = Report::new(
        "local",
        "",
        Ending::Finished,
        Duration::from_secs(1),
        ReadSummary::default(),
        tally,
    );
    let text = report.to_string();
    assert!(
        text.contains("ignored fields that the API does not know: invoiceno, till"),
        "{text}"
    );
}
