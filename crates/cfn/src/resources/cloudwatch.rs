//! Amazon `CloudWatch`: alarms and dashboards.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_CloudWatch.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::sns::Topic;
use crate::{Arn, Handle, Name, Removal, Resource, Val};

/// An alarm on a metric above a threshold. Ten alarms of an account are free; each further one costs about
/// $0.10 a month.
///
/// Source: <https://aws.amazon.com/cloudwatch/pricing/>
#[derive(Clone, Debug)]
pub struct Alarm {
    /// At most 255 characters.
    pub name: Name<Alarm>,
    /// What is wrong when the alarm is raised, and what to do; at most 1,024 characters.
    pub description: String,
    /// Missing data counts as OK, because an idle system emits none.
    pub metric: Metric,
    /// Threshold: the alarm is raised when the metric is above it.
    pub above: u32,
    pub period_seconds: u32,
    /// The number of consecutive periods above the threshold.
    pub periods: u8,
    /// Receives a notification when the alarm is raised and when it ends.
    pub topic: Arn<Topic>,
}

/// A metric of an AWS service or of a function.
#[derive(Clone, Debug)]
pub struct Metric {
    /// For example `AWS/Lambda`.
    pub namespace: &'static str,
    /// For example `Errors`.
    pub name: &'static str,
    pub statistic: Statistic,
    pub dimensions: BTreeMap<&'static str, Val<String>>,
}

/// How the values of a period are aggregated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Statistic {
    Sum,
    Maximum,
    /// The 99th percentile.
    P99,
}

impl Resource for Alarm {
    const TYPE: &'static str = "AWS::CloudWatch::Alarm";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let (statistic, extended) = match self.metric.statistic {
            Statistic::Sum => (Some("Sum"), None),
            Statistic::Maximum => (Some("Maximum"), None),
            Statistic::P99 => (None, Some("p99")),
        };
        let dimensions = self.metric.dimensions.iter();
        let dimensions: Vec<_> = dimensions
            .map(|(name, value)| json!({"Name": name, "Value": value}))
            .collect();
        json!({
            "AlarmName": self.name,
            "AlarmDescription": self.description,
            "Namespace": self.metric.namespace,
            "MetricName": self.metric.name,
            "Dimensions": dimensions,
            "Statistic": statistic,
            "ExtendedStatistic": extended,
            "Period": self.period_seconds,
            "EvaluationPeriods": self.periods,
            "Threshold": self.above,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [self.topic],
            "OKActions": [self.topic],
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Alarm> {
    #[must_use]
    pub fn arn(&self) -> Arn<Alarm> {
        self.attribute("Arn")
    }
}

/// A `CloudWatch` dashboard. Three of an account are free; each further one costs about $3 a month.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// Letters, digits, `-` and `_`.
    pub name: Name<Dashboard>,
    /// The dashboard body, in JSON.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>
    pub body: Val<String>,
}

impl Resource for Dashboard {
    const TYPE: &'static str = "AWS::CloudWatch::Dashboard";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"DashboardName": self.name, "DashboardBody": self.body})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
