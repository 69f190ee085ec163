//! The `stack list` command.

use std::io::Write;

use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use local::Folders;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::json::{self, JsonOption};
use crate::clients::Clients;
use crate::environment::Environment;
use crate::listing::{Listed, in_region, on_machine};

/// List the environments on this machine, or in an AWS region
///
/// Without `--region` or `--env`, AWS is included only when the shell sets a region and credentials.
#[derive(Debug, Args)]
pub(super) struct List {
    /// List the environments in this AWS region
    #[arg(long, conflicts_with = "env")]
    region: Option<String>,
    /// List the environments in the account and region of this environment: a name, or the path of a YAML file
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
    #[command(flatten)]
    json: JsonOption,
}

impl List {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let folders = Folders::new(|name| std::env::var_os(name).map(Into::into))?;
        let mut listed = on_machine(&folders)?;
        listed.extend(self.on_aws().await?);
        if self.json.is_set() {
            return json::print(out, &listed);
        }
        print(out, &listed, OffsetDateTime::now_utc())
    }

    #[expect(clippy::print_stderr, reason = "a note, not part of the list")]
    async fn on_aws(&self) -> anyhow::Result<Vec<Listed>> {
        if let Some(name) = &self.env {
            let environment = Environment::load(name)?;
            if environment.is_local() {
                return Ok(Vec::new());
            }
            return Ok(in_region(&Clients::aws(&environment).await?).await?);
        }
        if let Some(region) = &self.region {
            return region_of(region).await;
        }
        let Some(region) = implied(|name| std::env::var(name).ok()) else {
            return Ok(Vec::new());
        };
        // The user did not ask for AWS: if the account does not answer, the local environments are still listed.
        Ok(region_of(&region).await.unwrap_or_else(|error| {
            eprintln!("not listed: {region}: {error:#}");
            Vec::new()
        }))
    }
}

async fn region_of(region: &str) -> anyhow::Result<Vec<Listed>> {
    Ok(in_region(&Clients::region(region).await?).await?)
}

/// Returns the region that the shell sets, if it also sets credentials and no other endpoint.
fn implied(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let signed = variable("AWS_ACCESS_KEY_ID").or_else(|| variable("AWS_PROFILE"));
    if signed.is_none() || variable("AWS_ENDPOINT_URL").is_some() {
        return None;
    }
    variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"))
}

fn print(out: &mut impl Write, listed: &[Listed], now: OffsetDateTime) -> anyhow::Result<()> {
    if listed.is_empty() {
        writeln!(out, "no environments")?;
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["environment", "where", "state", "age", "expires"]);
    for it in listed {
        let age = it
            .since
            .map_or_else(|| "–".to_owned(), |since| age(now - since));
        let expires = it.expires.map(|at| at.format(&Rfc3339)).transpose()?;
        table.add_row([
            it.environment.as_str(),
            &it.target,
            &it.state,
            &age,
            expires.as_deref().unwrap_or("never"),
        ]);
    }
    writeln!(out, "{table}")?;
    Ok(())
}

/// Formats a duration in its largest whole unit: days, hours or minutes.
fn age(time: time::Duration) -> String {
    let minutes = time.whole_minutes().max(0);
    match (minutes / (24 * 60), minutes / 60) {
        (0, 0) => format!("{minutes}m"),
        (0, hours) => format!("{hours}h"),
        (days, _) => format!("{days}d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_options_aws_is_listed_only_if_the_shell_has_credentials_and_a_region() {
        let of = |set: &[(&str, &str)]| {
            implied(|name| {
                let found = set.iter().find(|(set, _)| *set == name)?;
                Some(found.1.to_owned())
            })
        };
        let (key, region) = (("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_REGION", "eu-west-1"));
        assert_eq!(of(&[key, region]).as_deref(), Some("eu-west-1"));
        assert_eq!(of(&[key]), None);
        assert_eq!(of(&[region]), None);
        assert_eq!(of(&[key, region, ("AWS_ENDPOINT_URL", "http://x")]), None);
    }

    #[test]
    fn an_age_is_printed_in_its_largest_unit() {
        let printed = |minutes| age(time::Duration::minutes(minutes));
        assert_eq!(
            [-1, 59, 60, 47 * 60, 48 * 60].map(printed),
            ["0m", "59m", "1h", "1d", "2d"]
        );
    }
}
