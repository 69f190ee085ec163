use super::*;
use crate::load::LoadId;

const FIRST: Attempt = Attempt {
    attempt: 1,
    failed: 0,
    resubmitted: false,
};
const LAST: Attempt = Attempt {
    attempt: 9,
    failed: MAX_ATTEMPTS - 1,
    resubmitted: false,
};

fn id() -> StatementId {
    StatementId("s-1".to_owned())
}

fn row() -> LoadRow {
    LoadRow {
        load_id: LoadId("0123".to_owned()),
        attempt: 1,
        files: 1,
        rows_staged: 1,
        rows_inserted: 1,
        rows_replaced: 0,
        duplicates: 0,
        conflicts: 0,
        max_ingested_at: "2026-01-02 03:04:05".to_owned(),
        event_ages: vec![1],
        finished_at: "2026-01-02 03:04:06".to_owned(),
    }
}

fn failure(part: Part, message: &str) -> Failure {
    let position = Part::ALL
        .into_iter()
        .position(|other| other == part)
        .unwrap();
    Failure {
        position,
        message: message.to_owned(),
        taken_at: None,
    }
}

fn failed(part: Part, message: &str) -> CheckReason {
    CheckReason::Failed(failure(part, message))
}

fn state_read(progress: Progress) -> Observed {
    Observed::StateRead {
        failed: 0,
        state: Some(LoadState {
            attempt: 1,
            progress,
        }),
    }
}

#[test]
fn a_new_load_is_claimed_submitted_recorded_and_waited_for() {
    assert_eq!(
        decide(Observed::StateRead {
            failed: 0,
            state: None
        }),
        Step::Claim
    );
    assert_eq!(
        decide(Observed::Claimed(Written::Here)),
        Step::Submit(FIRST)
    );
    assert_eq!(
        decide(Observed::Submitted(FIRST, id())),
        Step::RecordStatement(FIRST, id())
    );
    assert_eq!(
        decide(Observed::Recorded(FIRST, id(), Written::Here)),
        Step::Wait(FIRST, id())
    );
    let finished = Observed::Waited(FIRST, Outcome::Finished(Vec::new()));
    assert_eq!(
        decide(finished),
        Step::ReadLedger(FIRST, CheckReason::Finished)
    );
    let loaded = Observed::LedgerRead(FIRST, CheckReason::Finished, LedgerState::Loaded(row()));
    assert_eq!(decide(loaded), Step::MarkDone(row()));
    assert_eq!(
        decide(Observed::MarkedDone(row())),
        Step::End(End::Loaded(row()))
    );
}

#[test]
fn a_load_that_another_loader_began_is_continued() {
    assert_eq!(
        decide(Observed::Claimed(Written::ByAnother)),
        Step::ReadState { failed: 0 }
    );
    assert_eq!(decide(state_read(Progress::Claimed)), Step::Submit(FIRST));
    assert_eq!(
        decide(state_read(Progress::Running(id()))),
        Step::Wait(FIRST, id())
    );
    assert_eq!(
        decide(state_read(Progress::Done)),
        Step::ReadLedger(FIRST, CheckReason::RecordedAsDone)
    );
    let noted = Observed::Recorded(FIRST, id(), Written::ByAnother);
    assert_eq!(decide(noted), Step::ReadState { failed: 0 });
}

#[test]
fn no_result_of_a_statement_is_believed_before_the_ledger_was_read() {
    let cancelled = Failure {
        position: 0,
        message: "the statement was cancelled".to_owned(),
        taken_at: None,
    };
    let broken = failure(Part::Merge, "out of disk");
    let cases = [
        (Outcome::Finished(Vec::new()), CheckReason::Finished),
        (Outcome::Failed(broken.clone()), CheckReason::Failed(broken)),
        (Outcome::Aborted, CheckReason::Failed(cancelled)),
        (Outcome::Lost, CheckReason::Lost),
    ];
    for (outcome, reason) in cases {
        assert_eq!(
            decide(Observed::Waited(FIRST, outcome)),
            Step::ReadLedger(FIRST, reason)
        );
    }
}

#[test]
fn a_load_that_runs_past_the_deadline_is_left_to_the_reconciler() {
    assert_eq!(
        decide(Observed::Waited(FIRST, Outcome::Running)),
        Step::End(End::LeftRunning)
    );
}

