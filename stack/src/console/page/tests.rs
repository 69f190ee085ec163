use std::collections::BTreeMap;
use std::time::Duration;

use time::macros::datetime;
use warehouse::{Cell, RecentStatement, RowColumn, Rows};

use super::*;
use crate::console::snapshot::{History, RecentEvent};
use crate::rejects::{Redriven, Reject, Stage as RejectStage};
use crate::status::{
    self, LastLoad, Newest, Problem, ProblemKind, Stage, StageName, Status, Unknown,
};
use crate::trace::{Outcome, Place, State, Step, Trace};

const NOON: time::OffsetDateTime = datetime!(2026-01-02 12:00 UTC);

/// Text that would be an element and end an attribute, with the name of the field that shows it.
fn odd(field: &str) -> String {
    format!("<script>{field}</script>\"'")
}

/// Returns the text of [`odd`] as a page must show it.
fn escaped(field: &str) -> String {
    format!("&lt;script&gt;{field}&lt;/script&gt;&quot;")
}

fn assert_escaped(page: &Markup, fields: &[&str]) {
    let html = &page.0;
    for field in fields {
        assert!(html.contains(&escaped(field)), "{field} in {html}");
    }
    assert!(!html.contains("<script>"), "{html}");
}

fn stage(name: StageName) -> Stage {
    Stage {
        name,
        counts: BTreeMap::from([("dead_letters", 0), ("raw_objects", 1234)]),
        backlog: Some(7),
        lag_seconds: Some(2.44),
        rejects: Some(0),
        last_error: None,
        events_per_second: Some(812.4),
    }
}

fn status() -> Status {
    Status {
        environment: odd("environment"),
        target: "local".to_owned(),
        at: NOON,
        healthy: false,
        problems: vec![Problem {
            stage: "load".to_owned(),
            kind: ProblemKind::Failing,
            reason: odd("problem"),
            since: Some(datetime!(2026-01-02 11:57 UTC)),
            next: odd("next"),
        }],
        unknown: vec![Unknown {
            stage: "stream".to_owned(),
            what: odd("what"),
            reason: odd("unknown"),
        }],
        processes: Vec::new(),
        stages: [
            StageName::Ingest,
            StageName::Stream,
            StageName::Store,
            StageName::Transform,
            StageName::Load,
        ]
        .map(stage)
        .into(),
        last_load: Some(LastLoad {
            load_id: "l-1".to_owned(),
            finished_at: "2026-01-02 11:59:30".to_owned(),
            rows_staged: 1356,
            rows_inserted: 1300,
        }),
        event_to_warehouse: None,
        quarantined: Vec::new(),
        newest: Newest::default(),
    }
}

fn reject() -> Reject {
    let [reason, field, detail] = ["reason", "field", "detail"].map(odd);
    let why = [reason.as_str(), &field, &detail];
    let at = "2026-01-02T11:58:00Z".to_owned();
    Reject {
        event_id: Some(odd("rejected-id")),
        ..Reject::whole(
            RejectStage::Ingest,
            at,
            why,
            "p".to_owned(),
            "{}".to_owned(),
        )
    }
}

fn snapshot() -> Snapshot {
    let status = status();
    let mut history = History::default();
    history.add(&status);
    Snapshot {
        at: NOON,
        status: Ok(status),
        history,
        events: Ok(vec![RecentEvent {
            event_id: odd("event-id"),
            invoice_no: odd("invoice"),
            description: odd("description"),
            quantity: odd("quantity"),
            received_at: datetime!(2026-01-02 11:59 UTC),
        }]),
        rejects: Ok(vec![reject()]),
        statements: Ok(vec![RecentStatement {
            name: odd("name"),
            sql: format!("-- a comment\nSELECT {}", odd("sql")),
            status: "finished".to_owned(),
            submitted_at: Some(datetime!(2026-01-02 11:59 UTC)),
            duration: Some(Duration::from_millis(184)),
        }]),
    }
}

#[test]
fn every_text_of_the_main_page_is_escaped() {
    let page = home(&odd("title"), Some(&snapshot()), NOON);
    let html = page
        .0
        .replace("<script src=\"/console.js\" defer></script>", "");
    assert!(!html.contains("<script"), "{html}");
    assert_escaped(
        &maud::PreEscaped(html),
        &[
            "title",
            "problem",
            "next",
            "what",
            "unknown",
            "event-id",
            "invoice",
            "description",
            "quantity",
            "reason",
            "field",
            "detail",
            "rejected-id",
            "name",
            "sql",
        ],
    );
}

