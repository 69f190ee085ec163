//! The stack that keeps state.

use cfn::resources::glue;
use cfn::resources::kms::{Alias, Key, KeyUser};
use cfn::resources::s3::{AccessLog, Bucket, BucketPolicy, Encryption, Lifecycle, LogSource};
use cfn::{Arn, Handle, Name, Template};

use super::api::EXECUTION_LOGS;
use super::inbox::Inbox;
use super::{Names, alarm, crossing, dashboard, load, store, stream, suppression, transform};
use crate::environment::{Alarms, Environment};

/// For how many days an overwritten or deleted object can be brought back.
const KEEP_OLD_DAYS: u16 = 30;
/// For how many days access logs are kept: a year, and some weeks for an auditor to come.
const KEEP_ACCESS_LOGS_DAYS: u16 = 400;
/// The buckets whose requests are logged, with the statement that allows it and how the log's keys begin.
const LOGGED: [(&str, &str, &str); 3] = [
    ("assets", "AssetsAccessLog", "assets/"),
    ("raw", "RawAccessLog", "raw/"),
    ("staging", "StagingAccessLog", "staging/"),
];

/// The stack while stages put their part in.
pub(super) struct Lake<'a> {
    pub(super) environment: &'a Environment,
    pub(super) names: Names,
    pub(super) template: Template,
    pub(super) data_key: Arn<Key>,
    pub(super) queue_key: Arn<Key>,
    access_logs: Option<AccessLogs>,
}

/// Where S3 writes down the requests to the other buckets, once it may.
struct AccessLogs {
    bucket: Handle<Bucket>,
    policy: Handle<BucketPolicy>,
}

/// The stack that keeps state: buckets, tables, stream, queues and keys.
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
    alarm::add(&mut lake);
    dashboard::add(&mut lake);
    lake.template
}

impl<'a> Lake<'a> {
    fn with_keys(environment: &'a Environment) -> Self {
        let names = Names::of(environment);
        let description = "Riverhouse: the state of an environment";
        let mut template = Template::new(description).tagged(environment.tags.clone());
        let mut users = vec![
            KeyUser::LogGroups {
                sid: "FunctionLogs",
                prefix: names.function_log_groups().into(),
            },
            KeyUser::LogGroups {
                sid: "ApiLogs",
                prefix: names.api_log_group().into(),
            },
            KeyUser::LogGroups {
                sid: "ApiExecutionLogs",
                prefix: EXECUTION_LOGS.into(),
            },
        ];
        if !environment.is_local() {
            users.push(KeyUser::LogGroups {
                sid: "GlueLogs",
                prefix: glue::LOG_GROUPS.into(),
            });
        }
        let profile = environment.profile.for_data();
        let description = "Riverhouse: buckets, tables, logs and settings";
        let data_key = template
            .add(
                "DataKey",
                &Key {
                    description,
                    users,
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
        self.template
            .suppress(&bucket, suppression::HOLDS_ACCESS_LOGS);
        // Literal names, as these buckets wait for this policy.
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

    /// Adds a bucket that announces new objects in `inbox`. `ids` are the bucket's and its policy's.
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
        // Without TLS it would say nothing, and S3 takes no policy without statements.
        if self.has_tls() {
            self.template.add(
                ids[1],
                &BucketPolicy::closed(&bucket).with_tls_only(&bucket),
            );
        }
        bucket
    }

    /// On AWS. The emulator is reached without, on loopback, and would refuse everything that asks for it.
    pub(super) fn has_tls(&self) -> bool {
        !self.environment.is_local()
    }
}
