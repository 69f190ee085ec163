//! Judges the resources of the stacks.

use super::problem::{Answer, Problem, ProblemKind, Unknown, command};
use crate::function::{FUNCTIONS, FunctionSpec};

/// A resource of a stack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Resource {
    /// Logical id in the template.
    pub(super) id: String,
    /// CloudFormation type.
    pub(super) kind: String,
    /// Physical id: name, URL or id of the resource.
    pub(super) name: String,
    /// Name of its stack.
    pub(super) stack: String,
    /// Whether its stack holds no data and can be created again.
    pub(super) is_replaceable: bool,
}

/// Condition of a resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Condition {
    Ready,
    /// The stack lists the resource, but it does not exist.
    Missing,
    /// The resource is disabled; `next` enables it.
    Disabled {
        next: String,
    },
    /// Somebody changed a setting; `next` sets it back.
    Changed {
        what: String,
        next: String,
    },
    /// The service reports that the resource is unusable.
    Failed(String),
}

/// Returns the condition of a function, from its states and its reserved concurrency.
pub(super) fn function(name: &str, state: &str, update: &str, reserved: Option<i32>) -> Condition {
    if reserved == Some(0) {
        let next = format!("`aws lambda delete-function-concurrency --function-name {name}`");
        return Condition::Disabled { next };
    }
    match (state, update) {
        ("Active" | "Pending" | "", "Failed") => {
            Condition::Failed("its last update failed".to_owned())
        }
        ("Active" | "Pending" | "", _) => Condition::Ready,
        _ => Condition::Failed(format!("it is {state}")),
    }
}

/// Returns the condition of an event source mapping, from its state.
pub(super) fn mapping(uuid: &str, state: &str) -> Condition {
    match state {
        "Disabled" | "Disabling" => Condition::Disabled {
            next: format!("`aws lambda update-event-source-mapping --uuid {uuid} --enabled`"),
        },
        "Deleting" => Condition::Missing,
        _ => Condition::Ready,
    }
}

/// Returns the condition of a log group, from its retention in days; `None` means that its lines never expire.
pub(super) fn log_group(name: &str, days: Option<i32>, wanted: i32) -> Condition {
    if days == Some(wanted) {
        return Condition::Ready;
    }
    let kept = days.map_or_else(|| "forever".to_owned(), |days| format!("for {days} days"));
    Condition::Changed {
        what: format!("keeps its lines {kept}; the environment requires {wanted} days"),
        next: format!(
            "`aws logs put-retention-policy --log-group-name {name} --retention-in-days {wanted}`"
        ),
    }
}

/// Returns the condition of a table or a stream, from its status.
pub(super) fn store(status: &str) -> Condition {
    match status {
        "ACTIVE" | "UPDATING" | "CREATING" => Condition::Ready,
        status => Condition::Failed(format!("it is {status}")),
    }
}

/// Returns the stage of a resource, by its logical id, or `deploy` for resources of no stage.
pub(super) fn stage(id: &str) -> &'static str {
    let starts = |function: &FunctionSpec| {
        let others = function.others.iter();
        others
            .chain([&function.ids.prefix])
            .any(|start| id.starts_with(start))
    };
    let found = FUNCTIONS.into_iter().find(|function| starts(function));
    let of_function = found.map(|function| function.name);
    of_function.unwrap_or(if id.starts_with("EventStream") {
        "stream"
    } else {
        "deploy"
    })
}

fn noun(kind: &str) -> &str {
    match kind {
        "AWS::Lambda::Function" => "function",
        "AWS::Lambda::EventSourceMapping" => "event source mapping",
        "AWS::DynamoDB::Table" => "table",
        "AWS::Kinesis::Stream" => "stream",
        "AWS::S3::Bucket" => "bucket",
        "AWS::SQS::Queue" => "queue",
        "AWS::Logs::LogGroup" => "log group",
        other => other,
    }
}

