//! The CloudWatch dashboard, with a row for every stage. It refers to resources by name and depends on none, so it is
//! in the `lake` stack, as the alarms are.

use std::collections::BTreeMap;

use cfn::resources::cloudwatch::Dashboard;
use cfn::{Val, region};
use templates::cloudwatch;

use super::api::STAGE;
use super::lake::Lake;
use super::row::{Figure, Row, Source, Widget};
use super::{Names, STAGES};
use crate::environment::Warehouse;
use crate::function::INGEST;

const EVENT: Row = Row {
    title: "event: what the shop sends",
    widgets: &[
        Widget {
            title: "Requests",
            statistic: "Sum",
            figures: &[of_api("Count"), of_api("4XXError"), of_api("5XXError")],
        },
        Widget {
            title: "Answer time, ms",
            statistic: "p99",
            figures: &[of_api("Latency")],
        },
        Widget {
            title: "Questions",
            statistic: "Sum",
            figures: &[of_query("Queries"), of_query("QueryFailures")],
        },
    ],
};

const STREAM: Row = Row {
    title: "stream: Kinesis",
    widgets: &[
        Widget {
            title: "Records",
            statistic: "Sum",
            figures: &[
                of_stream("IncomingRecords"),
                of_stream("WriteProvisionedThroughputExceeded"),
            ],
        },
        Widget {
            title: "Bytes",
            statistic: "Sum",
            figures: &[of_stream("IncomingBytes")],
        },
        Widget {
            title: "Waiting, ms",
            statistic: "Maximum",
            figures: &[Figure {
                source: Source::Lambda("store"),
                metric: "IteratorAge",
            }],
        },
    ],
};

const fn of_api(metric: &'static str) -> Figure {
    let source = Source::Api;
    Figure { source, metric }
}

const fn of_query(metric: &'static str) -> Figure {
    let source = Source::Own("query");
    Figure { source, metric }
}

const fn of_stream(metric: &'static str) -> Figure {
    let source = Source::Stream;
    Figure { source, metric }
}

/// Adds the dashboard on AWS. Locally there are no CloudWatch metrics to show; use `stack status`.
pub(super) fn add(lake: &mut Lake<'_>) {
    let Some(analyst) = analyst(&lake.environment.warehouse) else {
        return;
    };
    let body = body(&lake.names, analyst);
    let values = BTreeMap::from([
        ("region", region()),
        ("warehouse", lake.names.plain("warehouse").into()),
    ]);
    let dashboard = Dashboard {
        name: lake.names.literal("stages"),
        body: Val::filled(&body, &values),
    };
    lake.template.add("StagesDashboard", &dashboard);
}

#[expect(
    clippy::expect_used,
    reason = "the template and its struct are this program's, and a test renders both"
)]
fn body(names: &Names, analyst: cloudwatch::Row) -> String {
    let rows = STAGES.into_iter().flat_map(|stage| {
        let stream = (*stage.function == INGEST).then_some(&STREAM);
        stage.row.into_iter().chain(stream)
    });
    let rows = [&EVENT].into_iter().chain(rows);
    let page = cloudwatch::Dashboard {
        rows: rows
            .map(|row| resolve(row, names))
            .chain([analyst])
            .collect(),
    };
    page.render()
        .expect("the dashboard has every value that it names")
}

fn resolve(row: &Row, names: &Names) -> cloudwatch::Row {
    let widgets = row.widgets.iter().map(|widget| cloudwatch::Widget {
        title: widget.title,
        statistic: widget.statistic,
        metrics: widget
            .figures
            .iter()
            .map(|figure| metric(figure, names))
            .collect(),
    });
    cloudwatch::Row {
        title: row.title.to_owned(),
        widgets: widgets.collect(),
    }
}

fn metric(figure: &Figure, names: &Names) -> cloudwatch::Metric {
    let dimension = |name, what| vec![(name, names.plain(what))];
    let (namespace, dimensions) = match figure.source {
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
        name: figure.metric,
        dimensions,
    }
}

/// Returns the row of the warehouse. The value of its dimension is the placeholder `${warehouse}`.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/metrics-listing.html>, and for a workgroup as a whole
/// <https://docs.aws.amazon.com/redshift/latest/mgmt/monitoring-serverless.html>
fn analyst(warehouse: &Warehouse) -> Option<cloudwatch::Row> {
    let widgets = match warehouse {
        Warehouse::Local => return None,
        Warehouse::Cluster { .. } => {
            let widget = |title, name, statistic| {
                of_warehouse(
                    ["AWS/Redshift", "ClusterIdentifier"],
                    title,
                    name,
                    statistic,
                )
            };
            vec![
                widget("CPU, %", "CPUUtilization", "Average"),
                widget("Connections", "DatabaseConnections", "Maximum"),
                widget("Disk, %", "PercentageDiskSpaceUsed", "Maximum"),
            ]
        }
        Warehouse::Serverless { .. } => {
            let widget = |title, name, statistic| {
                of_warehouse(
                    ["AWS/Redshift-Serverless", "Workgroup"],
                    title,
                    name,
                    statistic,
                )
            };
            vec![
                widget("Compute seconds", "ComputeSeconds", "Sum"),
                widget("Processing units", "ComputeCapacity", "Maximum"),
            ]
        }
    };
    Some(cloudwatch::Row {
        title: "analyst: the warehouse".to_owned(),
        widgets,
    })
}

fn of_warehouse(
    [namespace, dimension]: [&'static str; 2],
    title: &'static str,
    name: &'static str,
    statistic: &'static str,
) -> cloudwatch::Widget {
    let dimensions = vec![(dimension, "${warehouse}".to_owned())];
    cloudwatch::Widget {
        title,
        statistic,
        metrics: vec![cloudwatch::Metric {
            namespace,
            name,
            dimensions,
        }],
    }
}
