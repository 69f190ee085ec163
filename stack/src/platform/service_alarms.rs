//! Alarms on the AWS services between the functions: the stream, the API, queues and tables.

use cfn::resources::cloudwatch::Statistic;

use super::Names;
use super::alarm::{AlarmSpec, FIVE_MINUTES, figure, of_lambda, of_store};
use super::api::STAGE;
use crate::function::STORE;

/// Records are stored within seconds. An iterator age of a minute for five minutes is late.
const LATE_MILLISECONDS: u32 = 60_000;
/// A record that has waited for one day expires from the stream six days later.
const STUCK_MILLISECONDS: u32 = 24 * 60 * 60 * 1000;
/// A failed message becomes visible again after 5,700 seconds. An older one has failed twice, or nothing receives
/// messages.
const OLD_SECONDS: u32 = 7_200;
/// API Gateway times out after 29 seconds. A request that takes more than 5 is slower than promised.
const SLOW_MILLISECONDS: u32 = 5_000;

pub(super) fn of_services(names: &Names) -> Vec<AlarmSpec> {
    let mut alarms = Vec::from(of_api(names));
    alarms.push(of_stream(names));
    alarms.extend(of_waiting_records(names));
    alarms.push(of_store(names));
    alarms.extend(of_queues(names));
    alarms.extend(of_tables(names));
    alarms
}

fn of_stream(names: &Names) -> AlarmSpec {
    let metric = figure(
        "AWS/Kinesis",
        "WriteProvisionedThroughputExceeded",
        Statistic::Sum,
        [("StreamName", names.plain("events").into())],
    );
    AlarmSpec {
        id: "StreamThrottles",
        what: "stream-throttles".to_owned(),
        description: "The stream throttled writes for 15 minutes: add shards, or send fewer events.",
        metric,
        above: 0,
        period_seconds: FIVE_MINUTES,
        periods: 3,
    }
}

/// Returns the alarms on records of the stream that `store` has not written.
fn of_waiting_records(names: &Names) -> [AlarmSpec; 3] {
    let metric = |name, statistic| of_lambda(names, &STORE, name, statistic);
    [
        AlarmSpec {
            id: "StoreLate",
            what: "store-late".to_owned(),
            description: "Records waited for more than a minute during 5 minutes: the shop does not see the newest events.",
            metric: metric("IteratorAge", Statistic::Maximum),
            above: LATE_MILLISECONDS,
            period_seconds: 60,
            periods: 5,
        },
        AlarmSpec {
            id: "StoreStuck",
            what: "store-stuck".to_owned(),
            description: "Accepted events have waited for more than a day, and the stream keeps them for seven: see the log of store.",
            metric: metric("IteratorAge", Statistic::Maximum),
            above: STUCK_MILLISECONDS,
            period_seconds: FIVE_MINUTES,
            periods: 1,
        },
        AlarmSpec {
            id: "StoreGivenUp",
            what: "store-given-up".to_owned(),
            description: "Lambda discarded records of the stream and could not write them to the logs bucket: check the permissions of store.",
            metric: metric("DestinationDeliveryFailures", Statistic::Sum),
            above: 0,
            period_seconds: FIVE_MINUTES,
            periods: 1,
        },
    ]
}

fn of_api(names: &Names) -> [AlarmSpec; 2] {
    let metric = |name, statistic| {
        let api = [
            ("ApiName", names.plain("api").into()),
            ("Stage", STAGE.into()),
        ];
        figure("AWS/ApiGateway", name, statistic, api)
    };
    [
        AlarmSpec {
            id: "ApiFailures",
            what: "api-failures".to_owned(),
            description: "Requests got 5xx responses for 10 minutes: see the log of the API, then of ingest and query.",
            metric: metric("5XXError", Statistic::Sum),
            above: 0,
            period_seconds: FIVE_MINUTES,
            periods: 2,
        },
        AlarmSpec {
            id: "ApiSlow",
            what: "api-slow".to_owned(),
            description: "One of 100 requests took more than 5 seconds for 15 minutes.",
            metric: metric("Latency", Statistic::P99),
            above: SLOW_MILLISECONDS,
            period_seconds: FIVE_MINUTES,
            periods: 3,
        },
    ]
}

fn of_queues(names: &Names) -> [AlarmSpec; 5] {
    let watch = |id, what, description, queue, name, above| AlarmSpec {
        id,
        what: str::to_owned(what),
        description,
        metric: figure(
            "AWS/SQS",
            name,
            Statistic::Maximum,
            [("QueueName", names.plain(queue).into())],
        ),
        above,
        period_seconds: FIVE_MINUTES,
        periods: 1,
    };
    let old = |id, what, queue| {
        let description =
            "A message has waited for more than two hours: its function fails or does not run.";
        watch(
            id,
            what,
            description,
            queue,
            "ApproximateAgeOfOldestMessage",
            OLD_SECONDS,
        )
    };
    let dead = |id, queue| {
        let description = "A message failed too often and is in this dead-letter queue: find the cause, then send it again.";
        watch(
            id,
            queue,
            description,
            queue,
            "ApproximateNumberOfMessagesVisible",
            0,
        )
    };
    [
        old("TransformOld", "transform-old", "transform"),
        old("LoadOld", "load-old", "load"),
        dead("TransformDead", "transform-dead"),
        dead("LoadDead", "load-dead"),
        dead("ReconcileDead", "reconcile-dead"),
    ]
}

fn of_tables(names: &Names) -> [AlarmSpec; 3] {
    let watch = |id, what, table| AlarmSpec {
        id,
        what: str::to_owned(what),
        description: "The table throttled writes for 15 minutes: one key gets too many writes, or the traffic grows too fast.",
        metric: figure(
            "AWS/DynamoDB",
            "WriteThrottleEvents",
            Statistic::Sum,
            [("TableName", names.plain(table).into())],
        ),
        above: 0,
        period_seconds: FIVE_MINUTES,
        periods: 3,
    };
    [
        watch("CustomerThrottles", "customer-throttles", "customer"),
        watch("InvoiceThrottles", "invoice-throttles", "invoice"),
        watch("LoadTableThrottles", "load-table-throttles", "load"),
    ]
}
