//! An AWS account for one story, with the emulator in place of AWS.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use local::{Folders, ensure_packages};
use serde_json::{Value, json};
use stack::function::FUNCTIONS;
use tempfile::TempDir;

use crate::environment::printed;
use crate::python;

/// The `stack` binary that cargo built.
const STACK: &str = env!("CARGO_BIN_EXE_stack");

/// Resource types that the emulator's CloudFormation does not support. They are replaced with wait condition handles,
/// which can be referenced too.
const UNKNOWN: [&str; 2] = ["AWS::Glue::Classifier", "AWS::Glue::SecurityConfiguration"];

/// A separate emulator without the gate, so permissions are not checked.
pub(super) struct Account {
    emulator: Child,
    url: String,
    pub(super) folder: TempDir,
}

impl Drop for Account {
    fn drop(&mut self) {
        // The emulator may have ended already.
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
    }
}

impl Account {
    pub(super) fn start() -> Self {
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
    pub(super) fn file(&self) -> PathBuf {
        let path = self.folder.path().join("dev.yaml");
        let here = format!("region: eu-west-1\n    endpoint_url: {}", self.url);
        let file = include_str!("../../../stack/environments/dev.yaml");
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

    pub(super) fn run(&self, arguments: &[&str]) -> Output {
        self.command(STACK, arguments).output().unwrap()
    }

    pub(super) fn stack(&self, arguments: &[&str]) -> String {
        printed(&self.run(arguments), &arguments.join(" "))
    }

    pub(super) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.stack(arguments)).unwrap()
    }

    pub(super) fn aws(&self, arguments: &[&str]) -> Value {
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
    pub(super) fn create(
        &self,
        name: &str,
        template: &Path,
        values: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let parameters: Vec<_> = values
            .iter()
            .map(|(key, value)| json!({"ParameterKey": key, "ParameterValue": value}))
            .collect();
        replace_unknown(template);
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
        let stack = self.created(name);
        let outputs = stack["Outputs"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        outputs
            .map(|it| (text(&it["OutputKey"]), text(&it["OutputValue"])))
            .collect()
    }

    /// Waits until the stack is created, and returns its description.
    fn created(&self, name: &str) -> Value {
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
        stack
    }

    /// Replaces the warehouse stack, which the emulator does not support, with one that has the same outputs.
    pub(super) fn warehouse(&self, rendered: &Path) -> PathBuf {
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
    pub(super) fn upload(&self, bucket: &str) -> BTreeMap<String, String> {
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

/// Replaces resources that the emulator does not know. Writes the template without white space, as `deploy` sends it,
/// because CloudFormation's size limit counts it.
fn replace_unknown(template: &Path) {
    let text = std::fs::read(template).unwrap();
    let mut read: Value = serde_json::from_slice(&text).unwrap();
    for resource in read["Resources"].as_object_mut().unwrap().values_mut() {
        let kind = resource["Type"].as_str();
        if kind.is_some_and(|it| UNKNOWN.contains(&it)) {
            *resource = json!({"Type": "AWS::CloudFormation::WaitConditionHandle"});
        }
    }
    std::fs::write(template, read.to_string()).unwrap();
}
