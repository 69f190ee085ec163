//! Hyper, Tableau's database for extracts: a Python program with `tableauhyperapi`.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::error::WorkbookError;

const PROGRAM: &str = include_str!("hyper.py");

/// Checks that the interpreter has the package, before the warehouse is read.
pub(super) async fn check(python: &Path) -> Result<(), WorkbookError> {
    let output = run(python, &["-c", "import tableauhyperapi"], "").await?;
    if output.status.success() {
        Ok(())
    } else {
        Err(WorkbookError::NoHyper {
            python: python.to_owned(),
        })
    }
}

/// Creates the file `path`, runs the statements, and returns the first row of each question; `None` is NULL.
pub(super) async fn write(
    python: &Path,
    path: &Path,
    statements: &[String],
    questions: &[String],
) -> Result<Vec<Vec<Option<String>>>, WorkbookError> {
    let input = json!({ "path": path, "statements": statements, "questions": questions });
    let output = run(python, &["-c", PROGRAM], &input.to_string()).await?;
    let failed = |message: String| WorkbookError::Hyper { message };
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(failed(message));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))
}

/// Runs the interpreter until its end. It is killed when the future is dropped.
async fn run(python: &Path, arguments: &[&str], input: &str) -> Result<Output, WorkbookError> {
    let failed = |source| WorkbookError::Python {
        python: python.to_owned(),
        source,
    };
    let mut child = Command::new(python)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        // The program reads its input before it prints, so this cannot block for ever. If it exited before, its exit
        // code says more than the broken pipe.
        let _broken_pipe = stdin.write_all(input.as_bytes()).await;
    }
    child.wait_with_output().await.map_err(failed)
}
