//! An environment on AWS, with the emulator in place of AWS: its templates, and the commands that show it, stream to
//! it and destroy it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use local::{Folders, ensure_packages};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::environment::{Environment, printed};
use crate::python;
use stack::function::FUNCTIONS;

/// The `stack` binary that cargo built.
const STACK: &str = env!("CARGO_BIN_EXE_stack");

/// Resource types that the emulator's CloudFormation does not support. They are replaced with wait condition handles,
/// which can be referenced too.
const UNKNOWN: [&str; 2] = ["AWS::Glue::Classifier", "AWS::Glue::SecurityConfiguration"];

/// An AWS account for one story: a separate emulator without the gate, so permissions are not checked.
struct Account {
    emulator: Child,
    url: String,
    folder: TempDir,
}

impl Drop for Account {
    fn drop(&mut self) {
        // The emulator may have ended already.
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
    }
}

impl Account {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = Folders::new(|name| std::env::var_os(name).map(Into::into)).unwrap();
        let packages = ensure_packages(&cache.cache, |_| {}).unwrap();
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let url = format!("http://127.0.0.1:{port}");
        let emulator = Command::new(packages.python)
            .args(["-m", "ministack"])
            .env_clear()
            .envs([("BIND_HOST", "127.0.0.1"), ("MINISTACK_HOST", "127.0.0.1")])
            .envs([
                ("MINISTACK_REGION", "eu-west-1"),
                ("AWS_DEFAULT_REGION", "eu-west-1"),
            ])
            .envs([
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
            ])
            .envs([("LAMBDA_EXECUTOR", "local"), ("AWS_ENDPOINT_URL", &url)])
            .env("GATEWAY_PORT", port.to_string())
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .env("STATE_DIR", folder.path().join("state"))
            .env("S3_DATA_DIR", folder.path().join("s3"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let account = Self {
            emulator,
            url,
            folder,
        };
        let deadline = Instant::now() + Duration::from_mins(1);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "no emulator on port {port}");
            std::thread::sleep(Duration::from_millis(100));
        }
        account
    }

    /// Writes the file of environment `dev` for this account.
    fn file(&self) -> PathBuf {
        let path = self.folder.path().join("dev.yaml");
        let here = format!("region: eu-west-1\n    endpoint_url: {}", self.url);
        let file = include_str!("../../stack/environments/dev.yaml");
        std::fs::write(&path, file.replace("region: eu-west-1", &here)).unwrap();
        path
    }

    fn command(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .envs([
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
            ])
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(STACK, arguments).output().unwrap()
    }

    fn stack(&self, arguments: &[&str]) -> String {
        printed(&self.run(arguments), &arguments.join(" "))
    }

    fn aws(&self, arguments: &[&str]) -> Value {
        let mut command = self.command(python::bin().join("aws"), arguments);
        command.args([
            "--endpoint-url",
            &self.url,
            "--region",
            "eu-west-1",
            "--output",
            "json",
        ]);
        let answer = printed(&command.output().unwrap(), &arguments.join(" "));
        serde_json::from_str(&answer).unwrap_or_default()
    }

    /// Creates a stack and returns its outputs.
    fn create(
        &self,
        name: &str,
        template: &Path,
        values: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let parameters: Vec<_> = values
            .iter()
            .map(|(key, value)| json!({"ParameterKey": key, "ParameterValue": value}))
            .collect();
        // Without white space, as `deploy` sends the template, because CloudFormation's size limit counts it.
        let text = std::fs::read(template).unwrap();
        let mut read: Value = serde_json::from_slice(&text).unwrap();
        for resource in read["Resources"].as_object_mut().unwrap().values_mut() {
            if resource["Type"]
                .as_str()
                .is_some_and(|it| UNKNOWN.contains(&it))
            {
                *resource = json!({"Type": "AWS::CloudFormation::WaitConditionHandle"});
            }
        }
        std::fs::write(template, read.to_string()).unwrap();
        let file = format!("file://{}", template.display());
        let parameters = Value::from(parameters).to_string();
        self.aws(&[
            "cloudformation",
            "create-stack",
            "--stack-name",
            name,
            "--template-body",
            &file,
            "--parameters",
            &parameters,
            "--capabilities",
            "CAPABILITY_NAMED_IAM",
            "--tags",
            "Key=application,Value=riverhouse",
            "Key=environment,Value=dev",
        ]);
        let deadline = Instant::now() + Duration::from_mins(1);
        let stack = loop {
            let described = self.aws(&["cloudformation", "describe-stacks", "--stack-name", name]);
            let stack = described["Stacks"][0].clone();
            if stack["StackStatus"] != "CREATE_IN_PROGRESS" {
                break stack;
            }
            assert!(Instant::now() < deadline, "{stack}");
            std::thread::sleep(Duration::from_millis(200));
        };
        let events = [
            "cloudformation",
            "describe-stack-events",
            "--stack-name",
            name,
        ];
        assert_eq!(
            stack["StackStatus"],
            "CREATE_COMPLETE",
            "{}",
            self.aws(&events)
        );
        let outputs = stack["Outputs"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        outputs
            .map(|it| (text(&it["OutputKey"]), text(&it["OutputValue"])))
            .collect()
    }

    /// Replaces the warehouse stack, which the emulator does not support, with one that has the same outputs.
    fn warehouse(&self, rendered: &Path) -> PathBuf {
        let rendered: Value = serde_json::from_slice(&std::fs::read(rendered).unwrap()).unwrap();
        let names = rendered["Outputs"].as_object().unwrap().keys();
        let value = |name: &str| match name {
            "WarehouseCopyRoleArn" => "arn:aws:iam::000000000000:role/riverhouse-dev-copy",
            "WarehouseCopyRoleName" => "riverhouse-dev-copy",
            "WarehousePort" => "5433",
            "WarehouseTableauSecretArn" => {
                "arn:aws:secretsmanager:eu-west-1:000000000000:secret:tableau"
            }
            "WarehouseWorkgroupArn" => {
                "arn:aws:redshift-serverless:eu-west-1:000000000000:workgroup/dev"
            }
            _ => "riverhouse-dev",
        };
        let outputs: BTreeMap<_, _> = names
            .map(|name| (name, json!({"Value": value(name)})))
            .collect();
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "redshift.amazonaws.com"},
        }]});
        let role = json!({"Type": "AWS::IAM::Role", "Properties": {
            "RoleName": "riverhouse-dev-copy", "AssumeRolePolicyDocument": trust,
        }});
        let template = json!({"Resources": {"CopyRole": role}, "Outputs": outputs});
        let path = self.folder.path().join("warehouse.json");
        std::fs::write(&path, template.to_string()).unwrap();
        path
    }

    /// Uploads the function binaries of a local environment as zip files.
    fn upload(&self, bucket: &str) -> BTreeMap<String, String> {
        let binaries = Path::new(STACK).parent().unwrap();
        let zip = "import sys, zipfile; i = zipfile.ZipInfo('bootstrap'); i.external_attr = 0o100755 << 16; \
                   zipfile.ZipFile(sys.argv[2], 'w').writestr(i, open(sys.argv[1], 'rb').read())";
        FUNCTIONS
            .into_iter()
            .map(|function| {
                let name = function.name;
                let (binary, file) = (binaries.join(name), format!("{name}.zip"));
                let made = ["-c", zip, binary.to_str().unwrap(), &file];
                printed(
                    &self.command(python::python(), &made).output().unwrap(),
                    "zip",
                );
                self.aws(&[
                    "s3api",
                    "put-object",
                    "--bucket",
                    bucket,
                    "--key",
                    &file,
                    "--body",
                    &file,
                ]);
                (function.ids.code_key.to_owned(), file)
            })
            .collect()
    }
}

