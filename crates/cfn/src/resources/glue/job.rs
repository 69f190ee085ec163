//! Spark jobs and their triggers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::crawler::Crawler;
use super::security::SecurityConfiguration;
use crate::resources::iam::Role;
use crate::{Arn, Handle, Name, Removal, Resource, Val};

/// A Python job on Spark. Glue reads the script when a run starts, so changing the script does not change the
/// job.
#[derive(Clone, Debug)]
pub struct Job {
    pub name: Name<Job>,
    pub description: &'static str,
    pub role: Arn<Role>,
    /// The URL of the script, such as `s3://bucket/job.py`.
    pub script: Val<String>,
    /// The arguments: `--name` → value.
    pub arguments: BTreeMap<&'static str, Val<String>>,
    /// The number of workers with 4 CPUs and 16 GB each, at least two.
    pub workers: u8,
    /// The timeout of a run.
    pub timeout_minutes: u16,
    /// Encrypts the job's log and bookmarks.
    pub security: Name<SecurityConfiguration>,
}

impl Resource for Job {
    const TYPE: &'static str = "AWS::Glue::Job";
    const TAGGABLE: bool = true;
    const TAGS_ARE_A_MAP: bool = true;

    fn properties(&self) -> Value {
        json!({
            "Name": self.name,
            "Description": self.description,
            "Role": self.role,
            "Command": {"Name": "glueetl", "PythonVersion": "3", "ScriptLocation": self.script},
            "DefaultArguments": self.arguments,
            "GlueVersion": "5.0",
            "WorkerType": "G.1X",
            "NumberOfWorkers": self.workers,
            "Timeout": self.timeout_minutes,
            "MaxRetries": 0,
            "ExecutionProperty": {"MaxConcurrentRuns": 1},
            "SecurityConfiguration": self.security,
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Job> {
    #[must_use]
    pub fn name(&self) -> Name<Job> {
        self.reference()
    }
}

/// What a trigger starts, and when.
#[derive(Clone, Debug)]
pub enum Start {
    /// Starts a job when somebody starts the trigger.
    OnDemand(Name<Job>),
    /// Starts a crawler after a job has succeeded.
    After(Name<Job>, Name<Crawler>),
}

/// A trigger of a job or a crawler.
#[derive(Clone, Debug)]
pub struct Trigger {
    pub name: Name<Trigger>,
    pub description: &'static str,
    pub start: Start,
}

impl Resource for Trigger {
    const TYPE: &'static str = "AWS::Glue::Trigger";
    const TAGGABLE: bool = true;
    const TAGS_ARE_A_MAP: bool = true;

    fn properties(&self) -> Value {
        let (kind, action, predicate) = match &self.start {
            Start::OnDemand(job) => ("ON_DEMAND", json!({"JobName": job}), None),
            Start::After(job, crawler) => {
                let succeeded =
                    json!({"JobName": job, "LogicalOperator": "EQUALS", "State": "SUCCEEDED"});
                let predicate = json!({"Logical": "AND", "Conditions": [succeeded]});
                (
                    "CONDITIONAL",
                    json!({"CrawlerName": crawler}),
                    Some(predicate),
                )
            }
        };
        json!({
            "Name": self.name,
            "Description": self.description,
            "Type": kind,
            "Actions": [action],
            "Predicate": predicate,
            // A conditional trigger must be activated; an on-demand trigger cannot be.
            "StartOnCreation": (kind == "CONDITIONAL").then_some(true),
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
