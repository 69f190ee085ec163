//! A statement whose client is gone is cancelled.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use rustix::process::Signal;

use crate::environment::{Environment, beside_others};
use crate::processes;

/// A query that would take days.
const ENDLESS: &str = "SELECT count(*) FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b, \
                       generate_series(1, 1000000) AS c";

/// Returns the number of backends that run a statement containing `mark`.
fn at_work(environment: &Environment, mark: &str) -> String {
    environment.shell(&format!(
        "psql -At -c \"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' \
         AND pid <> pg_backend_pid() AND query LIKE '%{mark}%'\""
    ))
}

/// Interrupts `stack query` while its statement runs, and checks that the statement ends too.
fn interrupted_by(signal: Signal, mark: &str) {
    let environment = Environment::shared();
    let mut query = environment
        .command(&["query", &format!("{ENDLESS} WHERE '{mark}' <> ''")])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    environment.wait_for(
        "the statement to run",
        |environment| at_work(environment, mark),
        |count| count != "0\n",
    );
    processes::signal(query.id().into(), signal);
    let code = query.wait().unwrap().code();
    let told = BufReader::new(query.stderr.take().unwrap());
    let told: Vec<_> = told.lines().map(Result::unwrap).collect();
    assert_eq!(code, Some(130), "{told:?}");
    assert!(told[0].starts_with("cancelled statement "), "{told:?}");
    assert_eq!(at_work(environment, mark), "0\n");
}

#[test]
fn ctrl_c_cancels_the_statement_of_a_query() {
    let _way = beside_others();
    interrupted_by(Signal::INT, "story-interrupt");
}

#[test]
fn a_query_that_is_terminated_cancels_its_statement() {
    let _way = beside_others();
    interrupted_by(Signal::TERM, "story-terminate");
}
