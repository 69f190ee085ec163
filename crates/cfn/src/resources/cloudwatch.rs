//! Amazon `CloudWatch`: alarms and dashboards.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_CloudWatch.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::sns::Topic;
use crate::{Arn, Name, Removal, Resource, Val};

/// Tells when a figure is too high. Ten of an account are free, each further one costs about $0.10 a month.
///
/// Source: <https://aws.amazon.com/cloudwatch/pricing/>
#[derive(Clone, Debug)]
pub struct Alarm {
    /// Its name, at most 255 characters.
    pub name: Name<Alarm>,
    /// What is wrong when it rings, and what to do, at most 1,024 characters.
    pub description: &'static str,
    /// The figure. A period without one is a good one: an idle system is not ill.
    pub metric: Metric,
    /// It rings when the figure is higher.
    pub above: u32,
    /// How long figures are gathered before they are compared.
    pub period_seconds: u32,
    /// In how many periods one after the other.
    pub periods: u8,
    /// Who hears of it, and of its end.
    pub topic: Arn<Topic>,
}

/// A figure that a service or a function counts.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Such as `AWS/Lambda`.
    pub namespace: &'static str,
    /// Such as `Errors`.
    pub name: &'static str,
    /// What is made of the values of a period.
    pub statistic: Statistic,
    /// Whose it is.
    pub dimensions: BTreeMap<&'static str, Val<String>>,
}

/// What is made of the values of a period.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Statistic {
    /// All together.
    Sum,
    /// The highest.
    Maximum,
    /// What 99 of 100 values do not exceed.
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

/// A page of figures. Three of an account are free, each further one costs about $3 a month.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// Its name: letters, digits, `-` and `_`.
    pub name: Name<Dashboard>,
    /// Its JSON.
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
