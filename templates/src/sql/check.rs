//! Rules for the data in the warehouse. A rule is a query of the rows that break it.
//!
//! The rules on columns follow from [`COLUMNS`]; those on ledgers and views are files in `sql/check/`.

use std::time::Duration;

use events::row::{COLUMNS, Column};
use serde::Serialize;

use crate::render::{RenderError, render_text};

/// How bad it is when a rule is broken.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The data may be right, but a person should look at it.
    Warn,
    /// Answers are wrong, or too old.
    Error,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rule {
    /// Such as `not_null_country`.
    pub name: String,
    pub severity: Severity,
    /// What is true of data that keeps the rule.
    pub says: String,
    /// Selects the rows that break the rule, without an order.
    pub sql: String,
}

/// Ages at which the newest event in the warehouse is too old.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MaxAges {
    pub warn: Duration,
    pub error: Duration,
}

/// A day without an event is a warning, a week is an error.
impl Default for MaxAges {
    fn default() -> Self {
        Self {
            warn: Duration::from_hours(24),
            error: Duration::from_hours(7 * 24),
        }
    }
}

#[derive(Serialize)]
struct IsNull {
    column: &'static str,
}

#[derive(Serialize)]
struct OtherValue {
    column: &'static str,
    accepted: &'static [&'static str],
}

#[derive(Serialize)]
struct OlderThan {
    seconds: u64,
}

/// Name, severity, what is true, and the rows that break it.
const FILES: [(&str, Severity, &str, &str); 11] = [
    (
        "duplicate_event",
        Severity::Error,
        "an event of an invoice is one row",
        include_str!("../../sql/check/duplicate_event.sql"),
    ),
    (
        "kind_of_invoice",
        Severity::Error,
        "the kind of a line follows from the letter of its invoice",
        include_str!("../../sql/check/kind_of_invoice.sql"),
    ),
    (
        "unknown_load",
        Severity::Error,
        "the load of every row is in the ledger",
        include_str!("../../sql/check/unknown_load.sql"),
    ),
    (
        "load_totals",
        Severity::Error,
        "the staged rows of a load are those inserted, replaced and found again",
        include_str!("../../sql/check/load_totals.sql"),
    ),
    (
        "loaded_lines",
        Severity::Error,
        "the order lines are as many as the loads inserted",
        include_str!("../../sql/check/loaded_lines.sql"),
    ),
    (
        "view_totals",
        Severity::Error,
        "units and revenue of every view are those of all order lines",
        include_str!("../../sql/check/view_totals.sql"),
    ),
    (
        "view_orders",
        Severity::Error,
        "the orders of every view are as many as the baskets",
        include_str!("../../sql/check/view_orders.sql"),
    ),
    (
        "cancelled_units",
        Severity::Warn,
        "a cancellation takes units back",
        include_str!("../../sql/check/cancelled_units.sql"),
    ),
    (
        "sold_units",
        Severity::Warn,
        "a sale with negative units has no price: it is a write-off",
        include_str!("../../sql/check/sold_units.sql"),
    ),
    (
        "has_data",
        Severity::Warn,
        "the warehouse has order lines",
        include_str!("../../sql/check/has_data.sql"),
    ),
    (
        "future_order",
        Severity::Warn,
        "an order is placed at most a day after the API received it",
        include_str!("../../sql/check/future_order.sql"),
    ),
];

/// Returns all rules: on columns, on ledgers and views, and on age.
///
/// # Errors
///
/// Fails if a name cannot be quoted, which is a mistake in the list of columns.
pub fn rules(ages: MaxAges) -> Result<Vec<Rule>, RenderError> {
    let mut rules = Vec::new();
    for column in COLUMNS {
        rules.extend(of_column(&column)?);
    }
    rules.extend(FILES.map(|(name, severity, says, sql)| Rule {
        name: name.to_owned(),
        severity,
        says: says.to_owned(),
        sql: sql.trim_end().to_owned(),
    }));
    for (severity, age) in [(Severity::Error, ages.error), (Severity::Warn, ages.warn)] {
        rules.push(older_than(severity, age)?);
    }
    Ok(rules)
}

fn of_column(column: &Column) -> Result<Vec<Rule>, RenderError> {
    let name = column.name;
    let mut rules = Vec::new();
    if !column.nullable {
        let template = include_str!("../../sql/check/is_null.sql.hbs");
        rules.push(Rule {
            name: format!("not_null_{name}"),
            severity: Severity::Error,
            says: format!("{name} is never NULL"),
            sql: rendered("check/is_null", template, &IsNull { column: name })?,
        });
    }
    if !column.accepted.is_empty() {
        let template = include_str!("../../sql/check/other_value.sql.hbs");
        let values = OtherValue {
            column: name,
            accepted: column.accepted,
        };
        rules.push(Rule {
            name: format!("accepted_{name}"),
            severity: Severity::Error,
            says: format!("{name} is {}", column.accepted.join(", ")),
            sql: rendered("check/other_value", template, &values)?,
        });
    }
    Ok(rules)
}

fn older_than(severity: Severity, age: Duration) -> Result<Rule, RenderError> {
    let values = OlderThan {
        seconds: age.as_secs(),
    };
    let template = include_str!("../../sql/check/older_than.sql.hbs");
    let word = match severity {
        Severity::Warn => "warn",
        Severity::Error => "error",
    };
    Ok(Rule {
        name: format!("age_{word}"),
        severity,
        says: format!("the newest event is at most {} old", hours(age)),
        sql: rendered("check/older_than", template, &values)?,
    })
}

fn rendered(name: &str, template: &str, values: &impl Serialize) -> Result<String, RenderError> {
    let sql = render_text(name, template, values)?;
    Ok(sql.trim_end().to_owned())
}

/// Formats an age in the largest unit that needs no fraction.
fn hours(age: Duration) -> String {
    let seconds = age.as_secs();
    let (count, unit) = match seconds {
        _ if seconds.is_multiple_of(3_600) => (seconds / 3_600, "h"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "min"),
        _ => (seconds, "s"),
    };
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_different_names_and_select_without_an_end() {
        let rules = rules(MaxAges::default()).unwrap();
        let names: std::collections::BTreeSet<_> = rules.iter().map(|rule| &rule.name).collect();
        assert_eq!(names.len(), rules.len());
        for Rule { name, sql, .. } in &rules {
            assert!(sql.starts_with("SELECT "), "{name}: {sql}");
            assert!(!sql.contains(';'), "{name}: a rule is also a subquery");
        }
    }

    #[test]
    fn rules_on_columns_follow_from_the_list_of_columns() {
        let rules = rules(MaxAges::default()).unwrap();
        let of_kind: Vec<_> = rules
            .iter()
            .filter(|rule| ["not_null_kind", "accepted_kind"].contains(&rule.name.as_str()))
            .map(|rule| format!("{}:\n{}", rule.says, rule.sql))
            .collect();
        insta::assert_snapshot!(of_kind.join("\n\n"));
        let optional = "not_null_customer_id";
        assert!(rules.iter().all(|rule| rule.name != optional));
    }

    #[test]
    fn ages_are_said_in_the_largest_unit() {
        let said = |seconds| hours(Duration::from_secs(seconds));
        assert_eq!(said(7_200), "2 h");
        assert_eq!(said(5_400), "90 min");
        assert_eq!(said(90), "90 s");
    }
}
