//! Interprets the API's response to a request.

use std::error::Error;
use std::time::Duration;

use serde::Deserialize;

use crate::api::Answer;

/// What to do after a response.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Every event was accepted or rejected.
    Done(Settled),
    /// Some events were not accepted, and must be retried.
    Retry {
        /// Result of the other events.
        settled: Settled,
        /// Events to retry.
        again: Retry,
    },
    /// The run must stop: every further request would fail too.
    Stop(StopError),
}

/// Events of a request that must be retried.
#[derive(Debug)]
pub(crate) struct Retry {
    /// Indexes of the events in the request.
    pub indexes: Vec<usize>,
    /// Minimum wait, from the API's `Retry-After`.
    pub after: Option<Duration>,
    /// Why the events were not accepted.
    pub why: Box<dyn Error + Send + Sync>,
}

impl Retry {
    /// Retries all `events` events of a request.
    pub(crate) fn all(events: usize, why: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            indexes: (0..events).collect(),
            after: None,
            why: why.into(),
        }
    }
}

/// The API is throttled or temporarily unavailable.
#[derive(Debug, thiserror::Error)]
#[error("the API answered {0}")]
struct Busy(String);

/// Events with a final result.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Settled {
    /// Number of events on the stream.
    pub accepted: u64,
    /// Events that are invalid.
    pub rejected: Vec<Rejected>,
    /// Fields that the API ignored.
    pub unknown_fields: Vec<String>,
}

/// An event that the API rejected as invalid.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct Rejected {
    /// Index of the event in the request.
    pub index: usize,
    /// Name of the invalid field.
    pub field: String,
    /// Reason code, for programs.
    pub reason: String,
    /// Explanation, for people.
    #[serde(default)]
    pub detail: String,
}

/// A response that ends the run.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StopError {
    /// Status 401 or 403.
    #[error(
        "the API refused the request ({status}): {detail}; the credentials must allow execute-api:Invoke on the \
         API, or the API key is wrong"
    )]
    Forbidden {
        status: u16,
        /// The API's message.
        detail: String,
    },
    /// Another status that a retry would not change.
    #[error(
        "the API answered {status}: {detail}; if another version deployed the environment, run `stack deploy`"
    )]
    Unexpected {
        status: u16,
        /// The API's message.
        detail: String,
    },
}

/// The API's response to `POST /events`.
#[derive(Debug, Deserialize)]
struct Outcome {
    accepted: u64,
    #[serde(default)]
    rejected: Vec<Rejected>,
    #[serde(default)]
    refused: Vec<usize>,
    #[serde(default)]
    unknown_fields: Vec<String>,
}

/// Returns what to do after `answer` to a request of `events` events.
#[must_use]
pub(crate) fn decide(answer: &Answer, events: usize) -> Verdict {
    let status = answer.status;
    let outcome = serde_json::from_slice::<Outcome>(&answer.body).ok();
    let outcome = outcome.filter(|outcome| covers(outcome, events));
    match (status, outcome) {
        (200..=299 | 400, Some(outcome)) if outcome.refused.is_empty() => {
            Verdict::Done(Settled::from(outcome))
        }
        (503, Some(mut outcome)) if !outcome.refused.is_empty() => {
            let again = Retry {
                indexes: std::mem::take(&mut outcome.refused),
                after: answer.retry_after,
                why: Busy("503: the stream is busy".to_owned()).into(),
            };
            Verdict::Retry {
                settled: outcome.into(),
                again,
            }
        }
        // API Gateway answers 500 when the function fails or is throttled.
        (429 | 500 | 502 | 503 | 504, _) => {
            let busy = Busy(format!("{status}: {}", answer.detail()));
            Verdict::Retry {
                settled: Settled::default(),
                again: Retry {
                    after: answer.retry_after,
                    ..Retry::all(events, busy)
                },
            }
        }
        (401 | 403, _) => Verdict::Stop(StopError::Forbidden {
            status,
            detail: answer.detail(),
        }),
        _ => Verdict::Stop(StopError::Unexpected {
            status,
            detail: answer.detail(),
        }),
    }
}

impl From<Outcome> for Settled {
    fn from(outcome: Outcome) -> Self {
        Self {
            accepted: outcome.accepted,
            rejected: outcome.rejected,
            unknown_fields: outcome.unknown_fields,
        }
    }
}

