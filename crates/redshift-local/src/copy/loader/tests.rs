use super::*;
use crate::copy::convert::Converter;
use crate::copy::table::{FieldType, Target};
use crate::s3::{Location, StoreError};
use crate::sql::{Command, plan};

fn location(key: &str) -> Location {
    Location {
        bucket: "b".to_owned(),
        key: key.to_owned(),
    }
}

/// Returns the events of a file, whose size the manifest says is `promised`.
fn file(key: &str, content: &[u8], promised: Option<u64>) -> Vec<FetchEvent> {
    let source = SourceFile {
        location: location(key),
        mandatory: true,
        length: promised,
    };
    let mut events = vec![FetchEvent::Start(source)];
    let chunks = content.chunks(3).map(Bytes::copy_from_slice);
    events.extend(chunks.map(FetchEvent::Bytes));
    events.push(FetchEvent::End(content.len() as u64));
    events
}

/// A loader of the columns `id` and `n`, and what receives its chunks.
fn loader(options: &str) -> (Loader, mpsc::Receiver<Bytes>) {
    let sql = format!("copy t from 's3://b/k' iam_role default {options}");
    let Command::Copy(copy) = plan(&sql, &[]).unwrap().command else {
        panic!()
    };
    let target = |name: &str, field| Target {
        name: name.to_owned(),
        field,
        type_name: String::new(),
        not_null: false,
        is_identity: false,
    };
    let integer = FieldType::Integer {
        name: "Integer",
        least: 0,
        most: 9,
    };
    let targets = vec![target("id", FieldType::Varchar(None)), target("n", integer)];
    let writer = RowWriter::new(Converter::new(&copy), targets, false);
    let (chunks, receiver) = mpsc::channel(64);
    (Loader::new(copy, writer, chunks), receiver)
}

fn queue(events: Vec<FetchEvent>) -> mpsc::Receiver<FetchEvent> {
    let (sender, receiver) = mpsc::channel(events.len().max(1));
    for event in events {
        sender.try_send(event).unwrap();
    }
    receiver
}

/// Loads files and returns the result with the chunks that were sent.
fn load(options: &str, events: Vec<FetchEvent>) -> (Result<LoadSummary, LoadFailure>, Vec<String>) {
    let (loader, mut receiver) = loader(options);
    let result = loader.work(queue(events));
    let chunks = std::iter::from_fn(|| receiver.try_recv().ok());
    let chunks = chunks.map(|chunk| String::from_utf8(chunk.to_vec()).unwrap());
    (result, chunks.collect())
}

fn reason(options: &str, events: Vec<FetchEvent>) -> String {
    let failure = load(options, events).0.err().unwrap();
    failure.reason.unwrap_or_default()
}

#[test]
fn the_rows_of_all_files_are_sent_and_counted() {
    let events = [
        file("1", b"id,n\na,1\n\nb,2\n", Some(14)),
        vec![FetchEvent::Missing],
        file("2", b"id,n\n\"c\nd\",3", None),
    ];
    let events = events.into_iter().flatten().collect();
    let (loaded, chunks) = load("csv ignoreheader 1 ignoreblanklines", events);
    let loaded = loaded.ok().unwrap();
    assert_eq!(chunks, ["a\t1\nb\t2\nc\\nd\t3\n"]);
    assert_eq!((loaded.rows, loaded.files, loaded.bytes), (3, 2, 26));
    assert_eq!(loaded.rejected, []);
}

#[test]
fn a_blank_line_is_a_row_unless_blank_lines_are_ignored() {
    let events = || file("1", b"a,1\n\n", None);
    let (loaded, _) = load("csv maxerror 2", events());
    let loaded = loaded.ok().unwrap();
    assert_eq!((loaded.rows, loaded.rejected[0].line), (1, 2));
    let (loaded, _) = load("csv maxerror 2 ignoreblanklines", events());
    assert_eq!(loaded.ok().unwrap().rejected, []);
}

#[test]
fn a_load_fails_at_the_first_rejected_row_or_at_the_number_it_allows() {
    let text = b"a,1\nb,x\nc,3\nd,\"y\n\"\ne,5\n";
    for (options, rejected) in [("csv", 1), ("csv maxerror 1", 1), ("csv maxerror 2", 2)] {
        let failure = load(options, file("1", text, None)).0.err().unwrap();
        assert_eq!(failure.reason, None);
        assert_eq!(failure.loaded.rejected.len(), rejected);
    }
    let (loaded, chunks) = load("csv maxerror 3", file("1", text, None));
    assert_eq!(chunks, ["a\t1\nc\t3\ne\t5\n"]);
    let rejected = loaded.ok().unwrap().rejected;
    let places: Vec<_> = rejected
        .iter()
        .map(|row| (row.file.as_str(), row.line, row.column))
        .collect();
    assert_eq!(places, [("s3://b/1", 2, Some(1)), ("s3://b/1", 4, Some(1))]);
    let texts = |row: &RejectedRow| (row.raw_line.clone(), row.raw_field.clone());
    let text = |line: &str, field: &str| (line.to_owned(), field.to_owned());
    assert_eq!(texts(&rejected[0]), text("b,x", "x"));
    assert_eq!(texts(&rejected[1]), text("d,\"y\n\"", "y\n"));
}

