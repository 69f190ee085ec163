//! Runs a corpus of statements and checks the outcome of each.
//!
//! Each file of `tests/corpus` runs from top to bottom in a database of its own. Each statement
//! follows a line with its outcome: `-- runs`, `-- gives: <the first row>`, `-- refused: <part of
//! the message>` or `-- unsupported: <part of the message>`.

use std::path::Path;

use crate::support::World;

/// Minimum number of statements; fewer mean that a file was not read.
const AT_LEAST: usize = 150;

struct Case {
    line: usize,
    expected: String,
    sql: String,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        match line.strip_prefix("-- ") {
            Some(expected) => cases.push(Case {
                line: at + 1,
                expected: expected.trim().to_owned(),
                sql: String::new(),
            }),
            None => {
                if let Some(case) = cases.last_mut() {
                    case.sql.push_str(line);
                    case.sql.push('\n');
                }
            }
        }
    }
    cases
}

async fn outcome(world: &World, case: &Case) -> Result<(), String> {
    let done = world.run(case.sql.trim()).await;
    let error = done.error().unwrap_or_default().to_owned();
    let (kind, words) = case
        .expected
        .split_once(':')
        .unwrap_or((&case.expected, ""));
    let words = words.trim();
    let is_missing = error.contains("is not supported by this server");
    let as_expected = match kind {
        "runs" => error.is_empty(),
        "gives" if error.is_empty() => {
            let rows = world.result(done.id()).await;
            let row = rows.first().map(|row| row.join(" | ")).unwrap_or_default();
            if row != words {
                return Err(format!("gave {row}"));
            }
            true
        }
        "refused" => !error.is_empty() && !is_missing && error.contains(words),
        "unsupported" => is_missing && error.contains(words),
        _ => false,
    };
    if as_expected {
        Ok(())
    } else {
        Err(if error.is_empty() {
            "the statement succeeded".to_owned()
        } else {
            error
        })
    }
}

#[tokio::test]
async fn every_statement_of_the_corpus_has_its_expected_outcome() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut failures = Vec::new();
    let mut count = 0;
    for file in files {
        let world = World::new().await;
        world.bucket().put("data.csv", "1,a\n2,b\n");
        for case in cases(&std::fs::read_to_string(&file).unwrap()) {
            count += 1;
            if let Err(found) = outcome(&world, &case).await {
                let name = file.file_name().unwrap().to_string_lossy().into_owned();
                let Case {
                    line,
                    expected,
                    sql,
                } = case;
                failures.push(format!(
                    "{name}:{line} {expected}\n  {}\n  {found}",
                    sql.trim()
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {count}:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(count >= AT_LEAST, "{count} statements");
}