/// Returns whether the outcome covers each event of the request. Otherwise it is not a response to this request.
fn covers(outcome: &Outcome, events: usize) -> bool {
    let rejected = outcome.rejected.iter().map(|rejected| rejected.index);
    let total = outcome.accepted + (outcome.rejected.len() + outcome.refused.len()) as u64;
    total == events as u64
        && rejected
            .chain(outcome.refused.iter().copied())
            .all(|i| i < events)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            retry_after: Some(Duration::from_secs(1)),
            body: body.into(),
        }
    }

    fn rejected(index: usize) -> Rejected {
        Rejected {
            index,
            field: "Quantity".to_owned(),
            reason: "missing".to_owned(),
            detail: String::new(),
        }
    }

    fn done(answer: &Answer, events: usize) -> Settled {
        match decide(answer, events) {
            Verdict::Done(settled) => settled,
            other => panic!("{other:?}"),
        }
    }

    fn again(answer: &Answer, events: usize) -> (Settled, Retry) {
        match decide(answer, events) {
            Verdict::Retry { settled, again } => (settled, again),
            other => panic!("{other:?}"),
        }
    }

    const REJECTED: &str = r#"{"index":1,"field":"Quantity","reason":"missing"}"#;

    #[test]
    fn accepted_and_rejected_events_are_done_with() {
        let body = format!(
            r#"{{"request_id":"r","accepted":2,"rejected":[{REJECTED}],"unknown_fields":["till"]}}"#
        );
        assert_eq!(
            done(&answer(202, &body), 3),
            Settled {
                accepted: 2,
                rejected: vec![rejected(1)],
                unknown_fields: vec!["till".to_owned()],
            }
        );
        let none = format!(
            r#"{{"accepted":0,"rejected":[{}]}}"#,
            REJECTED.replace("1,", "0,")
        );
        assert_eq!(
            done(&answer(400, &none), 1),
            Settled {
                accepted: 0,
                rejected: vec![rejected(0)],
                ..Settled::default()
            }
        );
    }

    #[test]
    fn only_the_named_events_of_a_busy_stream_are_sent_again() {
        let body = format!(r#"{{"accepted":1,"rejected":[{REJECTED}],"refused":[0,3]}}"#);
        let (settled, again) = again(&answer(503, &body), 4);
        assert_eq!(
            settled,
            Settled {
                accepted: 1,
                rejected: vec![rejected(1)],
                ..Settled::default()
            }
        );
        assert_eq!(again.indexes, [0, 3]);
        assert_eq!(again.after, Some(Duration::from_secs(1)));
    }

    #[test]
    fn all_events_of_a_request_that_broke_are_sent_again() {
        for (status, body) in [
            (429, r#"{"message":"Too Many Requests"}"#),
            (500, r#"{"message":"Internal server error"}"#),
            (502, ""),
            (503, r#"{"reason":"unavailable","detail":"later"}"#),
            (503, r#"{"accepted":1,"refused":[0]}"#),
            (504, "<html>"),
        ] {
            let (settled, again) = again(&answer(status, body), 3);
            assert_eq!(
                (settled, again.indexes),
                (Settled::default(), vec![0, 1, 2])
            );
        }
    }

    #[test]
    fn what_sending_again_does_not_cure_ends_the_run_with_the_api_s_own_words() {
        let said = [
            (403, r#"{"message":"Missing Authentication Token"}"#),
            (401, ""),
            (400, r#"{"reason":"not_json","detail":"line 1"}"#),
            (404, r#"{"message":"Not Found"}"#),
            (
                413,
                r#"{"reason":"body_too_large","detail":"the body has 5 bytes"}"#,
            ),
            (202, "<html>a proxy's page</html>"),
            (202, r#"{"accepted":2,"rejected":[]}"#),
        ]
        .map(|(status, body)| match decide(&answer(status, body), 3) {
            Verdict::Stop(error) => error.to_string(),
            other => panic!("{other:?}"),
        });
        insta::assert_snapshot!(said.join("\n"), @"
        the API refused the request (403): Missing Authentication Token; the credentials must allow execute-api:Invoke on the API, or the API key is wrong
        the API refused the request (401): no reason given; the credentials must allow execute-api:Invoke on the API, or the API key is wrong
        the API answered 400: line 1; if another version deployed the environment, run `stack deploy`
        the API answered 404: Not Found; if another version deployed the environment, run `stack deploy`
        the API answered 413: the body has 5 bytes; if another version deployed the environment, run `stack deploy`
        the API answered 202: <html>a proxy's page</html>; if another version deployed the environment, run `stack deploy`
        the API answered 202: {\"accepted\":2,\"rejected\":[]}; if another version deployed the environment, run `stack deploy`
        ");
    }
}
