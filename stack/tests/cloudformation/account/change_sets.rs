//! Simulates change sets.

use serde_json::Value;

use super::cloudformation::{Done, invalid, play, stack};
use super::stack::{ChangeSet, Stack};
use super::transcript::Making;
use super::{Content, Request, changes, xml};

pub(super) fn change_set<'a>(
    content: &'a mut Content,
    request: &Request,
) -> Result<&'a mut ChangeSet, (&'static str, String)> {
    let name = request.field("ChangeSetName");
    let found = stack(content, request)?.change_sets.get_mut(name);
    found.ok_or_else(|| {
        (
            "ChangeSetNotFound",
            format!("ChangeSet [{name}] does not exist"),
        )
    })
}

pub(super) fn create_change_set(content: &mut Content, request: &Request) -> Done {
    let name = request.field("StackName").to_owned();
    let create = request.field("ChangeSetType") == "CREATE";
    match content.stacks.get(&name).map(|stack| stack.status.as_str()) {
        None if create => {
            content.made += 1;
            let stack = Stack::new(&name, content.made, "REVIEW_IN_PROGRESS");
            content.stacks.insert(name.clone(), stack);
        }
        None => return Err(invalid(format!("Stack [{name}] does not exist"))),
        Some("REVIEW_IN_PROGRESS") if create => {}
        Some(_) if create => {
            return Err(invalid(format!(
                "Stack [{name}] already exists and cannot be created again with the changeSet"
            )));
        }
        Some(status) if !can_update(status) => {
            return Err(invalid(format!(
                "Stack:{name} is in {status} state and can not be updated."
            )));
        }
        Some(_) => {}
    }
    let making = if content.transcript.change_sets.is_empty() {
        Making::default()
    } else {
        content.transcript.change_sets.remove(0)
    };
    let stack = stack(content, request)?;
    let set_name = request.field("ChangeSetName").to_owned();
    if stack.change_sets.contains_key(&set_name) {
        let message = format!(
            "ChangeSet {set_name} cannot be created due to a mismatch with existing attribute"
        );
        return Err(("AlreadyExistsException", message));
    }
    let template: Value = serde_json::from_str(request.field("TemplateBody"))
        .map_err(|error| invalid(format!("Template format error: {error}")))?;
    let parameters = request.pairs("Parameters", "ParameterKey", "ParameterValue");
    let tags = request.pairs("Tags", "Key", "Value");
    let changes = changes::between(&stack.template, &template, &making);
    let same = changes.is_empty()
        && (&stack.parameters, &stack.tags) == (&parameters, &tags)
        && stack.template["Outputs"] == template["Outputs"];
    let nothing = "The submitted information didn't contain changes. Submit different information to create a change set.";
    let set = ChangeSet {
        create,
        seen: false,
        fails: making.fails.or_else(|| same.then(|| nothing.to_owned())),
        findings: making.findings,
        executed: false,
        template,
        parameters,
        tags,
        changes,
    };
    stack.change_sets.insert(set_name.clone(), set);
    Ok(xml::text(
        "Id",
        &format!("arn:aws:cloudformation:eu-west-1:123456789012:changeSet/{set_name}/1"),
    ) + &xml::text("StackId", &stack.id))
}

fn can_update(status: &str) -> bool {
    matches!(
        status,
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "UPDATE_ROLLBACK_COMPLETE" | "IMPORT_COMPLETE"
    )
}

pub(super) fn describe_change_set(content: &mut Content, request: &Request) -> Done {
    let name = request.field("ChangeSetName");
    let stack_id = stack(content, request)?.id.clone();
    let set = change_set(content, request)?;
    let (status, ready) = match (&set.fails, set.seen) {
        (_, false) => ("CREATE_IN_PROGRESS", "UNAVAILABLE"),
        (Some(_), _) => ("FAILED", "UNAVAILABLE"),
        (None, _) if set.executed => ("CREATE_COMPLETE", "EXECUTE_COMPLETE"),
        (None, _) => ("CREATE_COMPLETE", "AVAILABLE"),
    };
    let reason = set.fails.clone().filter(|_| set.seen);
    set.seen = true;
    let values = request.field("IncludePropertyValues") == "true";
    Ok(xml::text("ChangeSetName", name)
        + &xml::text("StackId", &stack_id)
        + &xml::text("Status", status)
        + &xml::text("ExecutionStatus", ready)
        + &xml::optional("StatusReason", reason.as_deref())
        + &xml::list(
            "Changes",
            set.changes.iter().map(|change| change.xml(values)),
        ))
}

pub(super) fn execute_change_set(content: &mut Content, request: &Request) -> Done {
    let token = request.field("ClientRequestToken").to_owned();
    let name = request.field("StackName").to_owned();
    let set = change_set(content, request)?.clone();
    let owner = stack(content, request)?;
    if owner
        .running
        .as_ref()
        .is_some_and(|running| running.token == token)
    {
        return Ok(String::new());
    }
    if set.executed || set.fails.is_some() || owner.running.is_some() {
        let message = format!(
            "ChangeSet cannot be executed in its current status of [{}]",
            owner.status
        );
        return Err(("InvalidChangeSetStatus", message));
    }
    let (on, status, success) = if set.create {
        ("create", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    } else {
        ("update", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    };
    let play = play(content, &name, on);
    let stack = stack(content, request)?;
    stack.begin(status, play.as_ref(), &token, success, Some(&set));
    // The other change sets are outdated, so CloudFormation deletes them.
    stack
        .change_sets
        .retain(|name, _| name == request.field("ChangeSetName"));
    for set in stack.change_sets.values_mut() {
        set.executed = true;
    }
    Ok(String::new())
}

pub(super) fn delete_change_set(content: &mut Content, request: &Request) -> Done {
    stack(content, request)?
        .change_sets
        .remove(request.field("ChangeSetName"));
    Ok(String::new())
}
