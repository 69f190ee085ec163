//! Charts, ready to be drawn by Vega-Lite.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Results;
use crate::block::Chart;
use crate::colors;
use crate::mistake::Mistake;
use crate::report::Report;
use crate::value::values;

/// Width of a chart in pixels on a desktop.
const WIDE: u32 = 860;
/// Width of a chart in pixels on a phone of 390 pixels.
const NARROW: u32 = 350;
/// Font of all charts. These fonts are equally wide, so labels have the room that they were drawn with.
const FONT: &str = "Helvetica, Arial, Liberation Sans, sans-serif";
/// Height of a chart that sets none, in pixels.
const HEIGHT: u32 = 260;

/// The specifications of a chart, with its data.
#[derive(Clone, Debug, Serialize)]
pub struct Drawing {
    /// The id of the chart, which is also the name of its picture.
    pub id: String,
    /// For a desktop, with CSS variables as colors.
    pub wide: Value,
    /// For a phone, with CSS variables as colors.
    pub narrow: Value,
    /// With title and light colors, for a picture.
    pub picture: Value,
}

/// A drawn chart, as SVG elements.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
pub struct Pictures {
    pub wide: String,
    pub narrow: String,
}

impl Report {
    /// Returns the charts whose queries have rows.
    #[must_use]
    pub fn drawings(&self, results: &Results) -> Vec<Drawing> {
        let with_rows = |chart: &&Chart| {
            results
                .get(&chart.query)
                .is_some_and(|rows| !rows.rows.is_empty())
        };
        let drawing = |chart: &Chart| {
            let data = values(&results[&chart.query]);
            Drawing {
                id: chart.id(),
                wide: specification(chart, &data, WIDE),
                narrow: specification(chart, &data, NARROW),
                picture: picture(chart, &data),
            }
        };
        self.charts().filter(with_rows).map(drawing).collect()
    }

    /// Returns the mistakes of charts that could not be drawn, from the messages by chart id.
    #[must_use]
    pub fn undrawn(&self, messages: &BTreeMap<String, String>) -> Vec<Mistake> {
        let undrawn = |chart: &Chart| {
            let message = messages.get(&chart.id())?;
            Some(chart.place.mistake(
                format!("Vega-Lite cannot draw the chart: {message}"),
                "correct the specification: https://vega.github.io/vega-lite/docs/",
            ))
        };
        self.charts().filter_map(undrawn).collect()
    }
}

fn specification(chart: &Chart, data: &[Value], width: u32) -> Value {
    let mut spec = chart.spec.clone();
    spec.insert("data".into(), json!({ "values": data }));
    spec.insert("width".into(), width.into());
    spec.entry("height").or_insert(HEIGHT.into());
    spec.insert(
        "autosize".into(),
        json!({ "type": "fit-x", "contains": "padding" }),
    );
    spec.insert("config".into(), look(width == NARROW));
    spec.into()
}

fn picture(chart: &Chart, data: &[Value]) -> Value {
    let mut spec = specification(chart, data, WIDE);
    spec["title"] = chart.title.clone().into();
    spec["background"] = "var(--page)".into();
    spec["padding"] = 16.into();
    // The text is JSON before and after: names and values of colors need no escapes.
    serde_json::from_str(&colors::light(&spec.to_string())).unwrap_or(spec)
}

/// Vega-Lite's configuration for all charts.
fn look(narrow: bool) -> Value {
    let size = if narrow { 11 } else { 12 };
    json!({
        "aria": false,
        "background": "transparent",
        "font": FONT,
        "padding": 2,
        "view": { "stroke": null },
        "title": { "anchor": "start", "fontSize": 16, "fontWeight": 600, "offset": 14, "color": "var(--text)" },
        "range": { "category": ["var(--first)", "var(--second)", "var(--third)", "var(--muted)"] },
        "mark": { "color": "var(--first)" },
        "bar": { "cornerRadiusEnd": 2 },
        "line": { "strokeWidth": 2.25 },
        "point": { "filled": true, "size": 36 },
        "text": { "color": "var(--text)", "fontSize": size },
        "scale": { "barBandPaddingInner": 0.28, "rectBandPaddingInner": 0.06 },
        "axis": {
            "labelColor": "var(--muted)", "labelFontSize": size, "labelPadding": 6,
            "titleColor": "var(--muted)", "titleFontSize": size, "titleFontWeight": 400, "titlePadding": 10,
            "gridColor": "var(--line)", "domain": false, "ticks": false,
        },
        "axisX": { "grid": false, "domain": true, "domainColor": "var(--line)", "labelAngle": 0, "labelOverlap": "parity", "labelSeparation": 6 },
        "axisXQuantitative": { "grid": true, "domain": false, "tickCount": if narrow { 4 } else { 8 } },
        "axisY": { "labelLimit": if narrow { 140 } else { 320 } },
        "axisYQuantitative": { "tickCount": 5 },
        "axisYBand": { "grid": false },
        "legend": {
            "orient": "top", "title": null, "labelColor": "var(--text)", "labelFontSize": size,
            "symbolType": "square", "symbolSize": 110, "offset": 12,
        },
    })
}
