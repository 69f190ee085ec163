//! Databases and tables of the catalog: names for what lies in buckets.

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Arn, Handle, Justified, Name, Policy, Removal, Resource, Scope, Val, account_id, partition,
    region, text,
};

/// Looking at a database's tables, and adding what is found.
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

/// A database of the catalog. It holds no data, only names for it.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its name: lower-case letters, digits and underscores, so that SQL needs no quotes.
    pub name: Name<Database>,
    /// What is in it.
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
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<Database> {
        self.reference()
    }
}

impl Arn<Database> {
    /// Lets the bearer of `policy` look at the tables of the database called `name`, and add those that it finds.
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

/// A column as the catalog knows it.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type as Hive spells it.
    #[serde(rename = "Type")]
    pub kind: &'static str,
    /// What it means.
    pub comment: &'static str,
}

/// A table of CSV files with a header, in a folder for each day: `dt=YYYY-MM-DD/`. Days need not be announced, a
/// query works out which there may be.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html>
#[derive(Clone, Debug)]
pub struct CsvTable {
    /// Its database.
    pub database: Name<Database>,
    /// Its name.
    pub name: &'static str,
    /// What is in it.
    pub description: &'static str,
    /// The columns, in the order of the files.
    pub columns: Vec<Column>,
    /// Where the folders are, such as `s3://bucket/csv/`, with a slash at the end.
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
