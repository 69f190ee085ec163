//! Data types of Tableau, and those of the database that they are for.

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
