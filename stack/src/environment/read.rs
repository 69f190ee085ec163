//! Decides whether an environment file makes sense.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use cfn::resources::apigateway::Throttle;
use cfn::resources::kinesis::Capacity;
use cfn::resources::lambda::Architecture;
use cfn::resources::logs::RetentionDays;
use serde_yaml::Spanned;

use super::error::EnvironmentError;
use super::explain::explain;
use super::file::{
    ApiKeys, ArchitectureKey, AuthKey, File, ProfileKeys, StreamKeys, TargetKeys, WarehouseKeys,
    WindowKeys,
};
use super::pace::Pace;
use super::settings::{Api, Auth, Environment, Profile, Target, Warehouse, Windows};

/// Node types that CloudFormation can still create.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-clusters.html>
const NODE_TYPES: [&str; 4] = ["ra3.large", "ra3.xlplus", "ra3.4xlarge", "ra3.16xlarge"];

/// The tags that name an environment are ours to set.
const OWN_TAGS: [&str; 2] = ["application", "environment"];

type Checked<T> = Result<T, EnvironmentError>;

/// Reads `text`, which came from `file`.
pub(super) fn read(file: &str, text: &str) -> Checked<Environment> {
    let written: File = serde_yaml::from_str(text).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        let on_line = text.lines().zip(1..).find(|(_, number)| *number == line);
        let detail = explain(&error, on_line.map_or("", |(text, _)| text));
        EnvironmentError::Malformed {
            file: file.to_owned(),
            line,
            detail,
        }
    })?;
    Reader { file }.environment(&written)
}

/// Knows the file's name, for refusals.
struct Reader<'a> {
    file: &'a str,
}

