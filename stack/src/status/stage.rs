//! Judges the stages: backlog, errors, dead letters and rejects.

use time::{Duration, OffsetDateTime};

use super::problem::{Answer, Problem, ProblemKind, Unknown, command};
use super::report::{LastError, Stage, StageName};
use super::waiting::Waiting;
use crate::rejects::OpenCount;

/// Maximum age of an error that counts as a problem, for functions without a backlog.
const RECENT: Duration = Duration::minutes(2);

/// What the services report about a stage.
#[derive(Debug)]
pub(super) struct Observation {
    pub(super) name: StageName,
    pub(super) counts: Answer<Vec<(&'static str, u64)>>,
    /// `None` when nothing can wait.
    pub(super) waiting: Option<Answer<Waiting>>,
    /// The stage's window for collecting work, and a margin.
    pub(super) allowed_delay: Duration,
    /// `None` when the stage has no dead-letter queue.
    pub(super) dead_letters: Option<Answer<u64>>,
    /// `None` when the stage rejects nothing.
    pub(super) open: Option<Answer<OpenCount>>,
    /// Newest error of the stage's function; `None` for the stream.
    pub(super) error: Option<Answer<Option<LastError>>>,
    /// Last activity of the stage, if known.
    pub(super) done: Option<OffsetDateTime>,
}

impl Observation {
    fn function_name(&self) -> &'static str {
        // Records in the stream wait for `store`.
        match self.name {
            StageName::Stream => StageName::Store.as_str(),
            name => name.as_str(),
        }
    }

    fn waits(&self) -> Waiting {
        match &self.waiting {
            Some(Ok(waiting)) => *waiting,
            _ => Waiting::default(),
        }
    }

    fn problem(&self, kind: ProblemKind, reason: String, next: String) -> Problem {
        Problem {
            stage: self.function_name().to_owned(),
            kind,
            reason,
            since: None,
            next,
        }
    }

    /// Returns a problem if the oldest waiting item is older than the delay that the stage is allowed.
    fn behind(&self, now: OffsetDateTime, environment: &str) -> Option<Problem> {
        let Waiting { count, oldest } = self.waits();
        let oldest = oldest.filter(|oldest| count > 0 && now - *oldest > self.allowed_delay)?;
        let reason = format!(
            "{} is behind: {count} items wait, the oldest for {} s",
            self.function_name(),
            (now - oldest).whole_seconds()
        );
        let next = command(
            &format!("logs --function {}", self.function_name()),
            environment,
        );
        Some(Problem {
            since: Some(oldest),
            ..self.problem(ProblemKind::Behind, reason, next)
        })
    }

    /// Returns a problem if the function's last error still counts: nothing succeeded after it, or it is recent.
    fn failing(&self, waiting: Waiting, now: OffsetDateTime, environment: &str) -> Option<Problem> {
        let Some(Ok(Some(error))) = &self.error else {
            return None;
        };
        let is_over = self.done.is_some_and(|done| done > error.at);
        let counts = match self.name {
            StageName::Ingest | StageName::Query => now - error.at < RECENT,
            _ => waiting.count > 0 && !is_over,
        };
        let next = command(
            &format!("logs --function {}", self.function_name()),
            environment,
        );
        let reason = format!("function {} fails: {}", self.function_name(), error.message);
        counts.then(|| Problem {
            since: Some(waiting.oldest.unwrap_or(error.at).min(error.at)),
            ..self.problem(ProblemKind::Failing, reason, next)
        })
    }

    fn dead(&self, environment: &str) -> Option<Problem> {
        let Some(Ok(count @ 1..)) = self.dead_letters else {
            return None;
        };
        let reason = format!(
            "{count} messages in the dead-letter queue of {}",
            self.function_name()
        );
        let next = command(
            &format!("redrive --stage {}", self.function_name()),
            environment,
        );
        Some(self.problem(ProblemKind::DeadLetters, reason, next))
    }

