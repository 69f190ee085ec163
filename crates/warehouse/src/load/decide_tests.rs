use super::*;
use crate::load::LoadId;

const FIRST: Try = Try {
    attempt: 1,
    failed: 0,
    again: false,
};
const LAST: Try = Try {
    attempt: 9,
    failed: MAX_ATTEMPTS - 1,
    again: false,
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

fn failed(part: Part, message: &str) -> Doubt {
    Doubt::Failed(failure(part, message))
}

fn recalled(progress: Progress) -> Seen {
    Seen::Recalled {
        failed: 0,
        memory: Some(Memory {
            attempt: 1,
            progress,
        }),
    }
}

#[test]
fn a_new_load_is_claimed_submitted_recorded_and_waited_for() {
    assert_eq!(
        decide(Seen::Recalled {
            failed: 0,
            memory: None
        }),
        Step::Claim
    );
    assert_eq!(decide(Seen::Claimed(Written::Here)), Step::Submit(FIRST));
    assert_eq!(
        decide(Seen::Submitted(FIRST, id())),
        Step::Note(FIRST, id())
    );
    assert_eq!(
        decide(Seen::Noted(FIRST, id(), Written::Here)),
        Step::Wait(FIRST, id())
    );
    let finished = Seen::Waited(FIRST, Outcome::Finished(Vec::new()));
    assert_eq!(decide(finished), Step::Ask(FIRST, Doubt::Finished));
    let loaded = Seen::Asked(FIRST, Doubt::Finished, Asked::Loaded(row()));
    assert_eq!(decide(loaded), Step::Close(row()));
    assert_eq!(decide(Seen::Closed(row())), Step::End(End::Loaded(row())));
}

#[test]
fn a_load_that_another_loader_began_is_continued() {
    assert_eq!(
        decide(Seen::Claimed(Written::ByAnother)),
        Step::Recall { failed: 0 }
    );
    assert_eq!(decide(recalled(Progress::Claimed)), Step::Submit(FIRST));
    assert_eq!(
        decide(recalled(Progress::Running(id()))),
        Step::Wait(FIRST, id())
    );
    assert_eq!(
        decide(recalled(Progress::Done)),
        Step::Ask(FIRST, Doubt::SaidDone)
    );
    let noted = Seen::Noted(FIRST, id(), Written::ByAnother);
    assert_eq!(decide(noted), Step::Recall { failed: 0 });
}

#[test]
fn no_result_of_a_statement_is_believed_before_the_ledger_was_read() {
    let cancelled = Failure {
        position: 0,
        message: "somebody cancelled the statement".to_owned(),
        taken_at: None,
    };
    let broken = failure(Part::Merge, "out of disk");
    let cases = [
        (Outcome::Finished(Vec::new()), Doubt::Finished),
        (Outcome::Failed(broken.clone()), Doubt::Failed(broken)),
        (Outcome::Aborted, Doubt::Failed(cancelled)),
        (Outcome::Lost, Doubt::Lost),
    ];
    for (outcome, doubt) in cases {
        assert_eq!(
            decide(Seen::Waited(FIRST, outcome)),
            Step::Ask(FIRST, doubt)
        );
    }
}

#[test]
fn a_load_that_runs_past_the_deadline_is_left_to_the_reconciler() {
    assert_eq!(
        decide(Seen::Waited(FIRST, Outcome::Running)),
        Step::End(End::LeftRunning)
    );
}

#[test]
fn a_load_in_the_ledger_is_loaded_whatever_was_observed() {
    let doubts = [
        Doubt::Finished,
        Doubt::SaidDone,
        Doubt::Lost,
        failed(Part::Merge, "1023"),
        failed(Part::Copy, "gzip"),
    ];
    for doubt in doubts {
        let seen = Seen::Asked(LAST, doubt, Asked::Loaded(row()));
        assert_eq!(decide(seen), Step::Close(row()));
    }
}

#[test]
fn a_failed_attempt_that_is_not_in_the_ledger_is_retried() {
    for message in [
        "ERROR: 1023 DETAIL: Serializable isolation violation",
        "out of disk",
    ] {
        let seen = Seen::Asked(FIRST, failed(Part::Merge, message), Asked::Absent);
        assert_eq!(decide(seen), Step::Raise(FIRST, Then::Again));
    }
    let second = Try {
        attempt: 2,
        failed: 1,
        again: false,
    };
    let raised = Seen::Raised(FIRST, Then::Again, Written::Here);
    assert_eq!(decide(raised), Step::Submit(second));
    let raised = Seen::Raised(FIRST, Then::Again, Written::ByAnother);
    assert_eq!(decide(raised), Step::Recall { failed: 1 });
}

#[test]
fn the_last_attempt_of_a_run_is_increased_too_so_that_the_next_run_does_not_repeat_its_failure() {
    let seen = Seen::Asked(LAST, failed(Part::Merge, "out of disk"), Asked::Absent);
    let end = End::GaveUp("out of disk".to_owned());
    assert_eq!(decide(seen), Step::Raise(LAST, Then::End(end.clone())));
    for written in [Written::Here, Written::ByAnother] {
        let raised = Seen::Raised(LAST, Then::End(end.clone()), written);
        assert_eq!(decide(raised), Step::End(end.clone()));
    }
}

#[test]
fn an_unknown_cause_is_searched_in_the_files_after_many_runs() {
    let many = Try {
        attempt: MANY_ATTEMPTS,
        ..LAST
    };
    let seen = |part, message| decide(Seen::Asked(many, failed(part, message), Asked::Absent));
    let stuck = Then::End(End::Stuck("assertion failed".to_owned()));
    assert_eq!(
        seen(Part::Merge, "assertion failed"),
        Step::Raise(many, stuck)
    );
    for (part, message) in [
        (Part::Copy, "S3ServiceException:Access Denied,Status 403"),
        (Part::Merge, "Disk Full"),
        (Part::Merge, "canceling statement due to statement timeout"),
        (Part::RecordLoad, "assertion failed"),
    ] {
        let gave_up = Then::End(End::GaveUp(message.to_owned()));
        assert_eq!(seen(part, message), Step::Raise(many, gave_up));
    }
}

#[test]
fn a_lost_statement_is_resubmitted_once_with_its_token_and_then_as_the_next_attempt() {
    let again = Try {
        again: true,
        ..FIRST
    };
    let lost = |this| decide(Seen::Asked(this, Doubt::Lost, Asked::Absent));
    assert_eq!(lost(FIRST), Step::Submit(again));
    assert_eq!(lost(again), Step::Raise(again, Then::Again));
    let overlaps = Seen::Asked(FIRST, Doubt::Lost, Asked::Overlaps);
    assert_eq!(decide(overlaps), Step::End(End::Recut));
}

#[test]
fn files_that_another_load_loaded_are_removed_from_the_load() {
    for doubt in [
        failed(Part::RefuseLoaded, "Divide by zero"),
        failed(Part::Copy, "bad file"),
    ] {
        let seen = Seen::Asked(FIRST, doubt, Asked::Overlaps);
        assert_eq!(decide(seen), Step::Raise(FIRST, Then::End(End::Recut)));
    }
}

#[test]
fn after_a_restore_of_the_warehouse_files_are_loaded_again() {
    for doubt in [Doubt::Finished, Doubt::SaidDone] {
        let seen = Seen::Asked(FIRST, doubt, Asked::Absent);
        assert_eq!(decide(seen), Step::Raise(FIRST, Then::Again));
    }
}

#[test]
fn the_errors_of_copy_are_read_only_when_the_failure_points_to_them() {
    let told = "failed.  Check 'sys_load_error_detail' system table for details.";
    let seen = |message| Seen::Asked(FIRST, failed(Part::Copy, message), Asked::Absent);
    assert_eq!(
        decide(seen(told)),
        Step::Blame(FIRST, failure(Part::Copy, told))
    );
    for message in [
        "deadlock detected",
        "S3ServiceException:Access Denied,Status 403,s3://staging/csv/v1/a.csv.gz",
        "S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown",
    ] {
        assert_eq!(decide(seen(message)), Step::Raise(FIRST, Then::Again));
        let last = Seen::Asked(LAST, failed(Part::Copy, message), Asked::Absent);
        let gave_up = Then::End(End::GaveUp(message.to_owned()));
        assert_eq!(decide(last), Step::Raise(LAST, gave_up));
    }
}

#[test]
fn a_row_that_fails_after_copy_is_attributed_to_files_too() {
    let message = "Numeric data overflow (result precision)";
    for part in [Part::Winner, Part::Tally, Part::Merge] {
        let seen = Seen::Asked(FIRST, failed(part, message), Asked::Absent);
        assert_eq!(decide(seen), Step::Blame(FIRST, failure(part, message)));
    }
    let seen = Seen::Asked(FIRST, failed(Part::RefuseLoaded, message), Asked::Absent);
    assert_eq!(decide(seen), Step::Raise(FIRST, Then::Again));
}

fn blamed(message: &str, errors: &[FileError], files: &[&str]) -> Step {
    let blame = Blame {
        errors: errors.to_vec(),
        files: files.iter().map(|key| (*key).to_owned()).collect(),
    };
    decide(Seen::Blamed(FIRST, failure(Part::Copy, message), blame))
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
    Step::Raise(FIRST, Then::End(end))
}

#[test]
fn files_with_rows_that_copy_reports_are_quarantined() {
    let error = file_error("csv/v1/a.csv.gz", "line 7");
    let errors = [error.clone()];
    let files = ["csv/v1/a.csv.gz", "csv/v1/b.csv.gz"];
    let step = blamed("check sys_load_error_detail", &errors, &files);
    assert_eq!(step, raise(End::Faulty(vec![error])));
}

#[test]
fn an_unreadable_file_is_quarantined_when_the_message_names_it_or_it_is_the_only_one() {
    let (a, b) = ("csv/v1/a.csv.gz", "csv/v1/b.csv.gz");
    let named = "failed to inflate s3://staging/csv/v1/b.csv.gz";
    let expected = raise(End::Faulty(vec![file_error(b, named)]));
    assert_eq!(blamed(named, &[], &[a, b]), expected);
    let unnamed = "failed to inflate with zlib";
    let expected = raise(End::Faulty(vec![file_error(a, unnamed)]));
    assert_eq!(blamed(unnamed, &[], &[a]), expected);
    assert_eq!(blamed(unnamed, &[], &[a, b]), raise(End::Halve));
}
