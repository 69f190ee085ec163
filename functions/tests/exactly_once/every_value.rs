//! Generated events on the real way, from the API's request to every reader: each sees the same values, and what is
//! refused is named and kept. The model of `every_value/model.rs` says what is right.

mod analysts;
mod model;
mod path;
mod producers;
mod shop;
mod values;
mod views;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::rig::Rig;
use model::{Row, winners};
use path::Path;
use producers::{Event, request};

/// Generated sets of requests, the same in every run: about 200 events each.
const CASES: u32 = 24;

/// No further case is begun after this time.
const BUDGET: Duration = Duration::from_secs(12);

/// Requests, of which some are sent again: whole, or from some event on, which makes other envelopes.
fn requests() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let again = prop::collection::vec((any::<Index>(), any::<Index>()), 0..3);
    (prop::collection::vec(request(), 1..8), again).prop_map(|(mut requests, again)| {
        for (which, from) in again {
            let request: &Vec<Event> = which.get(&requests);
            let part = request[from.index(request.len()) / 2..].to_vec();
            requests.push(part);
        }
        requests
    })
}

#[test]
fn every_reader_sees_each_accepted_event_as_it_was_sent_and_what_is_refused_is_named_and_kept() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let rig = runtime.block_on(Rig::new());
    runtime.block_on(analysts::assert_complete(&rig));
    let config = Config {
        cases: CASES,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let begun = Instant::now();
    let seen = RefCell::new(Seen::default());
    let result = runner.run(&requests(), |requests| {
        if begun.elapsed() < BUDGET {
            let path = runtime.block_on(check(&rig, &requests));
            let mut seen = seen.borrow_mut();
            seen.accepted += path.accepted.len();
            seen.refusals.extend(path.refusals);
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let seen = seen.into_inner();
    assert!(seen.accepted > 500 && seen.refusals.len() > 20, "{seen:?}");
}

/// What the generated events came to: a test of nothing would pass, too.
#[derive(Debug, Default)]
struct Seen {
    accepted: usize,
    /// Fields with the reasons for which they were refused.
    refusals: BTreeSet<(&'static str, &'static str)>,
}

/// Sends the requests and compares every reader with the model.
async fn check(rig: &Rig, requests: &[Vec<Event>]) -> Path {
    let path = Path::travelled(rig, requests).await;
    let rows: Vec<Row> = path.accepted.iter().map(|(row, _)| row.clone()).collect();
    path.assert_lake();
    path.assert_staging();
    let winners = winners(rows.clone());
    shop::assert_answers(&path.shop, &winners, &rows).await;
    analysts::assert_answers(rig, &winners).await;
    path
}
