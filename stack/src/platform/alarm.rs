//! What is watched, and who hears of it.
//!
//! 24 alarms: ten of an account are free, so that one environment with alarms costs about $1.40 a month.

use std::collections::BTreeMap;

use cfn::resources::cloudwatch::{Alarm, Metric, Statistic};
use cfn::resources::sns::{EmailSubscription, Topic, TopicPolicy};
use cfn::{Arn, Val};

use super::api::STAGE;
use super::function::FunctionName;
use super::pipeline::Pipeline;
use crate::environment::Alarms;

const FIVE_MINUTES: u32 = 300;
/// A record is to be stored within seconds: a minute behind, for five of them, is late.
const LATE_MILLISECONDS: u32 = 60_000;
/// A message that failed comes back after 5,700 seconds: one that is older has failed twice, or nobody takes any.
const OLD_SECONDS: u32 = 7_200;
/// API Gateway answers for a function after 29 seconds; whoever waits for 5 has not got what he was promised.
const SLOW_MILLISECONDS: u32 = 5_000;

/// A figure that is watched.
struct Watch {
    /// Its logical id, for ever.
    id: &'static str,
    /// The last part of its name.
    what: &'static str,
    description: &'static str,
    metric: Metric,
    above: u32,
    period_seconds: u32,
    periods: u8,
}

/// The alarms and their topic, if anybody is to hear of them.
pub(super) fn add(pipeline: &mut Pipeline<'_>) {
    if pipeline.environment.alarms == Alarms::None {
        return;
    }
    let topic = add_topic(pipeline);
    let watches = FunctionName::ALL
        .into_iter()
        .flat_map(|function| of_function(pipeline, function))
        .chain(of_stages(pipeline))
        .chain(of_loads(pipeline));
    for watch in watches.collect::<Vec<_>>() {
        let alarm = Alarm {
            name: pipeline.names.literal(watch.what),
            description: watch.description,
            metric: watch.metric,
            above: watch.above,
            period_seconds: watch.period_seconds,
            periods: watch.periods,
            topic: topic.clone(),
        };
        pipeline.template.add(watch.id, &alarm);
    }
}

fn add_topic(pipeline: &mut Pipeline<'_>) -> Arn<Topic> {
    let topic = Topic {
        name: pipeline.names.literal("alarms"),
        key: pipeline.queue_key.clone(),
    };
    let template = &mut pipeline.template;
    let topic = template.add("AlarmTopic", &topic);
    template.add("AlarmTopicPolicy", &TopicPolicy::of_alarms(&topic));
    if let Alarms::Email(email) = &pipeline.environment.alarms {
        let subscription = EmailSubscription {
            topic: topic.arn(),
            email: email.as_ref().to_owned(),
        };
        template.add("AlarmEmail", &subscription);
    }
    template.output("AlarmTopicArn", "Topic of the alarms", &topic.arn());
    topic.arn()
}

fn of_function(pipeline: &Pipeline<'_>, function: FunctionName) -> [Watch; 2] {
    let [errors, throttles] = match function {
        FunctionName::Ingest => [
            ("IngestErrors", "ingest-errors"),
            ("IngestThrottles", "ingest-throttles"),
        ],
        FunctionName::Store => [
            ("StoreErrors", "store-errors"),
            ("StoreThrottles", "store-throttles"),
        ],
        FunctionName::Transform => [
            ("TransformErrors", "transform-errors"),
            ("TransformThrottles", "transform-throttles"),
        ],
        FunctionName::Load => [
            ("LoadErrors", "load-errors"),
            ("LoadThrottles", "load-throttles"),
        ],
        FunctionName::Query => [
            ("QueryErrors", "query-errors"),
            ("QueryThrottles", "query-throttles"),
        ],
    };
    let watch = |(id, what), description, name, periods| Watch {
        id,
        what,
        description,
        metric: of_lambda(pipeline, function, name, Statistic::Sum),
        above: 0,
        period_seconds: FIVE_MINUTES,
        periods,
    };
    [
        watch(
            errors,
            "The function crashed or ran out of time: its log says where.",
            "Errors",
            1,
        ),
        watch(
            throttles,
            "For 15 minutes calls were refused: raise its reserved concurrency or the account's quota.",
            "Throttles",
            3,
        ),
    ]
}