/// Returns the step that restores a missing resource.
fn restore(resource: &Resource, environment: &str) -> String {
    if resource.is_replaceable {
        format!(
            "`aws cloudformation delete-stack --stack-name {}` (it holds no data), then {}",
            resource.stack,
            command("deploy", environment)
        )
    } else {
        format!(
            "its data is lost; save the remaining data, then {} and {} create the environment again",
            command("destroy", environment),
            command("deploy", environment)
        )
    }
}

/// Returns the problems of the resources, and the resources whose state could not be read.
pub(super) fn judge(
    resources: &[(Resource, Answer<Condition>)],
    environment: &str,
) -> (Vec<Problem>, Vec<Unknown>) {
    let (mut problems, mut unknown) = (Vec::new(), Vec::new());
    for (resource, answer) in resources {
        match answer {
            Ok(condition) => problems.extend(problem(resource, condition, environment)),
            Err(reason) => unknown.push(Unknown {
                stage: stage(&resource.id).to_owned(),
                what: described(resource),
                reason: reason.clone(),
            }),
        }
    }
    (problems, unknown)
}

/// Formats the noun and the name of a resource.
fn described(resource: &Resource) -> String {
    format!("{} `{}`", noun(&resource.kind), resource.name)
}

/// Returns the problem of a resource in this condition; `None` if it is ready.
fn problem(resource: &Resource, condition: &Condition, environment: &str) -> Option<Problem> {
    let what = described(resource);
    let (reason, next) = match condition {
        Condition::Ready => return None,
        Condition::Missing => (
            format!("{what} does not exist"),
            restore(resource, environment),
        ),
        Condition::Disabled { next } => (
            format!("{what} ({}) is disabled", resource.id),
            next.clone(),
        ),
        Condition::Changed {
            what: setting,
            next,
        } => (format!("{what} was changed: it {setting}"), next.clone()),
        Condition::Failed(why) => (
            format!("{what} is unusable: {why}"),
            command("deploy", environment),
        ),
    };
    Some(Problem {
        stage: stage(&resource.id).to_owned(),
        kind: ProblemKind::Resource,
        reason,
        since: None,
        next,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(id: &str, kind: &str, is_replaceable: bool) -> Resource {
        Resource {
            id: id.to_owned(),
            kind: kind.to_owned(),
            name: format!("name-of-{id}"),
            stack: "riverhouse-local-pipeline".to_owned(),
            is_replaceable,
        }
    }

    #[test]
    fn a_deleted_function_is_named_with_its_stage_and_the_next_command() {
        let gone = resource("LoadFunction", "AWS::Lambda::Function", true);
        let (problems, unknown) = judge(&[(gone, Ok(Condition::Missing))], "local");
        assert_eq!(unknown, []);
        assert_eq!(problems[0].stage, "load");
        assert_eq!(
            problems[0].reason,
            "function `name-of-LoadFunction` does not exist"
        );
        assert!(problems[0].next.ends_with("then `stack deploy`"));
    }

    #[test]
    fn a_resource_that_cannot_be_asked_is_unknown_and_no_problem() {
        let table = resource("InvoiceTable", "AWS::DynamoDB::Table", false);
        let (problems, unknown) = judge(&[(table, Err("AccessDenied".to_owned()))], "local");
        assert_eq!(problems, []);
        assert_eq!(
            (unknown[0].stage.as_str(), unknown[0].reason.as_str()),
            ("store", "AccessDenied")
        );
    }

    #[test]
    fn what_is_switched_off_or_failed_is_not_ready() {
        assert_eq!(
            function("f", "Active", "Successful", None),
            Condition::Ready
        );
        assert!(matches!(
            function("f", "Active", "Successful", Some(0)),
            Condition::Disabled { .. }
        ));
        assert!(matches!(
            function("f", "Inactive", "", None),
            Condition::Failed(_)
        ));
        assert!(matches!(
            mapping("u", "Disabled"),
            Condition::Disabled { .. }
        ));
        assert_eq!(mapping("u", "Enabled"), Condition::Ready);
        assert!(matches!(store("DELETING"), Condition::Failed(_)));
        assert_eq!(log_group("g", Some(14), 14), Condition::Ready);
        assert!(matches!(
            log_group("g", None, 14),
            Condition::Changed { .. }
        ));
    }
}
