//! Faults while events stream: whatever is killed, stopped, removed or started twice, each accepted event is in the
//! warehouse once at the end, and `status` says what is wrong meanwhile.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::environment::{Environment, printed};
use crate::processes::signal;
use crate::survival::{kill, loaded, state, wait_until_well};

#[test]
fn whatever_is_killed_stopped_or_removed_while_events_stream_each_is_loaded_once() {
    let (environment, _turn) = Environment::own("local-faults");
    environment.deploy();
    let stream = Stream::begin(&environment, "31", 9_000, "600/s");
    functions_are_killed(&environment);
    parts_are_stopped(&environment);
    parts_are_killed(&environment);
    assert_eq!(stream.accepted(), 9_000);
    has_rows(&environment, 9_000);
    a_function_is_deleted(&environment);
    two_of_everything_at_once(&environment);
    nobody_else_resets_the_emulator(&environment);
    destroyed_and_deployed(&environment);
}

/// A client that streams in the background.
struct Stream(Child);

impl Stream {
    fn begin(environment: &Environment, seed: &str, rows: u64, rate: &str) -> Self {
        let rows = rows.to_string();
        let stream = [
            "stream",
            "--synthetic",
            &rows,
            "--seed",
            seed,
            "--env",
            environment.name,
        ];
        let mut command = environment.command(&stream);
        command.args(["--rate", rate, "--batch", "100", "--json"]);
        Self(spawn(&mut command))
    }

    /// Waits for its end; it must succeed. Returns how many events were accepted.
    fn accepted(self) -> u64 {
        let report = printed(&self.0.wait_with_output().unwrap(), "stream");
        let report: Value = serde_json::from_str(&report).unwrap();
        report["accepted"].as_u64().unwrap()
    }
}

fn spawn(command: &mut Command) -> Child {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn has_rows(environment: &Environment, rows: u64) {
    environment.wait_for("the rows", loaded, |found| *found == rows);
    let healthy = |status: &Value| status["healthy"] == true;
    environment.wait_for("health", Environment::status, healthy);
    let twice = "SELECT event_id FROM retail.sales_line GROUP BY event_id HAVING count(*) > 1";
    assert_eq!(environment.query(twice), [Value::Null; 0]);
}

/// The problem of that stage in `status`, once there is one.
fn problem(environment: &Environment, stage: &str) -> Value {
    let find = |status: &Value| {
        let problems = status["problems"].as_array().unwrap().iter();
        problems.clone().find(|it| it["stage"] == stage).cloned()
    };
    let status = environment.wait_for("the problem", Environment::status, |it| find(it).is_some());
    find(&status).unwrap()
}

fn functions_are_killed(environment: &Environment) {
    for pid in functions(environment) {
        signal(pid, Signal::KILL);
    }
}

/// Processes whose program lies in the environment's folder and is a function's.
fn functions(environment: &Environment) -> Vec<u64> {
    let folder = environment.folder();
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let entry = entry.unwrap();
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let program = std::fs::read_link(entry.path().join("exe")).ok()?;
        (program.starts_with(&folder) && program.ends_with("bootstrap")).then_some(pid)
    });
    let found: Vec<u64> = processes.collect();
    assert!(
        !found.is_empty(),
        "no function runs in {}",
        folder.display()
    );
    found
}

/// A stopped process takes connections and answers none: that is told, with the command that continues it.
fn parts_are_stopped(environment: &Environment) {
    for (part, stage) in [("postgres", "warehouse"), ("emulator", "emulator")] {
        let pid = state(environment)[part]["pid"].as_u64().unwrap();
        signal(pid, Signal::STOP);
        let found = problem(environment, stage);
        let unknown = environment.status()["unknown"].clone();
        signal(pid, Signal::CONT);
        assert_eq!(found["kind"], "silent", "{found}");
        assert_eq!(found["next"], format!("`kill -CONT {pid}`"), "{found}");
        // What could not be asked is no zero.
        assert_ne!(unknown, json!([]), "{stage}");
    }
}

