//! Tests against a loopback server with scripted responses.

use std::collections::VecDeque;
use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::json;

use super::*;
use crate::api::{ApiError, ApiKey, Auth, connector};
use crate::{Limits, Source};

/// Ignores the progress.
struct Silent;

impl Observer for Silent {
    fn progress(&mut self, _position: u64, _text: impl FnOnce() -> String) {}

    fn note(&mut self, _line: &str) {}
}

/// A request that the server received.
struct Seen {
    ids: Vec<String>,
    headers: HeaderMap,
    from: SocketAddr,
}

/// Status, and indexes of the events that are not accepted: with 503 they are to be retried, otherwise rejected.
type Scripted = (u16, Vec<usize>);

/// Answers requests by a script, and all requests after its end with 202.
#[derive(Clone, Default)]
struct Server {
    script: Arc<Mutex<VecDeque<Scripted>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    fn new(script: &[(u16, &[usize])]) -> Self {
        let script = script
            .iter()
            .map(|(status, places)| (*status, places.to_vec()))
            .collect();
        Self {
            script: Arc::new(Mutex::new(script)),
            ..Self::default()
        }
    }

    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/prod/events", post(take))
            .with_state(self.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        format!("http://{address}/prod/")
    }

    fn ids(&self) -> Vec<Vec<String>> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .map(|seen| seen.ids.clone())
            .collect()
    }
}

async fn take(
    State(server): State<Server>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let events: Vec<serde_json::Value> = serde_json::from_slice(&body).unwrap();
    let ids = events
        .iter()
        .map(|event| event["EventId"].as_str().unwrap().to_owned())
        .collect();
    server
        .seen
        .lock()
        .unwrap()
        .push(Seen { ids, headers, from });
    let (status, places) = server
        .script
        .lock()
        .unwrap()
        .pop_front()
        .unwrap_or((202, vec![]));
    let rejected: Vec<_> = if status == 503 { &[][..] } else { &places[..] }
        .iter()
        .map(|index| json!({"index": index, "field": "Quantity", "reason": "missing", "detail": "no"}))
        .collect();
    let refused = if status == 503 { places } else { vec![] };
    let accepted = events.len() - rejected.len() - refused.len();
    let outcome = json!({"accepted": accepted, "rejected": rejected, "refused": refused});
    let body = if (401..=403).contains(&status) {
        json!({"message": "no"}).to_string()
    } else {
        outcome.to_string()
    };
    (StatusCode::from_u16(status).unwrap(), body)
}

fn iam() -> Auth {
    let credentials = Credentials::new("AKID", "secret", Some("token".to_owned()), None, "test");
    Auth::Iam {
        region: "us-east-1".to_owned(),
        credentials: SharedCredentialsProvider::new(credentials),
    }
}

const ONE_AT_A_TIME: Speed = Speed {
    concurrency: NonZeroUsize::MIN,
    rate: None,
};

async fn run(api: &Api, rows: u64, speed: Speed, until: impl Future<Output = ()>) -> Sent {
    let limits = Limits {
        events: 10,
        bytes: 1 << 20,
    };
    let batches = Batches::new(Source::synthetic(rows, 1), limits, None);
    let mut points = Checkpoints::none(crate::Checkpoint::default());
    send(api, batches, speed, &mut Silent, &mut points, until).await
}

async fn send_to(server: &Server, rows: u64) -> Sent {
    let api = Api::new(&server.start().await, iam(), connector());
    run(&api, rows, ONE_AT_A_TIME, std::future::pending()).await
}

fn all_ids(rows: u64) -> Vec<String> {
    let source = Source::synthetic(rows, 1);
    (1..=rows)
        .map(|number| source.prefix().id(number))
        .collect()
}

#[tokio::test]
async fn every_row_arrives_once_in_order_on_one_signed_connection() {
    let server = Server::default();
    let sent = send_to(&server, 95).await;
    assert_eq!((sent.ending, sent.tally.accepted), (Ending::Finished, 95));
    assert_eq!((sent.tally.retried, sent.read.rows), (0, 95));
    assert_eq!(server.ids().concat(), all_ids(95));
    assert_eq!(sent.tally.requests.len(), server.ids().len());
    let seen = server.seen.lock().unwrap();
    for request in seen.iter() {
        let header = |name: &str| request.headers[name].to_str().unwrap();
        assert!(header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKID/"));
        assert!(header("authorization").contains("/us-east-1/execute-api/aws4_request"));
        assert!(header("authorization").contains("content-type;host;x-amz-date"));
        assert_eq!(header("x-amz-security-token"), "token");
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(request.from, seen[0].from, "connections are reused");
    }
}

#[tokio::test]
async fn many_requests_at_once_lose_nothing() {
    let server = Server::new(&[(503, &[1, 2]), (202, &[]), (500, &[]), (429, &[])]);
    let api = Api::new(&server.start().await, iam(), connector());
    let speed = Speed {
        concurrency: NonZeroUsize::new(4).unwrap(),
        rate: None,
    };
    let sent = run(&api, 200, speed, std::future::pending()).await;
    assert_eq!((sent.ending, sent.tally.accepted), (Ending::Finished, 200));
    let mut ids = server.ids().concat();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids, all_ids(200));
}

