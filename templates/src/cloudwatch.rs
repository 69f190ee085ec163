//! The `CloudWatch` dashboard of an environment.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>

use serde::Serialize;
use serde_json::{Value, json};

use crate::render::{RenderError, render_text};

/// Width of a dashboard in columns.
const WIDTH: usize = 24;

/// A dashboard.
///
/// A text may contain placeholders of `Fn::Sub` such as `${region}`, which CloudFormation replaces at deployment.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// Rows above the stages.
    pub overview: Vec<Row>,
    /// Rows of the stages, which are numbered.
    pub stages: Vec<Row>,
}

/// A header and the widgets below it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The header, without its number.
    pub title: String,
    /// 1, 2, 3, 4 or 6 widgets of equal width, which fill the row.
    pub widgets: Vec<Widget>,
}

#[derive(Clone, Debug)]
pub struct Widget {
    pub title: &'static str,
    pub content: Content,
}

/// What a widget shows.
#[derive(Clone, Debug)]
pub enum Content {
    /// Lines over time, with a point for each minute.
    Chart {
        /// `CloudWatch`'s name of the statistic, such as `Sum` or `p99`.
        statistic: &'static str,
        series: Vec<Series>,
    },
    /// One number for each series.
    Numbers { span: Span, series: Vec<Series> },
    /// The state of alarms, by their ARNs.
    Alarms(Vec<String>),
}

/// The time of which a number is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Span {
    /// The time range that the reader has chosen.
    Range,
    /// The newest five minutes with values.
    Newest,
}

/// A line of a chart, or a number.
#[derive(Clone, Debug)]
pub enum Series {
    Metric {
        metric: Metric,
        options: Options,
    },
    /// Metric math over the series with ids.
    Expression {
        expression: &'static str,
        label: &'static str,
    },
}

/// A metric of one resource.
#[derive(Clone, Debug)]
pub struct Metric {
    pub namespace: &'static str,
    pub name: &'static str,
    /// Name and value of each dimension.
    pub dimensions: Vec<(&'static str, String)>,
}

/// How a metric is shown where it differs from the other metrics of its widget.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Options {
    /// Name in expressions. The metric itself is then not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<&'static str>,
    #[serde(rename = "stat", skip_serializing_if = "Option::is_none")]
    pub statistic: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visible: Option<bool>,
}

impl Options {
    /// A number with a label and a statistic of its own.
    #[must_use]
    pub fn labelled(label: &'static str, statistic: &'static str) -> Self {
        Self {
            label: Some(label),
            statistic: Some(statistic),
            ..Self::default()
        }
    }

    /// A metric that is only part of an expression.
    #[must_use]
    pub fn hidden(id: &'static str, statistic: &'static str) -> Self {
        Self {
            id: Some(id),
            statistic: Some(statistic),
            visible: Some(false),
            ..Self::default()
        }
    }
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
    widgets: Vec<Placed>,
}

/// A widget with its place on the grid.
#[derive(Serialize)]
struct Placed {
    kind: &'static str,
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    properties: Value,
}

impl Row {
    /// Places the row from `y` on, and returns the first free `y` below it.
    fn place(self, y: usize, page: &mut Vec<Placed>) -> usize {
        page.push(Placed {
            kind: "text",
            x: 0,
            y,
            width: WIDTH,
            height: 1,
            properties: json!({"markdown": format!("## {}", self.title)}),
        });
        let width = WIDTH / self.widgets.len().max(1);
        let mut below = y + 1;
        for (column, widget) in self.widgets.into_iter().enumerate() {
            let height = widget.content.height();
            below = below.max(y + 1 + height);
            page.push(Placed {
                kind: widget.content.kind(),
                x: column * width,
                y: y + 1,
                width,
                height,
                properties: widget.properties(),
            });
        }
        below
    }
}

impl Content {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Chart { .. } | Self::Numbers { .. } => "metric",
            Self::Alarms(_) => "alarm",
        }
    }

    const fn height(&self) -> usize {
        match self {
            Self::Alarms(_) => 6,
            Self::Chart { .. } => 4,
            Self::Numbers { .. } => 3,
        }
    }
}

impl Widget {
    fn properties(self) -> Value {
        let title = self.title;
        match self.content {
            Content::Chart { statistic, series } => json!({
                "title": title, "region": "${region}", "stat": statistic, "period": 60, "metrics": rows(series),
            }),
            Content::Numbers { span, series } => json!({
                "title": title, "region": "${region}", "view": "singleValue", "period": 300,
                "setPeriodToTimeRange": span == Span::Range, "metrics": rows(series),
            }),
            Content::Alarms(arns) => json!({"title": title, "alarms": arns}),
        }
    }
}

