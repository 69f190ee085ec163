//! A full disk: events are refused or wait, `status` says what is full, and nothing is lost when there is room again.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, getuid, prlimit};
use serde_json::Value;

use crate::environment::{Environment, printed};
use crate::survival::{loaded, state};

/// What is left of the small disk, in KiB, and the limit of a file, in bytes: a thousand events need more.
const LEFT: u64 = 512;

#[test]
fn a_full_disk_is_told_and_costs_no_accepted_event() {
    let (environment, _turn) = Environment::own("local-disk");
    let disk = Disk::new(environment.home());
    environment.deploy();
    let name = environment.name;
    let stream = |seed, rows| ["stream", "--synthetic", rows, "--seed", seed, "--env", name];
    environment.stack(&[&stream("41", "500")[..], &["--wait"]].concat());

    disk.fill(&environment);
    let mut client = environment.command(&stream("42", "2000"));
    let client = client.args(["--rate", "400/s", "--json"]);
    let client = client
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = environment.wait_for("the full disk in status", Environment::status, |status| {
        let told = status["problems"].to_string();
        ["No space left", "is full", "File too large"]
            .iter()
            .any(|words| told.contains(words))
    });
    assert_eq!(status["healthy"], false);
    std::thread::sleep(Duration::from_secs(2));
    // The supervisor cannot write its log, and serves the Data API all the same.
    let told = environment.status()["problems"].to_string();
    assert!(!told.contains("connection closed"), "{told}");
    disk.make_room(&environment);

    let report = printed(&client.wait_with_output().unwrap(), "stream");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["accepted"], 2_000, "{report}");
    environment.wait_for("all rows", loaded, |rows| *rows == 2_500);
    environment.stack(&["load", name, "--reconcile"]);
}

/// A disk that can be filled: a small file system of its own for root, which the end of the environment's home unmounts;
/// else a limit on the size of the emulator's files, which has the same effect.
enum Disk<'a> {
    Own(&'a Path),
    Limited,
}

impl<'a> Disk<'a> {
    fn new(folder: &'a Path) -> Self {
        if !getuid().is_root() {
            return Self::Limited;
        }
        let mut mount = Command::new("mount");
        let mounted = mount
            .args(["-t", "tmpfs", "-o", "size=4g,mode=755", "tmpfs"])
            .arg(folder);
        // A container's root may not mount.
        match mounted.stderr(Stdio::null()).status() {
            Ok(status) if status.success() => Self::Own(folder),
            _ => Self::Limited,
        }
    }

    fn fill(&self, environment: &Environment) {
        match self {
            Self::Own(folder) => {
                let used = rustix::fs::statvfs(*folder).unwrap();
                let used = (used.f_blocks - used.f_bfree) * used.f_frsize / 1_024;
                resize(folder, &format!("{}k", used + LEFT));
            }
            Self::Limited => limit(environment, Some(LEFT)),
        }
    }

    fn make_room(&self, environment: &Environment) {
        match self {
            Self::Own(folder) => resize(folder, "4g"),
            Self::Limited => limit(environment, None),
        }
    }
}

fn resize(folder: &Path, size: &str) {
    let options = format!("remount,size={size}");
    let mut mount = Command::new("mount");
    let status = mount.args(["-o", &options]).arg(folder).status().unwrap();
    assert!(status.success(), "{options}");
}

/// Limits the files that the emulator writes: what the API accepted among them.
fn limit(environment: &Environment, bytes: Option<u64>) {
    let pid = state(environment)["emulator"]["pid"].as_u64().unwrap();
    let pid = Pid::from_raw(i32::try_from(pid).unwrap());
    let limit = Rlimit {
        current: bytes,
        ..getrlimit(Resource::Fsize)
    };
    prlimit(pid, Resource::Fsize, limit).unwrap();
}
