//! Queries of the analysts and of the platform.

use serde::Serialize;

use crate::render::Sql;

/// A question of the analysts with its query.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Question {
    /// The question, used as a heading.
    pub title: &'static str,
    /// The query, which reads only views of `analytics`.
    pub sql: &'static str,
}

/// The questions, in display order.
pub const QUESTIONS: [Question; 5] = [
    Question {
        title: "Top items by purchases",
        sql: include_str!("../../sql/answers/top_items.sql"),
    },
    Question {
        title: "Net revenue by month",
        sql: include_str!("../../sql/answers/revenue_by_month.sql"),
    },
    Question {
        title: "Net revenue by country",
        sql: include_str!("../../sql/answers/revenue_by_country.sql"),
    },
    Question {
        title: "Cancellations by month",
        sql: include_str!("../../sql/answers/cancellations.sql"),
    },
    Question {
        title: "Data as of",
        sql: DataAsOf::TEMPLATE,
    },
];

/// How fresh the data is: when the newest event was received, and the span of order lines.
#[derive(Debug, Serialize)]
pub struct DataAsOf {}

impl Sql for DataAsOf {
    const NAME: &'static str = "answers/data_as_of";
    const TEMPLATE: &'static str = include_str!("../../sql/answers/data_as_of.sql");
}

/// Totals over everything that is loaded.
#[derive(Debug, Serialize)]
pub struct Totals {}

impl Sql for Totals {
    const NAME: &'static str = "query/totals";
    const TEMPLATE: &'static str = include_str!("../../sql/query/totals.sql.hbs");
}

/// Counts the loaded events with an id prefix, up to an id.
#[derive(Debug, Serialize)]
pub struct Loaded<'a> {
    prefix: &'a str,
    length: usize,
    last: Option<&'a str>,
    last_length: usize,
}

impl<'a> Loaded<'a> {
    /// Counts the events whose ids start with `prefix` and end with a number up to that of the id `last`. Numbers are
    /// decimal and padded, so a shorter id has a smaller one.
    #[must_use]
    pub fn new(prefix: &'a str, last: Option<&'a str>) -> Self {
        Self {
            prefix,
            length: prefix.chars().count(),
            last,
            last_length: last.unwrap_or_default().chars().count(),
        }
    }
}

impl Sql for Loaded<'_> {
    const NAME: &'static str = "query/loaded";
    const TEMPLATE: &'static str = include_str!("../../sql/query/loaded.sql.hbs");
}

/// Counts the loaded events by the day of ingestion.
#[derive(Debug, Serialize)]
pub struct Days {}

impl Sql for Days {
    const NAME: &'static str = "query/days";
    const TEMPLATE: &'static str = include_str!("../../sql/query/days.sql.hbs");
}

/// The most recently committed loads, the newest first.
#[derive(Debug, Serialize)]
pub struct NewestLoads {
    pub count: u32,
}

impl Sql for NewestLoads {
    const NAME: &'static str = "query/newest_loads";
    const TEMPLATE: &'static str = include_str!("../../sql/query/newest_loads.sql.hbs");
}

/// The columns of the analysts' views, with types and comments.
#[derive(Debug, Serialize)]
pub struct ViewColumns {}

impl Sql for ViewColumns {
    const NAME: &'static str = "query/view_columns";
    const TEMPLATE: &'static str = include_str!("../../sql/query/view_columns.sql.hbs");
}

/// A load in the ledger.
#[derive(Debug, Serialize)]
pub struct LoadById<'a> {
    pub load_id: &'a str,
}

impl Sql for LoadById<'_> {
    const NAME: &'static str = "query/load_by_id";
    const TEMPLATE: &'static str = include_str!("../../sql/query/load_by_id.sql.hbs");
}

/// The files, among those given, that are in the ledger.
#[derive(Debug, Serialize)]
pub struct LoadedFiles<'a> {
    /// The keys in the staging bucket, at least one.
    pub files: &'a [&'a str],
}

impl Sql for LoadedFiles<'_> {
    const NAME: &'static str = "query/loaded_files";
    const TEMPLATE: &'static str = include_str!("../../sql/query/loaded_files.sql.hbs");
}

/// Why COPY refused rows of files.
#[derive(Debug, Serialize)]
pub struct LoadErrors<'a> {
    /// Excludes errors of COPY commands that began earlier. In UTC, as `2026-01-02 03:04:05.678`.
    pub since: &'a str,
    /// The URLs of the files, `s3://bucket/key`, at least one.
    pub urls: &'a [String],
}

impl Sql for LoadErrors<'_> {
    const NAME: &'static str = "query/load_errors";
    const TEMPLATE: &'static str = include_str!("../../sql/query/load_errors.sql.hbs");
}

/// The order lines with an event id, each with the load that brought it.
#[derive(Debug, Serialize)]
pub struct LoadedLines<'a> {
    pub event_id: &'a str,
    /// Returns only the line of this invoice.
    pub invoice_no: Option<&'a str>,
    /// The most lines that are returned.
    pub most: u32,
}

impl Sql for LoadedLines<'_> {
    const NAME: &'static str = "query/loaded_lines";
    const TEMPLATE: &'static str = include_str!("../../sql/query/loaded_lines.sql.hbs");
}

/// The files of a load.
#[derive(Debug, Serialize)]
pub struct LoadFiles<'a> {
    pub load_id: &'a str,
}

impl Sql for LoadFiles<'_> {
    const NAME: &'static str = "query/load_files";
    const TEMPLATE: &'static str = include_str!("../../sql/query/load_files.sql.hbs");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::render;

    #[test]
    fn the_platforms_own_queries_are_rendered() {
        let sql = [
            render(&Totals {}).unwrap(),
            render(&Loaded::new("it's-", None)).unwrap(),
            render(&Loaded::new("d0-", Some("d0-0000007"))).unwrap(),
            render(&Days {}).unwrap(),
            render(&NewestLoads { count: 10 }).unwrap(),
            render(&ViewColumns {}).unwrap(),
            render(&LoadById { load_id: "0123" }).unwrap(),
            render(&LoadedFiles {
                files: &["csv/v1/a.csv.gz", "csv/v1/b.csv.gz"],
            })
            .unwrap(),
            render(&LoadErrors {
                since: "2026-01-02 03:04:05.678",
                urls: &["s3://staging/csv/v1/a.csv.gz".to_owned()],
            })
            .unwrap(),
            render(&LoadedLines {
                event_id: "till-7/4'2",
                invoice_no: Some("536365"),
                most: 10,
            })
            .unwrap(),
            render(&LoadFiles { load_id: "0123" }).unwrap(),
        ];
        insta::assert_snapshot!(sql.join("\n"));
    }

    #[test]
    fn analysts_questions_read_only_their_views() {
        for question in QUESTIONS {
            for table in question.sql.split("FROM ").skip(1) {
                assert!(table.starts_with("analytics."), "{}", question.title);
            }
        }
    }
}