#[test]
fn every_text_of_an_event_and_of_an_answer_is_escaped() {
    let trace = Trace {
        environment: "local".to_owned(),
        event_id: odd("event-id"),
        invoice_no: None,
        envelope_id: None,
        outcome: Outcome::Rejected,
        explanation: odd("explanation"),
        next: Some(odd("next")),
        steps: vec![Step {
            stage: "ingest",
            place: Place::Api,
            state: State::Rejected,
            at: None,
            reason: Some(odd("reason")),
            facts: vec![crate::trace::Fact {
                name: "position",
                value: odd("value"),
            }],
        }],
    };
    assert_escaped(&way(&trace), &["explanation", "next", "reason", "value"]);
    assert_escaped(&sent(&odd("sent"), &odd("no")), &["sent"]);
    assert_escaped(&failure(&odd("failure")), &["failure"]);
    let report = no_report("local", &odd("failure")).0;
    let report = report.replace("<script src=\"/console.js\" defer></script>", "");
    assert_escaped(&maud::PreEscaped(report), &["failure"]);
    let done = Redriven {
        left: BTreeMap::from([(odd("left"), odd("why"))]),
        ..Redriven::default()
    };
    assert_escaped(&redriven(&done), &["left", "why"]);
    let result = Rows {
        columns: vec![RowColumn {
            name: odd("column"),
            type_name: "varchar".to_owned(),
        }],
        rows: vec![vec![Cell::Text(odd("cell"))], vec![Cell::Null]],
    };
    assert_escaped(&rows(&result, 200, Duration::ZERO), &["column", "cell"]);
}

#[test]
fn a_link_to_an_event_survives_every_character_of_its_id() {
    let html = way::event("local", "till-7/42 &?#", "A 1").0;
    let expected = "data-live=\"/event/live?id=till%2D7%2F42%20%26%3F%23&amp;invoice=A%201\"";
    assert!(html.contains(expected), "{html}");
}

#[test]
fn the_picture_has_seven_boxes_and_each_tells_its_health() {
    let html = stages::stages(&snapshot()).0;
    let classes: Vec<_> = html
        .split("<li class=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(
        classes,
        [
            "stage plain",
            "stage good flowing",
            "stage unknown flowing",
            "stage good flowing",
            "stage good flowing",
            "stage bad flowing",
            "stage good"
        ]
    );
    assert!(html.contains("<dt>events/s</dt><dd>812</dd>"), "{html}");
    assert!(html.contains("<dt>oldest</dt><dd>2.4 s</dd>"), "{html}");
    assert!(html.contains("1\u{202f}356"), "{html}");
}

#[test]
fn without_a_status_every_stage_is_unknown_with_the_reason() {
    let dark = Snapshot {
        status: Err(odd("stopped")),
        events: Err(odd("events")),
        rejects: Err(odd("rejects")),
        statements: Err(odd("statements")),
        ..snapshot()
    };
    let page = home("local", Some(&dark), NOON);
    assert_eq!(page.0.matches("<li class=\"stage unknown\">").count(), 6);
    let html = page
        .0
        .replace("<script src=\"/console.js\" defer></script>", "");
    let fields = ["stopped", "events", "rejects", "statements"];
    assert_escaped(&maud::PreEscaped(html), &fields);
}

#[test]
fn a_number_that_could_not_be_read_is_not_zero() {
    let mut snapshot = snapshot();
    if let Ok(status) = &mut snapshot.status {
        status.stages[1] = status::Stage {
            backlog: None,
            lag_seconds: None,
            ..stage(StageName::Stream)
        };
    }
    let html = stages::stages(&snapshot).0;
    assert!(html.contains("<dt>waiting</dt><dd>?</dd>"), "{html}");
}

#[test]
fn a_result_beyond_the_limit_says_so() {
    let result = |count: usize| Rows {
        columns: vec![RowColumn {
            name: "n".to_owned(),
            type_name: "int8".to_owned(),
        }],
        rows: (0..3).take(count).map(|n| vec![Cell::Long(n)]).collect(),
    };
    let html = rows(&result(3), 2, Duration::from_millis(5)).0;
    assert!(
        html.contains("the first 2 rows in 5 ms; there are more"),
        "{html}"
    );
    assert_eq!(html.matches("<tr>").count(), 3);
    let html = rows(&result(1), 2, Duration::from_millis(5)).0;
    assert!(html.contains("1 row in 5 ms"), "{html}");
}

#[test]
fn the_page_before_the_first_look_reads_nothing_and_has_every_part() {
    let html = home("local", None, NOON).0;
    for part in [
        "health",
        "stages",
        "problems",
        "events",
        "rejects",
        "statements",
    ] {
        assert!(html.contains(&format!("data-part=\"{part}\"")), "{part}");
    }
    assert!(
        !html.contains(" style="),
        "the policy forbids inline styles"
    );
}
