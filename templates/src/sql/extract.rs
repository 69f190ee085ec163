//! An extract of the analysts' views, for Tableau: what is read from the warehouse, and what is written to Hyper.
//!
//! The totals are the same text for both, so that their results can be compared.

use serde::Serialize;

use crate::render::Sql;

/// A column of a view.
#[derive(Clone, Debug, Serialize)]
pub struct ExtractColumn<'a> {
    pub name: &'a str,
    /// The type in Hyper.
    #[serde(rename = "type")]
    pub hyper_type: &'static str,
    pub is_number: bool,
}

/// All rows of a view.
#[derive(Debug, Serialize)]
pub struct ViewRows<'a> {
    pub view: &'a str,
    pub columns: &'a [ExtractColumn<'a>],
}

impl Sql for ViewRows<'_> {
    const NAME: &'static str = "query/view_rows";
    const TEMPLATE: &'static str = include_str!("../../sql/query/view_rows.sql.hbs");
}

/// The number of rows of a view, then for each column the sum of numbers, or the number of values that are not NULL.
#[derive(Debug, Serialize)]
pub struct ViewTotals<'a> {
    pub view: &'a str,
    pub columns: &'a [ExtractColumn<'a>],
}

impl Sql for ViewTotals<'_> {
    const NAME: &'static str = "query/view_totals";
    const TEMPLATE: &'static str = include_str!("../../sql/query/view_totals.sql.hbs");
}

/// Creates the schema in Hyper.
#[derive(Debug, Serialize)]
pub struct CreateSchema {}

impl Sql for CreateSchema {
    const NAME: &'static str = "extract/schema";
    const TEMPLATE: &'static str = include_str!("../../sql/extract/schema.sql.hbs");
}

/// Creates the table of a view in Hyper.
#[derive(Debug, Serialize)]
pub struct CreateTable<'a> {
    pub view: &'a str,
    pub columns: &'a [ExtractColumn<'a>],
}

impl Sql for CreateTable<'_> {
    const NAME: &'static str = "extract/table";
    const TEMPLATE: &'static str = include_str!("../../sql/extract/table.sql.hbs");
}

/// Copies a CSV file without header into the table of a view in Hyper; NULL is `\N`.
#[derive(Debug, Serialize)]
pub struct CopyFile<'a> {
    pub view: &'a str,
    pub path: &'a str,
}

impl Sql for CopyFile<'_> {
    const NAME: &'static str = "extract/copy";
    const TEMPLATE: &'static str = include_str!("../../sql/extract/copy.sql.hbs");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::render;

    #[test]
    fn an_extract_is_read_written_and_added_up() {
        let columns = [
            ExtractColumn {
                name: "country",
                hyper_type: "TEXT",
                is_number: false,
            },
            ExtractColumn {
                name: "orders",
                hyper_type: "BIGINT",
                is_number: true,
            },
        ];
        let (view, columns) = ("revenue_by_country", &columns[..]);
        let path = "/tmp/it's.csv";
        let sql = [
            render(&ViewRows { view, columns }).unwrap(),
            render(&ViewTotals { view, columns }).unwrap(),
            render(&CreateSchema {}).unwrap(),
            render(&CreateTable { view, columns }).unwrap(),
            render(&CopyFile { view, path }).unwrap(),
        ];
        insta::assert_snapshot!(sql.join("\n"));
    }
}
