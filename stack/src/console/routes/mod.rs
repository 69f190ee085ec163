//! The routes of the console. Every answer except that of `/enter` needs the cookie.

mod action;
mod event;
mod live;
mod report;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::Markup;

use super::guard::Refusal;
use super::page;
use super::shared::Shared;

/// State of every handler.
type Site = State<Arc<Shared>>;

/// Nothing from elsewhere is loaded, no inline script or style is run, and no other page can frame this one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

pub(super) fn router(shared: Arc<Shared>) -> Router {
    let guarded = Router::new()
        .route("/", get(home))
        .route("/live", get(live::live))
        .route("/event", get(event::event).post(action::send))
        .route("/event/live", get(event::live))
        .route("/sql", post(action::sql))
        .route("/redrive", post(action::redrive))
        .route("/report", get(report::report))
        .route("/console.css", get(style))
        .route("/console.js", get(script))
        .fallback(missing)
        .layer(middleware::from_fn_with_state(shared.clone(), guard));
    Router::new()
        .route("/enter/{token}", get(enter))
        .merge(guarded)
        .layer(middleware::map_response(with_headers))
        .with_state(shared)
}

async fn guard(State(shared): Site, request: Request, next: Next) -> Response {
    match shared.guard.check(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refused(refusal),
    }
}

async fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// Exchanges the token for the cookie. The address that the browser then shows has no secret.
async fn enter(State(shared): Site, Path(token): Path<String>, request: Request) -> Response {
    let (method, headers) = (request.method(), request.headers());
    if let Err(refusal) = shared.guard.check_source(headers) {
        return refused(refusal);
    }
    match shared.guard.redeem(&token) {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        None => match shared.guard.check(method, headers) {
            Ok(()) => Redirect::to("/").into_response(),
            Err(refusal) => refused(refusal),
        },
    }
}

fn refused(refusal: Refusal) -> Response {
    let page = page::refused(&refusal.to_string());
    (StatusCode::FORBIDDEN, html(page)).into_response()
}

fn html(markup: Markup) -> Html<String> {
    Html(markup.into_string())
}

async fn home(State(shared): Site) -> Html<String> {
    let name = shared.environment.as_ref();
    let now = time::OffsetDateTime::now_utc();
    html(page::home(name, shared.feed.latest().as_deref(), now))
}

async fn missing(State(shared): Site) -> (StatusCode, Html<String>) {
    let page = page::missing(shared.environment.as_ref());
    (StatusCode::NOT_FOUND, html(page))
}

async fn style() -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "text/css; charset=utf-8");
    ([kind], include_str!("../assets/console.css"))
}

async fn script() -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "text/javascript; charset=utf-8");
    ([kind], include_str!("../assets/console.js"))
}
