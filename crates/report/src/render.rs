//! Renders the results as HTML.

use templates::RenderError;
use templates::report::{
    Chart, Column, Definitions, Document, Figure, Figures, Section, Table, Term, render,
};
use warehouse::Rows;

use crate::block::{self, Listing};
use crate::drawing::Pictures;
use crate::format::{Format, NONE};
use crate::page::{Block, Page};
use crate::report::Report;
use crate::value::visible;
use crate::{Results, colors};

use std::collections::BTreeMap;

/// What the report says about itself.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The name of the environment.
    pub environment: String,
    /// When the newest event was received, as `2011-12-09 12:50:00` in UTC. `None` without an event.
    pub data_as_of: Option<String>,
    /// When the report was written, in the same form.
    pub written_at: String,
    /// The definitions of all views.
    pub definitions: Vec<Definition>,
}

/// A view with its comments.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Definition {
    /// The name with its schema, such as `analytics.top_items`.
    pub view: String,
    pub comment: String,
    /// Name and comment of each column.
    pub columns: Vec<(String, String)>,
}

impl Report {
    /// Renders the file. Charts without a picture have no data yet.
    ///
    /// # Errors
    ///
    /// Fails if a template has a placeholder without a value.
    pub fn html(
        &self,
        results: &Results,
        pictures: &BTreeMap<String, Pictures>,
        facts: &Facts,
    ) -> Result<String, RenderError> {
        let mut sections = Vec::with_capacity(self.pages.len());
        for page in &self.pages {
            let mut body = String::new();
            for block in &page.blocks {
                body.push_str(&self.block(block, results, pictures)?);
            }
            sections.push(Section {
                id: page.id.clone(),
                title: page.title.clone(),
                body,
                definitions: definitions(page, &facts.definitions),
            });
        }
        let time = |text: &str| Format::Time.show(&warehouse::Cell::Text(text.to_owned()), 0);
        render(&Document {
            environment: facts.environment.clone(),
            data_as_of: facts.data_as_of.as_deref().map(time).unwrap_or_default(),
            written_at: time(&facts.written_at),
            colors: colors::variables(),
            sections,
        })
    }

    fn block(
        &self,
        block: &Block,
        results: &Results,
        pictures: &BTreeMap<String, Pictures>,
    ) -> Result<String, RenderError> {
        let none = Rows::default();
        let rows = |query: &str| results.get(query).unwrap_or(&none);
        match block {
            Block::Text(html) => Ok(html.clone()),
            Block::Chart(chart) => self.chart(chart, rows(&chart.query), pictures.get(&chart.id())),
            Block::Table(listing) => {
                render(&self.table(&listing.title, rows(&listing.query), &listing.columns))
            }
            Block::Figures(listing) => render(&self.figures(listing, rows(&listing.query))),
        }
    }

    fn chart(
        &self,
        chart: &block::Chart,
        rows: &Rows,
        pictures: Option<&Pictures>,
    ) -> Result<String, RenderError> {
        let all: Vec<String> = rows
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect();
        let pictures = pictures.cloned().unwrap_or_default();
        let table = if rows.rows.is_empty() {
            String::new()
        } else {
            render(&self.table(&chart.title, rows, &all))?
        };
        render(&Chart {
            id: chart.id(),
            title: chart.title.clone(),
            description: chart.description.clone(),
            wide: pictures.wide,
            narrow: pictures.narrow,
            table,
        })
    }

    fn table(&self, title: &str, rows: &Rows, names: &[String]) -> Table {
        let shown: Vec<_> = names
            .iter()
            .filter_map(|name| self.shown(rows, name))
            .collect();
        let columns = shown.iter().map(|column| Column {
            title: column.title.clone(),
            is_number: column.format.is_number(),
        });
        let lines = rows.rows.iter().map(|row| {
            let cells = shown
                .iter()
                .filter_map(|column| Some(column.text(row.get(column.position)?)));
            cells
                .zip(shown.iter().map(|column| column.format.is_number()))
                .collect()
        });
        Table {
            title: title.to_owned(),
            columns: columns.collect(),
            rows: lines.collect(),
        }
    }

    /// The figures of the first row.
    fn figures(&self, listing: &Listing, rows: &Rows) -> Figures {
        let figure = |name: &String| {
            let column = self.shown(rows, name)?;
            let cell = rows.cell(0, name);
            Some(Figure {
                title: column.title.clone(),
                value: cell.map_or_else(|| NONE.to_owned(), |cell| column.text(cell)),
            })
        };
        Figures {
            title: listing.title.clone(),
            figures: listing.columns.iter().filter_map(figure).collect(),
        }
    }

    fn shown(&self, rows: &Rows, name: &str) -> Option<Shown> {
        let position = rows.columns.iter().position(|column| column.name == name)?;
        let format = self.columns.format(&rows.columns[position]);
        let cells = rows.rows.iter().filter_map(|row| row.get(position));
        Some(Shown {
            position,
            title: self.columns.title(name),
            format,
            places: format.places(cells),
        })
    }
}

/// A column of a result, as it is shown.
struct Shown {
    position: usize,
    title: String,
    format: Format,
    /// Decimal places of all its values.
    places: usize,
}

impl Shown {
    fn text(&self, cell: &warehouse::Cell) -> String {
        visible(&self.format.show(cell, self.places))
    }
}

/// The definitions of the views that the queries of a page read.
fn definitions(page: &Page, all: &[Definition]) -> Vec<Definitions> {
    let is_part_of_name = |letter: char| letter.is_alphanumeric() || "_.".contains(letter);
    let reads = |view: &str| {
        let words = page
            .queries
            .iter()
            .flat_map(|query| query.sql.split(|letter| !is_part_of_name(letter)));
        words
            .into_iter()
            .any(|word| word.eq_ignore_ascii_case(view))
    };
    let views = all.iter().filter(|definition| reads(&definition.view));
    views
        .map(|definition| Definitions {
            view: definition.view.clone(),
            comment: definition.comment.clone(),
            columns: definition
                .columns
                .iter()
                .map(|(name, comment)| Term {
                    name: name.clone(),
                    comment: comment.clone(),
                })
                .collect(),
        })
        .collect()
}
