//! `stack status` and `stack stream --wait` name what is wrong, at once.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::environment::{Environment, beside_others};

fn signal(environment: &Environment, part: &str, signal: Signal) {
    let file = std::fs::read(environment.folder().join("state.json")).unwrap();
    let state: Value = serde_json::from_slice(&file).unwrap();
    let pid = state[part]["pid"].as_i64().unwrap();
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

fn reasons(status: &Value) -> Vec<String> {
    let problems = status["problems"].as_array().unwrap().iter();
    problems
        .map(|problem| format!("{}: {}", problem["stage"], problem["reason"]))
        .collect()
}

/// Streams with `--wait`, does `harm` after the events are accepted, and gives the exit code, what the command said, and
/// how long it took after that.
fn wait_through(
    environment: &Environment,
    seed: &str,
    harm: impl FnOnce(&Environment),
) -> (Option<i32>, String, Duration) {
    let name = environment.name;
    let arguments = [
        "stream",
        "--synthetic",
        "100",
        "--seed",
        seed,
        "--wait",
        "--env",
        name,
    ];
    let mut command = environment.command(&arguments);
    command.stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_secs(4));
    harm(environment);
    let harmed = Instant::now();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said, harmed.elapsed())
}

fn enable(environment: &Environment, function: &str, switch: &str) {
    environment.shell(&format!(
        r"for id in $(aws lambda list-event-source-mappings --function-name riverhouse-{}-{function} --query 'EventSourceMappings[].UUID' --output text); do
            aws lambda update-event-source-mapping --uuid $id {switch} >/dev/null; done",
        environment.name
    ));
}

fn a_changed_log_group_is_named_and_the_next_command_repairs_it(environment: &Environment) {
    let name = environment.name;
    let group = format!("/aws/lambda/riverhouse-{name}-load");
    environment.shell(&format!(
        "aws logs put-retention-policy --log-group-name {group} --retention-in-days 3"
    ));
    let changed = reasons(&environment.status());
    assert!(
        changed[0].contains("was changed: it keeps its lines for 3 days"),
        "{changed:?}"
    );
    let status = environment.status();
    let next = status["problems"][0]["next"].as_str().unwrap();
    environment.shell(next.trim_matches('`'));
    assert_eq!(environment.status()["healthy"], true);
}

fn a_stopped_warehouse_is_named_and_its_ledger_is_unknown(environment: &Environment) {
    signal(environment, "postgres", Signal::STOP);
    let (code, said, took) = wait_through(environment, "12", |_| {});
    let sick = environment.status();
    signal(environment, "postgres", Signal::CONT);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("warehouse") && said.contains("kill -CONT"),
        "{said}"
    );
    assert!(took < Duration::from_secs(40), "{took:?}");
    let reasons = reasons(&sick);
    assert!(
        reasons.iter().any(|it| it.starts_with("\"warehouse\"")),
        "{reasons:?}"
    );
    let unknown = sick["unknown"].to_string();
    assert!(
        unknown.contains("\"load\""),
        "a ledger that is not asked is unknown: {unknown}"
    );
    assert_eq!(sick["last_load"], Value::Null);
}

#[test]
fn a_wait_counts_its_own_rows_and_names_what_holds_it_up_and_so_does_status() {
    let _way = beside_others();
    let (environment, _turn) = Environment::own("local-status");
    let name = environment.name;
    environment.deploy();
    let stream = |rows: &str| {
        environment.json(&[
            "stream",
            "--synthetic",
            "2000",
            "--limit",
            rows,
            "--wait",
            "--json",
            "--env",
            name,
        ])
    };
    assert_eq!(stream("2000")["wait"]["loaded"], 2000);
    assert_eq!(
        stream("300")["wait"]["loaded"],
        300,
        "rows of this run only"
    );
    let status = environment.wait_for("health", Environment::status, |it| it["healthy"] == true);
    assert_eq!(reasons(&status), [""; 0]);

    a_changed_log_group_is_named_and_the_next_command_repairs_it(&environment);
    a_stopped_warehouse_is_named_and_its_ledger_is_unknown(&environment);
    // A stage that is switched off, and a supervisor that is dead.
    enable(&environment, "load", "--no-enabled");
    let (code, said, _) = wait_through(&environment, "11", |_| {});
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("is disabled") && said.contains("0 of 100"),
        "{said}"
    );

    let (code, said, took) = wait_through(&environment, "13", |environment| {
        signal(environment, "supervisor", Signal::KILL);
    });
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("supervisor"), "{said}");
    assert!(took < Duration::from_secs(20), "{took:?}");

    // Everything accepted is loaded once the parts are back.
    environment.stack(&["start", name]);
    enable(&environment, "load", "--enabled");
    environment.wait_for(
        "all rows",
        |it| it.query("SELECT count(*) AS n FROM retail.sales_line")[0]["n"].clone(),
        |rows| *rows == 2300,
    );
}

#[test]
fn a_file_in_quarantine_ends_the_wait_of_the_run_whose_events_it_holds() {
    let _way = beside_others();
    let (environment, _turn) = Environment::own("local-held");
    environment.deploy();
    enable(&environment, "load", "--no-enabled");
    // The staged file of the run is broken before it is loaded.
    let (code, said, took) = wait_through(&environment, "21", |environment| {
        environment.shell(
            r"key=$(aws s3api list-objects-v2 --bucket $RIVERHOUSE_STAGING_BUCKET --prefix csv/ --query 'Contents[0].Key' --output text)
               echo broken > /tmp/riverhouse-broken.$$
               aws s3 cp --quiet /tmp/riverhouse-broken.$$ s3://$RIVERHOUSE_STAGING_BUCKET/$key; rm /tmp/riverhouse-broken.$$",
        );
        enable(environment, "load", "--enabled");
    });
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is in quarantine"), "{said}");
    assert!(took < Duration::from_secs(40), "{took:?}");
}