#[test]
fn lake_pipeline_and_monitoring_for_aws_deploy_on_the_emulator_and_are_destroyed_completely() {
    // Deploying the shared environment builds the functions.
    Environment::shared();
    let account = Account::start();
    let file = account.file();
    let file = file.to_str().unwrap();
    let refused = account.run(&["outputs", file]);
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert!(stderr.contains("run `stack deploy dev` first"), "{stderr}");

    account.stack(&["synth", file, "--out", ".", "--format", "json"]);
    let template = |name: &str| {
        account
            .folder
            .path()
            .join(format!("riverhouse-dev-{name}.json"))
    };
    let mut values = account.create("riverhouse-dev-lake", &template("lake"), &BTreeMap::new());
    values.extend(account.create(
        "riverhouse-dev-warehouse",
        &account.warehouse(&template("warehouse")),
        &BTreeMap::new(),
    ));
    values.extend(account.upload(&values["AssetsBucketName"]));
    let text = std::fs::read(template("pipeline")).unwrap();
    let pipeline: Value = serde_json::from_slice(&text).unwrap();
    let parameters = pipeline["Parameters"].as_object().unwrap().keys();
    let wanted = parameters
        .map(|name| (name.clone(), values[name].clone()))
        .collect();
    account.create("riverhouse-dev-pipeline", &template("pipeline"), &wanted);
    account.create(
        "riverhouse-dev-monitoring",
        &template("monitoring"),
        &BTreeMap::new(),
    );

    let outputs: Value =
        serde_json::from_str(&account.stack(&["outputs", file, "--json"])).unwrap();
    assert_eq!(outputs["target"], "aws");
    assert_eq!(outputs["warehouse"]["workgroup_name"], "riverhouse-dev");
    account.stack(&["stream", "--synthetic", "200", "--env", file]);
    let raw = values["RawBucketName"].as_str();
    let deadline = Instant::now() + Duration::from_mins(1);
    while account.aws(&["s3api", "list-objects-v2", "--bucket", raw])["Contents"].is_null() {
        assert!(Instant::now() < deadline, "nothing came to `{raw}`");
        std::thread::sleep(Duration::from_millis(300));
    }
    let logs = account.stack(&["logs", file, "--function", "store"]);
    assert!(logs.contains(" store "), "{logs}");
    let listed: Value =
        serde_json::from_str(&account.stack(&["list", "--env", file, "--json"])).unwrap();
    let listed = listed.as_array().unwrap().iter();
    let dev: Vec<_> = listed.filter(|it| it["target"] == "eu-west-1").collect();
    assert_eq!(dev.len(), 1, "{dev:?}");
    assert_eq!(dev[0]["environment"], "dev");
    goes_whole(&account, file, raw);
}

