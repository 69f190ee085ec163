//! What a sheet shows, in the terms of its view.

/// A chart of one view.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet {
    pub(crate) title: &'static str,
    pub(crate) view: &'static str,
    pub(crate) rows: &'static [Field],
    pub(crate) columns: &'static [Field],
    pub(crate) mark: Mark,
    /// Fields that determine the look of the marks. Several texts become one label with captions.
    pub(crate) encodings: &'static [(Channel, Field)],
    /// Keeps the rows with this value of a column.
    pub(crate) only: Option<(&'static str, &'static str)>,
    /// Sorts the values of a column by a measure, the largest first.
    pub(crate) sort: Option<Ranking>,
}

/// A column and how it is aggregated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Field {
    pub(crate) column: &'static str,
    pub(crate) by: By,
}

/// The aggregation of a field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum By {
    /// Each value on its own.
    Value,
    /// A continuous axis of months.
    Month,
    Sum,
    Average,
    Maximum,
    CountDistinct,
}

/// The values of a column, ranked by the sum of another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranking {
    pub(crate) column: &'static str,
    pub(crate) measure: &'static str,
    /// Keeps only this number of values.
    pub(crate) top: Option<u32>,
}

/// The form of the marks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mark {
    Bar,
    Line,
    Square,
    Text,
}

/// What a field determines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Channel {
    Color,
    Text,
}

pub(crate) const fn value(column: &'static str) -> Field {
    Field {
        column,
        by: By::Value,
    }
}

pub(crate) const fn month(column: &'static str) -> Field {
    Field {
        column,
        by: By::Month,
    }
}

pub(crate) const fn sum(column: &'static str) -> Field {
    Field {
        column,
        by: By::Sum,
    }
}

pub(crate) const fn average(column: &'static str) -> Field {
    Field {
        column,
        by: By::Average,
    }
}

pub(crate) const fn maximum(column: &'static str) -> Field {
    Field {
        column,
        by: By::Maximum,
    }
}

pub(crate) const fn count_distinct(column: &'static str) -> Field {
    Field {
        column,
        by: By::CountDistinct,
    }
}

impl Sheet {
    /// All fields in the order of their places; a field may be in several.
    pub(crate) fn fields(&self) -> impl Iterator<Item = Field> {
        let shelves = self.rows.iter().chain(self.columns).copied();
        let encodings = self.encodings.iter().map(|(_, field)| *field);
        let only = self.only.map(|(column, _)| value(column));
        let sort = self
            .sort
            .map(|ranking| [value(ranking.column), sum(ranking.measure)]);
        shelves
            .chain(encodings)
            .chain(only)
            .chain(sort.into_iter().flatten())
    }
}

impl By {
    pub(crate) const ALL: [Self; 6] = [
        Self::Value,
        Self::Month,
        Self::Sum,
        Self::Average,
        Self::Maximum,
        Self::CountDistinct,
    ];

    /// Tableau's name of the aggregation.
    pub(crate) fn derivation(self) -> &'static str {
        match self {
            Self::Value => "None",
            Self::Month => "Month-Trunc",
            Self::Sum => "Sum",
            Self::Average => "Avg",
            Self::Maximum => "Max",
            Self::CountDistinct => "CountD",
        }
    }

    /// The prefix of the field's name.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Value => "none",
            Self::Month => "tmn",
            Self::Sum => "sum",
            Self::Average => "avg",
            Self::Maximum => "max",
            Self::CountDistinct => "ctd",
        }
    }
}

impl Mark {
    pub(crate) fn tableau(self) -> &'static str {
        match self {
            Self::Bar => "Bar",
            Self::Line => "Line",
            Self::Square => "Square",
            Self::Text => "Text",
        }
    }
}

impl Channel {
    pub(crate) fn tableau(self) -> &'static str {
        match self {
            Self::Color => "color",
            Self::Text => "text",
        }
    }
}
