//! Permissions that are missing, as IAM words them.

use super::Explanation;

/// Explains a missing permission; `None` when the words are about something else.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
pub(super) fn explain(words: &str) -> Option<Explanation> {
    let action = after(
        words,
        &["not authorized to perform: ", "not authorized to perform "],
    )
    .filter(|action| action.contains(':'))?;
    let who = after(words, &["User: ", "user: "]).unwrap_or("whoever deploys");
    let on = after(words, &["on resource: ", "on the resource: "])
        .map_or_else(String::new, |resource| format!(" on `{resource}`"));
    let advice = if words.contains("explicit deny") {
        "a policy denies it explicitly (a permissions boundary or the organisation's): ask who owns that policy"
    } else if action == "iam:PassRole" {
        "let whoever deploys pass the roles of the environment: `stack permissions` prints the whole policy"
    } else {
        "give whoever deploys this permission: `stack permissions` prints the whole policy"
    };
    Some(Explanation {
        cause: format!("`{who}` may not `{action}`{on}"),
        advice: advice.to_owned(),
    })
}

/// The word after the first of `marks` that is there.
fn after<'a>(words: &'a str, marks: &[&str]) -> Option<&'a str> {
    let rest = marks
        .iter()
        .find_map(|mark| words.split_once(mark).map(|(_, rest)| rest))?;
    let word = rest.split_whitespace().next()?;
    Some(word.trim_matches(['"', '\'', ',', '.', ')']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explicit_deny_is_not_mended_by_a_permission() {
        let words = "User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: s3:CreateBucket on resource: \"arn:aws:s3:::b\" with an explicit deny in a service control policy";
        let explained = explain(words).unwrap();
        assert!(
            explained
                .cause
                .ends_with("may not `s3:CreateBucket` on `arn:aws:s3:::b`")
        );
        assert!(explained.advice.contains("denies it explicitly"));
    }

    #[test]
    fn a_permission_without_a_resource_is_named_and_other_words_are_none() {
        let words = "User: ada is not authorized to perform: ec2:CreateVpc";
        assert_eq!(
            explain(words).unwrap().cause,
            "`ada` may not `ec2:CreateVpc`"
        );
        assert_eq!(explain("Rate exceeded"), None);
        assert_eq!(
            explain("You are not authorized to perform this operation."),
            None
        );
    }
}