/// Returns the series as arrays. Replaces by `.` every part that equals the same part of the previous metric, because the
/// size of a template is limited.
fn rows(series: Vec<Series>) -> Vec<Vec<Value>> {
    let mut before: Vec<String> = Vec::new();
    let mut rows = Vec::with_capacity(series.len());
    for series in series {
        let (metric, options) = match series {
            Series::Expression { expression, label } => {
                rows.push(vec![json!({"expression": expression, "label": label})]);
                continue;
            }
            Series::Metric { metric, options } => (metric.array(), options),
        };
        let parts = metric.iter().enumerate().map(|(place, part)| {
            let repeated = before.get(place) == Some(part);
            json!(if repeated { "." } else { part })
        });
        let own = (options != Options::default()).then(|| json!(options));
        rows.push(parts.chain(own).collect());
        before = metric;
    }
    rows
}

impl Dashboard {
    /// Renders the dashboard as JSON, without line breaks and indentation.
    ///
    /// # Errors
    ///
    /// Fails if the template uses a name that the dashboard does not have.
    pub fn render(self) -> Result<String, RenderError> {
        let (mut widgets, mut y) = (Vec::new(), 0);
        let stages = self.stages.into_iter().zip(1..).map(|(row, number)| Row {
            title: format!("{number} {}", row.title),
            ..row
        });
        for row in self.overview.into_iter().chain(stages) {
            y = row.place(y, &mut widgets);
        }
        let template = include_str!("../cloudwatch/dashboard.json.hbs");
        let text = render_text("dashboard.json", template, &Page { widgets })?;
        Ok(text.lines().map(str::trim_start).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &'static str, queue: &str, options: Options) -> Series {
        let dimensions = vec![("QueueName", queue.to_owned())];
        let metric = Metric {
            namespace: "AWS/SQS",
            name,
            dimensions,
        };
        Series::Metric { metric, options }
    }

    fn row(title: &str, contents: &[Content]) -> Row {
        let widgets = contents.iter().map(|content| Widget {
            title: "Waiting",
            content: content.clone(),
        });
        Row {
            title: title.to_owned(),
            widgets: widgets.collect(),
        }
    }

    fn page() -> Value {
        let chart = Content::Chart {
            statistic: "Maximum",
            series: vec![
                series("Age", "a \"quoted\" name", Options::default()),
                series("Age", "dead", Options::default()),
            ],
        };
        let numbers = Content::Numbers {
            span: Span::Range,
            series: vec![
                series("Age", "dead", Options::hidden("age", "p50")),
                Series::Expression {
                    expression: "age / 60",
                    label: "minutes",
                },
            ],
        };
        let alarms = Content::Alarms(vec!["${One.Arn}".to_owned()]);
        let page = Dashboard {
            overview: vec![row("numbers", &[numbers]), row("alarms", &[alarms])],
            stages: vec![
                row("event", &[chart.clone(), chart.clone(), chart.clone()]),
                row("ingest", &[chart.clone(), chart]),
            ],
        };
        serde_json::from_str(&page.render().unwrap()).unwrap()
    }

    #[test]
    fn stages_are_numbered_after_the_overview_and_repeated_parts_of_a_metric_are_abbreviated() {
        let page = page();
        let titles: Vec<_> = page["widgets"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|widget| widget["properties"]["markdown"].as_str())
            .collect();
        assert_eq!(
            titles,
            ["## numbers", "## alarms", "## 1 event", "## 2 ingest"]
        );
        assert_eq!(
            page["widgets"][5]["properties"]["metrics"],
            json!([
                ["AWS/SQS", "Age", "QueueName", "a \"quoted\" name"],
                [".", ".", ".", "dead"]
            ])
        );
    }

    #[test]
    fn a_number_has_its_own_statistic_and_may_be_an_expression() {
        let numbers = &page()["widgets"][1]["properties"];
        assert_eq!(numbers["setPeriodToTimeRange"], true);
        assert_eq!(
            numbers["metrics"],
            json!([
                ["AWS/SQS", "Age", "QueueName", "dead", {"id": "age", "stat": "p50", "visible": false}],
                [{"expression": "age / 60", "label": "minutes"}]
            ])
        );
    }

    #[test]
    fn widgets_fill_their_row_and_none_overlap() {
        let page = page();
        let mut cells = std::collections::BTreeSet::new();
        for widget in page["widgets"].as_array().unwrap() {
            let at = |key: &str| usize::try_from(widget[key].as_u64().unwrap()).unwrap();
            for x in at("x")..at("x") + at("width") {
                for y in at("y")..at("y") + at("height") {
                    assert!(x < WIDTH && cells.insert((x, y)), "{widget}");
                }
            }
        }
        let rows = cells.iter().map(|(_, y)| y).max().unwrap() + 1;
        assert_eq!(cells.len(), WIDTH * rows);
    }
}
