//! The `lake` stack, which holds all state.

use cfn::resources::glue;
use cfn::resources::kms::{Alias, Key, KeyUser};
use cfn::resources::s3::{AccessLog, Bucket, BucketPolicy, Encryption, Lifecycle, LogSource};
use cfn::{Arn, Handle, Name, Template};

use super::api::EXECUTION_LOGS;
use super::inbox::Inbox;
use super::{Names, alarm, crossing, load, store, stream, suppression, transform};
use crate::environment::{Alarms, Environment};

/// Days for which an overwritten or deleted object can be restored.
const KEEP_OLD_DAYS: u16 = 30;
/// Retention of access logs in days: one year, and some weeks for an audit.
const KEEP_ACCESS_LOGS_DAYS: u16 = 400;
/// Buckets with access logs: bucket, id of the policy statement that allows delivery, and key prefix of its logs.
const LOGGED: [(&str, &str, &str); 3] = [
    ("assets", "AssetsAccessLog", "assets/"),
    ("raw", "RawAccessLog", "raw/"),
    ("staging", "StagingAccessLog", "staging/"),
];

/// Builder of the stack, to which each stage adds its part.
pub(super) struct Lake<'a> {
    pub(super) environment: &'a Environment,
    pub(super) names: Names,
    pub(super) template: Template,
    pub(super) data_key: Arn<Key>,
    pub(super) queue_key: Arn<Key>,
    access_logs: Option<AccessLogs>,
}

/// Bucket of the S3 access logs, after its policy allows delivery.
struct AccessLogs {
    bucket: Handle<Bucket>,
    policy: Handle<BucketPolicy>,
}

/// Returns the template of the stack with state: buckets, tables, stream, queues and keys.
pub(super) fn template(environment: &Environment) -> Template {
    let mut lake = Lake::with_keys(environment);
    lake.add_logs_bucket();
    lake.add_assets_bucket();
    stream::lake(&mut lake);
    let raw_objects = transform::inbox(&mut lake);
    store::lake(&mut lake, &raw_objects);
    let staged_files = load::inbox(&mut lake);
    transform::lake(&mut lake, &staged_files);
    load::lake(&mut lake);
    alarm::lake(&mut lake);
    lake.template
}

impl<'a> Lake<'a> {
    fn with_keys(environment: &'a Environment) -> Self {
        let names = Names::of(environment);
        let description = "Riverhouse: the state of an environment";
        let mut template = Template::new(description).tagged(environment.tags.clone());
        let profile = environment.profile.for_data();
        let description = "Riverhouse: buckets, tables, logs and settings";
        let data_key = template
            .add(
                "DataKey",
                &Key {
                    description,
                    users: logging(environment, &names),
                    profile,
                },
            )
            .arn();
        let mut users = vec![KeyUser::S3Notifications];
        if environment.alarms != Alarms::None {
            users.push(KeyUser::Alarms);
        }
        let description = "Riverhouse: queues and topics that services send to";
        let queue_key = template
            .add(
                "QueueKey",
                &Key {
                    description,
                    users,
                    profile,
                },
            )
            .arn();
        let alias = |what, key: &Arn<Key>| Alias {
            name: Name::literal(format!("alias/{}", names.plain(what))),
            key: key.clone(),
        };
        template.add("DataKeyAlias", &alias("data", &data_key));
        template.add("QueueKeyAlias", &alias("queue", &queue_key));
        crossing::DATA_KEY.give(&mut template, &data_key);
        crossing::QUEUE_KEY.give(&mut template, &queue_key);
        Self {
            environment,
            names,
            template,
            data_key,
            queue_key,
            access_logs: None,
        }
    }

