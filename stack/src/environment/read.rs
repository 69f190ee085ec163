//! Validates environment files.

mod concurrency;
mod tags;
mod warehouse;

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use cfn::resources::apigateway::Throttle;
use cfn::resources::kinesis::Capacity;
use cfn::resources::lambda::Architecture;
use cfn::resources::logs::RetentionDays;
use serde_yaml::Spanned;

use super::alarms::Alarms;
use super::error::EnvironmentError;
use super::explain::explain;
use super::file::{
    AlarmKeys, ApiKeys, ArchitectureKey, AuthKey, ConcurrencyKeys, File, ProfileKeys, StreamKeys,
    TargetKeys, WafKey, WarehouseKeys, WindowKeys,
};
use super::settings::{Api, Auth, Environment, Profile, Target, Waf, Windows};
use super::timing::Pace;

pub(super) type Checked<T> = Result<T, EnvironmentError>;

/// Parses and validates `text`, the content of `file`.
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

/// Validates one file; it has the file's name for error messages.
pub(super) struct Reader<'a> {
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
            concurrency: self.concurrency(&file.concurrency, &file.stream.value)?,
            alarms: self.alarms(&file.alarms.value)?,
            windows: self.windows(&file.windows)?,
            log_retention: self.retention(&file.log_retention_days)?,
            tracing: file.tracing,
            tags: self.tags(&file.name.value, &file.tags)?,
            lock: None,
        })
    }

    /// Checks combinations of keys that are valid by themselves.
    fn combinations(&self, file: &File, target: &Target) -> Checked<()> {
        let local = *target == Target::Local;
        if local {
            self.only_on_aws(file)?;
        }
        if !local && matches!(file.warehouse.value, WarehouseKeys::Local) {
            return self.refuse(
                "warehouse",
                &file.warehouse,
                "is `local`, which does not exist on AWS: use `cluster` or `serverless`",
            );
        }
        if !local && file.pace.value == Pace::Local {
            return self.refuse(
                "pace",
                &file.pace,
                "is `local`, which AWS does not accept: use `production`",
            );
        }
        if matches!(file.profile.value, ProfileKeys::Ephemeral { .. })
            && matches!(file.concurrency.value, ConcurrencyKeys::Reserved(_))
        {
            return self.refuse(
                "concurrency",
                &file.concurrency,
                "is `reserved`, which is only for production, because several ephemeral environments would exhaust the account's concurrency: use `unreserved`",
            );
        }
        if matches!(file.profile.value, ProfileKeys::Production) && file.auth.value == AuthKey::None
        {
            return self.refuse(
                "auth",
                &file.auth,
                "is `none`, which is not allowed in production: use `iam` or `api_key`",
            );
        }
        Ok(())
    }

    /// Checks that a local target uses nothing that exists only on AWS.
    fn only_on_aws(&self, file: &File) -> Checked<()> {
        if matches!(file.profile.value, ProfileKeys::Production) {
            return self.refuse(
                "profile",
                &file.profile,
                "is `production`, which needs AWS: use `ephemeral` for a local target",
            );
        }
        if !matches!(file.warehouse.value, WarehouseKeys::Local) {
            return self.refuse(
                "warehouse",
                &file.warehouse,
                "needs AWS: use `local` for a local target",
            );
        }
        if file.api.waf.value == WafKey::Managed {
            return self.refuse(
                "api.waf",
                &file.api.waf,
                "needs AWS: use `none` for a local target",
            );
        }
        if !matches!(file.alarms.value, AlarmKeys::None) {
            return self.refuse(
                "alarms",
                &file.alarms,
                "need AWS: use `none` for a local target",
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
                "is `{}`: use an AWS region such as `eu-west-1`",
                region.value
            );
            return self.refuse("target.aws.region", region, problem);
        }
        self.check_account(account.as_ref())?;
        self.check_endpoint(endpoint_url.as_ref())?;
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

    fn check_account(&self, account: Option<&Spanned<String>>) -> Checked<()> {
        let twelve_digits =
            |text: &str| text.len() == 12 && text.bytes().all(|it| it.is_ascii_digit());
        if let Some(account) = account.filter(|account| !twelve_digits(&account.value)) {
            let problem = format!(
                "is `{}`: use the 12 digits of the account, in quotes",
                account.value
            );
            return self.refuse("target.aws.account", account, problem);
        }
        Ok(())
    }

    fn check_endpoint(&self, endpoint_url: Option<&Spanned<String>>) -> Checked<()> {
        if let Some(url) = endpoint_url
            && !["http://", "https://"]
                .iter()
                .any(|scheme| url.value.starts_with(scheme))
        {
            let problem = format!("is `{}`: start it with `https://` or `http://`", url.value);
            return self.refuse("target.aws.endpoint_url", url, problem);
        }
        Ok(())
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

    /// The limits are API Gateway's for an account: 10,000 requests a second, and bursts of 5,000.
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
            waf: match written.waf.value {
                WafKey::None => Waf::None,
                WafKey::Managed => Waf::Managed,
            },
        })
    }

    fn alarms(&self, written: &AlarmKeys) -> Checked<Alarms> {
        Ok(match written {
            AlarmKeys::None => Alarms::None,
            AlarmKeys::Topic => Alarms::Topic,
            AlarmKeys::Email(address) => Alarms::Email(self.parse("alarms.email", address)?),
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
                let problem = format!("is {}: use one of {allowed}", written.value);
                self.refuse("log_retention_days", written, problem)
            },
            Ok,
        )
    }

    pub(super) fn parse<T: FromStr<Err: Display>>(
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
        key: impl Into<Cow<'static, str>>,
        written: &Spanned<T>,
        allowed: &RangeInclusive<T>,
    ) -> Checked<T> {
        if allowed.contains(&written.value) {
            return Ok(written.value);
        }
        let problem = format!(
            "is {}: use {} to {}",
            written.value,
            allowed.start(),
            allowed.end()
        );
        self.refuse(key, written, problem)
    }

    pub(super) fn refuse<T, V>(
        &self,
        key: impl Into<Cow<'static, str>>,
        at: &Spanned<V>,
        problem: impl Into<String>,
    ) -> Checked<T> {
        Err(EnvironmentError::Refused {
            file: self.file.to_owned(),
            line: at.referenced.line(),
            key: key.into(),
            problem: problem.into(),
        })
    }
}

/// Returns whether `text` is a region: two letters, one or more words, and a digit; at most 14 characters, otherwise
/// the names of buckets would be too long.
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
