//! The parts of a report.

use std::collections::BTreeSet;

use crate::block::{Chart, Listing};
use crate::columns::Columns;
use crate::markdown;
use crate::mistake::{Mistake, Mistakes};

/// A file of the report.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name of the file, for mistakes.
    pub file: String,
    /// Its content.
    pub text: String,
}

/// A part of a page and where it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) file: String,
    /// The line where the part begins, from 1.
    pub(crate) line: usize,
    /// The text of the part, which begins on the next line.
    pub(crate) body: String,
}

impl Place {
    /// The mistake `cause` at the first line of the part.
    pub(crate) fn mistake(&self, cause: impl Into<String>, next: impl Into<String>) -> Mistake {
        Mistake {
            file: self.file.clone(),
            line: self.line,
            cause: cause.into(),
            next: next.into(),
        }
    }

    /// The line of the part that names `name`, or else its first line. Titles and descriptions name nothing.
    pub(crate) fn line_of(&self, name: &str) -> usize {
        let is_part_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let names = |line: &str| {
            !line.starts_with("title:")
                && !line.starts_with("description:")
                && line
                    .split(|letter| !is_part_of_word(letter))
                    .any(|word| word == name)
        };
        let found = self.body.lines().position(names);
        self.line + found.map_or(0, |position| position + 1)
    }
}

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

/// The pages and how their columns are shown.
#[derive(Clone, Debug)]
pub struct Report {
    pub(crate) pages: Vec<Page>,
    pub(crate) columns: Columns,
}

impl Report {
    /// Reads pages in their order, and `columns.yaml`.
    ///
    /// # Errors
    ///
    /// Fails if there are mistakes in the files, with all of them.
    pub fn read(pages: &[Source], columns: &Source) -> Result<Self, Mistakes> {
        let mut mistakes = Vec::new();
        let columns = Columns::read(columns).unwrap_or_else(|mistake| {
            mistakes.push(mistake);
            Columns::default()
        });
        let pages = pages
            .iter()
            .map(|source| markdown::read(source, &mut mistakes))
            .collect();
        let report = Self { pages, columns };
        mistakes.extend(report.inconsistencies());
        Mistakes::none_in(mistakes)?;
        Ok(report)
    }

    /// The queries of all pages.
    pub fn queries(&self) -> impl Iterator<Item = &Query> {
        self.pages.iter().flat_map(|page| &page.queries)
    }

    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.pages.iter().flat_map(|page| &page.blocks)
    }

    pub(crate) fn charts(&self) -> impl Iterator<Item = &Chart> {
        self.blocks().filter_map(|block| match block {
            Block::Chart(chart) => Some(chart),
            _ => None,
        })
    }
}

/// An id of `text`: its letters and digits in lower case, joined by hyphens.
pub(crate) fn id_of(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_ascii_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}
