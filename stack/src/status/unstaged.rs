//! Raw objects that were never transformed, according to the last `stack load --reconcile`.

use std::collections::BTreeMap;

use super::inspection::Inspection;
use super::problem::{Answer, Problem, ProblemKind, command};
use crate::load::{Unstaged, known_unstaged};

/// Returns the problem, if any. A bucket that cannot be read is reported as unknown elsewhere.
pub(super) async fn ask(
    inspection: &Inspection,
    outputs: &Answer<BTreeMap<String, String>>,
) -> Option<Problem> {
    let bucket = outputs.as_ref().ok()?.get("StagingBucketName")?;
    let s3 = inspection.clients.s3();
    let found = inspection.ask(known_unstaged(&s3, bucket)).await.ok()?;
    problem(&found, &inspection.name)
}

fn problem(found: &Unstaged, environment: &str) -> Option<Problem> {
    let first = found.objects.first()?;
    let count = found.objects.len();
    Some(Problem {
        stage: "transform".to_owned(),
        kind: ProblemKind::Behind,
        reason: format!("{count} raw objects were never transformed, such as {first}"),
        since: found.at,
        next: command("replay", environment),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_objects_that_were_never_transformed_are_a_problem_whose_next_step_is_replay() {
        assert_eq!(problem(&Unstaged::default(), "dev"), None);
        let found = Unstaged {
            at: None,
            objects: vec!["raw/v1/a.ndjson.gz".to_owned()],
        };
        let problem = problem(&found, "dev").unwrap();
        assert_eq!(
            (problem.reason.as_str(), problem.next.as_str()),
            (
                "1 raw objects were never transformed, such as raw/v1/a.ndjson.gz",
                "`stack replay dev`"
            )
        );
    }
}
