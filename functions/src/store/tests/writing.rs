//! How items go into the tables.

use super::*;

#[test]
fn items_go_25_a_call_and_equal_keys_once() {
    let store = store(Partial);
    let mut data = envelopes(20);
    data.extend(envelopes(20));
    bring(&store, &batch(data)).unwrap();
    assert_eq!(store.tables.calls(), [25, 15]);
    assert_eq!(store.tables.items().len(), 40);
    assert_eq!(in_lake(&store).len(), 40);
}

#[test]
fn unprocessed_items_are_written_again_and_only_they() {
    let store = store(Partial);
    store.tables.leave_unprocessed(2);
    bring(&store, &batch(envelopes(5))).unwrap();
    assert_eq!(store.tables.calls(), [10, 1, 1]);
    assert_eq!(store.tables.items().len(), 10);
    let waits: Vec<_> = store
        .clock
        .pauses()
        .iter()
        .map(std::time::Duration::as_millis)
        .collect();
    assert_eq!(waits, [50, 100]);
}

#[test]
fn items_that_stay_unprocessed_are_a_failure_that_says_so() {
    let store = store(Whole);
    store.tables.leave_unprocessed(usize::MAX);
    let failed = bring(&store, &batch(envelopes(1))).unwrap_err();
    assert_eq!(format!("{failed:?}"), failed.to_string());
    insta::assert_snapshot!(failed, @"stored 0 of 1 records: dynamodb BatchWriteItem on the tables invoice and customer: UnprocessedItems: 1 items of table invoice and 0 of table customer were not written before the deadline: the tables are throttled");
    assert!(store.bucket.keys("").is_empty());
}

#[test]
fn the_last_five_seconds_of_the_function_are_kept_to_answer_in() {
    let store = Store {
        clock: StoppedClock::at(datetime!(2026-01-02 03:05:01 UTC)),
        ..store(Partial)
    };
    store.tables.leave_unprocessed(usize::MAX);
    let answer = bring(&store, &batch(envelopes(1))).unwrap();
    assert_eq!(failures(&answer), ["100"]);
    assert!(store.clock.pauses().is_empty());
}