/// Destroys an environment whose bucket has object versions, a delete marker and an incomplete upload.
fn goes_whole(account: &Account, file: &str, raw: &str) {
    for _ in 0..2 {
        account.aws(&[
            "s3api",
            "put-object",
            "--bucket",
            raw,
            "--key",
            "twice",
            "--body",
            "dev.yaml",
        ]);
    }
    account.aws(&["s3api", "delete-object", "--bucket", raw, "--key", "twice"]);
    account.aws(&[
        "s3api",
        "create-multipart-upload",
        "--bucket",
        raw,
        "--key",
        "unfinished",
    ]);
    let destroyed = account.stack(&["destroy", file, "--yes", "--json"]);
    let destroyed: Value = serde_json::from_str(&destroyed).unwrap();
    assert_eq!(destroyed["outcome"], "destroyed");
    assert!(
        destroyed["emptied"][raw].as_u64().unwrap() > 4,
        "{destroyed}"
    );
    assert!(destroyed["leftovers"].is_null(), "{destroyed}");
    let buckets = account.aws(&["s3api", "list-buckets"]);
    assert_eq!(buckets["Buckets"], json!([]));
    let stacks = account.aws(&["cloudformation", "describe-stacks"]);
    assert_eq!(stacks["Stacks"], json!([]));
    let again = account.stack(&["destroy", file, "--yes", "--json"]);
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again["outcome"], "absent");
}
