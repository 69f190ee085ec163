//! Finds the reason why a part of an environment does not run, as one line.

use std::path::Path;

use crate::state::Part;

/// Returns the reason from what the part has logged since it was started, or `otherwise` if the log has none.
/// `folder` and `ports` are those of the part.
pub(crate) fn reason(
    part: Part,
    log: &str,
    otherwise: &str,
    folder: &Path,
    ports: &[u16],
) -> String {
    let lines: Vec<&str> = log
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let text = lines.join("\n");
    known(&text, otherwise, folder, ports)
        .or_else(|| match part {
            Part::Emulator => of_emulator(&lines),
            Part::Warehouse => of_postgres(&lines),
            Part::DataApi => None,
        })
        .unwrap_or_else(|| otherwise.lines().next().unwrap_or("it exited").to_owned())
}

/// Reasons with the same words in every log.
fn known(log: &str, otherwise: &str, folder: &Path, ports: &[u16]) -> Option<String> {
    let says = |words: &[&str]| {
        words
            .iter()
            .any(|word| log.contains(word) || otherwise.contains(word))
    };
    if says(&["No space left on device", "the disk is full"]) {
        return Some(format!("the disk of `{}` is full", folder.display()));
    }
    if says(&["Disk quota exceeded", "File too large"]) {
        return Some(format!(
            "a quota or a limit on file sizes is reached in `{}`",
            folder.display()
        ));
    }
    if says(&["Address already in use", "is already in use"]) {
        let ports: Vec<_> = ports.iter().map(u16::to_string).collect();
        return Some(format!("another process uses port {}", ports.join(" or ")));
    }
    if says(&["could not look up effective user ID"]) {
        return Some(
            "this user id has no entry in /etc/passwd, and PostgreSQL needs one: add one, or run as a user that has"
                .to_owned(),
        );
    }
    says(&["Cannot allocate memory", "MemoryError"])
        .then(|| "the machine is out of memory".to_owned())
}

/// Returns the last line of our own program, or else the last line of a traceback.
fn of_emulator(lines: &[&str]) -> Option<String> {
    let own = lines
        .iter()
        .rev()
        .find_map(|line| line.strip_prefix("riverhouse: "));
    // A warning can have any age and is not a reason to end.
    let last = lines
        .last()
        .filter(|line| !line.contains(" WARNING "))
        .copied();
    own.or(last).map(str::to_owned)
}

/// PostgreSQL logs the first cause first, and its consequences after it.
fn of_postgres(lines: &[&str]) -> Option<String> {
    let message = |line: &&str| {
        ["FATAL:", "PANIC:", "ERROR:", "LOG:"]
            .iter()
            .find_map(|level| line.split_once(level))
            .map(|(_, message)| message.trim().to_owned())
    };
    let setting = lines.iter().find(|line| {
        [
            "unrecognized configuration parameter",
            "syntax error in file",
            "invalid value for parameter",
            "requires a",
            "is outside the valid range",
        ]
        .iter()
        .any(|words| line.contains(words))
    });
    if let Some(found) = setting.and_then(message) {
        return Some(format!("invalid setting: {found}"));
    }
    let worst = lines.iter().find(|line| {
        ["FATAL:", "PANIC:"]
            .iter()
            .any(|level| line.contains(level))
    });
    worst.and_then(message).or_else(|| {
        // A line of level LOG is normal operation, not the reason for an end, for example by a kill.
        let last = lines.last().filter(|line| !line.contains("LOG:"));
        last.map(|line| (*line).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(part: Part, log: &str) -> String {
        reason(
            part,
            log,
            "it exited during its start",
            Path::new("/home/x"),
            &[5432],
        )
    }

    #[test]
    fn a_full_disk_is_named_whoever_finds_it() {
        let full = "the disk of `/home/x` is full";
        let postgres = "2026 UTC [7] FATAL:  could not write lock file \"postmaster.pid\": No space left on device";
        assert_eq!(of(Part::Warehouse, postgres), full);
        let emulator = "riverhouse: records are refused: the disk is full";
        assert_eq!(of(Part::Emulator, emulator), full);
        let spawn = "cannot open `/x/log`: No space left on device (os error 28)";
        assert_eq!(
            reason(Part::Emulator, "", spawn, Path::new("/home/x"), &[]),
            full
        );
    }

    #[test]
    fn a_bad_setting_is_named_with_its_file_and_line() {
        let log = "2026 UTC [7] LOG:  unrecognized configuration parameter \"nonsense\" in file \"/p/postgresql.auto.conf\" line 3\n\
                   2026 UTC [7] FATAL:  configuration file \"/p/postgresql.auto.conf\" contains errors\n";
        assert_eq!(
            of(Part::Warehouse, log),
            "invalid setting: unrecognized configuration parameter \"nonsense\" in file \"/p/postgresql.auto.conf\" line 3"
        );
        let log = "[7] LOG:  syntax error in file \"/p/postgresql.auto.conf\" line 3, near end of line\n[7] FATAL:  contains errors";
        assert!(of(Part::Warehouse, log).starts_with("invalid setting: syntax error in file"));
    }

    #[test]
    fn a_taken_port_and_a_user_without_a_name_have_a_remedy() {
        let log = "[7] LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use";
        assert_eq!(of(Part::Warehouse, log), "another process uses port 5432");
        let log = "initdb: error: could not look up effective user ID 4711: user does not exist";
        assert!(of(Part::Warehouse, log).contains("/etc/passwd"));
    }

    #[test]
    fn otherwise_the_first_fatal_line_or_the_last_line_is_the_reason() {
        let log = "[7] LOG:  starting\n[7] PANIC:  could not locate a valid checkpoint record at 0/1\n[7] LOG:  shut down";
        assert_eq!(
            of(Part::Warehouse, log),
            "could not locate a valid checkpoint record at 0/1"
        );
        let log = "[7] LOG:  database system is ready\n[7] LOG:  reloading configuration files";
        assert_eq!(of(Part::Warehouse, log), "it exited during its start");
        let log = "Traceback (most recent call last):\n  File \"x\"\nValueError: odd";
        assert_eq!(of(Part::Emulator, log), "ValueError: odd");
        assert_eq!(of(Part::DataApi, "noise"), "it exited during its start");
        let warning = "2026-11-25 23:49:45 WARNING [kms] cryptography package not installed";
        assert_eq!(of(Part::Emulator, warning), "it exited during its start");
        assert_eq!(of(Part::Emulator, ""), "it exited during its start");
    }
}
