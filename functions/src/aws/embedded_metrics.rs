//! `CloudWatch`'s embedded metric format: JSON lines on standard output become metrics, without an API call.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write as _;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use time::OffsetDateTime;

use crate::metrics::{Metric, NAMESPACE, Unit};
use crate::ports::Count;

/// Writes metrics to standard output, which Lambda forwards to `CloudWatch`.
#[derive(Debug)]
pub struct StandardOutput {
    /// Name of the function that emits the metrics.
    pub function: String,
}

impl Count for StandardOutput {
    /// A metric that cannot be written is dropped, because no event depends on it.
    fn count(&self, metrics: &[Metric]) {
        let mut text = line(&self.function, OffsetDateTime::now_utc(), metrics);
        text.push('\n');
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
    }
}

/// Formats `metrics` as one line in the embedded metric format.
fn line(function: &str, at: OffsetDateTime, metrics: &[Metric]) -> String {
    let definitions = metrics.iter().map(|metric| Definition {
        name: metric.name,
        unit: metric.unit,
    });
    let document = Document {
        aws: Aws {
            timestamp: at.unix_timestamp_nanos() / 1_000_000,
            cloud_watch_metrics: [Directive {
                namespace: NAMESPACE,
                dimensions: [["FunctionName"]],
                metrics: definitions.collect(),
            }],
        },
        function_name: function,
        values: Values(metrics),
    };
    // Serialising strings and numbers cannot fail.
    serde_json::to_string(&document).unwrap_or_default()
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "_aws")]
    aws: Aws,
    #[serde(rename = "FunctionName")]
    function_name: &'a str,
    #[serde(flatten)]
    values: Values<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Aws {
    timestamp: i128,
    cloud_watch_metrics: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: Unit,
}

struct Values<'a>(&'a [Metric]);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for metric in self.0 {
            map.serialize_entry(metric.name, &metric.value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn figures_are_one_line_that_cloudwatch_reads() {
        let metrics = [
            Metric::count("Accepted", 499),
            Metric::bytes("BodyBytes", 105_000),
            Metric::event_age(vec![40, 1_500]),
        ];
        let text = line(
            "riverhouse-dev-ingest",
            datetime!(2026-01-02 03:04:05.678 UTC),
            &metrics,
        );
        insta::assert_snapshot!(text, @r#"{"_aws":{"Timestamp":1767323045678,"CloudWatchMetrics":[{"Namespace":"Riverhouse","Dimensions":[["FunctionName"]],"Metrics":[{"Name":"Accepted","Unit":"Count"},{"Name":"BodyBytes","Unit":"Bytes"},{"Name":"EventAgeMilliseconds","Unit":"Milliseconds"}]}]},"FunctionName":"riverhouse-dev-ingest","Accepted":499,"BodyBytes":105000,"EventAgeMilliseconds":[40,1500]}"#);
    }
}
