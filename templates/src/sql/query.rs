//! Questions to the warehouse: the analysts' and the platform's own.

use serde::Serialize;

use crate::render::Sql;

/// A question that analysts ask, with the query that answers it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Question {
    /// The question, as a heading.
    pub title: &'static str,
    /// Reads views of `analytics` and nothing else.
    pub sql: &'static str,
}

/// The questions, in the order in which they are shown.
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
        sql: include_str!("../../sql/answers/data_as_of.sql"),
    },
];

/// The checksums of everything loaded.
#[derive(Debug, Serialize)]
pub struct Totals {}

impl Sql for Totals {
    const NAME: &'static str = "query/totals";
    const TEMPLATE: &'static str = include_str!("../../sql/query/totals.sql.hbs");
}

/// How many events of a prefix are loaded.
#[derive(Debug, Serialize)]
pub struct Loaded<'a> {
    prefix: &'a str,
    length: usize,
    last: Option<&'a str>,
    last_length: usize,
}

impl<'a> Loaded<'a> {
    /// Of the events whose ids start with `prefix`, and end with a number up to that of the id `last`. Numbers are
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

/// How many events are loaded of each day on which the API took some in.
#[derive(Debug, Serialize)]
pub struct Days {}

impl Sql for Days {
    const NAME: &'static str = "query/days";
    const TEMPLATE: &'static str = include_str!("../../sql/query/days.sql.hbs");
}

/// The load that was committed last.
#[derive(Debug, Serialize)]
pub struct LastLoad {}

impl Sql for LastLoad {
    const NAME: &'static str = "query/last_load";
    const TEMPLATE: &'static str = include_str!("../../sql/query/last_load.sql.hbs");
}

/// A load in the ledger.
#[derive(Debug, Serialize)]
pub struct LoadById<'a> {
    /// The load.
    pub load_id: &'a str,
}

impl Sql for LoadById<'_> {
    const NAME: &'static str = "query/load_by_id";
    const TEMPLATE: &'static str = include_str!("../../sql/query/load_by_id.sql.hbs");
}

/// Which of the files the ledger has.
#[derive(Debug, Serialize)]
pub struct LoadedFiles<'a> {
    /// Keys in the staging bucket, at least one.
    pub files: &'a [&'a str],
}

impl Sql for LoadedFiles<'_> {
    const NAME: &'static str = "query/loaded_files";
    const TEMPLATE: &'static str = include_str!("../../sql/query/loaded_files.sql.hbs");
}

/// Why COPY refused rows of files.
#[derive(Debug, Serialize)]
pub struct LoadErrors<'a> {
    /// Errors of a COPY that began earlier are left out: UTC, as `2026-01-02 03:04:05.678`.
    pub since: &'a str,
    /// The files as `s3://bucket/key`, at least one.
    pub urls: &'a [String],
}

impl Sql for LoadErrors<'_> {
    const NAME: &'static str = "query/load_errors";
    const TEMPLATE: &'static str = include_str!("../../sql/query/load_errors.sql.hbs");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::render;

    #[test]
    fn the_platforms_own_questions() {
        let sql = [
            render(&Totals {}).unwrap(),
            render(&Loaded::new("it's-", None)).unwrap(),
            render(&Loaded::new("d0-", Some("d0-0000007"))).unwrap(),
            render(&Days {}).unwrap(),
            render(&LastLoad {}).unwrap(),
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
        ];
        insta::assert_snapshot!(sql.join("\n"));
    }

    #[test]
    fn analysts_questions_read_their_views_alone() {
        for question in QUESTIONS {
            for table in question.sql.split("FROM ").skip(1) {
                assert!(table.starts_with("analytics."), "{}", question.title);
            }
        }
    }
}
