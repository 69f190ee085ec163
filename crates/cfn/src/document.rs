//! Policy documents, and those that stand on a resource and say who may come in.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use crate::justified::{Justified, Scope, Wildcards};
use crate::val::Val;

/// When a statement holds: operator → context key → value.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Conditions(BTreeMap<&'static str, BTreeMap<&'static str, Operand>>);

/// What a context key is compared with.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(untagged)]
enum Operand {
    Text(Val<String>),
    Flag(bool),
}

impl Conditions {
    /// Holds always.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Holds when `key` compares with `value` by `operator`, and whatever was asked before holds too.
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

    /// A JSON `false`: some policy tools do not take `"false"` for it.
    fn without_tls() -> Self {
        Self(BTreeMap::from([(
            "Bool",
            BTreeMap::from([("aws:SecureTransport", Operand::Flag(false))]),
        )]))
    }
}

/// Who is let in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Principal {
    /// An AWS service, such as `s3.amazonaws.com`.
    Service(Val<String>),
    /// The account itself: its IAM policies decide further.
    Account,
    /// Everyone: the statement's conditions decide.
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

/// The policy of a bucket, a queue or a key: who may do what with it.
#[derive(Clone, Debug, Default)]
pub struct ResourcePolicy {
    statements: Vec<Value>,
    wildcards: Wildcards,
}

impl ResourcePolicy {
    /// Lets nobody in yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets `principal` do `actions` on `scope` while `conditions` hold.
    ///
    /// # Panics
    ///
    /// When an action is spelled with a `*`.
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

    /// Refuses whoever comes without TLS, whatever else lets them in. `actions` is the service's prefix and `*`.
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

    /// Gives the account every right on its own key, so that IAM policies decide and nobody can be locked out.
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

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// The wildcards in it, with their reasons.
    pub(crate) fn wildcards(&self) -> Wildcards {
        self.wildcards.clone()
    }

    pub(crate) fn to_json(&self) -> Value {
        document(&self.statements)
    }
}

/// A policy document of these statements.
pub(crate) fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// # Panics
///
/// When an action is spelled with a `*`: which actions match changes whenever AWS adds one.
pub(crate) fn refuse_wide_actions(actions: &[&str]) {
    let wide = actions.iter().find(|action| action.contains('*'));
    assert!(
        wide.is_none(),
        "`{}` is a pattern: name the actions",
        wide.unwrap_or(&"")
    );
}
