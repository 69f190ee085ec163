//! An SQS queue that notifies a function of new objects in a bucket.

use cfn::resources::s3::{Bucket, Notification};
use cfn::resources::sqs::{DeadLetters, Queue, QueuePolicy};
use cfn::{Arn, Handle, Name, Url};

use super::lake::Lake;

/// A queue for a bucket's notifications of new objects, with its dead-letter queue.
pub(super) struct Inbox {
    queue: Handle<Queue>,
    dead: Handle<Queue>,
    policy: Handle<QueuePolicy>,
}

/// Logical ids of the queue, of its policy, and of both for the dead-letter queue. They are permanent: changing one
/// replaces the resource.
pub(super) struct InboxIds {
    pub(super) queue: &'static str,
    pub(super) policy: &'static str,
    pub(super) dead: &'static str,
    pub(super) dead_policy: &'static str,
}

impl Inbox {
    /// Adds the queue `riverhouse-{environment}-{what}` and its dead-letter queue `…-dead`. Only `bucket` may send to
    /// it.
    #[track_caller]
    pub(super) fn add(
        lake: &mut Lake<'_>,
        ids: &InboxIds,
        what: &str,
        bucket: &Arn<Bucket>,
    ) -> Self {
        let timing = lake.environment.pace.timing();
        let queue = |name: Name<Queue>, visibility_seconds, dead_letters| Queue {
            name,
            visibility_seconds,
            dead_letters,
            key: lake.queue_key.clone(),
            profile: lake.environment.profile.for_data(),
        };
        let dead = queue(lake.names.literal(&format!("{what}-dead")), 30, None);
        let alive = |after| {
            queue(
                lake.names.literal(what),
                timing.visibility_seconds,
                Some(after),
            )
        };
        let dead = lake.template.add(ids.dead, &dead);
        let after = DeadLetters {
            queue: dead.arn(),
            after: timing.receipts,
        };
        let alive = alive(after);
        let alive = lake.template.add(ids.queue, &alive);
        let policy = QueuePolicy::of_notifications(&alive, bucket);
        let policy = if lake.has_tls() {
            policy.with_tls_only(&alive)
        } else {
            policy
        };
        let policy = lake.template.add(ids.policy, &policy);
        if lake.has_tls() {
            lake.template.add(
                ids.dead_policy,
                &QueuePolicy::closed(&dead).with_tls_only(&dead),
            );
        }
        Self {
            queue: alive,
            dead,
            policy,
        }
    }

    /// Returns the bucket setting that sends notifications of objects below `prefix` to the queue.
    pub(super) fn notification(&self, prefix: &'static str) -> Notification {
        Notification {
            prefix,
            queue: self.queue.arn(),
        }
    }

    /// Returns the queue policy. It must exist before a bucket can send notifications, because S3 tests the
    /// permission.
    pub(super) fn policy(&self) -> &Handle<QueuePolicy> {
        &self.policy
    }

    pub(super) fn url(&self) -> Url<Queue> {
        self.queue.url()
    }

    pub(super) fn arn(&self) -> Arn<Queue> {
        self.queue.arn()
    }

    pub(super) fn dead_url(&self) -> Url<Queue> {
        self.dead.url()
    }
}
