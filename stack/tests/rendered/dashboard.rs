//! Checks the dashboard and the alarms of every environment: CloudWatch accepts metrics and resources that do not exist,
//! and then shows nothing.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking, as a test does"
)]

use std::collections::BTreeSet;

use serde_json::Value;
use stack::environment::Environment;
use stack::platform::{StackKind, stacks};

use crate::reading::{environments, rendered, resources};

#[path = "dashboard/page.rs"]
mod page;
#[path = "dashboard/vocabulary.rs"]
mod vocabulary;

use page::{Content, Page};
use vocabulary::{allowed, dimension_of, is_statistic};

/// Columns of a dashboard.
const WIDTH: usize = 24;

/// A metric in a dashboard or an alarm.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Metric {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) dimensions: Vec<(String, String)>,
}

/// Returns the metrics of the alarms and the dashboard of `environment`.
pub(crate) fn metrics(environment: &Environment) -> Vec<Metric> {
    if environment.is_local() {
        return Vec::new();
    }
    let page = Page::read(&body(environment)).unwrap();
    let shown = page.widgets.into_iter().flat_map(|it| it.content.metrics());
    shown.chain(alarm_metrics(environment)).collect()
}

fn body(environment: &Environment) -> String {
    let template = rendered(environment, StackKind::Monitoring);
    let body = &template["Resources"]["StagesDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"];
    body.as_str().unwrap().to_owned()
}

fn alarm_metrics(environment: &Environment) -> Vec<Metric> {
    let template = rendered(environment, StackKind::Monitoring);
    let alarms = resources(&template).filter(|(_, it)| it["Type"] == "AWS::CloudWatch::Alarm");
    let metric = |alarm: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let dimensions = alarm["Dimensions"].as_array().unwrap().iter();
        Metric {
            namespace: text(&alarm["Namespace"]),
            name: text(&alarm["MetricName"]),
            dimensions: dimensions
                .map(|it| (text(&it["Name"]), text(&it["Value"])))
                .collect(),
        }
    };
    alarms.map(|(_, it)| metric(&it["Properties"])).collect()
}

/// Returns the values that each dimension may have: the names of the resources of `environment`.
fn named(environment: &Environment) -> BTreeSet<(String, String)> {
    let templates = stacks(environment)
        .into_iter()
        .map(|stack| rendered(environment, stack.kind));
    templates
        .flat_map(|template| {
            let named = resources(&template).filter_map(|(_, it)| dimension_of(it));
            named.collect::<Vec<_>>()
        })
        .collect()
}

/// Returns what is wrong with a dashboard body.
fn problems(body: &str, environment: &Environment) -> Vec<String> {
    let page = match Page::read(body) {
        Ok(page) => page,
        Err(error) => return vec![error],
    };
    let mut problems = places(&page);
    let known = named(environment);
    let mut alarms = BTreeSet::new();
    for widget in page.widgets {
        problems.extend(widget.content.problems());
        if let Content::Alarm(widget) = &widget.content {
            alarms.extend(widget.alarms.iter().cloned());
        }
        let metrics = widget.content.metrics().into_iter();
        problems.extend(metrics.filter_map(|metric| unknown(&metric, &known)));
    }
    let template = rendered(environment, StackKind::Monitoring);
    let existing: BTreeSet<_> = resources(&template)
        .filter(|(_, it)| it["Type"] == "AWS::CloudWatch::Alarm")
        .map(|(id, _)| format!("${{{id}.Arn}}"))
        .collect();
    let differing = alarms.symmetric_difference(&existing);
    problems.extend(differing.map(|arn| format!("alarm {arn}: only shown or only existing")));
    problems
}

/// Returns the widgets that leave the grid or overlap another.
fn places(page: &Page) -> Vec<String> {
    let mut cells = BTreeSet::new();
    let mut problems = Vec::new();
    for widget in &page.widgets {
        let columns = widget.x..widget.x + widget.width;
        let place = format!("widget at {}, {}", widget.x, widget.y);
        if columns.end > WIDTH || widget.width == 0 || widget.height == 0 {
            problems.push(format!("{place}: outside the grid"));
        }
        let mut free =
            columns.flat_map(|x| (widget.y..widget.y + widget.height).map(move |y| (x, y)));
        if !free.all(|cell| cells.insert(cell)) {
            problems.push(format!("{place}: overlaps another"));
        }
    }
    problems
}