impl Reader<'_> {
    fn environment(&self, file: &File) -> Checked<Environment> {
        let target = self.target(&file.target.value)?;
        self.combinations(file, &target)?;
        Ok(Environment {
            name: self.parse("name", &file.name)?,
            target,
            profile: self.profile(&file.profile.value)?,
            pace: file.pace.value,
            stream: self.stream(&file.stream.value)?,
            auth: match file.auth.value {
                AuthKey::Iam => Auth::Iam,
                AuthKey::ApiKey => Auth::ApiKey,
                AuthKey::None => Auth::None,
            },
            warehouse: self.warehouse(&file.warehouse.value)?,
            api: self.api(&file.api)?,
            windows: self.windows(&file.windows)?,
            log_retention: self.retention(&file.log_retention_days)?,
            tracing: file.tracing,
            tags: self.tags(&file.name.value, &file.tags)?,
        })
    }

    /// What each key may say alone, but not beside the others.
    fn combinations(&self, file: &File, target: &Target) -> Checked<()> {
        let local = *target == Target::Local;
        if local && matches!(file.profile.value, ProfileKeys::Production) {
            return self.refuse(
                "profile",
                &file.profile,
                "is `production`: a local target is `ephemeral`",
            );
        }
        if local && !matches!(file.warehouse.value, WarehouseKeys::Local) {
            return self.refuse(
                "warehouse",
                &file.warehouse,
                "needs AWS: a local target has `local`",
            );
        }
        if !local && matches!(file.warehouse.value, WarehouseKeys::Local) {
            return self.refuse(
                "warehouse",
                &file.warehouse,
                "is `local`: on AWS use `cluster` or `serverless`",
            );
        }
        if !local && file.pace.value == Pace::Local {
            return self.refuse(
                "pace",
                &file.pace,
                "is `local`, which AWS refuses: use `production`",
            );
        }
        if matches!(file.profile.value, ProfileKeys::Production) && file.auth.value == AuthKey::None
        {
            return self.refuse(
                "auth",
                &file.auth,
                "is `none` in production: use `iam` or `api_key`",
            );
        }
        Ok(())
    }

    fn target(&self, written: &TargetKeys) -> Checked<Target> {
        let TargetKeys::Aws {
            region,
            account,
            endpoint_url,
            architecture,
        } = written
        else {
            return Ok(Target::Local);
        };
        if !is_region(&region.value) {
            let problem = format!(
                "is `{}`: write a region of AWS such as `eu-west-1`",
                region.value
            );
            return self.refuse("target.aws.region", region, problem);
        }
        let twelve_digits =
            |text: &str| text.len() == 12 && text.bytes().all(|it| it.is_ascii_digit());
        if let Some(account) = account
            .as_ref()
            .filter(|account| !twelve_digits(&account.value))
        {
            let problem = format!(
                "is `{}`: write the account's 12 digits in quotes",
                account.value
            );
            return self.refuse("target.aws.account", account, problem);
        }
        if let Some(url) = endpoint_url
            && !["http://", "https://"]
                .iter()
                .any(|scheme| url.value.starts_with(scheme))
        {
            let problem = format!("is `{}`: write it with `https://` or `http://`", url.value);
            return self.refuse("target.aws.endpoint_url", url, problem);
        }
        let text = |written: &Option<Spanned<String>>| written.as_ref().map(|it| it.value.clone());
        Ok(Target::Aws {
            region: region.value.clone(),
            account: text(account),
            endpoint_url: text(endpoint_url),
            architecture: match architecture {
                None | Some(ArchitectureKey::Arm64) => Architecture::Arm64,
                Some(ArchitectureKey::X86) => Architecture::X86,
            },
        })
    }

    fn profile(&self, written: &ProfileKeys) -> Checked<Profile> {
        Ok(match written {
            ProfileKeys::Production => Profile::Production,
            ProfileKeys::Ephemeral { ttl } => Profile::Ephemeral {
                ttl: self.parse("profile.ephemeral.ttl", ttl)?,
            },
        })
    }

    fn stream(&self, written: &StreamKeys) -> Checked<Capacity> {
        Ok(match written {
            StreamKeys::OnDemand => Capacity::OnDemand,
            StreamKeys::Provisioned { shards } => Capacity::Provisioned {
                shards: self.within("stream.provisioned.shards", shards, &(1..=500))?,
            },
        })
    }

    fn warehouse(&self, written: &WarehouseKeys) -> Checked<Warehouse> {
        match written {
            WarehouseKeys::Local => Ok(Warehouse::Local),
            WarehouseKeys::Cluster { node_type, nodes } => {
                if !NODE_TYPES.contains(&node_type.value.as_str()) {
                    let problem = format!(
                        "is `{}`: use one of {}",
                        node_type.value,
                        NODE_TYPES.join(", ")
                    );
                    return self.refuse("warehouse.cluster.node_type", node_type, problem);
                }
                let nodes = self.within("warehouse.cluster.nodes", nodes, &(1..=128))?;
                Ok(Warehouse::Cluster {
                    node_type: node_type.value.clone(),
                    nodes,
                })
            }
            WarehouseKeys::Serverless { base_rpu } => {
                let rpu = self.within("warehouse.serverless.base_rpu", base_rpu, &(4..=1024))?;
                if rpu != 4 && rpu % 8 != 0 {
                    let problem = format!("is {rpu}: use 4, or a multiple of 8 up to 1024");
                    return self.refuse("warehouse.serverless.base_rpu", base_rpu, problem);
                }
                Ok(Warehouse::Serverless { base_rpu: rpu })
            }
        }
    }

    /// API Gateway's own limits for an account are 10,000 a second and 5,000 at once.
    ///
    /// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
    fn api(&self, written: &ApiKeys) -> Checked<Api> {
        Ok(Api {
            throttle: Throttle {
                rate: self.within(
                    "api.requests_per_second",
                    &written.requests_per_second,
                    &(1..=10_000),
                )?,
                burst: self.within("api.burst", &written.burst, &(1..=5_000))?,
            },
            access_log: written.access_log,
        })
    }

    fn windows(&self, written: &WindowKeys) -> Checked<Windows> {
        Ok(Windows {
            store: self.within("windows.store_seconds", &written.store_seconds, &(0..=300))?,
            transform: self.within(
                "windows.transform_seconds",
                &written.transform_seconds,
                &(1..=300),
            )?,
            load: self.within("windows.load_seconds", &written.load_seconds, &(1..=300))?,
        })
    }

    fn retention(&self, written: &Spanned<u16>) -> Checked<RetentionDays> {
        RetentionDays::new(written.value).map_or_else(
            || {
                let allowed = RetentionDays::ALLOWED
                    .map(|days| days.to_string())
                    .join(", ");
                let problem = format!("is {}: CloudWatch Logs knows {allowed}", written.value);
                self.refuse("log_retention_days", written, problem)
            },
            Ok,
        )
    }

    fn tags(
        &self,
        name: &str,
        written: &BTreeMap<String, Spanned<String>>,
    ) -> Checked<BTreeMap<String, String>> {
        let mut tags = BTreeMap::from([
            (
                OWN_TAGS[0].to_owned(),
                crate::platform::APPLICATION.to_owned(),
            ),
            (OWN_TAGS[1].to_owned(), name.to_owned()),
        ]);
        for (key, value) in written {
            if OWN_TAGS.contains(&key.as_str()) {
                return self.refuse(
                    "tags",
                    value,
                    format!("sets `{key}`, which is set for you: remove it"),
                );
            }
            if key.is_empty()
                || key.len() > 128
                || key.starts_with("aws:")
                || value.value.len() > 256
            {
                let problem = format!(
                    "has `{key}`: a key has 1 to 128 characters and does not begin with `aws:`, a value has up to 256"
                );
                return self.refuse("tags", value, problem);
            }
            tags.insert(key.clone(), value.value.clone());
        }
        Ok(tags)
    }

    fn parse<T: FromStr<Err: Display>>(
        &self,
        key: &'static str,
        written: &Spanned<String>,
    ) -> Checked<T> {
        written.value.parse().or_else(|error| {
            let value = &written.value;
            self.refuse(key, written, format!("is `{value}`: {error}"))
        })
    }

    fn within<T: Copy + Display + PartialOrd>(
        &self,
        key: &'static str,
        written: &Spanned<T>,
        allowed: &RangeInclusive<T>,
    ) -> Checked<T> {
        if allowed.contains(&written.value) {
            return Ok(written.value);
        }
        let problem = format!(
            "is {}: allowed are {} to {}",
            written.value,
            allowed.start(),
            allowed.end()
        );
        self.refuse(key, written, problem)
    }

    fn refuse<T, V>(
        &self,
        key: &'static str,
        at: &Spanned<V>,
        problem: impl Into<String>,
    ) -> Checked<T> {
        Err(EnvironmentError::Refused {
            file: self.file.to_owned(),
            line: at.referenced.line(),
            key,
            problem: problem.into(),
        })
    }
}

/// Two letters, one or more words, a digit; 14 characters at most, or a bucket's name would be too long.
fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_lowercase());
    let [first, words @ .., last] = parts.as_slice() else {
        return false;
    };
    text.len() <= 14
        && first.len() == 2
        && word(first)
        && !words.is_empty()
        && words.iter().all(word)
        && last.len() == 1
        && last.bytes().all(|it| it.is_ascii_digit())
}