/// What is watched between the functions.
fn of_stages(pipeline: &Pipeline<'_>) -> Vec<Watch> {
    let stream = figure(
        "AWS/Kinesis",
        "WriteProvisionedThroughputExceeded",
        Statistic::Sum,
        [("StreamName", pipeline.names.plain("events").into())],
    );
    let stream = Watch {
        id: "StreamThrottles",
        what: "stream-throttles",
        description: "For 15 minutes the stream refused records: more shards, or fewer events.",
        metric: stream,
        above: 0,
        period_seconds: FIVE_MINUTES,
        periods: 3,
    };
    let late = Watch {
        id: "StoreLate",
        what: "store-late",
        description: "For 5 minutes records waited for more than a minute: the shop does not see its newest events.",
        metric: of_lambda(
            pipeline,
            FunctionName::Store,
            "IteratorAge",
            Statistic::Maximum,
        ),
        above: LATE_MILLISECONDS,
        period_seconds: 60,
        periods: 5,
    };
    let mut watches = Vec::from(of_api(pipeline));
    watches.extend([stream, late]);
    watches.extend(of_queues(pipeline));
    watches.extend(of_tables(pipeline));
    watches
}

fn of_api(pipeline: &Pipeline<'_>) -> [Watch; 2] {
    let metric = |name, statistic| {
        let api = [
            ("ApiName", pipeline.names.plain("api").into()),
            ("Stage", STAGE.into()),
        ];
        figure("AWS/ApiGateway", name, statistic, api)
    };
    [
        Watch {
            id: "ApiFailures",
            what: "api-failures",
            description: "For 10 minutes requests were answered with 5xx: see the API's log, then ingest and query.",
            metric: metric("5XXError", Statistic::Sum),
            above: 0,
            period_seconds: FIVE_MINUTES,
            periods: 2,
        },
        Watch {
            id: "ApiSlow",
            what: "api-slow",
            description: "For 15 minutes one of 100 requests took more than 5 seconds.",
            metric: metric("Latency", Statistic::P99),
            above: SLOW_MILLISECONDS,
            period_seconds: FIVE_MINUTES,
            periods: 3,
        },
    ]
}

fn of_queues(pipeline: &Pipeline<'_>) -> [Watch; 5] {
    let watch = |id, what, description, queue, name, above| Watch {
        id,
        what,
        description,
        metric: figure(
            "AWS/SQS",
            name,
            Statistic::Maximum,
            [("QueueName", pipeline.names.plain(queue).into())],
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

fn of_tables(pipeline: &Pipeline<'_>) -> [Watch; 3] {
    let watch = |id, what, table| Watch {
        id,
        what,
        description: "For 15 minutes the table refused writes: one key gets too many, or the table grows too fast.",
        metric: figure(
            "AWS/DynamoDB",
            "WriteThrottleEvents",
            Statistic::Sum,
            [("TableName", pipeline.names.plain(table).into())],
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

/// What `load` counts itself.
fn of_loads(pipeline: &Pipeline<'_>) -> [Watch; 2] {
    let metric = |name| {
        let load = pipeline.names.function(FunctionName::Load);
        figure(
            functions::metrics::NAMESPACE,
            name,
            Statistic::Sum,
            [("FunctionName", load.into())],
        )
    };
    [
        Watch {
            id: "FilesSetAside",
            what: "files-set-aside",
            description: "The warehouse refused a staged file, and its rows are missing: the log of load names it.",
            metric: metric("FilesSetAside"),
            above: 0,
            period_seconds: FIVE_MINUTES,
            periods: 1,
        },
        Watch {
            id: "LoadFailures",
            what: "load-failures",
            description: "For 15 minutes staged files could not be loaded: the log of load says why.",
            metric: metric("Failures"),
            above: 0,
            period_seconds: FIVE_MINUTES,
            periods: 3,
        },
    ]
}

fn of_lambda(
    pipeline: &Pipeline<'_>,
    function: FunctionName,
    name: &'static str,
    statistic: Statistic,
) -> Metric {
    let function = pipeline.names.function(function);
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
