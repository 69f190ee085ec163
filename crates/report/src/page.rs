//! The parts of a page.

use std::collections::BTreeSet;

use crate::block::{Chart, Listing};
use crate::mistake::Mistake;
use crate::place::Place;

/// A query with a name.
#[derive(Clone, Debug)]
pub struct Query {
    pub name: String,
    /// One statement.
    pub sql: String,
    pub(crate) place: Place,
}

impl Query {
    /// The mistake of a query that the warehouse refused with `message`.
    #[must_use]
    pub fn failed(&self, message: &str) -> Mistake {
        let cause = format!("query `{}` failed: {}", self.name, message.trim());
        self.place.mistake(
            cause,
            "correct the SQL. `stack query \"SELECT * FROM analytics.VIEW LIMIT 1\"` shows the columns of a view, \
             `stack migrate` creates views that are missing",
        )
    }
}

/// A part of a page that is shown.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    /// Text, as HTML.
    Text(String),
    Chart(Chart),
    Table(Listing),
    Figures(Listing),
}

impl Block {
    /// The place, the query and the fields of a block that shows data.
    pub(crate) fn uses(&self) -> Option<(&Place, &str, BTreeSet<String>)> {
        match self {
            Self::Text(_) => None,
            Self::Chart(chart) => Some((&chart.place, &chart.query, chart.fields())),
            Self::Table(listing) | Self::Figures(listing) => {
                let fields = listing.columns.iter().cloned().collect();
                Some((&listing.place, &listing.query, fields))
            }
        }
    }
}

/// A page: a section of the report.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// The id of the section.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) blocks: Vec<Block>,
    pub(crate) queries: Vec<Query>,
}
