//! What the values of a column mean to Tableau: role, aggregation and format.

use crate::catalog::Column;
use crate::datatype::Datatype;

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
    fn what_cannot_be_added_is_averaged() {
        assert_eq!(
            kind("cancellation_rate", Datatype::Real).aggregation(),
            "Avg"
        );
        assert_eq!(kind("net_revenue", Datatype::Real).aggregation(), "Sum");
    }
}
