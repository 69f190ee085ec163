//! The body of a dashboard. Reading it fails at every field that CloudWatch does not know.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>
#![expect(
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking, as a test does"
)]

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::{Metric, is_statistic};

pub(super) struct Page {
    pub(super) widgets: Vec<Widget>,
}

pub(super) struct Widget {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) content: Content,
}

#[derive(Deserialize)]
#[serde(
    tag = "type",
    content = "properties",
    rename_all = "lowercase",
    deny_unknown_fields
)]
pub(super) enum Content {
    Text(Text),
    Metric(MetricWidget),
    Alarm(Alarms),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    pub(super) markdown: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Alarms {
    #[serde(rename = "title")]
    _title: String,
    pub(super) alarms: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct MetricWidget {
    #[serde(rename = "title")]
    _title: String,
    region: String,
    stat: Option<String>,
    view: Option<View>,
    period: u32,
    set_period_to_time_range: Option<bool>,
    metrics: Vec<Vec<Value>>,
}

#[derive(Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
enum View {
    SingleValue,
}

/// The last element of a metric.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    id: Option<String>,
    #[serde(rename = "label")]
    _label: Option<String>,
    stat: Option<String>,
    expression: Option<String>,
    #[serde(rename = "visible")]
    _visible: Option<bool>,
}

impl Page {
    /// Reads a body.
    pub(super) fn read(body: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Body {
            widgets: Vec<Placed>,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Placed {
            r#type: String,
            x: usize,
            y: usize,
            width: usize,
            height: usize,
            properties: Value,
        }
        let body: Body = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let widget = |placed: Placed| {
            let content =
                serde_json::json!({"type": placed.r#type, "properties": placed.properties});
            Ok(Widget {
                x: placed.x,
                y: placed.y,
                width: placed.width,
                height: placed.height,
                content: serde_json::from_value(content)
                    .map_err(|error: serde_json::Error| error.to_string())?,
            })
        };
        let widgets: Result<_, String> = body.widgets.into_iter().map(widget).collect();
        Ok(Self { widgets: widgets? })
    }
}

impl Content {
    /// Returns the metrics of the widget.
    pub(super) fn metrics(&self) -> Vec<Metric> {
        let Self::Metric(widget) = self else {
            return Vec::new();
        };
        let mut before: Vec<String> = Vec::new();
        let mut metrics = Vec::new();
        for row in &widget.metrics {
            let parts = row.iter().filter_map(Value::as_str).enumerate();
            let parts: Vec<String> = parts
                // `.` repeats the part of the previous metric.
                .map(|(place, part)| match part {
                    "." => before[place].clone(),
                    _ => part.to_owned(),
                })
                .collect();
            let [namespace, name, dimensions @ ..] = parts.as_slice() else {
                continue;
            };
            metrics.push(Metric {
                namespace: namespace.clone(),
                name: name.clone(),
                dimensions: dimensions
                    .chunks(2)
                    .map(|pair| (pair[0].clone(), pair[1].clone()))
                    .collect(),
            });
            before = parts;
        }
        metrics
    }

    /// Returns what is wrong with the widget, apart from its metrics.
    pub(super) fn problems(&self) -> Vec<String> {
        match self {
            Self::Metric(widget) => widget.problems(),
            Self::Text(_) | Self::Alarm(_) => Vec::new(),
        }
    }
}

impl MetricWidget {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.region != "${AWS::Region}" {
            problems.push(format!("{}: not the region of the stack", self.region));
        }
        if self.period == 0 || !self.period.is_multiple_of(60) {
            problems.push(format!("{}: not a period", self.period));
        }
        if self.set_period_to_time_range.is_some() && self.view != Some(View::SingleValue) {
            problems.push("setPeriodToTimeRange is only for numbers".to_owned());
        }
        let options: Vec<_> = self.metrics.iter().map(|row| options(row)).collect();
        for option in &options {
            let statistic = option.stat.as_ref().or(self.stat.as_ref());
            match statistic {
                _ if option.expression.is_some() => {}
                Some(statistic) if is_statistic(statistic) => {}
                _ => problems.push(format!(
                    "{}: no such statistic",
                    statistic.map_or("", String::as_str)
                )),
            }
        }
        let ids: BTreeSet<_> = options.iter().filter_map(|it| it.id.as_deref()).collect();
        let expressions = options.iter().filter_map(|it| it.expression.as_deref());
        let words = expressions.flat_map(|text| text.split(|it: char| !it.is_ascii_alphanumeric()));
        let words = words.filter(|word| word.starts_with(|it: char| it.is_ascii_lowercase()));
        let lost = words.filter(|word| !ids.contains(word));
        problems.extend(lost.map(|word| format!("`{word}` of the expression has no series")));
        problems
    }
}

fn options(row: &[Value]) -> Options {
    match row.last() {
        Some(last @ Value::Object(_)) => serde_json::from_value(last.clone()).unwrap(),
        _ => Options::default(),
    }
}
