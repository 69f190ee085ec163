//! The dashboard of an environment, as `CloudWatch` reads it.

use serde::Serialize;

use crate::render::{RenderError, render_text};

/// A page with a row for each of the seven stages, in order.
///
/// Two texts are left for whoever deploys it: `${region}`, and `${warehouse}`, the value of the warehouse's dimension.
#[derive(Debug, Serialize)]
pub struct Dashboard {
    /// Name of the API.
    pub api: String,
    /// The first part of its paths.
    pub stage: &'static str,
    /// Name of the function.
    pub ingest: String,
    /// Name of the function.
    pub store: String,
    /// Name of the function.
    pub transform: String,
    /// Name of the function.
    pub load: String,
    /// Name of the function.
    pub query: String,
    /// Name of the stream.
    pub stream: String,
    /// Name of the table.
    pub customer_table: String,
    /// Name of the table.
    pub invoice_table: String,
    /// Name of the queue of raw objects.
    pub transform_queue: String,
    /// Name of the queue of staged files.
    pub load_queue: String,
    /// Name of the queue of raw objects that were given up.
    pub transform_dead_queue: String,
    /// Name of the queue of staged files that were given up.
    pub load_dead_queue: String,
    /// Name of the queue of reconciliations that were given up.
    pub reconcile_dead_queue: String,
    /// What Redshift counts.
    pub warehouse: Warehouse,
}

/// What a kind of Redshift counts.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Warehouse {
    namespace: &'static str,
    dimension: &'static str,
    widgets: &'static [Widget],
}

/// A figure of the last row.
#[derive(Clone, Copy, Debug, Serialize)]
struct Widget {
    /// How far from the left, of 24.
    x: u8,
    title: &'static str,
    metric: &'static str,
    statistic: &'static str,
}

const fn widget(
    x: u8,
    title: &'static str,
    metric: &'static str,
    statistic: &'static str,
) -> Widget {
    Widget {
        x,
        title,
        metric,
        statistic,
    }
}

impl Warehouse {
    /// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/metrics-listing.html>
    pub const CLUSTER: Self = Self {
        namespace: "AWS/Redshift",
        dimension: "ClusterIdentifier",
        widgets: &[
            widget(0, "CPU, %", "CPUUtilization", "Average"),
            widget(8, "Connections", "DatabaseConnections", "Maximum"),
            widget(16, "Disk, %", "PercentageDiskSpaceUsed", "Maximum"),
        ],
    };
    /// Only these two are counted for a workgroup as a whole.
    ///
    /// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/monitoring-serverless.html>
    pub const SERVERLESS: Self = Self {
        namespace: "AWS/Redshift-Serverless",
        dimension: "Workgroup",
        widgets: &[
            widget(0, "Compute seconds", "ComputeSeconds", "Sum"),
            widget(8, "Processing units", "ComputeCapacity", "Maximum"),
        ],
    };
}

impl Dashboard {
    /// The page as JSON without white space between widgets' lines.
    ///
    /// # Errors
    ///
    /// When the template names what this struct has not.
    pub fn render(&self) -> Result<String, RenderError> {
        let template = include_str!("../cloudwatch/dashboard.json.hbs");
        let text = render_text("dashboard.json", template, self)?;
        Ok(text.lines().map(str::trim_start).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn page(warehouse: Warehouse) -> Value {
        let name = |what: &str| format!("shop-{what}");
        let page = Dashboard {
            api: name("api"),
            stage: "v1",
            ingest: name("ingest"),
            store: name("store"),
            transform: name("transform"),
            load: name("load"),
            query: "a \"quoted\" name".to_owned(),
            stream: name("events"),
            customer_table: name("customer"),
            invoice_table: name("invoice"),
            transform_queue: name("transform"),
            load_queue: name("load"),
            transform_dead_queue: name("transform-dead"),
            load_dead_queue: name("load-dead"),
            reconcile_dead_queue: name("reconcile-dead"),
            warehouse,
        };
        serde_json::from_str(&page.render().unwrap()).unwrap()
    }

    #[test]
    fn the_seven_stages_stand_in_order() {
        let page = page(Warehouse::CLUSTER);
        let headers: Vec<_> = page["widgets"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|widget| widget["properties"]["markdown"].as_str())
            .filter_map(|header| header.split([' ', ':']).nth(2))
            .collect();
        assert_eq!(
            headers,
            [
                "event",
                "ingest",
                "stream",
                "store",
                "transform",
                "load",
                "analyst"
            ]
        );
    }

    #[test]
    fn each_kind_of_warehouse_has_its_own_figures() {
        for (kind, namespace) in [
            (Warehouse::CLUSTER, "AWS/Redshift"),
            (Warehouse::SERVERLESS, "AWS/Redshift-Serverless"),
        ] {
            let page = page(kind);
            let last = page["widgets"].as_array().unwrap().last().unwrap();
            assert_eq!(last["properties"]["metrics"][0][0], namespace);
            assert_eq!(last["properties"]["metrics"][0][3], "${warehouse}");
        }
    }

    #[test]
    fn no_two_widgets_lie_on_each_other() {
        let page = page(Warehouse::SERVERLESS);
        let mut cells = std::collections::BTreeSet::new();
        for widget in page["widgets"].as_array().unwrap() {
            let at = |key: &str| widget[key].as_u64().unwrap();
            for x in at("x")..at("x") + at("width") {
                for y in at("y")..at("y") + at("height") {
                    assert!(x < 24 && cells.insert((x, y)), "{widget}");
                }
            }
        }
    }
}
