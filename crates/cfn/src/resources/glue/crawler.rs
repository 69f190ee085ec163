//! What looks into buckets and says which tables are there.

use serde_json::{Value, json};

use super::catalog::Database;
use super::security::SecurityConfiguration;
use crate::resources::iam::Role;
use crate::{Arn, Handle, Name, Removal, Resource, Val};

/// Knows CSV with these columns and a header, so that a crawler need not guess.
#[derive(Clone, Debug)]
pub struct CsvClassifier {
    /// Its name.
    pub name: Name<CsvClassifier>,
    /// The columns, in the order of the files.
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
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<CsvClassifier> {
        self.reference()
    }
}

/// What a crawler looks at.
#[derive(Clone, Debug)]
pub enum Target {
    /// The objects below a path such as `s3://bucket/csv/`.
    Objects(Val<String>),
}

impl Target {
    fn to_json(&self) -> Value {
        match self {
            Self::Objects(path) => json!({"S3Targets": [{"Path": path}]}),
        }
    }
}

/// Writes down which tables it finds, under names of its own. It changes and deletes none that is there.
#[derive(Clone, Debug)]
pub struct Crawler {
    /// Its name.
    pub name: Name<Crawler>,
    /// What it is for.
    pub description: &'static str,
    /// Whose rights it has.
    pub role: Arn<Role>,
    /// Where it writes.
    pub database: Name<Database>,
    /// How the names of its tables begin.
    pub table_prefix: &'static str,
    /// What it looks at.
    pub target: Target,
    /// What it knows the format by.
    pub classifier: Name<CsvClassifier>,
    /// How its log is encrypted.
    pub security: Name<SecurityConfiguration>,
    /// When it runs by itself, such as `cron(15 3 * * ? *)`. `None`: when it is asked to.
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
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<Crawler> {
        self.reference()
    }
}