#[test]
fn a_load_in_the_ledger_is_loaded_whatever_was_observed() {
    let reasons = [
        CheckReason::Finished,
        CheckReason::RecordedAsDone,
        CheckReason::Lost,
        failed(Part::Merge, "1023"),
        failed(Part::Copy, "gzip"),
    ];
    for reason in reasons {
        let seen = Observed::LedgerRead(LAST, reason, LedgerState::Loaded(row()));
        assert_eq!(decide(seen), Step::MarkDone(row()));
    }
}

#[test]
fn a_failed_attempt_that_is_not_in_the_ledger_is_retried() {
    for message in [
        "ERROR: 1023 DETAIL: Serializable isolation violation",
        "out of disk",
    ] {
        let seen = Observed::LedgerRead(FIRST, failed(Part::Merge, message), LedgerState::Absent);
        assert_eq!(decide(seen), Step::Advance(FIRST, Next::Retry));
    }
    let second = Attempt {
        attempt: 2,
        failed: 1,
        resubmitted: false,
    };
    let raised = Observed::Advanced(FIRST, Next::Retry, Written::Here);
    assert_eq!(decide(raised), Step::Submit(second));
    let raised = Observed::Advanced(FIRST, Next::Retry, Written::ByAnother);
    assert_eq!(decide(raised), Step::ReadState { failed: 1 });
}

#[test]
fn the_last_attempt_of_a_run_is_increased_too_so_that_the_next_run_does_not_repeat_its_failure() {
    let seen = Observed::LedgerRead(
        LAST,
        failed(Part::Merge, "out of disk"),
        LedgerState::Absent,
    );
    let end = End::TooManyAttempts("out of disk".to_owned());
    assert_eq!(decide(seen), Step::Advance(LAST, Next::End(end.clone())));
    for written in [Written::Here, Written::ByAnother] {
        let raised = Observed::Advanced(LAST, Next::End(end.clone()), written);
        assert_eq!(decide(raised), Step::End(end.clone()));
    }
}

#[test]
fn an_unknown_cause_is_searched_in_the_files_after_many_runs() {
    let many = Attempt {
        attempt: MANY_ATTEMPTS,
        ..LAST
    };
    let seen = |part, message| {
        decide(Observed::LedgerRead(
            many,
            failed(part, message),
            LedgerState::Absent,
        ))
    };
    let stuck = Next::End(End::Stuck("assertion failed".to_owned()));
    assert_eq!(
        seen(Part::Merge, "assertion failed"),
        Step::Advance(many, stuck)
    );
    let fewer = Attempt {
        attempt: 99,
        ..LAST
    };
    let failed = failed(Part::Merge, "assertion failed");
    let gave_up = Next::End(End::TooManyAttempts("assertion failed".to_owned()));
    assert_eq!(
        decide(Observed::LedgerRead(fewer, failed, LedgerState::Absent)),
        Step::Advance(fewer, gave_up)
    );
    for (part, message) in [
        (Part::Copy, "S3ServiceException:Access Denied,Status 403"),
        (Part::Merge, "Disk Full"),
        (Part::Merge, "canceling statement due to statement timeout"),
        (Part::RecordLoad, "assertion failed"),
    ] {
        let gave_up = Next::End(End::TooManyAttempts(message.to_owned()));
        assert_eq!(seen(part, message), Step::Advance(many, gave_up));
    }
}

#[test]
fn a_lost_statement_is_resubmitted_once_with_its_token_and_then_as_the_next_attempt() {
    let resubmitted = Attempt {
        resubmitted: true,
        ..FIRST
    };
    let lost = |this| {
        decide(Observed::LedgerRead(
            this,
            CheckReason::Lost,
            LedgerState::Absent,
        ))
    };
    assert_eq!(lost(FIRST), Step::Submit(resubmitted));
    assert_eq!(lost(resubmitted), Step::Advance(resubmitted, Next::Retry));
    let overlaps = Observed::LedgerRead(FIRST, CheckReason::Lost, LedgerState::Overlaps);
    assert_eq!(decide(overlaps), Step::End(End::Overlap));
}