    fn rejected(&self, environment: &str) -> Option<Problem> {
        let Some(Ok(open)) = &self.open else {
            return None;
        };
        let at_least = if open.is_at_least { "at least " } else { "" };
        let reason = format!(
            "{at_least}{} unacknowledged rejects of {}",
            open.records,
            self.function_name()
        );
        let next = command(
            &format!("rejects --stage {}", self.function_name()),
            environment,
        );
        (open.records > 0).then(|| Problem {
            since: open.since,
            ..self.problem(ProblemKind::Rejects, reason, next)
        })
    }

    fn unknown(&self) -> Vec<Unknown> {
        let reasons = [
            ("counts", self.counts.as_ref().err()),
            ("backlog", reason(self.waiting.as_ref())),
            ("dead letters", reason(self.dead_letters.as_ref())),
            ("rejects", reason(self.open.as_ref())),
            ("errors", reason(self.error.as_ref())),
        ];
        let lag = "age of the oldest waiting item";
        let without_age = self.waits().count > 0 && self.waits().oldest.is_none();
        let age = without_age.then(|| {
            (
                lag,
                "it arrived more than two days ago, or it is not listed".to_owned(),
            )
        });
        let unknown = |(what, reason): (&str, String)| Unknown {
            stage: self.name.as_str().to_owned(),
            what: what.to_owned(),
            reason,
        };
        let asked = reasons
            .into_iter()
            .filter_map(|(what, reason)| Some((what, reason?.clone())));
        asked.chain(age).map(unknown).collect()
    }

    fn shown(&self, now: OffsetDateTime) -> Stage {
        let known = |answer: &Option<Answer<Waiting>>| match answer {
            Some(Ok(waiting)) => Some(*waiting),
            _ => None,
        };
        let waiting = known(&self.waiting);
        let mut counts: std::collections::BTreeMap<_, _> = match &self.counts {
            Ok(counts) => counts.iter().copied().collect(),
            Err(_) => std::collections::BTreeMap::new(),
        };
        if let Some(Ok(dead)) = &self.dead_letters {
            counts.insert("dead_letters", *dead);
        }
        Stage {
            name: self.name,
            counts,
            backlog: waiting.map(|waiting| waiting.count),
            lag_seconds: waiting.and_then(|waiting| match (waiting.count, waiting.oldest) {
                (0, _) => Some(0.0),
                (_, oldest) => oldest.map(|oldest| (now - oldest).as_seconds_f64().max(0.0)),
            }),
            rejects: match &self.open {
                None => Some(0),
                Some(open) => open.as_ref().ok().map(|open| open.records),
            },
            last_error: match &self.error {
                Some(Ok(error)) => error.clone(),
                _ => None,
            },
            events_per_second: None,
        }
    }
}

fn reason<T>(answer: Option<&Answer<T>>) -> Option<&String> {
    answer.and_then(|answer| answer.as_ref().err())
}

