//! Tests of `stack destroy` against the scripted account: refusals, retries, and continuing after an interruption.

use std::collections::BTreeMap;
use std::process::Output;
use std::time::Duration;

use serde_json::Value;
use stack::environment::Environment;
use stack::platform::stacks;
use tempfile::TempDir;
use tokio::process::Command;

use crate::account::{Account, Hold, Transcript};

const RAW: &str = "riverhouse-dev-raw-123456789012-eu-west-1";

/// A deployed environment in its own account.
struct Deployed {
    account: Account,
    folder: TempDir,
}

impl Deployed {
    /// Returns the deployed built-in environment `name`, changed by `script`, the YAML of a transcript.
    async fn new(name: &str, script: &str) -> Self {
        let mut transcript: Transcript = serde_yaml::from_str(script).unwrap();
        for stack in stacks(&Environment::load(name).unwrap()) {
            let found = transcript.stacks.entry(stack.name.to_string()).or_default();
            if found.status.is_empty() {
                "CREATE_COMPLETE".clone_into(&mut found.status);
            }
            found.protected |= name == "prod";
        }
        let account = Account::start(transcript, &Value::Null).await;
        for stack in stacks(&Environment::load(name).unwrap()) {
            let template = serde_json::from_str(&stack.template.to_json()).unwrap();
            let found = &mut account.content().stacks;
            found.get_mut(stack.name.as_ref()).unwrap().template = template;
        }
        for number in 0..3 {
            let objects = &mut account.content().others.objects;
            objects.insert(format!("/{RAW}/raw/{number}"), 1);
        }
        Self::with(name, account)
    }

