//! A transcript: what is in the account, what its operations play, and how it answers out of turn.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// One file of `tests/transcripts`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Transcript {
    /// What happens, in a sentence.
    pub(crate) about: String,
    /// Which stack of environment `dev` is deployed, `lake` when absent.
    pub(crate) deploys: Option<String>,
    /// Logical ids that the user lets be replaced.
    pub(crate) allows: Vec<String>,
    /// Logical ids that the user lets a rollback leave out.
    pub(crate) skips: Vec<String>,
    /// The stacks that are there before, by name.
    pub(crate) stacks: BTreeMap<String, Found>,
    /// Calls that are refused, in order.
    pub(crate) answers: Vec<Answer>,
    /// What becomes of change sets, in the order in which they are made; without one they succeed.
    pub(crate) change_sets: Vec<Making>,
    /// What operations play, in the order in which they begin; without one they succeed at once.
    pub(crate) plays: Vec<Play>,
    /// What the user sees and what is left.
    pub(crate) expects: Expects,
}

/// A stack as it is found.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Found {
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    /// How its resources differ from what the test deploys: properties by logical id; `null` when it has no such resource.
    pub(crate) differs: BTreeMap<String, Value>,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) protected: bool,
    /// An operation that somebody began.
    pub(crate) running: Option<Play>,
}

/// A call that is refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    /// Such as `DescribeStacks`.
    pub(crate) call: String,
    /// How many of them are served first.
    #[serde(default)]
    pub(crate) skip: usize,
    /// How many are refused then; all that follow when absent.
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

/// What becomes of a change set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Making {
    /// Why it fails.
    pub(crate) fails: Option<String>,
    /// What early validation finds: logical id, and what is wrong.
    pub(crate) findings: Vec<(String, String)>,
    /// `Replacement` of modified resources that are not `False`.
    pub(crate) replaces: BTreeMap<String, String>,
    /// `PolicyAction` of resources.
    pub(crate) policy_actions: BTreeMap<String, String>,
}

/// What an operation plays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Play {
    /// Only an operation of this stack.
    pub(crate) stack: Option<String>,
    /// `create`, `update`, `delete` or `continue`; any when absent.
    pub(crate) on: Option<String>,
    /// How many looks at the stack see nothing new first.
    pub(crate) slow: usize,
    /// One a look: logical id, status, and the reason.
    pub(crate) events: Vec<String>,
    /// The stack's status at the end; without one, success.
    pub(crate) ends: Option<String>,
    pub(crate) reason: Option<String>,
}

/// What is asserted. `{Id}` stands for the file and line where the resource is declared.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Expects {
    /// The first line that the user sees; nothing when the deploy succeeds.
    pub(crate) first_line: Option<String>,
    /// Words that are somewhere in what the user sees.
    pub(crate) says: Vec<String>,
    /// The stack's status in the end; `absent` when it is gone.
    pub(crate) ends: Option<String>,
    /// What became of the stack, when the deploy succeeds.
    pub(crate) outcome: Option<String>,
    /// Calls that were never made.
    pub(crate) never: Vec<String>,
    /// Calls that were made.
    pub(crate) calls: Vec<String>,
}

impl Transcript {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}
