//! Alarms on the AWS services between the functions: the stream, the API, queues and tables.

use cfn::resources::cloudwatch::Statistic;

use super::alarm::{FIVE_MINUTES, Watch, figure, of_lambda, of_store};
use super::api::STAGE;
use super::lake::Lake;
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

pub(super) fn of_services(lake: &Lake<'_>) -> Vec<Watch> {
    let stream = figure(
        "AWS/Kinesis",
        "WriteProvisionedThroughputExceeded",
        Statistic::Sum,
        [("StreamName", lake.names.plain("events").into())],
    );
    let stream = Watch {
        id: "StreamThrottles",
        what: "stream-throttles".to_owned(),
        description: "For 15 minutes the stream refused records: more shards, or fewer events.",
        metric: stream,
        above: 0,
        period_seconds: FIVE_MINUTES,
        periods: 3,
    };
    let behind = Watch {
        id: "StoreLate",
        what: "store-late".to_owned(),
        description: "For 5 minutes records waited for more than a minute: the shop does not see its newest events.",
        metric: of_lambda(lake, &STORE, "IteratorAge", Statistic::Maximum),
        above: LATE_MILLISECONDS,
        period_seconds: 60,
        periods: 5,
    };
    let stuck = Watch {
        id: "StoreStuck",
        what: "store-stuck".to_owned(),
        description: "Accepted events wait for more than a day, and the stream keeps them for seven: see the log of store.",
        metric: of_lambda(lake, &STORE, "IteratorAge", Statistic::Maximum),
        above: STUCK_MILLISECONDS,
        period_seconds: FIVE_MINUTES,
        periods: 1,
    };
    let discarded = Watch {
        id: "StoreGivenUp",
        what: "store-given-up".to_owned(),
        description: "Lambda gave records of the stream up and could not keep them: see the rights of store on the logs bucket.",
        metric: of_lambda(lake, &STORE, "DestinationDeliveryFailures", Statistic::Sum),
        above: 0,
        period_seconds: FIVE_MINUTES,
        periods: 1,
    };
    let mut watches = Vec::from(of_api(lake));
    watches.extend([stream, behind, stuck, discarded]);
    watches.push(of_store(lake));
    watches.extend(of_queues(lake));
    watches.extend(of_tables(lake));
    watches
}

fn of_api(lake: &Lake<'_>) -> [Watch; 2] {
    let metric = |name, statistic| {
        let api = [
            ("ApiName", lake.names.plain("api").into()),
            ("Stage", STAGE.into()),
        ];
        figure("AWS/ApiGateway", name, statistic, api)
    };
    [
        Watch {
            id: "ApiFailures",
            what: "api-failures".to_owned(),
            description: "For 10 minutes requests were answered with 5xx: see the API's log, then ingest and query.",
            metric: metric("5XXError", Statistic::Sum),
            above: 0,
            period_seconds: FIVE_MINUTES,
            periods: 2,
        },
        Watch {
            id: "ApiSlow",
            what: "api-slow".to_owned(),
            description: "For 15 minutes one of 100 requests took more than 5 seconds.",
            metric: metric("Latency", Statistic::P99),
            above: SLOW_MILLISECONDS,
            period_seconds: FIVE_MINUTES,
            periods: 3,
        },
    ]
}

fn of_queues(lake: &Lake<'_>) -> [Watch; 5] {
    let watch = |id, what, description, queue, name, above| Watch {
        id,
        what: str::to_owned(what),
        description,
        metric: figure(
            "AWS/SQS",
            name,
            Statistic::Maximum,
            [("QueueName", lake.names.plain(queue).into())],
        ),
        above,
        period_seconds: FIVE_MINUTES,
        periods: 1,
    };
    let old = |id, what, queue| {
        let description =
            "A message waited for more than two hours: its function fails, or does not run.";
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
        let description =
            "Something was given up and waits in this queue: find out why, then send it again.";
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

fn of_tables(lake: &Lake<'_>) -> [Watch; 3] {
    let watch = |id, what, table| Watch {
        id,
        what: str::to_owned(what),
        description: "For 15 minutes the table refused writes: one key gets too many, or the table grows too fast.",
        metric: figure(
            "AWS/DynamoDB",
            "WriteThrottleEvents",
            Statistic::Sum,
            [("TableName", lake.names.plain(table).into())],
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
