//! What the values of a column mean to Tableau: data type, role, aggregation and format.

use crate::catalog::Column;

/// The data type of a field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Datatype {
    Text,
    Integer,
    /// Exact decimals and floating-point numbers.
    Real,
    Boolean,
    Date,
    Time,
}

impl Datatype {
    /// The data type for a type of the database, as `format_type` prints it.
    pub(crate) fn of(type_name: &str) -> Option<Self> {
        let base = type_name.split('(').next().unwrap_or_default().trim();
        Some(match base {
            "character varying" | "character" | "text" | "name" => Self::Text,
            "smallint" | "integer" | "bigint" => Self::Integer,
            "numeric" | "real" | "double precision" => Self::Real,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            // A precision is printed inside: `timestamp(6) without time zone`.
            "timestamp without time zone" | "timestamp with time zone" | "timestamp" => Self::Time,
            _ => return None,
        })
    }

    /// Whether values can be added.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Real)
    }

    pub(crate) fn is_date(self) -> bool {
        matches!(self, Self::Date | Self::Time)
    }

    pub(crate) fn tableau(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Real => "real",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Time => "datetime",
        }
    }
}

/// What the values of a column are. Types do not tell money from counts, because sums have the same type in the
/// database, so the kind of a number follows from the words that the names of all views use.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    Label,
    Month,
    Date,
    Time,
    /// 0 or 1.
    Flag,
    /// A rank that is never added.
    Score,
    Count,
    /// Pounds sterling.
    Money,
    /// Pounds sterling for each of something, which cannot be added.
    AverageMoney,
    Average,
    Days,
    /// A fraction.
    Rate,
}

impl Kind {
    pub(crate) fn of(column: &Column) -> Self {
        match column.datatype {
            Datatype::Text => Self::Label,
            Datatype::Boolean => Self::Flag,
            Datatype::Date if column.name == "month" => Self::Month,
            Datatype::Date => Self::Date,
            Datatype::Time => Self::Time,
            Datatype::Integer | Datatype::Real => Self::of_number(&column.name),
        }
    }

    fn of_number(name: &str) -> Self {
        let money = name.contains("revenue") || name == "monetary";
        let average = name.contains("_per_");
        match () {
            () if name.starts_with("is_") => Self::Flag,
            () if name.ends_with("_score") => Self::Score,
            () if name.ends_with("_rate") => Self::Rate,
            () if name.ends_with("_days") => Self::Days,
            () if money && average => Self::AverageMoney,
            () if money => Self::Money,
            () if average => Self::Average,
            () => Self::Count,
        }
    }

    pub(crate) fn is_measure(self) -> bool {
        match self {
            Self::Label | Self::Month | Self::Date | Self::Time | Self::Flag | Self::Score => false,
            Self::Count
            | Self::Money
            | Self::AverageMoney
            | Self::Average
            | Self::Days
            | Self::Rate => true,
        }
    }

    pub(crate) fn role(self) -> &'static str {
        if self.is_measure() {
            "measure"
        } else {
            "dimension"
        }
    }

    pub(crate) fn field_type(self) -> &'static str {
        match self {
            Self::Label => "nominal",
            _ if self.is_measure() => "quantitative",
            _ => "ordinal",
        }
    }

    /// The aggregation for a field that an analyst drags to a shelf.
    pub(crate) fn aggregation(self) -> &'static str {
        match self {
            Self::Label | Self::Flag | Self::Score => "Count",
            Self::Month | Self::Date | Self::Time => "Year",
            Self::Count | Self::Money => "Sum",
            Self::AverageMoney | Self::Average | Self::Days | Self::Rate => "Avg",
        }
    }

    /// Tableau's format; empty for its default.
    pub(crate) fn format(self) -> &'static str {
        match self {
            Self::Label | Self::Flag | Self::Score => "",
            Self::Month => "*mmm yyyy",
            Self::Date => "*yyyy-mm-dd",
            Self::Time => "*yyyy-mm-dd hh:nn",
            Self::Count => "n#,##0;-#,##0",
            Self::Money => "c\"£\"#,##0;-\"£\"#,##0",
            Self::AverageMoney => "c\"£\"#,##0.00;-\"£\"#,##0.00",
            Self::Average => "n#,##0.00;-#,##0.00",
            Self::Days => "n#,##0.0;-#,##0.0",
            Self::Rate => "p0.0%",
        }
    }

    /// The folder of the field in Tableau's data pane.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Label | Self::Flag | Self::Score => "Labels",
            Self::Month | Self::Date | Self::Time => "Dates",
            Self::Count => "Counts",
            Self::Money | Self::AverageMoney => "Money",
            Self::Average | Self::Days | Self::Rate => "Rates and averages",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, datatype: Datatype) -> Kind {
        Kind::of(&Column {
            name: name.to_owned(),
            comment: String::new(),
            datatype,
        })
    }

    #[test]
    fn a_number_is_money_a_rate_an_average_or_a_count_by_its_name() {
        for (name, expected) in [
            ("net_revenue", Kind::Money),
            ("monetary", Kind::Money),
            ("revenue_per_order", Kind::AverageMoney),
            ("units_per_order", Kind::Average),
            ("cancellation_rate", Kind::Rate),
            ("recency_days", Kind::Days),
            ("recency_score", Kind::Score),
            ("is_complete", Kind::Flag),
            ("orders", Kind::Count),
        ] {
            assert_eq!(kind(name, Datatype::Real), expected, "{name}");
        }
    }

    #[test]
    fn types_are_read_with_and_without_length_and_precision() {
        for (type_name, datatype) in [
            ("character varying(20)", Datatype::Text),
            ("numeric(18,4)", Datatype::Real),
            ("numeric", Datatype::Real),
            ("bigint", Datatype::Integer),
            ("date", Datatype::Date),
            ("timestamp without time zone", Datatype::Time),
            ("timestamp(6) with time zone", Datatype::Time),
        ] {
            assert_eq!(Datatype::of(type_name), Some(datatype), "{type_name}");
        }
        assert_eq!(Datatype::of("super"), None);
    }

    #[test]
    fn what_cannot_be_added_is_averaged() {
        assert_eq!(
            kind("cancellation_rate", Datatype::Real).aggregation(),
            "Avg"
        );
        assert_eq!(kind("net_revenue", Datatype::Real).aggregation(), "Sum");
    }
}
