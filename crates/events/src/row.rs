//! The only list of columns. The CSV header, the catalog table, COPY's column list and the warehouse's DDL are all
//! generated from it; each maps its neutral types to its own.

use std::borrow::Cow;

use time::OffsetDateTime;

use crate::{
    CustomerId, EnvelopeId, EventId, FIELDS, InvoiceNo, Kind, OrderLine, StockCode, UnitPrice,
    format_timestamp,
};

/// Version of the staged CSV: the `v1` of `csv/v1/…`. A new column is appended at the end and increments the version.
pub const CSV_VERSION: u32 = 1;

/// The prefix of all staged files, of every version.
pub const STAGED_ROOT: &str = "csv/";

/// Returns the prefix of the staged files of the current version, such as `csv/v1/`.
#[must_use]
pub fn staged_prefix() -> String {
    staged_prefix_of(CSV_VERSION)
}

/// Returns the prefix of the staged files of `version`.
#[must_use]
pub fn staged_prefix_of(version: u32) -> String {
    format!("{STAGED_ROOT}v{version}/")
}

pub(crate) const DESCRIPTION_BYTES: usize = 256;
pub(crate) const COUNTRY_BYTES: usize = 64;

/// The type of a column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ColumnType {
    /// Text of at most `bytes` bytes of UTF-8. Redshift counts bytes, not characters.
    Text { bytes: usize },
    /// A signed 32-bit integer.
    Integer,
    /// An exact decimal.
    Decimal {
        /// The most digits, including decimal places.
        precision: u32,
        /// Decimal places.
        scale: u32,
    },
    /// Date and time without a time zone.
    Timestamp,
}

/// A column of the staged CSV and of `retail.sales_line`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Column {
    /// The name, which is the same in the CSV, the catalog and the warehouse.
    pub name: &'static str,
    pub kind: ColumnType,
    /// Whether the column may be NULL, which the CSV writes as an empty field.
    pub nullable: bool,
    /// The only values that the column may have; empty if any value of its type is allowed.
    pub accepted: &'static [&'static str],
    /// The first version of the CSV that has this column.
    pub since: u32,
    /// The comment in catalog and warehouse.
    pub comment: &'static str,
}

impl Column {
    /// Returns the field of the event that has the column's value; `None` if the value is not sent by producers.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        let name = match self.name {
            "invoice_ts" => "InvoiceDate".to_owned(),
            name => name.replace('_', ""),
        };
        let mut fields = FIELDS.into_iter();
        fields.find(|field| field.eq_ignore_ascii_case(&name))
    }
}

const fn column(name: &'static str, kind: ColumnType, comment: &'static str) -> Column {
    Column {
        name,
        kind,
        nullable: false,
        accepted: &[],
        since: 1,
        comment,
    }
}

const fn text(name: &'static str, bytes: usize, comment: &'static str) -> Column {
    column(name, ColumnType::Text { bytes }, comment)
}

const fn or_null(column: Column) -> Column {
    Column {
        nullable: true,
        ..column
    }
}

const KINDS: [&str; 3] = [
    Kind::Sale.as_str(),
    Kind::Cancellation.as_str(),
    Kind::Adjustment.as_str(),
];
const PRICE: ColumnType = ColumnType::Decimal {
    precision: UnitPrice::PRECISION,
    scale: UnitPrice::SCALE,
};

