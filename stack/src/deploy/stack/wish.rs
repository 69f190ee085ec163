//! What is wanted of a stack, and the name of the wish.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::Stack;
use aws_smithy_types::DateTime;
use cfn::Template;
use sha2::{Digest, Sha256};

/// What is wanted of one stack.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// Its name.
    pub stack: &'a str,
    /// What is to be in it.
    pub template: &'a Template,
    /// The values of the template's parameters.
    pub parameters: &'a BTreeMap<String, String>,
    /// Tags of the stack.
    pub tags: &'a BTreeMap<String, String>,
    /// Whether it is protected from deletion once it is there.
    pub protect: bool,
}

impl Wish<'_> {
    /// The part of tokens that says what is wanted: the same for the same wish, whatever is there.
    pub(crate) fn content(&self) -> String {
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
        format!("deploy-{}", hex(sha))
    }

    /// A name of the wish for the stack as it is: of its change set, and of its operation. A command that was cut off
    /// finds its own; the same wish after a rollback, or for a stack that was made anew, is another one.
    pub(super) fn token(&self, before: Option<&Stack>) -> String {
        let mut sha = Sha256::new();
        if let Some(stack) = before {
            sha.update(stack.stack_id().unwrap_or_default());
            let changed = stack.last_updated_time().or(stack.creation_time());
            sha.update(changed.map_or(0, DateTime::as_nanos).to_be_bytes());
        }
        format!("{}-{}", self.content(), hex(sha))
    }
}

/// 16 hexadecimal digits of a hash.
fn hex(sha: Sha256) -> String {
    let digest = sha.finalize();
    let first = digest.iter().take(8);
    let number = first.fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{number:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_wish_has_the_same_name_and_every_part_of_it_counts() {
        let (none, one) = (
            BTreeMap::new(),
            BTreeMap::from([("a".to_owned(), "b".to_owned())]),
        );
        let (template, other) = (Template::new("t"), Template::new("u"));
        let wish = |stack, template, parameters| Wish {
            stack,
            template,
            parameters,
            tags: &none,
            protect: false,
        };
        let token = wish("s", &template, &none).token(None);
        assert_eq!(wish("s", &template, &none).token(None), token);
        assert!(token.len() <= 128 && token.starts_with("deploy-"));
        for changed in [
            wish("s", &other, &none),
            wish("r", &template, &none),
            wish("s", &template, &one),
        ] {
            assert_ne!(changed.token(None), token);
            assert_ne!(changed.content(), wish("s", &template, &none).content());
        }
        let valued = BTreeMap::from([("a".to_owned(), "c".to_owned())]);
        assert_eq!(
            wish("s", &template, &one).content(),
            wish("s", &template, &one).content()
        );
        assert_ne!(
            wish("s", &template, &one).content(),
            wish("s", &template, &valued).content()
        );
    }

    #[test]
    fn after_a_rollback_the_same_wish_is_another_operation() {
        let (none, template) = (BTreeMap::new(), Template::new("t"));
        let wish = Wish {
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
        assert_eq!(wish.token(Some(&at(1))), wish.token(Some(&at(1))));
        assert_ne!(wish.token(Some(&at(1))), wish.token(Some(&at(2))));
        assert_ne!(wish.token(Some(&at(1))), wish.token(None));
        assert!(wish.token(Some(&at(1))).starts_with(&wish.content()));
    }
}
