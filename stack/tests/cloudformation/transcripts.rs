//! Runs every transcript of `tests/transcripts` and checks the messages and the final state.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::account::{Account, Transcript};
use crate::deploying::{Deploying, cloudformation};

/// A hundredth of the normal unit, to make the tests fast.
const UNIT: Duration = Duration::from_millis(1);

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// Returns the differences from the transcript's expectations.
async fn problems(path: &Path) -> Vec<String> {
    let transcript = Transcript::read(path);
    let mut deploying = Deploying::of(transcript.deploys.as_deref().unwrap_or("lake"));
    deploying.allows = transcript.allows.iter().cloned().collect();
    deploying.repairs.skip.clone_from(&transcript.skips);
    let expects = transcript.expects.clone();
    let account = Account::start(transcript, &deploying.template()).await;
    for stack in account.content().stacks.values_mut() {
        stack.parameters.clone_from(&deploying.parameters);
        stack.tags.clone_from(&deploying.tags);
    }
    let ended = deploying.deploy(&cloudformation(&account.url, UNIT)).await;
    let (outcome, shown) = match &ended {
        Ok(outcome) => (Some(outcome.as_str().to_owned()), String::new()),
        Err(error) => (None, format!("{:#}", anyhow::anyhow!("{error}"))),
    };
    let first = shown.lines().next().map(str::to_owned);
    let wanted = expects
        .first_line
        .map(|line| with_places(&line, &deploying));
    let mut problems = Vec::new();
    if first != wanted {
        problems.push(format!(
            "first line\n    got    {first:?}\n    wanted {wanted:?}"
        ));
    }
    for words in &expects.says {
        if !shown.contains(words) {
            problems.push(format!("does not say `{words}`:\n{shown}"));
        }
    }
    if outcome != expects.outcome {
        problems.push(format!("outcome {outcome:?}, wanted {:?}", expects.outcome));
    }
    let ends = account.status(deploying.stack.name.as_ref());
    let ends = ends.unwrap_or_else(|| "absent".to_owned());
    if expects.ends.as_ref().is_some_and(|wanted| *wanted != ends) {
        problems.push(format!(
            "the stack ends as {ends}, wanted {:?}",
            expects.ends
        ));
    }
    let calls = account.calls();
    for call in expects.never.iter().filter(|call| calls.contains(call)) {
        problems.push(format!("{call} was called"));
    }
    for call in expects.calls.iter().filter(|call| !calls.contains(call)) {
        problems.push(format!("{call} was not called"));
    }
    problems
}

/// Replaces each `{Id}` in the line by the file and line that declare the resource.
fn with_places(line: &str, deploying: &Deploying) -> String {
    let template = &deploying.stack.template;
    template.resources().fold(line.to_owned(), |line, (id, _)| {
        let place = template.source(id).unwrap();
        line.replace(
            &format!("{{{id}}}"),
            &format!("{}:{}", place.file(), place.line()),
        )
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_transcript_ends_as_it_says_and_a_person_sees_why() {
    let files = files();
    let mut report = Vec::new();
    for path in &files {
        for problem in problems(path).await {
            let name = path.file_name().unwrap().to_string_lossy();
            report.push(format!("{name}: {problem}"));
        }
    }
    assert!(report.is_empty(), "\n{}", report.join("\n"));
}

#[test]
fn at_least_twenty_failures_are_scripted_and_each_says_what_it_is_about() {
    let all: Vec<_> = files().iter().map(|path| Transcript::read(path)).collect();
    let failures = all.iter().filter(|it| it.expects.first_line.is_some());
    assert!(failures.count() >= 20);
    assert!(all.iter().all(|it| !it.about.is_empty()));
}
