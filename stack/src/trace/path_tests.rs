use time::macros::datetime;
use warehouse::load::LoadId;
use warehouse::{LineLoad, LoadedLine};

use super::super::evidence::{LakeEntry, StagedRow, StreamRecord, TableLine};
use super::*;

const RECEIVED: OffsetDateTime = datetime!(2026-01-02 03:04:05.5 UTC);

fn line() -> LoadedLine {
    LoadedLine {
        invoice_no: "536365".to_owned(),
        envelope_id: "ab".to_owned(),
        kind: "sale".to_owned(),
        stock_code: "85123A".to_owned(),
        quantity: 6,
        ingested_at: "2026-01-02 03:04:05".to_owned(),
        load_id: LoadId("l-1".to_owned()),
        load: Some(LineLoad {
            attempt: 1,
            rows_staged: 40,
            finished_at: "2026-01-02 03:04:17".to_owned(),
        }),
    }
}

fn entry() -> LakeEntry {
    LakeEntry {
        key: "raw/v1/dt=2026-01-02/hr=03/shardId-0/1-2.ndjson.gz".to_owned(),
        modified: Some(datetime!(2026-01-02 03:04:07 UTC)),
        line: 3,
        envelope_id: "ab".to_owned(),
        invoice_no: "536365".to_owned(),
        received_at: RECEIVED,
    }
}

fn staged() -> StagedRow {
    StagedRow {
        key: "csv/v1/dt=2026-01-02/ab-000-cd.csv.gz".to_owned(),
        modified: Some(datetime!(2026-01-02 03:04:09 UTC)),
        row: 7,
    }
}

/// Everything was asked, and nothing was found.
fn nothing() -> Evidence {
    Evidence {
        line: Ok(None),
        item: Ok(None),
        entry: Ok(None),
        record: Ok(None),
        staged: Ok(None),
        reject: Ok(None),
    }
}

fn everything() -> Evidence {
    Evidence {
        line: Ok(Some(line())),
        item: Ok(Some(TableLine {
            envelope_id: "ab".to_owned(),
            received_at: Some(RECEIVED),
            line: 1,
            lines: 2,
        })),
        entry: Ok(Some(entry())),
        record: Ok(Some(StreamRecord {
            shard: "shardId-0".to_owned(),
            sequence_number: "1".to_owned(),
            arrived_at: Some(RECEIVED),
            envelope_id: "ab".to_owned(),
            request_id: "r-1".to_owned(),
            received_at: RECEIVED,
            events: 2,
        })),
        staged: Ok(Some(staged())),
        reject: Ok(None),
    }
}

fn reject(stage: Stage, reason: &str, field: &str) -> Reject {
    let why = [reason, field, "`six` is no number"];
    let at = "2026-01-02T03:04:05Z".to_owned();
    Reject::whole(stage, at, why, "request 1".to_owned(), "{}".to_owned())
}

fn traced(evidence: &Evidence) -> Trace {
    let subject = Subject {
        environment: "local",
        event_id: "e-1",
        invoice_no: None,
        raw_bucket: "raw",
        staging_bucket: "staging",
    };
    path(subject, evidence)
}

fn states(trace: &Trace) -> Vec<&'static str> {
    trace.steps.iter().map(|step| step.state.word()).collect()
}

#[test]
fn an_event_in_the_warehouse_is_done_in_every_place_with_its_time() {
    let trace = traced(&everything());
    assert_eq!(trace.outcome, Outcome::InWarehouse);
    assert_eq!(states(&trace), ["done"; 7]);
    assert_eq!(trace.invoice_no.as_deref(), Some("536365"));
    assert_eq!(
        trace.explanation,
        "in the warehouse at most 13 s after the API received it"
    );
    assert_eq!(trace.next, None);
    insta::assert_json_snapshot!(trace);
}

#[test]
fn an_event_between_two_stages_waits_for_the_first_place_that_lacks_it() {
    let evidence = Evidence {
        line: Ok(None),
        staged: Ok(None),
        ..everything()
    };
    let trace = traced(&evidence);
    assert_eq!(trace.outcome, Outcome::OnItsWay);
    assert_eq!(trace.explanation, "accepted; not in the staged CSV yet");
    assert_eq!(
        states(&trace),
        [
            "done", "done", "done", "done", "waiting", "waiting", "waiting"
        ]
    );
}

#[test]
fn a_rejected_event_names_stage_and_reason_and_reaches_nothing_behind_it() {
    let evidence = Evidence {
        reject: Ok(Some(reject(Stage::Ingest, "not_a_number", "Quantity"))),
        ..nothing()
    };
    let trace = traced(&evidence);
    assert_eq!(trace.outcome, Outcome::Rejected);
    assert_eq!(trace.explanation, "rejected by ingest: `six` is no number");
    assert_eq!(trace.steps[0].state, State::Rejected);
    assert!(
        trace.steps[1..]
            .iter()
            .all(|step| step.state == State::Absent)
    );
}

#[test]
fn a_reject_that_was_corrected_and_sent_again_does_not_count() {
    let evidence = Evidence {
        line: Ok(None),
        reject: Ok(Some(reject(Stage::Ingest, "not_a_number", "Quantity"))),
        ..everything()
    };
    assert_eq!(traced(&evidence).outcome, Outcome::OnItsWay);
}

#[test]
fn quarantine_and_dead_letters_are_told_apart_from_rejects() {
    let outcome = |reject| {
        let evidence = Evidence {
            line: Ok(None),
            reject: Ok(Some(reject)),
            ..everything()
        };
        traced(&evidence).outcome
    };
    let file = reject(Stage::Load, "set_aside", "file");
    assert_eq!(outcome(file), Outcome::Quarantined);
    let letter = reject(Stage::Load, "dead_letter", "message");
    assert_eq!(outcome(letter), Outcome::DeadLetter);
    let row = reject(Stage::Load, "copy_refused", "quantity");
    assert_eq!(outcome(row), Outcome::Rejected);
}

#[test]
fn a_place_that_does_not_answer_is_unknown_and_never_absent() {
    let evidence = Evidence {
        line: Err("no answer within 20 s".to_owned()),
        ..nothing()
    };
    let trace = traced(&evidence);
    assert_eq!(trace.outcome, Outcome::Unknown);
    assert_eq!(trace.steps[5].state, State::Unknown);
    assert_eq!(
        trace.steps[6].reason.as_deref(),
        Some("no answer within 20 s")
    );
    // The rest is searched, so without the unknown it is not found.
    assert_eq!(traced(&nothing()).outcome, Outcome::NotFound);
}

#[test]
fn a_record_that_the_stream_removed_is_unknown_and_not_lost() {
    let evidence = Evidence {
        record: Ok(None),
        ..everything()
    };
    let trace = traced(&evidence);
    assert_eq!(trace.steps[1].state, State::Unknown);
    assert_eq!(trace.outcome, Outcome::InWarehouse);
}

#[test]
fn an_object_that_is_gone_although_the_row_is_there_is_absent() {
    let evidence = Evidence {
        entry: Ok(None),
        ..everything()
    };
    assert_eq!(traced(&evidence).steps[3].state, State::Absent);
}