fn parts_are_killed(environment: &Environment) {
    for part in ["postgres", "emulator"] {
        let killed = kill(environment, part);
        wait_until_well(environment, part, killed);
    }
    kill(environment, "supervisor");
    let found = problem(environment, "supervisor");
    assert_eq!(found["kind"], "ended", "{found}");
    assert_eq!(found["next"], format!("`stack start {}`", environment.name));
    environment.stack(&["start", environment.name]);
}

/// `status` names it, and what it says to do helps.
fn a_function_is_deleted(environment: &Environment) {
    let name = environment.name;
    environment.shell(&format!(
        "aws lambda delete-function --function-name riverhouse-{name}-load"
    ));
    let stream = Stream::begin(environment, "35", 500, "1000/s");
    assert_eq!(stream.accepted(), 500);
    let found = problem(environment, "load");
    assert_eq!(found["kind"], "resource", "{found}");
    let next = found["next"].as_str().unwrap();
    let commands: Vec<_> = next.split('`').skip(1).step_by(2).collect();
    assert_eq!(commands[1..], [format!("stack deploy {name}")], "{next}");
    // CloudFormation sees no change, so `deploy` alone cannot restore the function; it must not report success.
    let output = environment.command(&["deploy", name]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(
        error.contains("does not exist") && error.contains(next),
        "{error}"
    );
    environment.shell(commands[0]);
    environment.deploy();
    has_rows(environment, 9_500);
}

fn two_of_everything_at_once(environment: &Environment) {
    let name = environment.name;
    let before = loaded(environment).as_u64().unwrap();
    let streams = [("32", 1_500), ("33", 1_500), ("33", 1_500)];
    let streams = streams.map(|(seed, rows)| Stream::begin(environment, seed, rows, "1000/s"));
    let commands = [
        &["load", name][..],
        &["load", name],
        &["deploy", name],
        &["deploy", name],
    ];
    let children = commands.map(|words| (words, spawn(&mut environment.command(words))));
    for (words, child) in children {
        let output = child.wait_with_output().unwrap();
        // One of two deploys may find the other at work, and says so.
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let is_busy = words[0] == "deploy" && told.contains("another");
        assert!(output.status.success() || is_busy, "{words:?}: {told}");
    }
    for stream in streams {
        assert_eq!(stream.accepted(), 1_500);
    }
    // Two of the three streams had the same events.
    has_rows(environment, before + 3_000);
}

fn nobody_else_resets_the_emulator(environment: &Environment) {
    let before = loaded(environment);
    let outputs = environment.json(&["outputs", environment.name, "--json"]);
    let emulator = outputs["endpoint_url"].as_str().unwrap();
    for (method, path) in [
        ("POST", "/_ministack/reset"),
        ("POST", "/_localstack/state/reset"),
        ("GET", "/"),
    ] {
        let url = format!("{emulator}{path}");
        for answer in [
            environment.unsigned(method, &url, &[], b""),
            environment.unsigned(method, &url, &[("Origin", "https://example.com")], b"{}"),
        ] {
            assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text());
        }
    }
    assert_eq!(loaded(environment), before);
    environment.stack(&["load", environment.name, "--reconcile"]);
}

/// The client of an environment that is taken away ends with a reason, and streaming again leaves nothing out.
fn destroyed_and_deployed(environment: &Environment) {
    let stream = Stream::begin(environment, "34", 4_000, "500/s");
    std::thread::sleep(Duration::from_secs(2));
    environment.stack(&["destroy", environment.name, "--yes"]);
    assert!(!environment.folder().exists());
    environment.deploy();
    let ended = stream.0.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(told.contains("the run stopped early"), "{told}");
    environment.stack(&[
        "stream",
        "--synthetic",
        "4000",
        "--seed",
        "34",
        "--wait",
        "--env",
        environment.name,
    ]);
    has_rows(environment, 4_000);
}