    fn with(name: &str, account: Account) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = format!("region: eu-west-1\n    endpoint_url: {}", account.url);
        let file = match name {
            "prod" => include_str!("../../environments/prod.yaml"),
            _ => include_str!("../../environments/dev.yaml"),
        };
        let file = file.replace("region: eu-west-1", &here);
        std::fs::write(folder.path().join("environment.yaml"), file).unwrap();
        Self { account, folder }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = crate::command::stack(self.folder.path());
        command
            .arg("destroy")
            .arg(self.folder.path().join("environment.yaml"))
            .args(arguments);
        command
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().await.unwrap()
    }

    async fn destroyed(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat()).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Returns the last error line of a destroy, which must fail.
    async fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        let mut lines = stderr.lines().rev();
        let line = lines.find(|line| line.starts_with("error: "));
        line.unwrap().to_owned()
    }

    fn count(&self, call: &str) -> usize {
        let calls = self.account.calls();
        calls.iter().filter(|it| *it == call).count()
    }

    /// Returns the remaining stacks and objects.
    fn rest(&self) -> (Vec<String>, BTreeMap<String, usize>) {
        let content = self.account.content();
        (
            content.stacks.keys().cloned().collect(),
            content.others.objects.clone(),
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pipeline_and_monitoring_go_first_and_buckets_are_emptied_before_their_stack_goes() {
    let slow = "plays: [{stack: riverhouse-dev-pipeline, on: delete, slow: 4, events: []}]";
    let dev = Deployed::new("dev", slow).await;
    let destroyed = dev.destroyed(&["--yes"]).await;
    assert_eq!(destroyed["outcome"], "destroyed");
    assert_eq!(destroyed["emptied"][RAW], 3, "{destroyed}");
    assert_eq!(dev.rest(), (Vec::new(), BTreeMap::new()));
    let calls = dev.account.calls();
    let deletes: Vec<_> = (0..calls.len())
        .filter(|at| calls[*at] == "DeleteStack")
        .collect();
    let looks = calls[deletes[1]..deletes[2]]
        .iter()
        .filter(|call| *call == "DescribeStacks");
    assert!(looks.count() > 4, "the others waited for it: {calls:?}");
    assert_eq!(deletes.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_filled_meanwhile_is_emptied_again() {
    let script = "
plays:
  - stack: riverhouse-dev-lake
    on: delete
    events: ['LogsBucket DELETE_FAILED The bucket you tried to delete is not empty (Service: S3, Status Code: 409)']
    ends: DELETE_FAILED
";
    let dev = Deployed::new("dev", script).await;
    dev.destroyed(&["--yes"]).await;
    assert_eq!(dev.count("DeleteStack"), 5);
    assert_eq!(dev.rest().0, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_is_told_with_the_resource_and_not_tried_again() {
    let script = "
plays:
  - stack: riverhouse-dev-lake
    on: delete
    events: ['RawBucket DELETE_FAILED User: d is not authorized to perform: s3:DeleteBucket']
    ends: DELETE_FAILED
";
    let dev = Deployed::new("dev", script).await;
    let line = dev.refused(&["--yes"]).await;
    insta::assert_snapshot!(line);
    assert!(dev.account.status("riverhouse-dev-lake").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_go_in_several_attempts_is_told() {
    let failing = "  - stack: riverhouse-dev-warehouse
    on: delete
    events: ['Network DELETE_FAILED The vpc has dependencies and cannot be deleted']
    ends: DELETE_FAILED
";
    let dev = Deployed::new("dev", &format!("plays:\n{}", failing.repeat(6))).await;
    insta::assert_snapshot!(dev.refused(&["--yes"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn production_is_refused_without_both_switches_and_the_exact_name() {
    let prod = Deployed::new("prod", "{}").await;
    for arguments in [
        &[][..],
        &["--yes"],
        &["--destroy-data", "prod"],
        &["--yes", "--destroy-data", "Prod"],
    ] {
        let line = prod.refused(arguments).await;
        assert!(line.starts_with("error: nothing was destroyed: "), "{line}");
    }
    assert_eq!(prod.count("DeleteStack"), 0);
    assert_eq!(prod.count("UpdateTerminationProtection"), 0);
    prod.destroyed(&["--yes", "--destroy-data", "prod"]).await;
    assert_eq!(prod.count("UpdateTerminationProtection"), 4);
    assert_eq!(prod.rest().0, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_nothing_goes_without_yes() {
    let dev = Deployed::new("dev", "{}").await;
    insta::assert_snapshot!(dev.refused(&[]).await);
    assert_eq!(dev.count("DeleteStack"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protection_that_somebody_set_by_hand_is_respected() {
    let script = "stacks: {riverhouse-dev-lake: {status: CREATE_COMPLETE, protected: true}}";
    let dev = Deployed::new("dev", script).await;
    insta::assert_snapshot!(dev.refused(&["--yes"]).await);
    assert_eq!(dev.count("DeleteStack"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_environment_is_no_error() {
    let account = Account::start(Transcript::default(), &Value::Null).await;
    let dev = Deployed::with("dev", account);
    let destroyed = dev.destroyed(&["--yes"]).await;
    assert_eq!(destroyed["outcome"], "absent");
    assert_eq!(destroyed["stacks"]["riverhouse-dev-lake"], "absent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_runs_is_joined_and_a_creation_is_not_waited_for() {
    let script = "
stacks:
  riverhouse-dev-lake: {status: DELETE_IN_PROGRESS, running: {slow: 3}}
  riverhouse-dev-warehouse: {status: CREATE_IN_PROGRESS, running: {slow: 1000}}
  riverhouse-dev-pipeline: {status: UPDATE_IN_PROGRESS, running: {slow: 2}}
";
    let dev = Deployed::new("dev", script).await;
    dev.destroyed(&["--yes"]).await;
    assert_eq!(dev.count("DeleteStack"), 3);
    assert_eq!(dev.rest().0, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_account_decides_nothing() {
    let dev = Deployed::new("dev", "{}").await;
    dev.account.limit(6, Duration::from_secs(1));
    dev.destroyed(&["--yes"]).await;
    assert_eq!(dev.rest().0, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_request_the_same_command_reaches_the_same_end() {
    let undisturbed = Deployed::new("dev", "{}").await;
    undisturbed.destroyed(&["--yes"]).await;
    let calls = undisturbed.account.calls();
    let changes = |call: &str| call.starts_with("Delete") || call.starts_with("POST");
    let holds: Vec<_> = (0..calls.len())
        .flat_map(|at| [false, true].map(|done| Hold { at, done }))
        // A read-only request has no effect, so it is not killed after its effect.
        .filter(|hold| !hold.done || changes(&calls[hold.at]))
        .collect();
    for some in holds.chunks(4) {
        let ends = some.iter().map(|hold| async move {
            let dev = Deployed::new("dev", "{}").await;
            dev.account.hold(Some(*hold));
            let mut command = dev.command(&["--yes"]).spawn().unwrap();
            tokio::select! {
                () = dev.account.held() => command.kill().await.unwrap(),
                // Concurrent tasks send requests in any order, so this run may have had fewer.
                ended = command.wait() => assert!(ended.unwrap().success()),
            }
            dev.account.hold(None);
            dev.destroyed(&["--yes"]).await;
            dev.rest()
        });
        for (hold, end) in some.iter().zip(futures_util::future::join_all(ends).await) {
            assert_eq!(
                end,
                (Vec::new(), BTreeMap::new()),
                "killed at request {} ({}), done: {}",
                hold.at,
                calls[hold.at],
                hold.done
            );
        }
    }
}
