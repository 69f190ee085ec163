//! A stack of the account, and the operation in progress on it.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::transcript::{Found, Play};

/// A stack. An operation advances by one step whenever the stack is described.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) template: Value,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) protected: bool,
    /// The oldest event is first.
    pub(crate) events: Vec<Event>,
    pub(crate) change_sets: BTreeMap<String, ChangeSet>,
    /// The number of changes, from which timestamps are derived.
    pub(crate) changed: usize,
    pub(crate) running: Option<Operation>,
}

/// A stack event, of a resource or of the stack itself.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: usize,
    pub(crate) resource: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) token: String,
}

/// A change set.
#[derive(Clone, Debug)]
pub(crate) struct ChangeSet {
    pub(crate) create: bool,
    /// Whether it was described since its creation; only then it is ready.
    pub(crate) seen: bool,
    pub(crate) fails: Option<String>,
    pub(crate) findings: Vec<(String, String)>,
    pub(crate) executed: bool,
    pub(crate) template: Value,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) changes: Vec<super::changes::Change>,
}

/// An operation in progress on a stack.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) token: String,
    /// The events of each later step.
    steps: VecDeque<Vec<(String, String, Option<String>)>>,
    ends: String,
    reason: Option<String>,
    /// The change set that applies after success.
    after: Option<ChangeSet>,
}

impl Stack {
    /// Returns a stack without resources.
    pub(crate) fn new(name: &str, number: usize, status: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: format!(
                "arn:aws:cloudformation:eu-west-1:123456789012:stack/{name}/00000000-0000-0000-0000-{number:012}"
            ),
            status: status.to_owned(),
            reason: None,
            template: json!({"Resources": {}}),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            protected: false,
            events: Vec::new(),
            change_sets: BTreeMap::new(),
            changed: 0,
            running: None,
        }
    }

    /// Returns a stack as described by a transcript; `wanted` is the template that the test deploys.
    pub(crate) fn found(name: &str, number: usize, found: &Found, wanted: &Value) -> Self {
        let mut stack = Self::new(name, number, &found.status);
        stack.reason.clone_from(&found.reason);
        stack.template = wanted.clone();
        for (id, properties) in &found.differs {
            stack.differs(id, properties);
        }
        stack.parameters.clone_from(&found.parameters);
        stack.tags.clone_from(&found.tags);
        stack.protected = found.protected;
        if let Some(play) = &found.running {
            let success = match found.status.as_str() {
                "DELETE_IN_PROGRESS" => "DELETE_COMPLETE",
                "CREATE_IN_PROGRESS" => "CREATE_COMPLETE",
                "ROLLBACK_IN_PROGRESS" => "ROLLBACK_COMPLETE",
                "UPDATE_ROLLBACK_IN_PROGRESS" => "UPDATE_ROLLBACK_COMPLETE",
                _ => "UPDATE_COMPLETE",
            };
            stack.running = Some(Operation::new(play, "somebody", success, VecDeque::new()));
        }
        stack
    }

    fn differs(&mut self, id: &str, properties: &Value) {
        let resources = self.template["Resources"].as_object_mut().unwrap();
        if properties.is_null() {
            resources.shift_remove(id);
            return;
        }
        let nothing = || json!({"Type": "AWS::Kinesis::Stream", "DeletionPolicy": "Delete", "Properties": {}});
        let resource = resources.entry(id).or_insert_with(nothing);
        for (name, value) in properties.as_object().unwrap() {
            resource["Properties"][name] = value.clone();
        }
    }

    /// Begins an operation with `status`. It ends with the status `success`, unless the play has another.
    pub(crate) fn begin(
        &mut self,
        status: &str,
        play: Option<&Play>,
        token: &str,
        success: &str,
        after: Option<&ChangeSet>,
    ) {
        self.changed += 1;
        status.clone_into(&mut self.status);
        self.reason = None;
        self.event(&self.name.clone(), status, Some("User Initiated"), token);
        let usual = after.map_or_else(VecDeque::new, ChangeSet::steps);
        let mut operation = Operation::new(play.unwrap_or(&Play::default()), token, success, usual);
        operation.after = after.cloned();
        self.running = Some(operation);
    }

    /// Advances the operation by one step, because the stack is described.
    pub(crate) fn look(&mut self) {
        let Some(operation) = &mut self.running else {
            return;
        };
        let token = operation.token.clone();
        if let Some(step) = operation.steps.pop_front() {
            for (resource, status, reason) in step {
                self.event(&resource, &status, reason.as_deref(), &token);
            }
            return;
        }
        let Some(done) = self.running.take() else {
            return;
        };
        self.status.clone_from(&done.ends);
        self.reason.clone_from(&done.reason);
        if let Some(set) = done
            .after
            .filter(|_| !done.ends.contains("ROLLBACK") && !done.ends.ends_with("FAILED"))
        {
            self.template = set.template;
            self.parameters = set.parameters;
            self.tags = set.tags;
        }
        self.event(
            &self.name.clone(),
            &done.ends,
            done.reason.as_deref(),
            &token,
        );
    }

    fn event(&mut self, resource: &str, status: &str, reason: Option<&str>, token: &str) {
        let kind = self.template["Resources"][resource]["Type"]
            .as_str()
            .or_else(|| {
                let mut sets = self.change_sets.values();
                sets.find_map(|set| set.template["Resources"][resource]["Type"].as_str())
            })
            .unwrap_or("AWS::CloudFormation::Stack")
            .to_owned();
        self.events.push(Event {
            id: self.events.len(),
            resource: resource.to_owned(),
            kind,
            status: status.to_owned(),
            reason: reason.map(str::to_owned),
            token: token.to_owned(),
        });
    }

    /// Returns the outputs of the stack. Each value is derived from the name of the output.
    pub(crate) fn outputs(&self) -> Vec<(String, String)> {
        let outputs = self.template["Outputs"].as_object();
        let complete = self.status.ends_with("COMPLETE");
        outputs
            .into_iter()
            .flat_map(|outputs| outputs.keys())
            .filter(|_| complete)
            .map(|name| {
                let port = name.ends_with("Port").then(|| "5440".to_owned());
                let value = port.unwrap_or_else(|| format!("the-{}", name.to_lowercase()));
                (name.clone(), value)
            })
            .collect()
    }
}

