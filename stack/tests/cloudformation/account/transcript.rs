//! A transcript: the initial stacks of an account, the course of its operations, and scripted errors.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// One file of `tests/transcripts`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Transcript {
    /// A description, in one sentence.
    pub(crate) about: String,
    /// The stack of the environment `dev` to deploy; `lake` by default.
    pub(crate) deploys: Option<String>,
    /// The logical ids of `--allow-replace`.
    pub(crate) allows: Vec<String>,
    /// The logical ids of `--skip-rollback-of`.
    pub(crate) skips: Vec<String>,
    /// The initial stacks, by name.
    pub(crate) stacks: BTreeMap<String, Found>,
    /// The calls that fail, in order.
    pub(crate) answers: Vec<Answer>,
    /// The results of change sets, in the order of their creation. By default they succeed.
    pub(crate) change_sets: Vec<Making>,
    /// The courses of operations, in the order of their start. By default they succeed immediately.
    pub(crate) plays: Vec<Play>,
    /// The expected messages and final state.
    pub(crate) expects: Expects,
}

/// An initial stack.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Found {
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    /// The differences of its resources from the template that the test deploys: properties by logical id, or
    /// `null` if the resource does not exist.
    pub(crate) differs: BTreeMap<String, Value>,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) protected: bool,
    /// An operation in progress that another client began.
    pub(crate) running: Option<Play>,
}

/// A call that fails.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    /// For example `DescribeStacks`.
    pub(crate) call: String,
    /// The number of calls that succeed first.
    #[serde(default)]
    pub(crate) skip: usize,
    /// The number of calls that fail then; all later ones by default.
    pub(crate) times: Option<usize>,
    #[serde(default = "bad_request")]
    pub(crate) status: u16,
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) message: String,
}

const fn bad_request() -> u16 {
    400
}

/// The result of creating a change set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Making {
    /// The reason of its failure; by default it succeeds.
    pub(crate) fails: Option<String>,
    /// The findings of early validation: logical id and message.
    pub(crate) findings: Vec<(String, String)>,
    /// `Replacement` of modified resources, where it is not `False`.
    pub(crate) replaces: BTreeMap<String, String>,
    /// `PolicyAction` of resources.
    pub(crate) policy_actions: BTreeMap<String, String>,
}

/// The course of an operation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Play {
    /// Applies only to operations of this stack.
    pub(crate) stack: Option<String>,
    /// Applies only to this operation: `create`, `update`, `delete` or `continue`.
    pub(crate) on: Option<String>,
    /// The number of steps without an event at the beginning.
    pub(crate) slow: usize,
    /// The event of each step: logical id, status and reason.
    pub(crate) events: Vec<String>,
    /// The final status of the stack; success by default.
    pub(crate) ends: Option<String>,
    pub(crate) reason: Option<String>,
}

/// The assertions. `{Id}` is replaced by the file and line that declare the resource.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Expects {
    /// The first line of the error; `None` if the deploy succeeds.
    pub(crate) first_line: Option<String>,
    /// Texts that the error contains.
    pub(crate) says: Vec<String>,
    /// The final status of the stack; `absent` if it does not exist.
    pub(crate) ends: Option<String>,
    /// The outcome of the deploy, if it succeeds.
    pub(crate) outcome: Option<String>,
    /// Calls that must not be made.
    pub(crate) never: Vec<String>,
    /// Calls that must be made.
    pub(crate) calls: Vec<String>,
}

impl Transcript {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}
