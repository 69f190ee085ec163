//! Spark jobs, and what starts them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::crawler::Crawler;
use super::security::SecurityConfiguration;
use crate::resources::iam::Role;
use crate::{Arn, Handle, Name, Removal, Resource, Val};

/// A job in Python on Spark. Glue reads its script when it starts, so a new script needs no new job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name.
    pub name: Name<Job>,
    /// What it does.
    pub description: &'static str,
    /// Whose rights it has.
    pub role: Arn<Role>,
    /// Where its script is, such as `s3://bucket/job.py`.
    pub script: Val<String>,
    /// What it is called with: `--name` → value.
    pub arguments: BTreeMap<&'static str, Val<String>>,
    /// How many workers of 4 CPUs and 16 GB it has, two or more.
    pub workers: u8,
    /// After how many minutes it is stopped.
    pub timeout_minutes: u16,
    /// How its log and its bookmarks are encrypted.
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
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<Job> {
        self.reference()
    }
}

/// When a trigger starts what, at most one thing.
#[derive(Clone, Debug)]
pub enum Start {
    /// A job, when somebody starts the trigger.
    OnDemand(Name<Job>),
    /// A crawler, when a job has succeeded.
    After(Name<Job>, Name<Crawler>),
}

/// Starts a job or a crawler.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Its name.
    pub name: Name<Trigger>,
    /// What it is for.
    pub description: &'static str,
    /// When it starts what.
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
            // What waits for an event must be switched on, and what waits for somebody cannot be.
            "StartOnCreation": (kind == "CONDITIONAL").then_some(true),
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
