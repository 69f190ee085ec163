//! The CloudWatch dashboard: the service levels, the alarms, and a row for every stage.

use std::collections::BTreeMap;

use cfn::resources::cloudwatch::{Alarm, Dashboard};
use cfn::{Handle, Val, region};
use templates::cloudwatch::{self, Content, Options, Series};

use super::monitoring::Monitoring;
use super::row::{Figure, Row, Source, Widget};
use super::service_levels::service_levels;
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

/// Adds the dashboard, with a widget for `alarms` if there are any.
pub(super) fn add(monitoring: &mut Monitoring<'_>, alarms: &[Handle<Alarm>]) {
    let names = &monitoring.names;
    let page = cloudwatch::Dashboard {
        overview: [service_levels(names)]
            .into_iter()
            .chain(alarm_row(alarms))
            .collect(),
        stages: stages(names)
            .chain(analyst(&monitoring.environment.warehouse))
            .collect(),
    };
    let mut values: BTreeMap<_, Val<String>> = alarms
        .iter()
        .map(|alarm| (alarm.id(), alarm.arn().text()))
        .collect();
    values.insert("region", region());
    values.insert("warehouse", names.plain("warehouse").into());
    let dashboard = Dashboard {
        name: names.literal("stages"),
        body: Val::filled(&body(page), &values),
    };
    monitoring.template.add("StagesDashboard", &dashboard);
}

#[expect(
    clippy::expect_used,
    reason = "the template and its struct are this program's, and a test renders both"
)]
fn body(page: cloudwatch::Dashboard) -> String {
    page.render()
        .expect("the dashboard has every value that it names")
}

/// Returns the widget with the state of every alarm. The placeholder of an alarm's ARN is its logical id.
fn alarm_row(alarms: &[Handle<Alarm>]) -> Option<cloudwatch::Row> {
    let arns = alarms.iter().map(|alarm| format!("${{{}}}", alarm.id()));
    let widget = cloudwatch::Widget {
        title: "State",
        content: Content::Alarms(arns.collect()),
    };
    (!alarms.is_empty()).then(|| cloudwatch::Row {
        title: "alarms: dashboards/RUNBOOK.md has an entry for each".to_owned(),
        widgets: vec![widget],
    })
}

/// Returns the rows of the stages, in their order.
fn stages(names: &Names) -> impl Iterator<Item = cloudwatch::Row> {
    let rows = STAGES.into_iter().flat_map(|stage| {
        let stream = (*stage.function == INGEST).then_some(&STREAM);
        stage.row.into_iter().chain(stream)
    });
    [&EVENT]
        .into_iter()
        .chain(rows)
        .map(|row| resolve(row, names))
}

fn resolve(row: &Row, names: &Names) -> cloudwatch::Row {
    let widgets = row.widgets.iter().map(|widget| {
        let series = widget.figures.iter().map(|figure| Series::Metric {
            metric: figure.metric(names),
            options: Options::default(),
        });
        cloudwatch::Widget {
            title: widget.title,
            content: Content::Chart {
                statistic: widget.statistic,
                series: series.collect(),
            },
        }
    });
    cloudwatch::Row {
        title: row.title.to_owned(),
        widgets: widgets.collect(),
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
    let metric = cloudwatch::Metric {
        namespace,
        name,
        dimensions: vec![(dimension, "${warehouse}".to_owned())],
    };
    let options = Options::default();
    cloudwatch::Widget {
        title,
        content: Content::Chart {
            statistic,
            series: vec![Series::Metric { metric, options }],
        },
    }
}