/// Returns why no service emits `metric`, or which of its resources does not exist.
fn unknown(metric: &Metric, known: &BTreeSet<(String, String)>) -> Option<String> {
    let Metric {
        namespace,
        name,
        dimensions,
    } = metric;
    let names: Vec<_> = dimensions.iter().map(|(name, _)| name.as_str()).collect();
    if !allowed(namespace, &names, name) {
        return Some(format!("{namespace} {name} by {names:?}: no such metric"));
    }
    let missing = dimensions
        .iter()
        .find(|dimension| !known.contains(dimension));
    missing.map(|(dimension, value)| format!("{dimension} {value}: no such resource"))
}

fn on_aws() -> impl Iterator<Item = Environment> {
    environments().into_iter().filter(|it| !it.is_local())
}

#[test]
fn every_dashboard_shows_metrics_resources_and_alarms_that_exist_and_no_widgets_overlap() {
    for environment in on_aws() {
        let found = problems(&body(&environment), &environment);
        assert!(found.is_empty(), "{}: {found:#?}", environment.name);
    }
}

#[test]
fn every_alarm_is_on_a_metric_that_exists() {
    for environment in on_aws() {
        let known = named(&environment);
        for metric in alarm_metrics(&environment) {
            assert_eq!(unknown(&metric, &known), None, "{}", environment.name);
        }
    }
}

#[test]
fn service_levels_come_first_then_the_alarms_then_the_stages_in_order() {
    for environment in on_aws() {
        let page = Page::read(&body(&environment)).unwrap();
        let headers: Vec<_> = page
            .widgets
            .iter()
            .filter_map(|widget| match &widget.content {
                Content::Text(text) => Some(text.markdown.split([':', ',']).next().unwrap()),
                _ => None,
            })
            .collect();
        let stages = [
            "event",
            "ingest",
            "stream",
            "store",
            "transform",
            "load",
            "analyst",
        ];
        let numbered = (1..)
            .zip(stages)
            .map(|(number, stage)| format!("## {number} {stage}"));
        let alarms = (!alarm_metrics(&environment).is_empty()).then(|| "## alarms".to_owned());
        let expected = ["## service levels".to_owned()]
            .into_iter()
            .chain(alarms)
            .chain(numbered);
        assert_eq!(
            headers,
            expected.collect::<Vec<_>>(),
            "{}",
            environment.name
        );
    }
}

#[test]
fn a_mistake_in_a_dashboard_is_found() {
    let prod = Environment::load("prod").unwrap();
    let right = body(&prod);
    for (from, to, problem) in [
        ("{\"type\":", "{\"kind\":", "unknown field `kind`"),
        ("\"x\":8,", "\"x\":7,", "overlaps another"),
        ("\"x\":18,", "\"x\":20,", "outside the grid"),
        (
            "\"4XXError\"",
            "\"4xx\"",
            "AWS/ApiGateway 4xx by [\"ApiName\", \"Stage\"]: no such metric",
        ),
        (
            "\"StreamName\"",
            "\"FunctionName\"",
            "by [\"FunctionName\"]: no such metric",
        ),
        (
            "riverhouse-prod-load-dead",
            "riverhouse-prod-dead",
            "QueueName riverhouse-prod-dead: no such resource",
        ),
        ("\"p99\"", "\"99\"", "99: no such statistic"),
        (
            "(1 - failed)",
            "(1 - error)",
            "`error` of the expression has no series",
        ),
        (
            "\"${LoadOld.Arn}\",",
            "",
            "alarm ${LoadOld.Arn}: only shown or only existing",
        ),
        (
            "${AWS::Region}",
            "eu-west-1",
            "eu-west-1: not the region of the stack",
        ),
    ] {
        assert!(right.contains(from), "{from} is not in {right}");
        let found = problems(&right.replace(from, to), &prod);
        assert!(
            found.iter().any(|it| it.contains(problem)),
            "{from}: {found:#?}"
        );
    }
}
