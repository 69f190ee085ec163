//! The `CloudWatch` dashboard of an environment.

use serde::Serialize;

use crate::render::{RenderError, render_text};

/// Height of a row: its header and its widgets.
const ROW_HEIGHT: usize = 5;
/// Width of a widget; a row is 24 wide.
const WIDGET_WIDTH: usize = 8;

/// A dashboard with numbered rows.
///
/// A text may contain placeholders of `Fn::Sub` such as `${region}`, which CloudFormation replaces at deployment.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// The rows from top to bottom.
    pub rows: Vec<Row>,
}

/// A header and the widgets below it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The header, without its number.
    pub title: String,
    /// At most three, which fill the width.
    pub widgets: Vec<Widget>,
}

/// A chart of metrics.
#[derive(Clone, Debug)]
pub struct Widget {
    pub title: &'static str,
    /// `CloudWatch`'s name of the statistic, such as `Sum` or `p99`.
    pub statistic: &'static str,
    pub metrics: Vec<Metric>,
}

/// A metric of one resource.
#[derive(Clone, Debug)]
pub struct Metric {
    pub namespace: &'static str,
    pub name: &'static str,
    /// Name and value of each dimension.
    pub dimensions: Vec<(&'static str, String)>,
}

impl Metric {
    /// Returns the metric as an array, the form in a dashboard body.
    fn array(self) -> Vec<String> {
        let dimensions = self.dimensions.into_iter();
        [self.namespace.to_owned(), self.name.to_owned()]
            .into_iter()
            .chain(dimensions.flat_map(|(name, value)| [name.to_owned(), value]))
            .collect()
    }
}

/// The values of the template.
#[derive(Serialize)]
struct Page {
    rows: Vec<PlacedRow>,
}

#[derive(Serialize)]
struct PlacedRow {
    y: usize,
    header: String,
    widgets: Vec<PlacedWidget>,
}

#[derive(Serialize)]
struct PlacedWidget {
    x: usize,
    y: usize,
    title: &'static str,
    statistic: &'static str,
    metrics: Vec<Vec<String>>,
}

impl Row {
    fn place(self, index: usize) -> PlacedRow {
        let y = index * ROW_HEIGHT;
        let widgets = self.widgets.into_iter().enumerate();
        PlacedRow {
            y,
            header: format!("## {} {}", index + 1, self.title),
            widgets: widgets
                .map(|(column, widget)| PlacedWidget {
                    x: column * WIDGET_WIDTH,
                    y: y + 1,
                    title: widget.title,
                    statistic: widget.statistic,
                    metrics: abbreviate(widget.metrics.into_iter().map(Metric::array).collect()),
                })
                .collect(),
        }
    }
}

/// Replaces by `.` every part that equals the same part of the previous metric, because the size of a template is limited.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>
fn abbreviate(metrics: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let mut before: Vec<String> = Vec::new();
    let mut abbreviated = Vec::with_capacity(metrics.len());
    for metric in metrics {
        let short = metric.iter().enumerate().map(|(place, part)| {
            if before.get(place) == Some(part) {
                ".".to_owned()
            } else {
                part.clone()
            }
        });
        abbreviated.push(short.collect());
        before = metric;
    }
    abbreviated
}

impl Dashboard {
    /// Renders the dashboard as JSON, without line breaks and indentation.
    ///
    /// # Errors
    ///
    /// Fails if the template uses a name that the dashboard does not have.
    pub fn render(self) -> Result<String, RenderError> {
        let rows = self.rows.into_iter().enumerate();
        let page = Page {
            rows: rows.map(|(index, row)| row.place(index)).collect(),
        };
        let template = include_str!("../cloudwatch/dashboard.json.hbs");
        let text = render_text("dashboard.json", template, &page)?;
        Ok(text.lines().map(str::trim_start).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn metric(name: &'static str, queue: &str) -> Metric {
        Metric {
            namespace: "AWS/SQS",
            name,
            dimensions: vec![("QueueName", queue.to_owned())],
        }
    }

    fn page() -> Value {
        let widget = Widget {
            title: "Waiting",
            statistic: "Maximum",
            metrics: vec![metric("Age", "a \"quoted\" name"), metric("Age", "dead")],
        };
        let row = |title: &str| Row {
            title: title.to_owned(),
            widgets: vec![widget.clone(), widget.clone(), widget.clone()],
        };
        let page = Dashboard {
            rows: vec![row("event"), row("ingest")],
        };
        serde_json::from_str(&page.render().unwrap()).unwrap()
    }

    #[test]
    fn rows_are_numbered_and_repeated_parts_of_a_metric_are_abbreviated() {
        let page = page();
        assert_eq!(
            page["widgets"][0]["properties"]["markdown"],
            json!("## 1 event")
        );
        assert_eq!(
            page["widgets"][4]["properties"]["markdown"],
            json!("## 2 ingest")
        );
        assert_eq!(
            page["widgets"][1]["properties"]["metrics"],
            json!([
                ["AWS/SQS", "Age", "QueueName", "a \"quoted\" name"],
                [".", ".", ".", "dead"]
            ])
        );
    }

    #[test]
    fn no_two_widgets_overlap() {
        let page = page();
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