#[test]
fn the_text_of_a_rejected_row_is_cut_and_has_no_nul() {
    let row = format!("\0{},x\n", "é".repeat(600));
    let failure = load("csv", file("1", row.as_bytes(), None))
        .0
        .err()
        .unwrap();
    let shown = &failure.loaded.rejected[0].raw_line;
    assert_eq!(
        shown.len(),
        3 + 1022 + 3,
        "NUL, 511 letters and half of one"
    );
    assert!(shown.starts_with("\u{fffd}é") && shown.ends_with("é\u{fffd}"));
}

#[test]
fn objects_are_counted_from_one_and_their_keys_may_ignore_case() {
    let text = b"{\"ID\":\"a\",\"n\":1}\n{\"id\":}\n{\"id\":\"c\",\"N\":\"x\"}\n";
    let rejected = |format: &str| {
        let options = format!("json '{format}' maxerror 9");
        let (loaded, chunks) = load(&options, file("1", text, None));
        let rejected = loaded.ok().unwrap().rejected;
        let lines: Vec<_> = rejected.iter().map(|row| row.line).collect();
        (lines, chunks.concat())
    };
    let (lines, rows) = rejected("auto");
    assert_eq!((lines, rows.as_str()), (vec![2], "\\N\t1\nc\t\\N\n"));
    let (lines, rows) = rejected("auto ignorecase");
    assert_eq!((lines, rows.as_str()), (vec![2, 3], "a\t1\n"));
}

#[test]
fn rows_are_sent_in_chunks_of_at_least_64_kilobytes() {
    let row = format!("{},1\n", "x".repeat(1000));
    let (loaded, chunks) = load("csv", file("1", row.repeat(200).as_bytes(), None));
    assert_eq!(loaded.ok().unwrap().rows, 200);
    let sizes: Vec<_> = chunks.iter().map(String::len).collect();
    assert_eq!(sizes, [66 * 1003, 66 * 1003, 66 * 1003, 2 * 1003]);
    let (loaded, chunks) = load("csv", file("1", b"", None));
    assert_eq!((loaded.ok().unwrap().files, chunks.len()), (1, 0));
}

#[test]
fn a_file_of_another_size_than_the_manifest_says_fails_the_load() {
    let reason = reason("csv", file("1", b"a,1\n", Some(5)));
    assert_eq!(
        reason,
        "content_length is 5 in the manifest and 4 in S3, while reading s3://b/1"
    );
}

#[test]
fn a_load_without_files_or_with_an_unreadable_one_fails_with_the_reason() {
    let none = reason("csv", vec![FetchEvent::Missing]);
    assert!(none.starts_with("no file of the manifest exists"));
    let broken = || FetchEvent::Failed(StoreError::broken(&"it broke off", &location("1")));
    let denied = reason("csv", vec![broken()]);
    assert!(denied.contains("it broke off"), "{denied}");
    let mut events = file("1", b"a,1\nb,2\n", None);
    events.truncate(2);
    events.push(broken());
    let cut = reason("csv", events);
    assert!(cut.contains("it broke off") && cut.ends_with("while reading s3://b/1"));
    let mut events = file("1", b"a,1\n", None);
    events.pop();
    assert!(reason("csv", events).contains("while reading s3://b/1"));
}

#[test]
fn a_load_stops_when_nobody_receives_its_rows() {
    let row = format!("{},1\n", "x".repeat(1000));
    for rows in [1, 100] {
        let (loader, receiver) = loader("csv");
        drop(receiver);
        let events = queue(file("1", row.repeat(rows).as_bytes(), None));
        let failure = loader.work(events).err().unwrap();
        let reason = failure.reason.unwrap();
        assert_eq!(reason, "the load was stopped before its end");
    }
}

#[test]
fn a_gzip_file_of_several_members_is_read_to_its_end() {
    let gzip = |text: &str| {
        let level = flate2::Compression::fast();
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), level);
        io::Write::write_all(&mut writer, text.as_bytes()).unwrap();
        writer.finish().unwrap()
    };
    let two = [gzip("a,1\n"), gzip("b,2\n")].concat();
    let events = [
        file("1", &two, Some(two.len() as u64)),
        file("2", &gzip("c,3\n"), None),
    ];
    let events = events.into_iter().flatten().collect();
    let (loaded, chunks) = load("csv gzip", events);
    assert_eq!(loaded.ok().unwrap().files, 2);
    assert_eq!(chunks, ["a\t1\nb\t2\nc\t3\n"]);
}
