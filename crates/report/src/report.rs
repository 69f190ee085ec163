//! The report: its pages, and how their columns are shown.

use crate::block::Chart;
use crate::columns::Columns;
use crate::markdown;
use crate::mistake::Mistakes;
use crate::page::{Block, Page, Query};
use crate::place::Source;

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
