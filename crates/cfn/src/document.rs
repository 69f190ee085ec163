//! Policy documents, and resource policies: the policies of buckets, queues, topics and keys.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use crate::justified::{Justified, Scope, Wildcards};
use crate::val::Val;

/// Conditions of a statement: operator → context key → value.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Conditions(BTreeMap<&'static str, BTreeMap<&'static str, Operand>>);

/// The value that a context key is compared with.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(untagged)]
enum Operand {
    Text(Val<String>),
    Flag(bool),
}

impl Conditions {
    /// No conditions: the statement always applies.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a condition: `key` compared with `value` by `operator`. All conditions must hold.
    #[must_use]
    pub fn when(
        mut self,
        operator: &'static str,
        key: &'static str,
        value: impl Into<Val<String>>,
    ) -> Self {
        self.0
            .entry(operator)
            .or_default()
            .insert(key, Operand::Text(value.into()));
        self
    }

    /// Uses a JSON `false`, because some policy tools do not accept the string `"false"`.
    fn without_tls() -> Self {
        Self(BTreeMap::from([(
            "Bool",
            BTreeMap::from([("aws:SecureTransport", Operand::Flag(false))]),
        )]))
    }
}

/// The principal of a statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Principal {
    /// An AWS service, such as `s3.amazonaws.com`.
    Service(Val<String>),
    /// The account itself; its IAM policies restrict access further.
    Account,
    /// Everyone, restricted only by the conditions of the statement.
    Anyone,
}

impl Principal {
    fn to_json(&self) -> Value {
        match self {
            Self::Service(host) => json!({"Service": host}),
            Self::Account => {
                let root = crate::text![
                    "arn:",
                    crate::partition(),
                    ":iam::",
                    crate::account_id(),
                    ":root"
                ];
                json!({"AWS": root})
            }
            Self::Anyone => json!("*"),
        }
    }
}

/// The resource policy of a bucket, queue, topic or key.
#[derive(Clone, Debug, Default)]
pub struct ResourcePolicy {
    statements: Vec<Value>,
    wildcards: Wildcards,
}

impl ResourcePolicy {
    /// Returns an empty policy, which allows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows `principal` to call `actions` on `scope` while `conditions` hold.
    ///
    /// # Panics
    ///
    /// Panics if an action contains `*`.
    pub fn allow(
        &mut self,
        sid: &'static str,
        principal: &Principal,
        actions: &'static [&'static str],
        scope: impl Into<Scope>,
        conditions: &Conditions,
    ) {
        refuse_wide_actions(actions);
        let scope = scope.into();
        let mut statement = json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": principal.to_json(),
            "Action": actions.iter().collect::<BTreeSet<_>>(),
            "Resource": scope.pattern,
        });
        if *conditions != Conditions::none() {
            statement["Condition"] = json!(conditions);
        }
        scope.note(&mut self.wildcards);
        self.statements.push(statement);
    }

    /// Denies every request without TLS, whatever another statement allows. `actions` is the service's prefix
    /// and `*`, such as `s3:*`.
    pub fn require_tls(&mut self, actions: &'static str, resources: &[Val<String>]) {
        self.statements.push(json!({
            "Sid": "RequireTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": actions,
            "Resource": resources,
            "Condition": Conditions::without_tls(),
        }));
    }

    /// Gives the account every right on its own key, so that IAM policies decide and no administrator can be
    /// locked out.
    pub(crate) fn trust_account(&mut self, actions: &'static str, why: Justified) {
        let scope = Scope::wide("*".into(), why);
        scope.note(&mut self.wildcards);
        self.statements.push(json!({
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": Principal::Account.to_json(),
            "Action": actions,
            "Resource": scope.pattern,
        }));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Returns the wildcards in the policy, with their reasons.
    pub(crate) fn wildcards(&self) -> Wildcards {
        self.wildcards.clone()
    }

    pub(crate) fn to_json(&self) -> Value {
        document(&self.statements)
    }
}

pub(crate) fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// # Panics
///
/// Panics if an action contains `*`: the set of matching actions changes whenever AWS adds one.
pub(crate) fn refuse_wide_actions(actions: &[&str]) {
    let wide = actions.iter().find(|action| action.contains('*'));
    assert!(
        wide.is_none(),
        "action `{}` contains `*`: list the exact actions",
        wide.unwrap_or(&"")
    );
}
