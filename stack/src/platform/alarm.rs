//! CloudWatch alarms and their SNS topic. They are in the `lake` stack: when a pipeline is deleted and created again,
//! subscriptions and the alarms' history remain.
//!
//! 28 alarms: an account has ten for free, so one environment with alarms costs about $1.80 a month.

use std::collections::BTreeMap;

use cfn::resources::cloudwatch::{Alarm, Metric, Statistic};
use cfn::resources::sns::{EmailSubscription, Topic, TopicPolicy};
use cfn::{Arn, Val};

use super::api::STAGE;
use super::lake::Lake;
use crate::environment::Alarms;
use crate::function::{FUNCTIONS, FunctionSpec, LOAD, STORE};

const FIVE_MINUTES: u32 = 300;
/// The longest time between two reconciliations, each of which counts the open loads.
const HOUR: u32 = 3_600;
/// Records are stored within seconds. An iterator age of a minute for five minutes is late.
const LATE_MILLISECONDS: u32 = 60_000;
/// A record that has waited for one day expires from the stream six days later.
const STUCK_MILLISECONDS: u32 = 24 * 60 * 60 * 1000;
/// A failed message becomes visible again after 5,700 seconds. An older one has failed twice, or nothing receives
/// messages.
const OLD_SECONDS: u32 = 7_200;
/// Open loads are taken up again every quarter of an hour: one that is open for longer than this was tried more than
/// twice.
const OPEN_SECONDS: u32 = 2_700;
/// API Gateway times out after 29 seconds. A request that takes more than 5 is slower than promised.
const SLOW_MILLISECONDS: u32 = 5_000;

/// An alarm on a metric.
struct Watch {
    /// Logical id. It is permanent: changing it replaces the alarm.
    id: &'static str,
    /// Last part of the alarm's name.
    what: String,
    description: &'static str,
    metric: Metric,
    above: u32,
    period_seconds: u32,
    periods: u8,
}

/// Adds the alarms and their topic, unless the environment has no alarms.
pub(super) fn add(lake: &mut Lake<'_>) {
    if lake.environment.alarms == Alarms::None {
        return;
    }
    let topic = add_topic(lake);
    let watches = FUNCTIONS
        .into_iter()
        .flat_map(|function| of_function(lake, function))
        .chain(of_stages(lake))
        .chain(of_loads(lake));
    for watch in watches.collect::<Vec<_>>() {
        let alarm = Alarm {
            name: lake.names.literal(&watch.what),
            description: watch.description,
            metric: watch.metric,
            above: watch.above,
            period_seconds: watch.period_seconds,
            periods: watch.periods,
            topic: topic.clone(),
        };
        lake.template.add(watch.id, &alarm);
    }
}

fn add_topic(lake: &mut Lake<'_>) -> Arn<Topic> {
    let topic = Topic {
        name: lake.names.literal("alarms"),
        key: lake.queue_key.clone(),
    };
    let template = &mut lake.template;
    let topic = template.add("AlarmTopic", &topic);
    template.add("AlarmTopicPolicy", &TopicPolicy::of_alarms(&topic));
    if let Alarms::Email(email) = &lake.environment.alarms {
        let subscription = EmailSubscription {
            topic: topic.arn(),
            email: email.as_ref().to_owned(),
        };
        template.add("AlarmEmail", &subscription);
    }
    template.output("AlarmTopicArn", "Topic of the alarms", &topic.arn());
    topic.arn()
}

fn of_function(lake: &Lake<'_>, function: &FunctionSpec) -> [Watch; 2] {
    let what = |metric: &str| format!("{function}-{}", metric.to_lowercase());
    let watch = |id, description, name, periods| Watch {
        id,
        what: what(name),
        description,
        metric: of_lambda(lake, function, name, Statistic::Sum),
        above: 0,
        period_seconds: FIVE_MINUTES,
        periods,
    };
    [
        watch(
            function.ids.errors_alarm,
            "The function crashed or ran out of time: its log says where.",
            "Errors",
            1,
        ),
        watch(
            function.ids.throttles_alarm,
            "For 15 minutes calls were refused: raise its reserved concurrency or the account's quota.",
            "Throttles",
            3,
        ),
    ]
}

/// Returns the alarms on what connects the functions: the stream, the API, queues and tables.
fn of_stages(lake: &Lake<'_>) -> Vec<Watch> {
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
    let given_up = Watch {
        id: "StoreGivenUp",
        what: "store-given-up".to_owned(),
        description: "Lambda gave records of the stream up and could not keep them: see the rights of store on the logs bucket.",
        metric: of_lambda(lake, &STORE, "DestinationDeliveryFailures", Statistic::Sum),
        above: 0,
        period_seconds: FIVE_MINUTES,
        periods: 1,
    };
    let mut watches = Vec::from(of_api(lake));
    watches.extend([stream, behind, stuck, given_up]);
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

/// Returns the alarm on rejects of `store`. `ingest` has validated every event, so a reject means that the two
/// disagree.
fn of_store(lake: &Lake<'_>) -> Watch {
    Watch {
        id: "StoreRejects",
        what: "store-rejects".to_owned(),
        description: "Records of the stream were rejected and are in no table: `stack rejects --stage store` lists them.",
        metric: of_our_own(lake, &STORE, "Rejected", Statistic::Sum),
        above: 0,
        period_seconds: FIVE_MINUTES,
        periods: 1,
    }
}

/// Returns the alarms on custom metrics of `load`.
fn of_loads(lake: &Lake<'_>) -> [Watch; 3] {
    let metric = |name, statistic| of_our_own(lake, &LOAD, name, statistic);
    [
        Watch {
            id: "FilesSetAside",
            what: "files-set-aside".to_owned(),
            description: "The warehouse refused a staged file, and its rows are missing: the log of load names it.",
            metric: metric("FilesSetAside", Statistic::Sum),
            above: 0,
            period_seconds: FIVE_MINUTES,
            periods: 1,
        },
        Watch {
            id: "LoadFailures",
            what: "load-failures".to_owned(),
            description: "For 15 minutes staged files could not be loaded: the log of load says why.",
            metric: metric("Failures", Statistic::Sum),
            above: 0,
            period_seconds: FIVE_MINUTES,
            periods: 3,
        },
        Watch {
            id: "LoadOpen",
            what: "load-open".to_owned(),
            description: "A load is not over after 45 minutes, and the warehouse lacks its rows: see the log of load, and what holds the ledger.",
            metric: metric("OldestOpenLoadSeconds", Statistic::Maximum),
            above: OPEN_SECONDS,
            period_seconds: HOUR,
            periods: 1,
        },
    ]
}

/// Returns a custom metric that the function emits.
fn of_our_own(
    lake: &Lake<'_>,
    function: &FunctionSpec,
    name: &'static str,
    statistic: Statistic,
) -> Metric {
    let function = lake.names.function(function);
    figure(
        functions::metrics::NAMESPACE,
        name,
        statistic,
        [("FunctionName", function.into())],
    )
}

fn of_lambda(
    lake: &Lake<'_>,
    function: &FunctionSpec,
    name: &'static str,
    statistic: Statistic,
) -> Metric {
    let function = lake.names.function(function);
    figure(
        "AWS/Lambda",
        name,
        statistic,
        [("FunctionName", function.into())],
    )
}

fn figure<const N: usize>(
    namespace: &'static str,
    name: &'static str,
    statistic: Statistic,
    dimensions: [(&'static str, Val<String>); N],
) -> Metric {
    Metric {
        namespace,
        name,
        statistic,
        dimensions: BTreeMap::from(dimensions),
    }
}
