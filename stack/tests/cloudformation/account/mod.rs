//! A scripted AWS account: a local server that plays transcripts.
//!
//! CloudFormation keeps state (stacks, change sets, events). An operation advances by one step whenever its stack
//! is described, so nothing depends on time. Operations that a transcript does not mention succeed.

mod change_sets;
mod changes;
mod cloudformation;
mod existing;
mod others;
mod remains;
mod request;
mod stack;
mod transcript;
mod xml;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri};
use serde_json::Value;
use tokio::sync::Notify;

pub(crate) use others::Others;
pub(crate) use request::Request;
pub(crate) use stack::Stack;
pub(crate) use transcript::Transcript;

/// A running account. It ends with the runtime that started it.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// The URL of its server.
    pub(crate) url: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<Content>,
    /// Notified when a request is held.
    held: Notify,
}

/// The content of the account.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) transcript: Transcript,
    pub(crate) stacks: BTreeMap<String, Stack>,
    /// The deleted stacks, by id.
    pub(crate) gone: BTreeMap<String, Stack>,
    pub(crate) others: Others,
    /// All requests, in order.
    pub(crate) calls: Vec<String>,
    /// The number of throttled requests.
    pub(crate) throttled: usize,
    /// The number of stacks that were ever created.
    pub(crate) made: usize,
    limit: Option<Limit>,
    hold: Option<Hold>,
}

/// A rate limit of the account.
#[derive(Debug)]
struct Limit {
    calls: usize,
    span: Duration,
    recent: VecDeque<Instant>,
}

/// A request without a response, during which the test kills the caller.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hold {
    /// The index of the request, from 0.
    pub(crate) at: usize,
    /// Whether the request takes effect.
    pub(crate) done: bool,
}

/// Status, content type and body.
pub(crate) type Answer = (u16, &'static str, String);

impl Account {
    /// Starts an account with the stacks of the transcript; `wanted` is the template that the test deploys.
    pub(crate) async fn start(transcript: Transcript, wanted: &Value) -> Self {
        let mut content = Content::default();
        for (name, found) in &transcript.stacks {
            content.made += 1;
            let stack = Stack::found(name, content.made, found, wanted);
            content.stacks.insert(name.clone(), stack);
        }
        content.transcript = transcript;
        let shared = Arc::new(Shared {
            state: Mutex::new(content),
            held: Notify::new(),
        });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let router = Router::new().fallback(serve).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url: format!("http://{address}"),
            shared,
        }
    }

    /// Returns the current content of the account.
    pub(crate) fn content(&self) -> MutexGuard<'_, Content> {
        self.shared.content()
    }

    /// Returns the status of a stack; `None` if it does not exist.
    pub(crate) fn status(&self, stack: &str) -> Option<String> {
        self.content().stacks.get(stack).map(|it| it.status.clone())
    }

    /// Returns all requests so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.content().calls.clone()
    }

    /// Throttles calls of CloudFormation that exceed `calls` within `span`.
    pub(crate) fn limit(&self, calls: usize, span: Duration) {
        self.content().limit = Some(Limit {
            calls,
            span,
            recent: VecDeque::new(),
        });
    }

    /// Holds a later request, whose index is counted from now. Replaces an earlier hold.
    pub(crate) fn hold(&self, hold: Option<Hold>) {
        let mut content = self.content();
        content.calls.clear();
        content.hold = hold;
    }

    /// Waits until the request is held.
    pub(crate) async fn held(&self) {
        self.shared.held.notified().await;
    }
}

impl Shared {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response<Body> {
    let request = Request::new(method, &uri, headers, body);
    let (held, answer) = {
        let mut content = shared.content();
        let number = content.calls.len();
        content.calls.push(request.action());
        let hold = content.hold.filter(|hold| hold.at == number);
        let answer = match hold {
            Some(Hold { done: false, .. }) => None,
            _ => Some(content.answer(&request)),
        };
        (hold.is_some(), answer)
    };
    if held {
        shared.held.notify_one();
        std::future::pending::<()>().await;
    }
    let (status, kind, body) = answer.unwrap_or_default();
    Response::builder()
        .status(status)
        .header("content-type", kind)
        .header("x-amzn-requestid", "scripted")
        .body(Body::from(body))
        .unwrap()
}

impl Content {
    fn answer(&mut self, request: &Request) -> Answer {
        if request.service == "cloudformation" && self.is_beyond_limit() {
            self.throttled += 1;
            return (400, "text/xml", xml::error("Throttling", "Rate exceeded"));
        }
        if let Some(refusal) = self.refusal(&request.action()) {
            return refusal;
        }
        match request.service.as_str() {
            "cloudformation" => cloudformation::answer(self, request),
            _ => others::answer(self, request),
        }
    }

    fn is_beyond_limit(&mut self) -> bool {
        let Some(limit) = &mut self.limit else {
            return false;
        };
        let now = Instant::now();
        while limit
            .recent
            .front()
            .is_some_and(|at| now.duration_since(*at) >= limit.span)
        {
            limit.recent.pop_front();
        }
        let beyond = limit.recent.len() >= limit.calls;
        if !beyond {
            limit.recent.push_back(now);
        }
        beyond
    }

    /// Returns the error that the transcript has for this call, if any.
    fn refusal(&mut self, action: &str) -> Option<Answer> {
        let answer = self
            .transcript
            .answers
            .iter_mut()
            .find(|answer| answer.call == action && answer.times != Some(0))?;
        if answer.skip > 0 {
            answer.skip -= 1;
            return None;
        }
        answer.times = answer.times.map(|times| times - 1);
        Some((
            answer.status,
            "text/xml",
            xml::error(&answer.code, &answer.message),
        ))
    }
}
