//! Databases and tables of the Glue Data Catalog.

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Arn, Handle, Justified, Name, Policy, Removal, Resource, Scope, Val, account_id, partition,
    region, text,
};

/// Reads the tables of a database and adds new ones.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html>
const CRAWL: &[&str] = &[
    "glue:BatchCreatePartition",
    "glue:BatchGetPartition",
    "glue:BatchUpdatePartition",
    "glue:CreatePartition",
    "glue:CreateTable",
    "glue:GetDatabase",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
    "glue:UpdatePartition",
    "glue:UpdateTable",
];

const TABLES_ARE_FOUND: Justified =
    Justified::because("a crawler names the tables that it finds, so only their database is known");

/// A database of the catalog. It holds only metadata, no data.
#[derive(Clone, Debug)]
pub struct Database {
    /// Lower-case letters, digits and underscores, so that SQL needs no quotes.
    pub name: Name<Database>,
    pub description: &'static str,
}

impl Resource for Database {
    const TYPE: &'static str = "AWS::Glue::Database";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({
            "CatalogId": account_id(),
            "DatabaseInput": {"Name": self.name, "Description": self.description},
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Database> {
    #[must_use]
    pub fn name(&self) -> Name<Database> {
        self.reference()
    }
}

impl Arn<Database> {
    /// Allows the role with `policy` to read the tables of the database `name`, and to add tables.
    pub fn grant_crawl(name: &Name<Database>, policy: &mut Policy) {
        let glue = text!["arn:", partition(), ":glue:", region(), ":", account_id()];
        policy.allow(CRAWL, &Self::from_text(text![glue.clone(), ":catalog"]));
        policy.allow(
            CRAWL,
            &Self::from_text(text![glue.clone(), ":database/", name]),
        );
        let tables = text![glue, ":table/", name, "/*"];
        policy.allow(CRAWL, Scope::wide(tables, TABLES_ARE_FOUND));
    }
}

/// A column of a table in the catalog.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Column {
    pub name: &'static str,
    /// The type in Hive's syntax.
    #[serde(rename = "Type")]
    pub kind: &'static str,
    pub comment: &'static str,
}

/// A table of CSV files with a header line, in one folder a day: `dt=YYYY-MM-DD/`. It uses partition
/// projection: partitions need not be registered, queries compute them from the date range.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html>
#[derive(Clone, Debug)]
pub struct CsvTable {
    pub database: Name<Database>,
    pub name: &'static str,
    pub description: &'static str,
    /// In the order of the columns in the files.
    pub columns: Vec<Column>,
    /// The parent of the day folders, such as `s3://bucket/csv/`, with a trailing slash.
    pub location: Val<String>,
}

impl CsvTable {
    fn parameters(&self) -> Value {
        json!({
            "EXTERNAL": "TRUE",
            "classification": "csv",
            "compressionType": "gzip",
            "skip.header.line.count": "1",
            "projection.enabled": "true",
            "projection.dt.type": "date",
            "projection.dt.format": "yyyy-MM-dd",
            "projection.dt.range": "NOW-10YEARS,NOW+1DAYS",
            "storage.location.template": text![&self.location, "dt=${dt}/"],
        })
    }
}

impl Resource for CsvTable {
    const TYPE: &'static str = "AWS::Glue::Table";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({
            "CatalogId": account_id(),
            "DatabaseName": self.database,
            "TableInput": {
                "Name": self.name,
                "Description": self.description,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": self.parameters(),
                "PartitionKeys": [{"Name": "dt", "Type": "string", "Comment": "Day of arrival"}],
                "StorageDescriptor": {
                    "Columns": self.columns,
                    "Location": self.location,
                    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                    "Compressed": true,
                    "SerdeInfo": {
                        "SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
                        "Parameters": {"separatorChar": ",", "quoteChar": "\"", "escapeChar": "\\"},
                    },
                },
            },
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
