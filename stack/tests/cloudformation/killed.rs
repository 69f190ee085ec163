//! Runs the real command against the scripted account, kills it at each of its requests, and runs it again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::account::{Account, Hold, Others, Transcript};
use stack::function::FUNCTIONS;

/// An environment in its own account.
struct Shop {
    account: Account,
    folder: TempDir,
}

/// The final state that is compared: the stacks with their content, and what the other services store.
type End = (BTreeMap<String, (Value, BTreeMap<String, String>)>, Others);

impl Shop {
    async fn new() -> Self {
        let account = Account::start(Transcript::default(), &Value::Null).await;
        let folder = tempfile::tempdir().unwrap();
        let dev = include_str!("../../environments/dev.yaml");
        let here = format!(
            "region: eu-west-1\n    endpoint_url: {}\n    architecture: {}",
            account.url,
            if cfg!(target_arch = "x86_64") {
                "x86_64"
            } else {
                "arm64"
            }
        );
        let file = dev.replace("region: eu-west-1", &here);
        std::fs::write(folder.path().join("dev.yaml"), file).unwrap();
        binaries(&folder.path().join("functions"));
        Self { account, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = crate::command::stack(self.folder.path());
        command
            .arg(arguments[0])
            .arg(self.path("dev.yaml"))
            .args(&arguments[1..]);
        command
    }

    fn deploy(&self) -> Command {
        let mut command = self.command(&["deploy", "--yes", "--json"]);
        command.arg("--functions").arg(self.path("functions"));
        command
    }

    /// Deploys and returns the result, which is the last event.
    async fn deployed(&self) -> Value {
        let output = self.deploy().output().await.unwrap();
        let stdout = printed(&output);
        serde_json::from_str(stdout.lines().last().unwrap()).unwrap()
    }

    fn end(&self) -> End {
        let content = self.account.content();
        let stacks = content.stacks.iter().map(|(name, stack)| {
            assert!(
                ["CREATE_COMPLETE", "UPDATE_COMPLETE"].contains(&stack.status.as_str()),
                "{name}: {}",
                stack.status
            );
            (
                name.clone(),
                (stack.template.clone(), stack.parameters.clone()),
            )
        });
        let mut others = content.others.clone();
        // Each deploy that changed something has sent its own probe.
        others.invoices.clear();
        (stacks.collect(), others)
    }
}

/// Writes files with the header of this executable in place of the functions' binaries.
fn binaries(folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    let mut header = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    header.truncate(64);
    for function in FUNCTIONS {
        std::fs::write(folder.join(function.name), &header).unwrap();
    }
}

fn printed(output: &Output) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}\n{stdout}\n{stderr}",
        output.status
    );
    stdout
}

/// Returns the final state and the requests of a deploy that is not interrupted.
async fn undisturbed() -> (End, Vec<String>) {
    let shop = Shop::new().await;
    let deployed = shop.deployed().await;
    assert_eq!(deployed["outcome"], "deployed", "{deployed}");
    assert!(deployed["smoke_seconds"].is_number(), "{deployed}");
    (shop.end(), shop.account.calls())
}

/// Kills the command at a request and runs it again. Returns the final state.
async fn killed_at(hold: Hold) -> End {
    let shop = Shop::new().await;
    shop.account.hold(Some(hold));
    let mut command = shop.deploy().spawn().unwrap();
    tokio::select! {
        () = shop.account.held() => command.kill().await.unwrap(),
        // Concurrent tasks send requests in any order, so this run may have had fewer.
        ended = command.wait() => assert!(ended.unwrap().success()),
    }
    shop.account.hold(None);
    shop.deployed().await;
    shop.end()
}

/// Whether a call changes something. The command is killed before and after the effect of such calls, and only
/// before other calls.
fn changes(call: &str) -> bool {
    ["Create", "Execute", "Delete", "Batch", "PUT", "POST"]
        .iter()
        .any(|verb| call.starts_with(verb))
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_request_the_same_command_reaches_the_same_end() {
    let (wanted, calls) = undisturbed().await;
    let mut holds: Vec<_> = (0..calls.len())
        .map(|at| Hold { at, done: false })
        .collect();
    let after = |(at, _): (usize, &String)| Hold { at, done: true };
    holds.extend(
        calls
            .iter()
            .enumerate()
            .filter(|(_, call)| changes(call))
            .map(after),
    );
    for some in holds.chunks(4) {
        let ends = futures_util::future::join_all(some.iter().map(|hold| killed_at(*hold))).await;
        for (hold, end) in some.iter().zip(ends) {
            assert_eq!(
                end, wanted,
                "killed at request {} ({}), done: {}",
                hold.at, calls[hold.at], hold.done
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_deploy_changes_and_uploads_nothing_and_diff_agrees() {
    let shop = Shop::new().await;
    let diff = shop.command(&["diff"]).output().await.unwrap();
    assert_eq!(diff.status.code(), Some(2), "{diff:?}");
    shop.deployed().await;
    shop.account.hold(None);
    let again = shop.deployed().await;
    assert_eq!(again["outcome"], "unchanged", "{again}");
    assert_eq!(again["uploads"], 0);
    let changing: Vec<_> = shop
        .account
        .calls()
        .into_iter()
        .filter(|call| call.ends_with("ChangeSet"))
        .collect();
    assert!(changing.is_empty(), "{changing:?}");
    let diff = shop.command(&["diff"]).output().await.unwrap();
    assert_eq!(printed(&diff), "same\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_and_without_yes_nothing_is_made() {
    let shop = Shop::new().await;
    let mut command = shop.command(&["deploy"]);
    let output = command
        .arg("--functions")
        .arg(shop.path("functions"))
        .output()
        .await
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains("error: stack `riverhouse-dev-lake` would be changed"),
        "{stderr}"
    );
    assert!(stderr.contains("stack deploy --yes"), "{stderr}");
    let calls = shop.account.calls();
    assert!(!calls.contains(&"ExecuteChangeSet".to_owned()));
    assert!(calls.contains(&"DeleteChangeSet".to_owned()));
}
