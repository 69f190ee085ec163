//! How columns are shown: the file `columns.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use warehouse::RowColumn;

use crate::format::Format;
use crate::mistake::Mistake;
use crate::place::{Place, Source};

/// The columns with a title or a format of their own, by name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Columns(BTreeMap<String, Column>);

/// How a column is shown. What is missing follows from its name or its type.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    title: Option<String>,
    format: Option<Format>,
}

impl Columns {
    pub(crate) fn read(source: &Source) -> Result<Self, Mistake> {
        let place = Place {
            file: source.file.clone(),
            line: 0,
            body: source.text.clone(),
        };
        crate::block::yaml(&place)
    }

    /// The title of a column: by default its name in words.
    pub(crate) fn title(&self, name: &str) -> String {
        let own = self.0.get(name).and_then(|column| column.title.clone());
        own.unwrap_or_else(|| {
            let mut words = name.replace('_', " ");
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            words
        })
    }

    /// The format of a column: by default that of its type.
    pub(crate) fn format(&self, column: &RowColumn) -> Format {
        let own = self.0.get(&column.name).and_then(|column| column.format);
        own.unwrap_or_else(|| Format::of_type(column))
    }
}
