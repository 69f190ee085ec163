//! The events that `--json` prints while a command runs: one object a line.
//!
//! Every line has `v`, the version of this schema, and `event`. Within a version, keys are only added. The
//! last line is always the `result`. `deploy`, `diff` and `destroy` print the same events.
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
//! `action` is `add`, `modify`, `replace`, `conditional` (CloudFormation decides during the operation whether
//! to replace) or `remove`.

use cloudformation::{Change, Plan};
use serde::Serialize;

/// The version of the schema.
const VERSION: u8 = 1;

/// An event.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
    /// A step began or ended.
    Step {
        step: &'a str,
        /// `begun` or `done`.
        state: &'static str,
        /// How the step ended.
        #[serde(skip_serializing_if = "Option::is_none")]
        outcome: Option<&'a str>,
        /// How long the step took.
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds: Option<f64>,
    },
    /// Information that belongs to no step.
    Note { text: &'a str },
    /// The plan of a stack.
    Plan {
        stack: &'a str,
        /// Whether the stack will be created.
        creates: bool,
        /// The changes of its resources.
        changes: &'a [Change],
    },
    /// The status of a resource changed.
    Resource {
        stack: &'a str,
        /// The logical id.
        resource: &'a str,
        #[serde(rename = "type")]
        kind: &'a str,
        /// CloudFormation's status.
        status: &'a str,
        /// The reason, if there is one.
        #[serde(skip_serializing_if = "str::is_empty")]
        reason: &'a str,
        /// The duration of the operation on the resource, once it has ended.
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds: Option<f64>,
    },
    /// The result of the command.
    Result {
        command: &'static str,
        /// The result, including `outcome`.
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
    /// Returns the result of a failed command: the first line of the error, and the rest as details.
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

    /// Formats the event as a line of JSON.
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
        // Strings, numbers and maps with string keys can always be serialised.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_event_is_one_line_of_the_documented_schema() {
        let plan = Plan {
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
