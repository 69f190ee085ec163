//! What happened to a stack's resources, and which of it was the first failure.

use aws_sdk_cloudformation::types::StackEvent;

/// One event of a stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Happening {
    /// The event's own id.
    pub(crate) event: String,
    /// Logical id; the stack's name for the stack itself.
    pub(crate) resource: String,
    pub(crate) physical: String,
    pub(crate) kind: String,
    /// Such as `CREATE_FAILED`.
    pub(crate) status: String,
    pub(crate) reason: String,
    /// The token of the operation; empty where the service gives none.
    pub(crate) token: String,
    /// Whether it is the stack itself.
    pub(crate) is_stack: bool,
    /// Seconds since the epoch.
    pub(crate) at: f64,
}

impl From<StackEvent> for Happening {
    fn from(event: StackEvent) -> Self {
        let kind = event.resource_type.unwrap_or_default();
        let resource = event.logical_resource_id.unwrap_or_default();
        Self {
            is_stack: kind == NESTED && event.stack_name.as_deref() == Some(resource.as_str()),
            at: event.timestamp.map_or(0.0, |time| time.as_secs_f64()),
            event: event.event_id.unwrap_or_default(),
            resource,
            physical: event.physical_resource_id.unwrap_or_default(),
            kind,
            status: event
                .resource_status
                .map_or_else(String::new, |status| status.as_str().to_owned()),
            reason: event.resource_status_reason.unwrap_or_default(),
            token: event.client_request_token.unwrap_or_default(),
        }
    }
}

/// The type of a stack within a stack.
pub(super) const NESTED: &str = "AWS::CloudFormation::Stack";

/// What CloudFormation says of resources that stopped because another failed.
const CANCELLED: [&str; 4] = [
    "Resource creation cancelled",
    "Resource update cancelled",
    "Resource deletion cancelled",
    "The following resource(s) failed",
];

impl Happening {
    fn is_failure(&self) -> bool {
        self.status.ends_with("_FAILED")
    }

    fn is_consequence(&self) -> bool {
        CANCELLED.iter().any(|words| self.reason.starts_with(words))
    }

    /// Whether an operation on the stack begins with it. A rollback is part of the operation that it ends.
    pub(super) fn begins(&self) -> bool {
        self.is_stack
            && [
                "CREATE_IN_PROGRESS",
                "UPDATE_IN_PROGRESS",
                "DELETE_IN_PROGRESS",
                "REVIEW_IN_PROGRESS",
            ]
            .contains(&self.status.as_str())
    }
}

/// The events of the newest operation among `all`, oldest first.
pub(crate) fn newest_operation(all: &[Happening]) -> &[Happening] {
    let begin = all.iter().rposition(Happening::begins).unwrap_or(0);
    all.get(begin..).unwrap_or_default()
}

/// The first failure that is no consequence of another: a resource's if there is one, else the stack's own.
pub(crate) fn first_failure(operation: &[Happening]) -> Option<&Happening> {
    let failures = || operation.iter().filter(|it| it.is_failure());
    failures()
        .find(|it| !it.is_stack && !it.is_consequence())
        .or_else(|| failures().find(|it| !it.is_stack))
        .or_else(|| {
            let own = operation.iter().filter(|it| it.is_stack);
            own.filter(|it| !it.reason.is_empty() && it.reason != "User Initiated")
                .find(|it| it.is_failure() || it.status.contains("ROLLBACK"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happened(resource: &str, status: &str, reason: &str) -> Happening {
        Happening {
            is_stack: resource == "shop",
            resource: resource.to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            ..Happening::default()
        }
    }

    #[test]
    fn a_consequence_is_not_the_cause_even_when_it_comes_first() {
        let all = [
            happened("shop", "CREATE_IN_PROGRESS", "User Initiated"),
            happened("Queue", "CREATE_FAILED", "Resource creation cancelled"),
            happened("Stream", "CREATE_FAILED", "Rate exceeded"),
            happened("Table", "CREATE_FAILED", "something later"),
            happened(
                "shop",
                "ROLLBACK_IN_PROGRESS",
                "The following resource(s) failed to create: [Stream]",
            ),
        ];
        assert_eq!(first_failure(&all).unwrap().resource, "Stream");
        assert_eq!(first_failure(&all[..2]).unwrap().resource, "Queue");
        assert_eq!(first_failure(&all[..1]), None);
    }

    #[test]
    fn a_failure_of_an_earlier_operation_is_left_out() {
        let all = [
            happened("shop", "UPDATE_IN_PROGRESS", "User Initiated"),
            happened("Stream", "UPDATE_FAILED", "old"),
            happened("shop", "UPDATE_ROLLBACK_COMPLETE", ""),
            happened("shop", "UPDATE_IN_PROGRESS", "User Initiated"),
            happened("Table", "UPDATE_FAILED", "new"),
        ];
        assert_eq!(
            first_failure(newest_operation(&all)).unwrap().resource,
            "Table"
        );
    }

    #[test]
    fn a_stack_that_failed_by_itself_gives_its_own_reason() {
        let all = [
            happened("shop", "UPDATE_IN_PROGRESS", "User Initiated"),
            happened("shop", "UPDATE_ROLLBACK_IN_PROGRESS", "Export is in use"),
        ];
        assert_eq!(first_failure(&all).unwrap().reason, "Export is in use");
    }
}