impl Operation {
    fn new(
        play: &Play,
        token: &str,
        success: &str,
        usual: VecDeque<Vec<(String, String, Option<String>)>>,
    ) -> Self {
        let mut steps: VecDeque<_> = (0..play.slow).map(|_| Vec::new()).collect();
        if play.events.is_empty() && play.ends.is_none() {
            steps.extend(usual);
        }
        steps.extend(play.events.iter().map(|line| {
            let mut words = line.splitn(3, ' ').map(str::to_owned);
            let mut word = || words.next();
            vec![(
                word().unwrap_or_default(),
                word().unwrap_or_default(),
                word(),
            )]
        }));
        Self {
            token: token.to_owned(),
            steps,
            ends: play.ends.clone().unwrap_or_else(|| success.to_owned()),
            reason: play.reason.clone(),
            after: None,
        }
    }
}

impl ChangeSet {
    /// Every change begins in one step and is complete in the next.
    fn steps(&self) -> VecDeque<Vec<(String, String, Option<String>)>> {
        let of = |state: &str| {
            self.changes
                .iter()
                .map(|change| {
                    let verb = match change.action {
                        "Add" => "CREATE",
                        "Remove" => "DELETE",
                        _ => "UPDATE",
                    };
                    (change.id.clone(), format!("{verb}_{state}"), None)
                })
                .collect()
        };
        [of("IN_PROGRESS"), of("COMPLETE")].into()
    }
}