/// Returns the stages of the report, their problems, and what is unknown.
pub(super) fn judge(
    stages: &[Observation],
    now: OffsetDateTime,
    environment: &str,
) -> (Vec<Stage>, Vec<Problem>, Vec<Unknown>) {
    let stream = stages.iter().find(|stage| stage.name == StageName::Stream);
    let in_stream = stream.map(Observation::waits).unwrap_or_default();
    let (mut problems, mut unknown) = (Vec::new(), Vec::new());
    for stage in stages {
        let waiting = match stage.name {
            StageName::Store => in_stream,
            _ => stage.waits(),
        };
        problems.extend(stage.failing(waiting, now, environment));
        problems.extend(stage.behind(now, environment));
        problems.extend(stage.dead(environment));
        problems.extend(stage.rejected(environment));
        unknown.extend(stage.unknown());
    }
    let shown = stages.iter().map(|stage| stage.shown(now)).collect();
    (shown, problems, unknown)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOON: OffsetDateTime = datetime!(2026-01-02 12:00 UTC);

    fn seen(name: StageName) -> Observation {
        Observation {
            name,
            counts: Ok(Vec::new()),
            waiting: Some(Ok(Waiting::default())),
            allowed_delay: Duration::seconds(20),
            dead_letters: Some(Ok(0)),
            open: Some(Ok(OpenCount::default())),
            error: Some(Ok(None)),
            done: None,
        }
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the type of the field that it is for"
    )]
    fn waiting(count: u64, seconds: i64) -> Option<Answer<Waiting>> {
        let oldest = Some(NOON - Duration::seconds(seconds));
        Some(Ok(Waiting { count, oldest }))
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the type of the field that it is for"
    )]
    fn error(seconds: i64) -> Option<Answer<Option<LastError>>> {
        Some(Ok(Some(LastError {
            at: NOON - Duration::seconds(seconds),
            message: "AccessDenied".to_owned(),
        })))
    }

    fn kinds(stages: &[Observation]) -> Vec<(String, ProblemKind)> {
        let (_, problems, _) = judge(stages, NOON, "local");
        problems.into_iter().map(|it| (it.stage, it.kind)).collect()
    }

    #[test]
    fn a_stage_is_behind_when_the_oldest_waits_longer_than_window_and_margin() {
        let mut load = seen(StageName::Load);
        load.waiting = waiting(2, 20);
        assert_eq!(kinds(&[load]), []);
        let mut load = seen(StageName::Load);
        load.waiting = waiting(2, 21);
        let (_, problems, _) = judge(&[load], NOON, "local-blue");
        assert_eq!(
            problems[0].reason,
            "load is behind: 2 items wait, the oldest for 21 s"
        );
        assert_eq!(problems[0].since, Some(NOON - Duration::seconds(21)));
        assert_eq!(problems[0].next, "`stack logs --function load local-blue`");
    }

    #[test]
    fn an_error_counts_while_something_waits_and_nothing_was_done_since() {
        let failing = |count, done: Option<i64>| {
            let mut stage = seen(StageName::Transform);
            stage.waiting = waiting(count, 5);
            stage.error = error(10);
            stage.done = done.map(|seconds| NOON - Duration::seconds(seconds));
            kinds(&[stage])
        };
        assert_eq!(failing(1, None).len(), 1);
        assert_eq!(failing(1, Some(30)).len(), 1);
        assert_eq!(failing(1, Some(3)), []);
        assert_eq!(failing(0, None), []);
    }

    #[test]
    fn what_waits_in_the_stream_waits_for_the_store() {
        let mut stream = seen(StageName::Stream);
        stream.waiting = waiting(3, 60);
        let mut store = seen(StageName::Store);
        store.waiting = None;
        store.error = error(10);
        let store_word = "store".to_owned();
        assert_eq!(
            kinds(&[stream, store]),
            [
                (store_word.clone(), ProblemKind::Behind),
                (store_word, ProblemKind::Failing)
            ]
        );
    }

    #[test]
    fn dead_letters_and_open_rejects_are_problems() {
        let mut load = seen(StageName::Load);
        load.dead_letters = Some(Ok(1));
        load.open = Some(Ok(OpenCount {
            records: 2,
            objects: 1,
            is_at_least: false,
            since: Some(NOON),
        }));
        let (_, problems, _) = judge(&[load], NOON, "local-blue");
        assert_eq!(problems[0].next, "`stack redrive --stage load local-blue`");
        assert_eq!(problems[1].reason, "2 unacknowledged rejects of load");
        assert_eq!(problems[1].since, Some(NOON));
    }

    #[test]
    fn what_could_not_be_asked_is_unknown_and_never_zero() {
        let mut load = seen(StageName::Load);
        load.waiting = Some(Err("no answer".to_owned()));
        load.open = Some(Err("AccessDenied".to_owned()));
        let (stages, problems, unknown) = judge(&[load], NOON, "local");
        assert_eq!(problems, []);
        assert_eq!((stages[0].backlog, stages[0].rejects), (None, None));
        let what: Vec<_> = unknown.iter().map(|it| it.what.as_str()).collect();
        assert_eq!(what, ["backlog", "rejects"]);
    }
}
