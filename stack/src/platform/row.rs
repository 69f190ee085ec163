//! Rows of the dashboard, as data.

use templates::cloudwatch;

use super::Names;
use super::api::STAGE;

/// A row of the dashboard, for one stage.
pub(super) struct Row {
    /// Name of the stage, a colon, and its purpose.
    pub(super) title: &'static str,
    /// Charts of the row, at most four.
    pub(super) widgets: &'static [Widget],
}

/// A chart of one or more metrics.
pub(super) struct Widget {
    pub(super) title: &'static str,
    /// CloudWatch statistic, such as `Sum` or `p99`.
    pub(super) statistic: &'static str,
    pub(super) figures: &'static [Figure],
}

/// A metric of one resource.
pub(super) struct Figure {
    pub(super) source: Source,
    pub(super) metric: &'static str,
}

/// Resource of a metric. The text is the last part of the resource's name.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Api,
    /// Custom metrics that the function emits.
    Own(&'static str),
    /// Metrics of Lambda for a function.
    Lambda(&'static str),
    Stream,
    Queue(&'static str),
    Table(&'static str),
}

impl Figure {
    /// Returns the metric with the name of its resource in an environment.
    pub(super) fn metric(&self, names: &Names) -> cloudwatch::Metric {
        let dimension = |name, what| vec![(name, names.plain(what))];
        let (namespace, dimensions) = match self.source {
            Source::Api => (
                "AWS/ApiGateway",
                vec![("ApiName", names.plain("api")), ("Stage", STAGE.to_owned())],
            ),
            Source::Own(function) => (
                functions::metrics::NAMESPACE,
                dimension("FunctionName", function),
            ),
            Source::Lambda(function) => ("AWS/Lambda", dimension("FunctionName", function)),
            Source::Stream => ("AWS/Kinesis", dimension("StreamName", "events")),
            Source::Queue(queue) => ("AWS/SQS", dimension("QueueName", queue)),
            Source::Table(table) => ("AWS/DynamoDB", dimension("TableName", table)),
        };
        cloudwatch::Metric {
            namespace,
            name: self.metric,
            dimensions,
        }
    }
}

pub(super) const fn widget(
    title: &'static str,
    statistic: &'static str,
    figures: &'static [Figure],
) -> Widget {
    Widget {
        title,
        statistic,
        figures,
    }
}

pub(super) const fn figure(source: Source, metric: &'static str) -> Figure {
    Figure { source, metric }
}

pub(super) const OLDEST_MESSAGE: &str = "ApproximateAgeOfOldestMessage";
pub(super) const MESSAGES: &str = "ApproximateNumberOfMessagesVisible";

/// Returns the chart of a function's invocations, errors and throttles.
macro_rules! calls {
    ($function:literal) => {{
        use $crate::platform::row::{Source, figure, widget};
        widget(
            "Function",
            "Sum",
            &[
                figure(Source::Lambda($function), "Invocations"),
                figure(Source::Lambda($function), "Errors"),
                figure(Source::Lambda($function), "Throttles"),
            ],
        )
    }};
}
pub(super) use calls;

/// Returns the chart of the latency from the request to the end of a function's stage.
macro_rules! latency {
    ($function:literal) => {{
        use $crate::platform::row::{Source, figure, widget};
        widget(
            "Event to here, p99, ms",
            "p99",
            &[figure(
                Source::Own($function),
                functions::metrics::EVENT_AGE,
            )],
        )
    }};
}
pub(super) use latency;

/// Returns the chart of the age of the oldest message in a queue.
macro_rules! waiting {
    ($queue:literal) => {{
        use $crate::platform::row::{OLDEST_MESSAGE, Source, figure, widget};
        widget(
            "Waiting, s",
            "Maximum",
            &[figure(Source::Queue($queue), OLDEST_MESSAGE)],
        )
    }};
}
pub(super) use waiting;