/// The columns in the order of the CSV.
pub const COLUMNS: [Column; 12] = [
    text(
        "event_id",
        EventId::MAX_BYTES,
        "Identity of the event, together with the invoice number",
    ),
    text(
        "envelope_id",
        EnvelopeId::MAX_BYTES,
        "Envelope that brought the event; the smallest wins",
    ),
    text("invoice_no", InvoiceNo::MAX_BYTES, "Number of the invoice"),
    Column {
        accepted: &KINDS,
        ..text("kind", 16, "sale, cancellation or adjustment")
    },
    text(
        "stock_code",
        StockCode::MAX_BYTES,
        "Code of the item, case as sent",
    ),
    or_null(text(
        "description",
        DESCRIPTION_BYTES,
        "Item in words; one code may have several",
    )),
    column(
        "quantity",
        ColumnType::Integer,
        "Units; negative when returned or written off",
    ),
    column(
        "invoice_ts",
        ColumnType::Timestamp,
        "When the order was placed, by the shop's clock",
    ),
    column("unit_price", PRICE, "Pounds sterling a unit, exact"),
    or_null(text(
        "customer_id",
        CustomerId::MAX_BYTES,
        "Known customer; NULL is a guest",
    )),
    text("country", COUNTRY_BYTES, "Country of the customer"),
    column(
        "ingested_at",
        ColumnType::Timestamp,
        "When the API took the event in, UTC",
    ),
];

/// A row: an order line and its metadata.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    pub event_id: EventId,
    /// The envelope that the event came in.
    pub envelope_id: EnvelopeId,
    pub line: OrderLine,
    /// When the API received the event.
    pub ingested_at: OffsetDateTime,
}

impl Row {
    /// Returns the fields in the order of [`COLUMNS`] as the CSV has them. An empty field is NULL.
    #[must_use]
    pub fn fields(&self) -> [Cow<'_, str>; COLUMNS.len()] {
        let line = &self.line;
        let ingested = self.ingested_at.to_offset(time::UtcOffset::UTC);
        let ingested = time::PrimitiveDateTime::new(ingested.date(), ingested.time());
        [
            self.event_id.as_ref().into(),
            self.envelope_id.as_ref().into(),
            line.invoice_no.as_ref().into(),
            line.kind.as_str().into(),
            line.stock_code.as_ref().into(),
            line.description.as_deref().unwrap_or_default().into(),
            line.quantity.to_string().into(),
            format_timestamp(line.invoice_ts).into(),
            line.unit_price.to_string().into(),
            line.customer_id.as_ref().map_or("", AsRef::as_ref).into(),
            line.country.as_str().into(),
            format_timestamp(ingested).into(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::read;

    #[test]
    fn a_row_has_a_field_for_each_column_and_empty_is_null() {
        let json = r#"{"InvoiceNo":536365,"StockCode":"85123A","Quantity":6,
            "InvoiceDate":"12/1/2010 8:26","UnitPrice":2.55,"Country":"United Kingdom"}"#;
        let row = Row {
            event_id: "e-1".parse().unwrap(),
            envelope_id: "0123456789abcdef0123456789abcdef".parse().unwrap(),
            line: read(json).unwrap().line,
            ingested_at: datetime!(2026-01-02 03:04:05.678 +01:00),
        };
        assert_eq!(
            row.fields().join("|"),
            "e-1|0123456789abcdef0123456789abcdef|536365|sale|85123A||6|2010-12-01 08:26:00|2.55||\
             United Kingdom|2026-01-02 02:04:05"
        );
        for (column, field) in COLUMNS.iter().zip(row.fields()) {
            assert!(column.nullable || !field.is_empty(), "{}", column.name);
        }
    }

    #[test]
    fn a_later_column_is_nullable_because_older_rows_lack_it() {
        for column in COLUMNS {
            assert!(column.since == 1 || column.nullable, "{}", column.name);
        }
    }

    #[test]
    fn each_version_of_the_csv_has_a_prefix_of_its_own() {
        assert_eq!(staged_prefix(), format!("csv/v{CSV_VERSION}/"));
        assert_eq!(staged_prefix_of(12), "csv/v12/");
    }

    #[test]
    fn names_are_unique_and_no_column_is_newer_than_the_csv() {
        let names: std::collections::BTreeSet<_> =
            COLUMNS.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), COLUMNS.len());
        let versions: Vec<_> = COLUMNS.iter().map(|column| column.since).collect();
        assert!(
            versions.is_sorted()
                && versions
                    .iter()
                    .all(|since| (1..=CSV_VERSION).contains(since))
        );
    }
}
