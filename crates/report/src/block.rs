//! The blocks of a page that show data, as they are written.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::mistake::Mistake;
use crate::place::{Place, id_of};
use crate::spec;

/// A chart in Vega-Lite.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) place: Place,
    pub(crate) title: String,
    /// The text alternative.
    pub(crate) description: String,
    pub(crate) query: String,
    /// The specification, without title, description and data.
    pub(crate) spec: Map<String, Value>,
}

impl Chart {
    /// The id of the chart, which is also the name of its picture.
    pub(crate) fn id(&self) -> String {
        id_of(&self.title)
    }

    /// The columns of the query that the specification uses.
    pub(crate) fn fields(&self) -> BTreeSet<String> {
        spec::fields(&self.spec)
    }

    /// Reads a block `vega-lite`.
    pub(crate) fn read(place: Place) -> Result<Self, Vec<Mistake>> {
        let mut spec: Map<String, Value> = yaml(&place).map_err(|mistake| vec![mistake])?;
        let mut mistakes = spec::forbidden(&place, &spec);
        let mut text = |key: &str, example: &str| {
            let text = match spec.remove(key) {
                Some(Value::String(text)) => text.trim().to_owned(),
                _ => String::new(),
            };
            if text.is_empty() {
                let cause = format!("the chart has no `{key}`");
                mistakes.push(place.mistake(cause, format!("add a line `{key}: {example}`")));
            }
            text
        };
        let title = text("title", "what the chart shows");
        let description = text("description", "the same for people who cannot see it");
        let query = match spec.remove("data") {
            Some(Value::Object(data)) if data.len() == 1 => {
                data.get("name").and_then(Value::as_str).map(str::to_owned)
            }
            _ => None,
        };
        if query.is_none() {
            mistakes.push(place.mistake(
                "the chart names no query",
                "add a line `data: { name: QUERY }`",
            ));
        }
        match query {
            Some(query) if mistakes.is_empty() => Ok(Self {
                place,
                title,
                description,
                query,
                spec,
            }),
            _ => Err(mistakes),
        }
    }
}

/// Columns of a query, as a table or as figures.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    pub(crate) place: Place,
    pub(crate) title: String,
    pub(crate) query: String,
    pub(crate) columns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListingFile {
    title: String,
    query: String,
    columns: Vec<String>,
}

impl Listing {
    /// Reads a block `table` or `figures`.
    pub(crate) fn read(place: Place) -> Result<Self, Mistake> {
        let ListingFile {
            title,
            query,
            columns,
        } = yaml(&place)?;
        Ok(Self {
            place,
            title,
            query,
            columns,
        })
    }
}

/// Reads the YAML of a part.
pub(crate) fn yaml<T: DeserializeOwned>(place: &Place) -> Result<T, Mistake> {
    serde_yaml::from_str(&place.body).map_err(|error| {
        let line = error.location().map_or(0, |location| location.line());
        let text = error.without_snippet().to_string();
        // The position in the message is that in the block.
        let cause = text.split(" at line ").next().unwrap_or(&text);
        Mistake {
            line: place.line + usize::try_from(line).unwrap_or_default(),
            ..place.mistake(
                format!("the block cannot be read: {cause}"),
                "correct the block; `dashboards/report/README.md` describes its form",
            )
        }
    })
}
