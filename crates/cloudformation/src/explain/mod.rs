//! Explains AWS errors and what to do about them, from their texts alone.

mod known;
mod permission;

use known::{KNOWN, Known};

/// An explained error.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Explanation {
    /// The cause, on one line.
    pub(crate) cause: String,
    pub(crate) advice: String,
}

/// The advice for an error that is not in the table.
const UNKNOWN: &str = "correct what the error names, then run the same command again; it continues from the current state";

/// Explains the error text `words` with the error code `code` (empty if there is none) about a resource of
/// type `kind`.
pub(crate) fn explain(code: &str, words: &str, kind: &str) -> Explanation {
    if let Some(explanation) = permission::explain(words) {
        return explanation;
    }
    let text = format!("{code} {words}").to_lowercase();
    let fits = |known: &&Known| {
        kind.starts_with(known.kind) && known.words.iter().any(|words| text.contains(words))
    };
    KNOWN.iter().find(fits).map_or_else(
        || Explanation {
            cause: plain(code, words),
            advice: UNKNOWN.to_owned(),
        },
        |known| Explanation {
            cause: known.cause.to_owned(),
            advice: known.advice.to_owned(),
        },
    )
}

/// Removes what CloudFormation adds around the text: `Resource handler returned message: "…" (RequestToken:
/// …)`.
fn plain(code: &str, words: &str) -> String {
    let words = words
        .split_once("returned message: \"")
        .map_or(words, |(_, rest)| rest);
    let end = [" (RequestToken:", " (Service:", "\" (RequestToken", "\n"]
        .iter()
        .filter_map(|mark| words.find(mark))
        .min()
        .unwrap_or(words.len());
    let words = words[..end].trim_matches(['"', ' ', '.']);
    match (code, words) {
        ("", "") => "no reason was given".to_owned(),
        ("", words) => words.to_owned(),
        (code, "") => code.to_owned(),
        (code, words) => format!("{code}: {words}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_permission_is_read_from_the_text_of_aws() {
        let explained = explain(
            "AccessDenied",
            "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: kinesis:CreateStream on resource: arn:aws:kinesis:eu-west-1:123456789012:stream/riverhouse-dev-events because no identity-based policy allows the kinesis:CreateStream action",
            "AWS::Kinesis::Stream",
        );
        assert_eq!(
            explained.cause,
            "`arn:aws:iam::123456789012:user/ada` is not allowed to call `kinesis:CreateStream` on `arn:aws:kinesis:eu-west-1:123456789012:stream/riverhouse-dev-events`"
        );
        assert!(explained.advice.contains("stack permissions"));
    }

    #[test]
    fn the_wrapper_of_cloudformation_is_removed() {
        let words = "Resource handler returned message: \"Something odd happened. (Service: Kinesis, Status Code: 400, Request ID: 1)\" (RequestToken: 2, HandlerErrorCode: GeneralServiceException)";
        assert_eq!(explain("", words, "").cause, "Something odd happened");
        assert_eq!(explain("", "", "").cause, "no reason was given");
    }

    #[test]
    fn the_same_text_has_another_meaning_for_another_resource_type() {
        let words = "riverhouse-dev-raw already exists";
        assert!(
            explain("", words, "AWS::S3::Bucket")
                .cause
                .contains("bucket")
        );
        assert!(
            !explain("", words, "AWS::SQS::Queue")
                .cause
                .contains("bucket")
        );
    }

    #[test]
    fn every_entry_of_the_table_is_reached_by_its_own_text() {
        for known in KNOWN {
            for words in known.words {
                assert_eq!(
                    *words,
                    words.to_lowercase(),
                    "words are compared in lower case"
                );
                assert_eq!(explain("", words, known.kind).cause, known.cause, "{words}");
            }
        }
    }
}
