//! Missing permissions, read from IAM's error text.

use super::Explanation;

/// Explains a missing permission; `None` if the text is about something else.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
pub(super) fn explain(words: &str) -> Option<Explanation> {
    let action = after(
        words,
        &["not authorized to perform: ", "not authorized to perform "],
    )
    .filter(|action| action.contains(':'))?;
    let who = after(words, &["User: ", "user: "]).unwrap_or("the deployer");
    let on = after(words, &["on resource: ", "on the resource: "])
        .map_or_else(String::new, |resource| format!(" on `{resource}`"));
    let advice = if words.contains("explicit deny") {
        "a policy denies it explicitly (a permissions boundary or a policy of the organisation): ask the owner of that policy"
    } else if action == "iam:PassRole" {
        "allow the deployer to pass the roles of the environment: `stack permissions` prints the complete policy"
    } else {
        "give the deployer this permission: `stack permissions` prints the complete policy"
    };
    Some(Explanation {
        cause: format!("`{who}` is not allowed to call `{action}`{on}"),
        advice: advice.to_owned(),
    })
}

/// Returns the word after the first of `marks` that occurs.
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
    fn an_explicit_deny_is_not_fixed_by_a_permission() {
        let words = "User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: s3:CreateBucket on resource: \"arn:aws:s3:::b\" with an explicit deny in a service control policy";
        let explained = explain(words).unwrap();
        assert!(
            explained
                .cause
                .ends_with("is not allowed to call `s3:CreateBucket` on `arn:aws:s3:::b`")
        );
        assert!(explained.advice.contains("denies it explicitly"));
    }

    #[test]
    fn a_permission_without_a_resource_is_named_and_other_texts_are_ignored() {
        let words = "User: ada is not authorized to perform: ec2:CreateVpc";
        assert_eq!(
            explain(words).unwrap().cause,
            "`ada` is not allowed to call `ec2:CreateVpc`"
        );
        assert_eq!(explain("Rate exceeded"), None);
        assert_eq!(
            explain("You are not authorized to perform this operation."),
            None
        );
    }
}
