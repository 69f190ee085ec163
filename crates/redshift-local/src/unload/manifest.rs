//! Renders the manifest of the unloaded file, which `COPY … MANIFEST` can read.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD_command_examples.html>

use serde_json::{Value, json};
use tokio_postgres::types::Type;

use super::measure::{Column, Dimension, Measured};
use crate::sql::ManifestDetail;

/// Returns the manifest of the file at `url`, which has `length` bytes. A header counts as a row.
pub(super) fn render(
    detail: ManifestDetail,
    url: &str,
    length: u64,
    measured: &Measured,
    header: bool,
) -> String {
    let files = json!({"entries": [{"url": url, "meta": {"content_length": length}}]});
    let manifest = match detail {
        ManifestDetail::Files => files,
        ManifestDetail::Verbose => {
            let rows = measured.rows + i64::from(header);
            let meta = json!({"content_length": length, "record_count": rows});
            let elements: Vec<Value> = measured.columns.iter().map(element).collect();
            json!({
                "entries": [{"url": url, "meta": meta}],
                "schema": {"elements": elements},
                "meta": meta,
                "author": {"name": "Amazon Redshift", "version": "1.0.0"},
            })
        }
    };
    manifest.to_string()
}

fn element(column: &Column) -> Value {
    let base = match column.type_ {
        Type::INT2 => "smallint",
        Type::INT4 => "integer",
        Type::INT8 => "bigint",
        Type::FLOAT4 => "real",
        Type::FLOAT8 => "double precision",
        Type::BOOL => "boolean",
        Type::VARCHAR | Type::TEXT => "character varying",
        Type::BPCHAR => "character",
        Type::TIMESTAMP => "timestamp without time zone",
        Type::TIMESTAMPTZ => "timestamp with time zone",
        Type::JSONB => "super",
        Type::BYTEA => "binary varying",
        ref other => other.name(),
    };
    let described = match column.dimension {
        Dimension::None => json!({"base": base}),
        Dimension::Length(length) => json!({"base": base, "max_length": length}),
        Dimension::Digits { precision, scale } => {
            json!({"base": base, "precision": precision, "scale": scale})
        }
    };
    json!({"name": column.name, "type": described})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verbose_manifest_lists_columns_and_counts_the_header() {
        let column = |name: &str, type_, dimension| Column {
            name: name.to_owned(),
            type_,
            dimension,
        };
        let digits = Dimension::Digits {
            precision: 12,
            scale: 4,
        };
        let measured = Measured {
            rows: 2,
            columns: vec![
                column("id", Type::VARCHAR, Dimension::Length(16)),
                column("price", Type::NUMERIC, digits),
                column("n", Type::INT4, Dimension::None),
            ],
        };
        let text = render(ManifestDetail::Verbose, "s3://b/p000", 99, &measured, true);
        let manifest: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(manifest["entries"][0]["meta"]["record_count"], 3);
        assert_eq!(manifest["meta"]["content_length"], 99);
        insta::assert_snapshot!(manifest["schema"], @r#"{"elements":[{"name":"id","type":{"base":"character varying","max_length":16}},{"name":"price","type":{"base":"numeric","precision":12,"scale":4}},{"name":"n","type":{"base":"integer"}}]}"#);
        let short = render(ManifestDetail::Files, "s3://b/p000", 99, &measured, true);
        assert_eq!(
            short,
            r#"{"entries":[{"url":"s3://b/p000","meta":{"content_length":99}}]}"#
        );
    }
}