#[test]
fn files_that_another_load_loaded_are_removed_from_the_load() {
    for reason in [
        failed(Part::RefuseLoaded, "Divide by zero"),
        failed(Part::Copy, "bad file"),
    ] {
        let seen = Observed::LedgerRead(FIRST, reason, LedgerState::Overlaps);
        assert_eq!(decide(seen), Step::Advance(FIRST, Next::End(End::Overlap)));
    }
}

#[test]
fn after_a_restore_of_the_warehouse_files_are_loaded_again() {
    for reason in [CheckReason::Finished, CheckReason::RecordedAsDone] {
        let seen = Observed::LedgerRead(FIRST, reason, LedgerState::Absent);
        assert_eq!(decide(seen), Step::Advance(FIRST, Next::Retry));
    }
}

#[test]
fn the_errors_of_copy_are_read_only_when_the_failure_points_to_them() {
    let told = "failed.  Check 'sys_load_error_detail' system table for details.";
    let seen =
        |message| Observed::LedgerRead(FIRST, failed(Part::Copy, message), LedgerState::Absent);
    assert_eq!(
        decide(seen(told)),
        Step::Inspect(FIRST, failure(Part::Copy, told))
    );
    for message in [
        "deadlock detected",
        "S3ServiceException:Access Denied,Status 403,s3://staging/csv/v1/a.csv.gz",
        "S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown",
    ] {
        assert_eq!(decide(seen(message)), Step::Advance(FIRST, Next::Retry));
        let last = Observed::LedgerRead(LAST, failed(Part::Copy, message), LedgerState::Absent);
        let gave_up = Next::End(End::TooManyAttempts(message.to_owned()));
        assert_eq!(decide(last), Step::Advance(LAST, gave_up));
    }
}

#[test]
fn a_row_that_fails_after_copy_is_attributed_to_files_too() {
    let message = "Numeric data overflow (result precision)";
    for part in [Part::Winner, Part::Tally, Part::Merge] {
        let seen = Observed::LedgerRead(FIRST, failed(part, message), LedgerState::Absent);
        assert_eq!(decide(seen), Step::Inspect(FIRST, failure(part, message)));
    }
    let seen = Observed::LedgerRead(
        FIRST,
        failed(Part::RefuseLoaded, message),
        LedgerState::Absent,
    );
    assert_eq!(decide(seen), Step::Advance(FIRST, Next::Retry));
}

fn inspected(message: &str, errors: &[FileError], files: &[&str]) -> Step {
    let inspection = Inspection {
        errors: errors.to_vec(),
        files: files.iter().map(|key| (*key).to_owned()).collect(),
    };
    decide(Observed::Inspected(
        FIRST,
        failure(Part::Copy, message),
        inspection,
    ))
}

fn file_error(key: &str, reason: &str) -> FileError {
    FileError {
        key: key.to_owned(),
        line: None,
        column: None,
        reason: reason.to_owned(),
    }
}

fn raise(end: End) -> Step {
    Step::Advance(FIRST, Next::End(end))
}

#[test]
fn files_with_rows_that_copy_reports_are_quarantined() {
    let error = file_error("csv/v1/a.csv.gz", "line 7");
    let errors = [error.clone()];
    let files = ["csv/v1/a.csv.gz", "csv/v1/b.csv.gz"];
    let step = inspected("check sys_load_error_detail", &errors, &files);
    assert_eq!(step, raise(End::Unloadable(vec![error])));
}

#[test]
fn an_unreadable_file_is_quarantined_when_the_message_names_it_or_it_is_the_only_one() {
    let (a, b) = ("csv/v1/a.csv.gz", "csv/v1/b.csv.gz");
    let named = "failed to inflate s3://staging/csv/v1/b.csv.gz";
    let expected = raise(End::Unloadable(vec![file_error(b, named)]));
    assert_eq!(inspected(named, &[], &[a, b]), expected);
    let unnamed = "failed to inflate with zlib";
    let expected = raise(End::Unloadable(vec![file_error(a, unnamed)]));
    assert_eq!(inspected(unnamed, &[], &[a]), expected);
    assert_eq!(inspected(unnamed, &[], &[a, b]), raise(End::Halve));
}
