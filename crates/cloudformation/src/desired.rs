//! The desired state of a stack, and its token.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::Stack;
use aws_smithy_types::DateTime;
use cfn::Template;
use sha2::{Digest, Sha256};

/// The desired state of a stack.
#[derive(Clone, Copy, Debug)]
pub struct DesiredStack<'a> {
    /// The name of the stack.
    pub stack: &'a str,
    pub template: &'a Template,
    /// The values of the template's parameters.
    pub parameters: &'a BTreeMap<String, String>,
    /// The tags of the stack.
    pub tags: &'a BTreeMap<String, String>,
    /// Whether the stack gets termination protection.
    pub protect: bool,
}

impl DesiredStack<'_> {
    /// Returns a hash of the desired state, with which its token begins.
    #[must_use]
    pub fn content(&self) -> String {
        let mut sha = Sha256::new();
        for text in [self.stack, &self.template.to_json()] {
            sha.update(text);
            sha.update([0]);
        }
        for (key, value) in self.parameters.iter().chain(self.tags) {
            sha.update(key);
            sha.update([0]);
            sha.update(value);
            sha.update([0]);
        }
        format!("deploy-{}", digits(sha))
    }

    /// Returns the name of the change set and the token of the operation. An interrupted command finds its own again.
    /// The same desired state has another token after a rollback, or after the stack was created again.
    pub(crate) fn token(&self, before: Option<&Stack>) -> String {
        let mut sha = Sha256::new();
        if let Some(stack) = before {
            sha.update(stack.stack_id().unwrap_or_default());
            let changed = stack.last_updated_time().or(stack.creation_time());
            sha.update(changed.map_or(0, DateTime::as_nanos).to_be_bytes());
        }
        format!("{}-{}", self.content(), digits(sha))
    }
}

/// Returns the first 16 hexadecimal digits of a hash.
fn digits(sha: Sha256) -> String {
    hex::encode(&sha.finalize()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_desired_state_has_the_same_token_and_every_part_of_it_counts() {
        let (none, one) = (
            BTreeMap::new(),
            BTreeMap::from([("a".to_owned(), "b".to_owned())]),
        );
        let (template, other) = (Template::new("t"), Template::new("u"));
        let desired = |stack, template, parameters| DesiredStack {
            stack,
            template,
            parameters,
            tags: &none,
            protect: false,
        };
        let token = desired("s", &template, &none).token(None);
        assert_eq!(desired("s", &template, &none).token(None), token);
        assert!(token.len() <= 128 && token.starts_with("deploy-"));
        for changed in [
            desired("s", &other, &none),
            desired("r", &template, &none),
            desired("s", &template, &one),
        ] {
            assert_ne!(changed.token(None), token);
            assert_ne!(changed.content(), desired("s", &template, &none).content());
        }
        let valued = BTreeMap::from([("a".to_owned(), "c".to_owned())]);
        assert_eq!(
            desired("s", &template, &one).content(),
            desired("s", &template, &one).content()
        );
        assert_ne!(
            desired("s", &template, &one).content(),
            desired("s", &template, &valued).content()
        );
    }

    #[test]
    fn after_a_rollback_the_same_desired_state_is_another_operation() {
        let (none, template) = (BTreeMap::new(), Template::new("t"));
        let desired = DesiredStack {
            stack: "s",
            template: &template,
            parameters: &none,
            tags: &none,
            protect: false,
        };
        let at = |seconds| {
            Stack::builder()
                .stack_id("arn:s")
                .last_updated_time(DateTime::from_secs(seconds))
                .build()
        };
        assert_eq!(desired.token(Some(&at(1))), desired.token(Some(&at(1))));
        assert_ne!(desired.token(Some(&at(1))), desired.token(Some(&at(2))));
        assert_ne!(desired.token(Some(&at(1))), desired.token(None));
        assert!(desired.token(Some(&at(1))).starts_with(&desired.content()));
    }
}
