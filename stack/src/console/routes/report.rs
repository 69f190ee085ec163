//! The analysts' report.

use std::io;
use std::process::Stdio;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use tokio::process::Command;

use super::{Site, html};
use crate::console::page;
use crate::status::causes;

/// The report has its styles inside, and no script.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("cannot run `stack report`")]
    Run(#[from] io::Error),
    #[error("{0}")]
    Report(String),
}

/// Writes the report and answers with it. It takes a few seconds, the first time longer.
pub(super) async fn report(State(shared): Site) -> Response {
    match written(&shared.sessions.name).await {
        Ok(report) => ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(report)).into_response(),
        Err(failure) => {
            let page = page::no_report(shared.environment.as_ref(), &causes(&failure));
            (StatusCode::BAD_GATEWAY, html(page)).into_response()
        }
    }
}

/// Runs `stack report` in a process of its own, so that its memory is freed. Ends it when the browser does not wait.
async fn written(environment: &str) -> Result<String, Failure> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("report.html");
    let output = Command::new(std::env::current_exe()?)
        .args(["report", environment, "--out"])
        .arg(&file)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::Report(reason.trim().to_owned()));
    }
    Ok(tokio::fs::read_to_string(&file).await?)
}
