//! Judges the processes of an environment.

use local::Health;

use super::problem::{Answer, Problem, ProblemKind, command};

/// Marks a process as unhealthy if a signed call fails. A process that only accepts connections is not healthy.
pub(super) fn signed(process: &mut Health, answer: &Answer<()>) {
    if let (true, Err(reason)) = (process.healthy, answer) {
        process.healthy = false;
        process.detail = Some(format!("unresponsive: {reason}"));
    }
}

/// Returns the problems of the processes.
pub(super) fn judge(processes: &[Health], environment: &str) -> Vec<Problem> {
    let sick = processes.iter().filter(|process| !process.healthy);
    sick.map(|process| problem(process, environment)).collect()
}

fn problem(process: &Health, environment: &str) -> Problem {
    let detail = process.detail.as_deref().unwrap_or("it does not answer");
    let is_stopped = detail.contains("kill -CONT");
    let is_dead = process.since.is_some() || process.process == "supervisor";
    let next = match process.pid {
        Some(pid) if is_stopped => format!("`kill -CONT {pid}`"),
        _ if process.pid.is_none() => command("doctor", environment),
        _ => command("start", environment),
    };
    Problem {
        stage: process.process.to_owned(),
        kind: if is_dead && !is_stopped {
            ProblemKind::Ended
        } else {
            ProblemKind::Silent
        },
        reason: format!("{} is unresponsive: {detail}", process.process),
        since: process.since,
        next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(name: &'static str) -> Health {
        Health {
            process: name,
            pid: Some(7),
            healthy: true,
            detail: None,
            since: None,
        }
    }

    #[test]
    fn a_process_that_answers_no_signed_call_is_not_healthy() {
        let mut emulator = process("emulator");
        assert_eq!(judge(std::slice::from_ref(&emulator), "local"), []);
        signed(&mut emulator, &Err("no answer within 3 s".to_owned()));
        let problems = judge(&[emulator], "local");
        assert_eq!(problems[0].kind, ProblemKind::Silent);
        assert!(problems[0].reason.contains("no answer within 3 s"));
    }

    #[test]
    fn a_stopped_process_is_continued_and_a_dead_supervisor_is_started() {
        let sick = |name, detail: &str| Health {
            healthy: false,
            detail: Some(detail.to_owned()),
            ..process(name)
        };
        let stopped = sick("warehouse", "stopped; `kill -CONT 7` continues it");
        let dead = sick("supervisor", "its supervisor exited");
        let problems = judge(&[stopped, dead], "local-blue");
        assert_eq!(problems[0].next, "`kill -CONT 7`");
        assert_eq!(problems[1].next, "`stack start local-blue`");
        assert_eq!(problems[1].kind, ProblemKind::Ended);
    }
}
