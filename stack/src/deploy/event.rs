//! What `--json` prints: one object a line, while things happen.
//!
//! Every line has `v`, the version of this schema, and `event`; keys are added within a version, never changed or
//! removed. The last line is always the `result`. `deploy`, `diff` and `destroy` print the same events.
//!
//! ```text
//! {"v":1,"event":"step","step":"function zips","state":"begun"}
//! {"v":1,"event":"step","step":"function zips","state":"done","outcome":"5 of 5 uploaded","seconds":1.2}
//! {"v":1,"event":"note","text":"…"}
//! {"v":1,"event":"plan","stack":"…","creates":false,"changes":[{"id":"…","type":"AWS::…","action":"modify","stateful":false,"differences":[{"property":"…","before":"…","after":"…"}]}]}
//! {"v":1,"event":"resource","stack":"…","resource":"…","type":"AWS::…","status":"CREATE_COMPLETE","seconds":12.0}
//! {"v":1,"event":"result","command":"deploy","outcome":"deployed",…}
//! {"v":1,"event":"result","command":"deploy","outcome":"failed","error":"…","next":"…"}
//! ```
//!
//! `action` is `add`, `modify`, `replace`, `conditional` (only CloudFormation decides whether it replaces) or `remove`.

use serde::Serialize;

use super::stack::{Change, Plan};

/// The version of the schema.
const VERSION: u8 = 1;

/// Something that happened.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
    /// A step began or ended.
    Step {
        /// What it does.
        step: &'a str,
        /// `begun` or `done`.
        state: &'static str,
        /// How it ended.
        #[serde(skip_serializing_if = "Option::is_none")]
        outcome: Option<&'a str>,
        /// How long it took.
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds: Option<f64>,
    },
    /// Something worth knowing that is part of no step.
    Note {
        /// In words.
        text: &'a str,
    },
    /// What would be done to a stack.
    Plan {
        /// The stack.
        stack: &'a str,
        /// Whether it is not there yet.
        creates: bool,
        /// Its resources.
        changes: &'a [Change],
    },
    /// Something happened to a resource.
    Resource {
        /// The stack.
        stack: &'a str,
        /// Its logical id.
        resource: &'a str,
        /// Its type.
        #[serde(rename = "type")]
        kind: &'a str,
        /// As CloudFormation says it.
        status: &'a str,
        /// Why, where there is a reason.
        #[serde(skip_serializing_if = "str::is_empty")]
        reason: &'a str,
        /// Since work on it began, once that ended.
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds: Option<f64>,
    },
    /// The end.
    Result {
        /// Which command.
        command: &'static str,
        /// What it did, `outcome` among it.
        #[serde(flatten)]
        result: serde_json::Value,
    },
}

impl<'a> From<&'a Plan> for Event<'a> {
    fn from(plan: &'a Plan) -> Self {
        Self::Plan {
            stack: &plan.stack,
            creates: plan.creates,
            changes: &plan.changes,
        }
    }
}

impl Event<'_> {
    /// The result of a command that failed: the first line is the error, the rest the details.
    #[must_use]
    pub fn failed(command: &'static str, error: &str) -> Self {
        let next = error
            .lines()
            .find_map(|line| line.trim().strip_prefix("next: "));
        Event::Result {
            command,
            result: serde_json::json!({"outcome": "failed", "error": error, "next": next}),
        }
    }

    /// The event as a line of JSON.
    #[must_use]
    pub fn line(&self) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            v: u8,
            #[serde(flatten)]
            event: &'a Event<'a>,
        }
        let line = Line {
            v: VERSION,
            event: self,
        };
        // Texts, numbers and maps with text keys always have a form in JSON.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_event_is_one_line_of_the_documented_schema() {
        let plan = super::super::stack::Plan {
            stack: "shop".to_owned(),
            creates: true,
            changes: Vec::new(),
            change_set: None,
        };
        let events = [
            Event::Step {
                step: "zips",
                state: "begun",
                outcome: None,
                seconds: None,
            },
            Event::Step {
                step: "zips",
                state: "done",
                outcome: Some("5 uploaded"),
                seconds: Some(1.5),
            },
            Event::Note { text: "two\nlines" },
            Event::from(&plan),
            Event::Resource {
                stack: "shop",
                resource: "Stream",
                kind: "AWS::Kinesis::Stream",
                status: "CREATE_FAILED",
                reason: "because",
                seconds: Some(2.0),
            },
            Event::Result {
                command: "deploy",
                result: json!({"outcome": "deployed"}),
            },
            Event::failed("deploy", "it broke\n  next: mend it"),
        ];
        let lines: Vec<_> = events.iter().map(Event::line).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }
}
