//! The events of a stack's resources, and the first failure among them.

use aws_sdk_cloudformation::types::StackEvent;

/// An event of a resource, or of the stack itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceEvent {
    /// The id of the event.
    pub id: String,
    /// The logical id; for the stack itself, its name.
    pub resource: String,
    pub physical: String,
    pub kind: String,
    /// For example `CREATE_FAILED`.
    pub status: String,
    pub reason: String,
    /// The token of the operation; empty if the service returns none.
    pub token: String,
    /// Whether it is an event of the stack itself.
    pub is_stack: bool,
    /// Seconds since the Unix epoch.
    pub at: f64,
}

impl From<StackEvent> for ResourceEvent {
    fn from(event: StackEvent) -> Self {
        let kind = event.resource_type.unwrap_or_default();
        let resource = event.logical_resource_id.unwrap_or_default();
        Self {
            is_stack: kind == NESTED && event.stack_name.as_deref() == Some(resource.as_str()),
            at: event.timestamp.map_or(0.0, |time| time.as_secs_f64()),
            id: event.event_id.unwrap_or_default(),
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

/// The type of a nested stack.
pub(crate) const NESTED: &str = "AWS::CloudFormation::Stack";

/// CloudFormation's reasons for resources that were cancelled because another one failed.
const CANCELLED: [&str; 4] = [
    "Resource creation cancelled",
    "Resource update cancelled",
    "Resource deletion cancelled",
    "The following resource(s) failed",
];

impl ResourceEvent {
    fn is_failure(&self) -> bool {
        self.status.ends_with("_FAILED")
    }

    fn is_consequence(&self) -> bool {
        CANCELLED.iter().any(|words| self.reason.starts_with(words))
    }

    /// Returns whether the event begins an operation. A rollback belongs to the operation that it rolls back.
    pub(crate) fn begins(&self) -> bool {
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

/// Returns the events of the newest operation among `all`, oldest first.
pub(crate) fn newest_operation(all: &[ResourceEvent]) -> &[ResourceEvent] {
    let begin = all.iter().rposition(ResourceEvent::begins).unwrap_or(0);
    all.get(begin..).unwrap_or_default()
}

/// Returns the first failure that is not a consequence of another one: that of a resource, otherwise that of the stack
/// itself.
pub(crate) fn first_failure(operation: &[ResourceEvent]) -> Option<&ResourceEvent> {
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

    fn event(resource: &str, status: &str, reason: &str) -> ResourceEvent {
        ResourceEvent {
            is_stack: resource == "shop",
            resource: resource.to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            ..ResourceEvent::default()
        }
    }

    #[test]
    fn a_consequence_is_not_the_cause_even_if_it_comes_first() {
        let all = [
            event("shop", "CREATE_IN_PROGRESS", "User Initiated"),
            event("Queue", "CREATE_FAILED", "Resource creation cancelled"),
            event("Stream", "CREATE_FAILED", "Rate exceeded"),
            event("Table", "CREATE_FAILED", "something later"),
            event(
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
    fn a_failure_of_an_earlier_operation_is_ignored() {
        let all = [
            event("shop", "UPDATE_IN_PROGRESS", "User Initiated"),
            event("Stream", "UPDATE_FAILED", "old"),
            event("shop", "UPDATE_ROLLBACK_COMPLETE", ""),
            event("shop", "UPDATE_IN_PROGRESS", "User Initiated"),
            event("Table", "UPDATE_FAILED", "new"),
        ];
        assert_eq!(
            first_failure(newest_operation(&all)).unwrap().resource,
            "Table"
        );
    }

    #[test]
    fn a_stack_without_failed_resources_has_its_own_reason() {
        let all = [
            event("shop", "UPDATE_IN_PROGRESS", "User Initiated"),
            event("shop", "UPDATE_ROLLBACK_IN_PROGRESS", "Export is in use"),
        ];
        assert_eq!(first_failure(&all).unwrap().reason, "Export is in use");
    }
}
