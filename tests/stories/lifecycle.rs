//! The lifecycle of an environment: deploy, deploy again, side by side with another, after a crash, and destroy.

use std::net::TcpStream;
use std::process::{Command, Stdio};

use rustix::process::Signal;
use serde_json::Value;

use crate::environment::{Environment, beside_others};
use crate::processes::{is_running, signal};

fn pids(status: &Value) -> Vec<u64> {
    status["processes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["pid"].as_u64())
        .collect()
}

fn port(url: &Value) -> u16 {
    url.as_str()
        .unwrap()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn a_second_deploy_finds_everything_as_it_should_be() {
    let _way = beside_others();
    let environment = Environment::shared();
    let again = environment.deploy();
    assert_eq!(
        (&again["outcome"], &again["uploads"]),
        (&"unchanged".into(), &0.into()),
        "{again}"
    );
    assert_well_but_for_rejects(environment);
}

/// Asserts that `status` reports no problem except rejects, which other stories leave in the shared environment.
fn assert_well_but_for_rejects(environment: &Environment) {
    let status = environment.status();
    let problems = status["problems"].as_array().unwrap();
    let all_rejects = problems.iter().all(|it| it["kind"] == "rejects");
    assert!(
        all_rejects && status["unknown"] == serde_json::json!([]),
        "{status}"
    );
}

#[test]
fn deploy_by_readmes_alias_compiles_nothing_that_is_compiled() {
    let _way = beside_others();
    let environment = Environment::shared();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let deploy = || {
        let mut command = Command::new(&cargo);
        // Clears the variables that cargo sets for tests, which a user's shell does not have: build scripts would run
        // again.
        for (name, _) in std::env::vars_os() {
            let set = name.to_str().is_some_and(|name| {
                [
                    "CARGO_PKG_",
                    "CARGO_MANIFEST_",
                    "CARGO_BIN_",
                    "CARGO_CRATE_",
                    "CARGO_PRIMARY_",
                ]
                .iter()
                .any(|prefix| name.starts_with(prefix))
            });
            if set {
                command.env_remove(name);
            }
        }
        let output = command
            .args(["run", "-p", "stack", "--", "deploy"])
            .env("RIVERHOUSE_HOME", environment.home())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{told}");
        told
    };
    // The first deploy may compile, because the tests were built with other crate features.
    deploy();
    let again = deploy();
    assert!(again.contains("Running"), "{again}");
    assert!(!again.contains("Compiling"), "{again}");
}

#[test]
fn a_second_environment_runs_beside_the_first_and_destroy_leaves_nothing() {
    let _way = beside_others();
    let first = Environment::shared();
    let (second, _turn) = Environment::own("local-two");
    let deployed = second.deploy();
    let ours = first.json(&["outputs", "--json"]);
    assert_ne!(deployed["outputs"]["api_url"], ours["api_url"]);
    assert_eq!(deployed["outputs"]["environment"], "local-two");
    let processes = pids(&second.status());
    assert!(second.folder().exists());

    let destroyed = second.json(&["destroy", "local-two", "--yes", "--json"]);
    assert_eq!(destroyed["outcome"], "destroyed");
    assert!(
        std::fs::read_dir(second.home()).unwrap().next().is_none(),
        "no file is left"
    );
    for pid in processes {
        assert!(!is_running(pid), "process {pid} is left");
    }
    for url in ["endpoint_url", "redshift_data_endpoint_url"] {
        let port = port(&deployed["outputs"][url]);
        assert!(
            TcpStream::connect(("127.0.0.1", port)).is_err(),
            "port {port} is left"
        );
    }
    assert_eq!(
        second.json(&["destroy", "local-two", "--yes", "--json"])["outcome"],
        "absent"
    );
    assert_well_but_for_rejects(first);
}

#[test]
fn after_all_processes_are_killed_commands_report_it_and_deploy_recovers_the_data() {
    let _way = beside_others();
    let (environment, _turn) = Environment::own("local-killed");
    environment.deploy();
    let killed = pids(&environment.status());
    for pid in &killed {
        signal(*pid, Signal::KILL);
    }
    environment.wait_for(
        "the end of all processes",
        |_| killed.iter().filter(|pid| is_running(**pid)).count(),
        |count| *count == 0,
    );
    let output = environment.run(&["status", "local-killed"]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout.contains("stack start local-killed"), "{stdout}");

    let deployed = environment.deploy();
    assert_eq!(deployed["recreated"], false, "{deployed}");
    assert_eq!(deployed["outcome"], "unchanged", "{deployed}");
    assert_eq!(environment.status()["healthy"], true);
}

#[test]
fn templates_are_rendered_without_anything_running_and_always_the_same() {
    let (environment, _turn) = Environment::own("local-none");
    let once = environment.stack(&["synth", "local"]);
    assert_eq!(environment.stack(&["synth", "local"]), once);
    assert!(once.contains("AWS::Kinesis::Stream"));
}
