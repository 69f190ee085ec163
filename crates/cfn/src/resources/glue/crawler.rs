//! Crawlers, which find tables in buckets.

use serde_json::{Value, json};

use super::catalog::Database;
use super::security::SecurityConfiguration;
use crate::resources::iam::Role;
use crate::{Arn, Handle, Name, Removal, Resource, Val};

/// The format of CSV files with these columns and a header line, so that a crawler need not guess.
#[derive(Clone, Debug)]
pub struct CsvClassifier {
    pub name: Name<CsvClassifier>,
    /// In the order of the columns in the files.
    pub columns: Vec<&'static str>,
}

impl Resource for CsvClassifier {
    const TYPE: &'static str = "AWS::Glue::Classifier";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"CsvClassifier": {
            "Name": self.name,
            "Delimiter": ",",
            "QuoteSymbol": "\"",
            "ContainsHeader": "PRESENT",
            "Header": self.columns,
            "DisableValueTrimming": true,
            "AllowSingleColumn": false,
        }})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<CsvClassifier> {
    #[must_use]
    pub fn name(&self) -> Name<CsvClassifier> {
        self.reference()
    }
}

/// What a crawler reads.
#[derive(Clone, Debug)]
pub enum Target {
    /// The objects under a path such as `s3://bucket/csv/`.
    Objects(Val<String>),
}

impl Target {
    fn to_json(&self) -> Value {
        match self {
            Self::Objects(path) => json!({"S3Targets": [{"Path": path}]}),
        }
    }
}

/// A crawler. It adds the tables that it finds to the catalog, and changes and deletes no existing table.
#[derive(Clone, Debug)]
pub struct Crawler {
    pub name: Name<Crawler>,
    pub description: &'static str,
    pub role: Arn<Role>,
    /// The catalog database in which it creates tables.
    pub database: Name<Database>,
    /// Prefix of the names of its tables.
    pub table_prefix: &'static str,
    pub target: Target,
    pub classifier: Name<CsvClassifier>,
    /// Encrypts the crawler's log.
    pub security: Name<SecurityConfiguration>,
    /// A schedule such as `cron(15 3 * * ? *)`; `None`: the crawler runs only on demand.
    pub schedule: Option<&'static str>,
}

impl Resource for Crawler {
    const TYPE: &'static str = "AWS::Glue::Crawler";
    const TAGGABLE: bool = true;
    const TAGS_ARE_A_MAP: bool = true;

    fn properties(&self) -> Value {
        json!({
            "Name": self.name,
            "Description": self.description,
            "Role": self.role,
            "DatabaseName": self.database,
            "TablePrefix": self.table_prefix,
            "Targets": self.target.to_json(),
            "Classifiers": [self.classifier],
            "CrawlerSecurityConfiguration": self.security,
            "Schedule": self.schedule.map(|it| json!({"ScheduleExpression": it})),
            "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
            "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Crawler> {
    #[must_use]
    pub fn name(&self) -> Name<Crawler> {
        self.reference()
    }
}
