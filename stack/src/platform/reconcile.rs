//! The schedules of `load`: it reconciles, which finishes interrupted loads, and checks the data at night.

use cfn::resources::iam::{ManagedPolicy, Role};
use cfn::resources::kms::Encrypted;
use cfn::resources::lambda::Function;
use cfn::resources::scheduler::{Minutes, Schedule, When};
use cfn::resources::sqs::{Queue, QueuePolicy};
use cfn::{Arn, Handle, Policy};
use serde_json::json;

use super::crossing;
use super::lake::Lake;
use super::pipeline::Pipeline;
use crate::environment::{Environment, Profile};

/// Part of the names of this schedule's resources.
const SCHEDULE: &str = "reconcile";

/// Adds the dead-letter queue for reconciliations that could not start, or failed three times.
pub(super) fn lake(lake: &mut Lake<'_>) {
    let dead = Queue {
        name: lake.names.literal("reconcile-dead"),
        visibility_seconds: 30,
        dead_letters: None,
        key: lake.queue_key.clone(),
        profile: lake.environment.profile.for_data(),
    };
    let dead = lake.template.add("ReconcileDeadQueue", &dead);
    if lake.has_tls() {
        lake.template.add(
            "ReconcileDeadQueuePolicy",
            &QueuePolicy::closed(&dead).with_tls_only(&dead),
        );
    }
    crossing::RECONCILE_DEAD_QUEUE_URL.give(&mut lake.template, &dead.url());
    crossing::RECONCILE_DEAD_QUEUE_ARN.give(&mut lake.template, &dead.arn());
}

/// Adds the schedules that invoke `load` with `{"reconcile": true}` and, in production, with `{"check": true}`. An ephemeral
/// warehouse is not woken up every night.
pub(super) fn pipeline(
    pipeline: &mut Pipeline<'_>,
    load: &Arn<Function>,
    dead: Arn<Queue>,
) -> Vec<Handle<Schedule>> {
    let mut policy = Policy::new();
    load.grant_invoke(&mut policy);
    Encrypted::with(dead.clone(), pipeline.queue_key.clone()).grant_send(&mut policy);
    pipeline.data_key.grant_decrypt(&mut policy);
    let description = "Riverhouse: finishes interrupted loads";
    let role = pipeline.template.add(
        "ReconcileRole",
        &Role {
            name: pipeline.names.literal(SCHEDULE),
            description,
            trusted: &["scheduler.amazonaws.com"],
        },
    );
    let policy = ManagedPolicy {
        name: pipeline.names.literal(SCHEDULE),
        policy,
        role: role.name(),
    };
    let policy = pipeline.template.add("ReconcilePolicy", &policy);
    let reconcile = Schedule {
        name: pipeline.names.literal(SCHEDULE),
        description,
        when: When::Every(every(pipeline.environment)),
        function: load.clone(),
        input: json!({"reconcile": true}),
        role: role.arn(),
        dead_letters: dead,
        key: pipeline.data_key.clone(),
    };
    let mut schedules = vec![pipeline.template.add("ReconcileSchedule", &reconcile)];
    if pipeline.environment.profile == Profile::Production {
        let check = Schedule {
            name: pipeline.names.literal("check"),
            description: "Riverhouse: checks the data in the warehouse",
            when: When::EveryNight,
            input: json!({"check": true}),
            ..reconcile
        };
        schedules.push(pipeline.template.add("CheckSchedule", &check));
    }
    for schedule in &schedules {
        // EventBridge Scheduler verifies the role when the schedule is created.
        pipeline.template.depend(schedule, &policy);
    }
    schedules
}

/// Returns the interval. A load that outlives its function usually ends within minutes; the next reconciliation then
/// finishes it, after at most 15 minutes in production and one hour elsewhere. Locally functions are stopped after one
/// minute. Each call reads the DynamoDB table `load` first and queries the warehouse only if a load is open, so a
/// serverless warehouse stays paused.
fn every(environment: &Environment) -> Minutes {
    match environment.profile {
        _ if environment.is_local() => Minutes::ONE,
        Profile::Production => Minutes::QUARTER,
        Profile::Ephemeral { .. } => Minutes::HOUR,
    }
}
