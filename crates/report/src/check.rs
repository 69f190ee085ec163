//! Checks of the report as a whole.

use std::collections::BTreeSet;

use crate::Results;
use crate::mistake::{Mistake, Mistakes};
use crate::place::Place;
use crate::report::Report;

impl Report {
    /// Compares the columns of the results with the fields of charts, tables and figures. `failed` are the mistakes of
    /// queries that the warehouse refused; what uses such a query is not checked.
    ///
    /// # Errors
    ///
    /// Fails if there are mistakes, with all of them.
    pub fn check(&self, results: &Results, failed: Vec<Mistake>) -> Result<(), Mistakes> {
        let mut mistakes = failed;
        for (place, query, fields) in self.blocks().filter_map(|block| block.uses()) {
            let Some(rows) = results.get(query) else {
                continue;
            };
            let columns: Vec<&str> = rows.columns.iter().map(|column| &*column.name).collect();
            let missing = fields
                .iter()
                .filter(|field| !columns.contains(&field.as_str()));
            mistakes.extend(missing.map(|field| no_column(place, query, field, &columns)));
        }
        Mistakes::none_in(mistakes)
    }

    /// Names of queries that are used twice or do not exist, and titles that are used twice.
    pub(crate) fn inconsistencies(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut names = BTreeSet::new();
        for query in self.queries() {
            if !names.insert(query.name.as_str()) {
                mistakes.push(query.place.mistake(
                    format!("query `{}` exists already", query.name),
                    "give it another name",
                ));
            }
        }
        for (place, query, _) in self.blocks().filter_map(|block| block.uses()) {
            if !names.contains(query) {
                let known: Vec<_> = names.iter().copied().collect();
                mistakes.push(Mistake {
                    line: place.line_of(query),
                    ..place.mistake(
                        format!("there is no query `{query}`"),
                        format!("use one of: {}", known.join(", ")),
                    )
                });
            }
        }
        let mut ids: BTreeSet<_> = self.pages.iter().map(|page| page.id.clone()).collect();
        for chart in self.charts() {
            if !ids.insert(chart.id()) {
                mistakes.push(chart.place.mistake(
                    format!("another chart or page has the title `{}`", chart.title),
                    "give it another title, which is also the name of its picture",
                ));
            }
        }
        mistakes
    }
}

fn no_column(place: &Place, query: &str, field: &str, columns: &[&str]) -> Mistake {
    let has = if columns.is_empty() {
        "it returns none".to_owned()
    } else {
        format!("it returns: {}", columns.join(", "))
    };
    Mistake {
        line: place.line_of(field),
        ..place.mistake(
            format!("query `{query}` returns no column `{field}`"),
            format!("use a column of the query, or rename it in the SQL with `AS {field}`; {has}"),
        )
    }
}
