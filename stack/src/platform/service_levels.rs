//! The first row of the dashboard: whether the platform does what it promises.

use templates::cloudwatch::{Content, Options, Row, Series, Span, Widget};

use super::Names;
use super::row::{Figure, MESSAGES, OLDEST_MESSAGE, Source, figure};

/// Availability of the API, latency from the event to the warehouse, freshness, and what was set aside.
pub(super) fn service_levels(names: &Names) -> Row {
    Row {
        title: "service levels, over the chosen time".to_owned(),
        widgets: vec![
            availability(names),
            latency(names),
            freshness(names),
            set_aside(names),
        ],
    }
}

/// The average of `5XXError` is the share of failed requests.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html>
fn availability(names: &Names) -> Widget {
    let failed = Series::Metric {
        metric: figure(Source::Api, "5XXError").metric(names),
        options: Options::hidden("failed", "Average"),
    };
    let available = Series::Expression {
        expression: "100 * (1 - failed)",
        label: "Requests without 5xx, %",
    };
    numbers("API availability", Span::Range, vec![failed, available])
}

fn latency(names: &Names) -> Widget {
    let age = figure(Source::Own("load"), functions::metrics::EVENT_AGE);
    let percentile = |label, statistic| number(names, &age, label, statistic);
    let series = vec![percentile("p50, ms", "p50"), percentile("p99, ms", "p99")];
    numbers("Event to warehouse", Span::Range, series)
}

fn freshness(names: &Names) -> Widget {
    let newest = figure(Source::Own("load"), "FreshnessSeconds");
    let waiting = |queue| figure(Source::Queue(queue), OLDEST_MESSAGE);
    let series = vec![
        number(names, &newest, "Newest row when loaded, s", "Maximum"),
        number(names, &waiting("load"), "Oldest file waiting, s", "Maximum"),
    ];
    numbers("Freshness", Span::Newest, series)
}

fn set_aside(names: &Names) -> Widget {
    let dead = |queue, label| {
        number(
            names,
            &figure(Source::Queue(queue), MESSAGES),
            label,
            "Maximum",
        )
    };
    let files = figure(Source::Own("load"), "FilesSetAside");
    let series = vec![
        dead("transform-dead", "Dead letters, transform"),
        dead("load-dead", "Dead letters, load"),
        dead("reconcile-dead", "Dead letters, reconcile"),
        number(names, &files, "Files to quarantine", "Sum"),
    ];
    numbers("Set aside", Span::Newest, series)
}

fn number(names: &Names, figure: &Figure, label: &'static str, statistic: &'static str) -> Series {
    Series::Metric {
        metric: figure.metric(names),
        options: Options::labelled(label, statistic),
    }
}

fn numbers(title: &'static str, span: Span, series: Vec<Series>) -> Widget {
    Widget {
        title,
        content: Content::Numbers { span, series },
    }
}