#[tokio::test]
async fn only_the_events_that_did_not_get_in_are_sent_again() {
    let server = Server::new(&[(503, &[2, 7]), (503, &[1])]);
    let sent = send_to(&server, 10).await;
    let all = all_ids(10);
    let expected = [
        all.clone(),
        vec![all[2].clone(), all[7].clone()],
        vec![all[7].clone()],
    ];
    assert_eq!(server.ids(), expected);
    assert_eq!(
        (sent.ending, sent.tally.accepted, sent.tally.retried),
        (Ending::Finished, 10, 3)
    );
}

#[tokio::test]
async fn a_request_that_broke_is_sent_again_whole() {
    let server = Server::new(&[(502, &[]), (504, &[])]);
    let sent = send_to(&server, 10).await;
    assert_eq!(server.ids(), [all_ids(10), all_ids(10), all_ids(10)]);
    assert_eq!((sent.tally.accepted, sent.tally.retried), (10, 20));
}

#[tokio::test]
async fn rejected_events_are_told_with_their_row_and_do_not_stop_the_run() {
    let server = Server::new(&[(202, &[3]), (400, &[0, 1, 2, 3, 4])]);
    let sent = send_to(&server, 15).await;
    assert_eq!((sent.ending, sent.tally.accepted), (Ending::Finished, 9));
    let lines: Vec<_> = sent
        .tally
        .rejected
        .first
        .iter()
        .map(|row| row.line)
        .collect();
    assert_eq!(lines, [4, 11, 12, 13, 14, 15].map(Some));
    assert_eq!(sent.tally.rejected.first[0].detail, "no");
}

#[tokio::test]
async fn rejected_events_of_a_resent_part_are_told_with_their_own_row() {
    let server = Server::new(&[(503, &[4, 8]), (202, &[1])]);
    let sent = send_to(&server, 10).await;
    assert_eq!((sent.tally.accepted, sent.tally.rejected.count), (9, 1));
    assert_eq!(sent.tally.rejected.first[0].line, Some(9));
}

#[tokio::test]
async fn a_refusal_of_our_credentials_ends_the_run_at_once() {
    let server = Server::new(&[(202, &[]), (403, &[])]);
    let sent = send_to(&server, 100).await;
    assert_eq!((sent.ending, sent.tally.accepted), (Ending::Failed, 10));
    assert_eq!(server.ids().len(), 2);
    let error = sent.error.unwrap().to_string();
    assert!(
        error.starts_with("the API refused the request (403): no;"),
        "{error}"
    );
}

#[tokio::test]
async fn an_interrupted_run_tells_what_was_accepted_so_far() {
    let server = Server::default();
    let api = Api::new(&server.start().await, iam(), connector());
    let after_two = async {
        while server.seen.lock().unwrap().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    let sent = run(&api, 100_000, ONE_AT_A_TIME, after_two).await;
    assert_eq!(sent.ending, Ending::Interrupted);
    assert!(sent.error.is_none() && sent.tally.accepted < 100_000);
    assert!(sent.read.rows < 100_000, "reading ends too");
}

#[tokio::test]
async fn a_key_or_nothing_may_stand_in_for_a_signature() {
    for (auth, key) in [
        (Auth::ApiKey(ApiKey::new("k1".to_owned())), Some("k1")),
        (Auth::None, None),
    ] {
        assert!(!format!("{auth:?}").contains("k1"));
        let server = Server::default();
        let api = Api::new(&server.start().await, auth, connector());
        run(&api, 1, ONE_AT_A_TIME, std::future::pending()).await;
        let seen = server.seen.lock().unwrap();
        let header = |name: &str| {
            seen[0]
                .headers
                .get(name)
                .map(|value| value.to_str().unwrap())
        };
        assert_eq!((header("x-api-key"), header("authorization")), (key, None));
    }
}

#[tokio::test]
async fn nobody_at_the_address_is_transient_and_names_it() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/prod", listener.local_addr().unwrap());
    drop(listener);
    let api = Api::new(&url, Auth::None, connector());
    let error = api
        .get_invoice("C 536379/1", Some("a=b"))
        .await
        .unwrap_err();
    assert!(error.is_transient());
    let text = error.to_string();
    assert!(
        text.starts_with(&format!(
            "no answer from {url}/invoices/C%20536379%2F1?cursor=a%3Db: "
        )),
        "{text}"
    );
    assert!(error.source().is_some());
}

#[tokio::test]
async fn an_address_that_is_none_is_not_tried_again() {
    let api = Api::new("not a url", Auth::None, connector());
    let sent = run(&api, 10, ONE_AT_A_TIME, std::future::pending()).await;
    assert!(matches!(
        sent.error,
        Some(SendError::Api(ApiError::Request { .. }))
    ));
}
