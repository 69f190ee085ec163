//! Simulates the operations of CloudFormation that the deployer uses.

use super::change_sets::{
    change_set, create_change_set, delete_change_set, describe_change_set, execute_change_set,
};
use super::stack::{Event, Stack};
use super::transcript::Play;
use super::{Answer, Content, Request, remains, xml};

/// The number of events on a page.
const PAGE: usize = 40;

pub(super) type Done = Result<String, (&'static str, String)>;

/// Answers one call.
pub(crate) fn answer(content: &mut Content, request: &Request) -> Answer {
    let action = request.action();
    let done = match action.as_str() {
        "DescribeStacks" => describe_stacks(content, request),
        "ListStacks" => Ok(list_stacks(content)),
        "DescribeStackEvents" => describe_events(content, request),
        "DescribeEvents" => findings(content, request),
        "ListStackResources" => stack(content, request).map(|stack| {
            let resources = remains::resources(&stack.template);
            let resources = resources.map(|(id, name, kind)| {
                xml::text("LogicalResourceId", &id)
                    + &xml::text("PhysicalResourceId", &name)
                    + &xml::text("ResourceType", &kind)
                    + &xml::text("ResourceStatus", "CREATE_COMPLETE")
            });
            xml::list("StackResourceSummaries", resources)
        }),
        "GetTemplate" => stack(content, request)
            .map(|stack| xml::text("TemplateBody", &stack.template.to_string())),
        "CreateChangeSet" => create_change_set(content, request),
        "DescribeChangeSet" => describe_change_set(content, request),
        "ExecuteChangeSet" => execute_change_set(content, request),
        "DeleteChangeSet" => delete_change_set(content, request),
        "DeleteStack" => delete_stack(content, request),
        "ContinueUpdateRollback" => continue_rollback(content, request),
        "UpdateTerminationProtection" => stack(content, request).map(|stack| {
            stack.protected = request.field("EnableTerminationProtection") == "true";
            xml::text("StackId", &stack.id)
        }),
        _ => Err(("InvalidAction", format!("{action} is not scripted"))),
    };
    match done {
        Ok(result) => (200, "text/xml", xml::answer(&action, &result)),
        Err((code, message)) => (400, "text/xml", xml::error(code, &message)),
    }
}

/// Returns the requested stack, by name or id; a deleted stack by id only.
pub(super) fn stack<'a>(
    content: &'a mut Content,
    request: &Request,
) -> Result<&'a mut Stack, (&'static str, String)> {
    let asked = request.field("StackName");
    let Content { stacks, gone, .. } = content;
    stacks
        .values_mut()
        .chain(gone.values_mut().filter(|stack| stack.id == asked))
        .find(|stack| stack.name == asked || stack.id == asked)
        .ok_or_else(|| invalid(format!("Stack with id {asked} does not exist")))
}

pub(super) fn invalid(message: impl Into<String>) -> (&'static str, String) {
    ("ValidationError", message.into())
}

/// Returns the scripted course of an operation, if the transcript has one. Each is used once.
pub(super) fn play(content: &mut Content, stack: &str, on: &str) -> Option<Play> {
    let plays = &mut content.transcript.plays;
    let place = plays.iter().position(|play| {
        play.stack.as_deref().is_none_or(|name| name == stack)
            && play.on.as_deref().is_none_or(|name| name == on)
    })?;
    Some(plays.remove(place))
}

fn describe_stacks(content: &mut Content, request: &Request) -> Done {
    if request.field("StackName").is_empty() {
        let all = content.stacks.values().map(described);
        return Ok(xml::list("Stacks", all));
    }
    let stack = stack(content, request)?;
    stack.look();
    let answer = xml::list("Stacks", [described(stack)]);
    if stack.status == "DELETE_COMPLETE" {
        let (name, id) = (stack.name.clone(), stack.id.clone());
        if let Some(stack) = content.stacks.remove(&name) {
            content.gone.insert(id, stack);
        }
        if !request.field("StackName").starts_with("arn:") {
            return Err(invalid(format!("Stack with id {name} does not exist")));
        }
    }
    Ok(answer)
}

/// Returns a timestamp that is derived from a counter.
fn time(number: usize) -> String {
    format!(
        "2026-01-01T{:02}:{:02}:{:02}Z",
        number / 3600,
        number / 60 % 60,
        number % 60
    )
}

