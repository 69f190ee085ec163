//! A part that dies affects only itself, and no data is lost.

use std::io::Write;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::environment::{Environment, beside_others};

pub(crate) fn state(environment: &Environment) -> Value {
    let file = std::fs::read(environment.folder().join("state.json")).unwrap();
    // The supervisor may be writing the file; an unreadable file is read again.
    serde_json::from_slice(&file).unwrap_or_default()
}

pub(crate) fn kill(environment: &Environment, part: &str) -> u64 {
    let pid = state(environment)[part]["pid"].as_u64().unwrap();
    let raw = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(raw, Signal::KILL).unwrap();
    pid
}

pub(crate) fn wait_until_well(environment: &Environment, part: &str, killed: u64) {
    environment.wait_for("the part to run again", state, |state| {
        let pid = state[part]["pid"].as_u64();
        pid.is_some_and(|pid| pid != killed) && state["failures"] == serde_json::json!({})
    });
}

pub(crate) fn loaded(environment: &Environment) -> Value {
    environment.query("SELECT count(*) AS n FROM retail.sales_line")[0]["n"].clone()
}

#[test]
fn no_accepted_event_is_lost_when_parts_are_killed_stopped_and_started() {
    let _way = beside_others();
    let (environment, _turn) = Environment::own("local-survives");
    let name = environment.name;
    environment.deploy();
    environment.stack(&[
        "stream",
        "--synthetic",
        "3000",
        "--seed",
        "1",
        "--env",
        name,
    ]);
    let emulator = kill(&environment, "emulator");
    wait_until_well(&environment, "emulator", emulator);
    environment.stack(&[
        "stream",
        "--synthetic",
        "1000",
        "--seed",
        "2",
        "--wait",
        "--env",
        name,
    ]);
    let expected = Value::from(4000);
    environment.wait_for("4,000 rows", loaded, |rows| *rows == expected);

    environment.stack(&["stop", name]);
    let refused = environment.run(&["status", name]);
    let said = [refused.stdout, refused.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.contains(&format!("stack start {name}")), "{said}");
    environment.stack(&["start", name]);
    assert_eq!(loaded(&environment), expected);
    assert_eq!(environment.deploy()["outcome"], "unchanged");
}

#[test]
fn postgresql_that_cannot_start_keeps_the_emulator_says_why_and_recovers_when_repaired() {
    let _way = beside_others();
    let (environment, _turn) = Environment::own("local-broken");
    let name = environment.name;
    environment.deploy();
    let emulator = state(&environment)["emulator"]["pid"].clone();
    let settings = environment.folder().join("postgres/postgresql.auto.conf");
    let good = std::fs::read(&settings).unwrap();
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&settings)
        .unwrap();
    writeln!(file, "nonsense = 1").unwrap();
    let postgres = kill(&environment, "postgres");
    let reason = environment.wait_for(
        "the reason",
        |environment| state(environment)["failures"]["warehouse"]["reason"].to_string(),
        |reason| reason.contains("invalid setting"),
    );
    assert!(reason.contains("nonsense"), "{reason}");

    let refused = environment.run(&["deploy", name]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        said.contains("invalid setting") && said.contains("loses the lake"),
        "{said}"
    );
    std::fs::write(&settings, good).unwrap();
    environment.stack(&["start", name]);
    wait_until_well(&environment, "postgres", postgres);
    assert_eq!(state(&environment)["emulator"]["pid"], emulator);
}
