//! Tests of replaying lines of the lake into the tables.

use super::*;

fn replay(lines: &[String]) -> Batch {
    serde_json::from_value(json!({ "replay": lines })).unwrap()
}

#[test]
fn replayed_lines_give_the_same_items_as_their_records_and_write_no_object() {
    let first = store(Partial);
    bring(&first, &fixture()).unwrap();
    let key = &first.bucket.keys("raw/")[0];
    let mut lines: Vec<_> = unpacked(&first, key).lines().map(str::to_owned).collect();
    // Repeats an envelope and adds a line that is not valid.
    lines.extend(lines.clone());
    lines.push("no line".to_owned());

    let second = store(Partial);
    let answer = bring(&second, &replay(&lines)).unwrap();
    assert!(failures(&answer).is_empty());
    let items = |store: &InMemory| {
        let items = store.tables.items();
        items.iter().map(text).collect::<BTreeSet<_>>()
    };
    assert_eq!(items(&second), items(&first));
    assert!(!items(&first).is_empty());
    assert!(second.bucket.keys("").is_empty());

    bring(&first, &replay(&lines)).unwrap();
    assert_eq!(items(&second), items(&first));
}

#[test]
fn a_replay_that_the_tables_refuse_is_an_error_whatever_the_batch_failures_are() {
    let store = store(Partial);
    store.tables.leave_unprocessed(usize::MAX);
    let lake = store_lake();
    let failed = bring(&store, &replay(&lake)).unwrap_err();
    assert!(failed.to_string().contains("UnprocessedItems"), "{failed}");
}

fn store_lake() -> Vec<String> {
    let store = store(Whole);
    bring(&store, &batch(envelopes(1))).unwrap();
    let key = &store.bucket.keys("raw/")[0];
    unpacked(&store, key).lines().map(str::to_owned).collect()
}