fn described(stack: &Stack) -> String {
    let pair = |key: &'static str, value: &'static str| {
        move |(name, text): (&String, &String)| xml::text(key, name) + &xml::text(value, text)
    };
    xml::text("StackName", &stack.name)
        + &xml::text("StackId", &stack.id)
        + &xml::text("CreationTime", &time(0))
        + &xml::text("LastUpdatedTime", &time(stack.changed))
        + &xml::text("StackStatus", &stack.status)
        + &xml::optional("StackStatusReason", stack.reason.as_deref())
        + &xml::text("EnableTerminationProtection", &stack.protected.to_string())
        + &xml::list(
            "Parameters",
            stack
                .parameters
                .iter()
                .map(pair("ParameterKey", "ParameterValue")),
        )
        + &xml::list("Tags", stack.tags.iter().map(pair("Key", "Value")))
        + &xml::list(
            "Outputs",
            stack.outputs().iter().map(|(name, value)| {
                xml::text("OutputKey", name) + &xml::text("OutputValue", value)
            }),
        )
}

fn list_stacks(content: &Content) -> String {
    let all = content.stacks.values().chain(content.gone.values());
    xml::list(
        "StackSummaries",
        all.map(|stack| {
            xml::text("StackName", &stack.name)
                + &xml::text("StackId", &stack.id)
                + &xml::text("CreationTime", &time(0))
                + &xml::text("StackStatus", &stack.status)
        }),
    )
}

fn describe_events(content: &mut Content, request: &Request) -> Done {
    let stack = stack(content, request)?;
    let skipped: usize = request.field("NextToken").parse().unwrap_or(0);
    let page = stack.events.iter().rev().skip(skipped).take(PAGE);
    let events = xml::list("StackEvents", page.map(|event| event_of(stack, event)));
    let next = skipped + PAGE;
    let more = (next < stack.events.len()).then(|| next.to_string());
    Ok(events + &xml::optional("NextToken", more.as_deref()))
}

fn event_of(stack: &Stack, event: &Event) -> String {
    xml::text("StackId", &stack.id)
        + &xml::text("EventId", &format!("{}-{}", stack.id, event.id))
        + &xml::text("StackName", &stack.name)
        + &xml::text("LogicalResourceId", &event.resource)
        + &xml::text("ResourceType", &event.kind)
        + &xml::text("Timestamp", &time(event.id))
        + &xml::text("ResourceStatus", &event.status)
        + &xml::optional("ResourceStatusReason", event.reason.as_deref())
        + &xml::text("ClientRequestToken", &event.token)
}

fn findings(content: &mut Content, request: &Request) -> Done {
    let set = change_set(content, request)?;
    let events = set.findings.iter().map(|(resource, reason)| {
        xml::text("EventType", "VALIDATION_ERROR")
            + &xml::text("LogicalResourceId", resource)
            + &xml::text("ValidationName", "PROPERTY_VALIDATION")
            + &xml::text("ValidationStatus", "FAILED")
            + &xml::text("ValidationStatusReason", reason)
    });
    Ok(xml::list("OperationEvents", events))
}

fn delete_stack(content: &mut Content, request: &Request) -> Done {
    let Ok(found) = stack(content, request) else {
        return Ok(String::new());
    };
    let name = found.name.clone();
    if found.protected {
        return Err(invalid(format!(
            "Stack [{name}] cannot be deleted while TerminationProtection is enabled"
        )));
    }
    if found.status == "DELETE_IN_PROGRESS" {
        return Ok(String::new());
    }
    let token = request.field("ClientRequestToken").to_owned();
    let play = play(content, &name, "delete");
    let stack = stack(content, request)?;
    stack.begin(
        "DELETE_IN_PROGRESS",
        play.as_ref(),
        &token,
        "DELETE_COMPLETE",
        None,
    );
    Ok(String::new())
}

fn continue_rollback(content: &mut Content, request: &Request) -> Done {
    let name = stack(content, request)?.name.clone();
    let status = stack(content, request)?.status.clone();
    if status != "UPDATE_ROLLBACK_FAILED" {
        return Err(invalid(format!(
            "Stack:{name} is in {status} state and can not be rolled back."
        )));
    }
    let token = request.field("ClientRequestToken").to_owned();
    let play = play(content, &name, "continue");
    let stack = stack(content, request)?;
    stack.begin(
        "UPDATE_ROLLBACK_IN_PROGRESS",
        play.as_ref(),
        &token,
        "UPDATE_ROLLBACK_COMPLETE",
        None,
    );
    Ok(String::new())
}