    fn add_logs_bucket(&mut self) {
        let bucket = self.template.add(
            "LogsBucket",
            &Bucket {
                name: self.names.bucket("logs"),
                encryption: Encryption::Service,
                access_log: None,
                lifecycle: Lifecycle {
                    expire_days: Some(KEEP_ACCESS_LOGS_DAYS),
                    keep_old_days: 1,
                },
                notifications: Vec::new(),
                profile: self.environment.profile.for_data(),
            },
        );
        self.template.suppress(&bucket, suppression::HOLDS_LOGS);
        // Literal names avoid a circular dependency: these buckets depend on this policy.
        let sources = LOGGED.map(|(what, sid, prefix)| LogSource {
            sid,
            bucket: Arn::<Bucket>::of(&self.names.bucket(what)),
            prefix,
        });
        let policy = BucketPolicy::of_access_logs(&bucket, &sources);
        let policy = if self.has_tls() {
            policy.with_tls_only(&bucket)
        } else {
            policy
        };
        let policy = self.template.add("LogsBucketPolicy", &policy);
        crossing::LOGS_BUCKET.give(&mut self.template, &bucket.name());
        self.access_logs = Some(AccessLogs { bucket, policy });
    }

    fn add_assets_bucket(&mut self) {
        let bucket = self.add_bucket(["AssetsBucket", "AssetsBucketPolicy"], "assets", None);
        crossing::ASSETS_BUCKET.give(&mut self.template, &bucket.name());
    }

    /// Adds a bucket that sends notifications of new objects to `inbox`. `ids` are the logical ids of the bucket and
    /// its policy.
    #[track_caller]
    pub(super) fn add_bucket(
        &mut self,
        ids: [&'static str; 2],
        what: &'static str,
        inbox: Option<(&'static str, &Inbox)>,
    ) -> Handle<Bucket> {
        let prefix = LOGGED
            .iter()
            .find(|(logged, ..)| *logged == what)
            .map(|(.., prefix)| *prefix);
        let access_log = self.access_logs.as_ref().zip(prefix);
        let bucket = self.template.add(
            ids[0],
            &Bucket {
                name: self.names.bucket(what),
                encryption: Encryption::Key(self.data_key.clone()),
                access_log: access_log.map(|(logs, prefix)| AccessLog {
                    bucket: logs.bucket.name(),
                    prefix,
                }),
                lifecycle: Lifecycle {
                    expire_days: None,
                    keep_old_days: KEEP_OLD_DAYS,
                },
                notifications: inbox
                    .iter()
                    .map(|(prefix, inbox)| inbox.notification(prefix))
                    .collect(),
                profile: self.environment.profile.for_data(),
            },
        );
        if let Some((logs, _)) = access_log {
            self.template.depend(&bucket, &logs.policy);
        }
        if let Some((_, inbox)) = inbox {
            self.template.depend(&bucket, inbox.policy());
        }
        // Without the TLS statement the policy would be empty, and S3 rejects a policy without statements.
        if self.has_tls() {
            self.template.add(
                ids[1],
                &BucketPolicy::closed(&bucket).with_tls_only(&bucket),
            );
        }
        bucket
    }

    /// Returns whether TLS is required: on AWS. The emulator is reached over loopback without TLS, and would refuse
    /// every request.
    pub(super) fn has_tls(&self) -> bool {
        !self.environment.is_local()
    }
}

/// Returns the log groups that are encrypted with the data key.
fn logging(environment: &Environment, names: &Names) -> Vec<KeyUser> {
    let functions = ("FunctionLogs", names.function_log_groups());
    let requests = ("ApiLogs", names.api_log_group());
    let executions = ("ApiExecutionLogs", EXECUTION_LOGS.to_owned());
    let jobs = ("GlueLogs", glue::LOG_GROUPS.to_owned());
    // Glue does not run locally.
    let jobs = (!environment.is_local()).then_some(jobs);
    [functions, requests, executions]
        .into_iter()
        .chain(jobs)
        .map(|(sid, prefix)| KeyUser::LogGroups {
            sid,
            prefix: prefix.into(),
        })
        .collect()
}
