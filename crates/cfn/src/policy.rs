//! IAM policies of roles.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::document::{Conditions, document, refuse_wide_actions};
use crate::justified::{Scope, Wildcards};
use crate::val::Val;

/// The actions and conditions of a statement. Statements that agree in both are merged into one with several
/// resources.
type Allowance = (BTreeSet<&'static str>, Conditions);

/// The permissions of a role, collected from grants.
///
/// Adding the same grant twice changes nothing, and the order of grants does not affect the template.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    statements: BTreeMap<Allowance, BTreeSet<Val<String>>>,
    wildcards: Wildcards,
}

impl Policy {
    /// Returns an empty policy, which allows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows `actions` on `scope`.
    ///
    /// # Panics
    ///
    /// Panics if an action contains `*`.
    pub fn allow(&mut self, actions: &'static [&'static str], scope: impl Into<Scope>) {
        self.allow_when(actions, scope, Conditions::none());
    }

    /// Allows `actions` on `scope` while `conditions` hold.
    ///
    /// # Panics
    ///
    /// Panics if an action contains `*`.
    pub fn allow_when(
        &mut self,
        actions: &'static [&'static str],
        scope: impl Into<Scope>,
        conditions: Conditions,
    ) {
        refuse_wide_actions(actions);
        let scope = scope.into();
        scope.note(&mut self.wildcards);
        let allowance = (actions.iter().copied().collect(), conditions);
        self.statements
            .entry(allowance)
            .or_default()
            .insert(scope.pattern);
    }

    pub(crate) fn wildcards(&self) -> Wildcards {
        self.wildcards.clone()
    }

    pub(crate) fn to_json(&self) -> Value {
        let statements: Vec<_> = self
            .statements
            .iter()
            .map(|(allowance, resources)| {
                let needed = resources
                    .iter()
                    .filter(|it| !self.is_covered(allowance, it));
                (allowance, needed.collect::<Vec<_>>())
            })
            .filter(|(_, resources)| !resources.is_empty())
            .map(|((actions, conditions), resources)| {
                let mut statement =
                    json!({"Effect": "Allow", "Action": actions, "Resource": resources});
                if *conditions != Conditions::none() {
                    statement["Condition"] = json!(conditions);
                }
                statement
            })
            .collect();
        document(&statements)
    }

    /// Returns whether another statement with the same conditions allows these actions on `resource`, and more.
    fn is_covered(&self, (actions, conditions): &Allowance, resource: &Val<String>) -> bool {
        self.statements.iter().any(|((others, when), resources)| {
            when == conditions
                && others.len() > actions.len()
                && others.is_superset(actions)
                && resources.contains(resource)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::justified::Justified;
    use crate::val::Arn;

    /// A resource type for these tests.
    enum Thing {}

    fn arn(name: &'static str) -> Arn<Thing> {
        Arn::literal(name)
    }

    #[test]
    fn the_same_actions_on_two_resources_are_one_statement() {
        let mut policy = Policy::new();
        policy.allow(&["a:Put", "a:Get"], &arn("two"));
        policy.allow(&["a:Get", "a:Put"], &arn("one"));
        policy.allow(&["a:Get", "a:Put"], &arn("one"));
        assert_eq!(
            policy.to_json()["Statement"],
            json!([{"Effect": "Allow", "Action": ["a:Get", "a:Put"], "Resource": ["one", "two"]}])
        );
    }

    #[test]
    fn actions_that_a_wider_statement_allows_are_not_repeated() {
        let mut policy = Policy::new();
        policy.allow(&["a:Get"], &arn("one"));
        policy.allow(&["a:Get"], &arn("two"));
        policy.allow(&["a:Get", "a:Put"], &arn("one"));
        assert_eq!(
            policy.to_json()["Statement"],
            json!([
                {"Effect": "Allow", "Action": ["a:Get"], "Resource": ["two"]},
                {"Effect": "Allow", "Action": ["a:Get", "a:Put"], "Resource": ["one"]},
            ])
        );
    }

    #[test]
    fn a_condition_keeps_statements_apart() {
        let mut policy = Policy::new();
        policy.allow(&["a:Get"], &arn("one"));
        policy.allow_when(
            &["a:Get"],
            &arn("two"),
            Conditions::none().when("StringEquals", "aws:userid", "me"),
        );
        assert_eq!(policy.to_json()["Statement"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_pattern_is_noted_with_its_reason() {
        let mut policy = Policy::new();
        policy.allow(
            &["a:Get"],
            Scope::wide(
                "arn:x/*".into(),
                Justified::because("names are made at run time"),
            ),
        );
        assert_eq!(
            policy.wildcards()["arn:x/*"],
            [Justified::because("names are made at run time")].into()
        );
    }

    #[test]
    fn two_reasons_for_one_pattern_are_both_noted() {
        let mut policy = Policy::new();
        for why in ["the first of two reasons", "the second of two reasons"] {
            policy.allow(&["a:Get"], Scope::wide("*".into(), Justified::because(why)));
        }
        assert_eq!(policy.wildcards()["*"].len(), 2);
    }

    #[test]
    #[should_panic(expected = "ARN `arn:x/*` contains `*`")]
    fn a_pattern_without_a_reason_is_refused() {
        Policy::new().allow(&["a:Get"], &arn("arn:x/*"));
    }

    #[test]
    #[should_panic(expected = "action `a:Get*` contains `*`")]
    fn an_action_with_a_star_is_refused() {
        Policy::new().allow(&["a:Get*"], &arn("arn:x"));
    }

    #[test]
    #[should_panic(expected = "a reason of at least ten characters")]
    fn an_empty_reason_is_refused() {
        let _ = Justified::because("");
    }
}
