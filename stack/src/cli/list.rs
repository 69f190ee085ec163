//! `stack list`

use std::io::Write;

use clap::Args;
use comfy_table::{Table, presets};
use local::Folders;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::clients::Clients;
use crate::environment::Environment;
use crate::listing::{Listed, in_region, on_machine};

/// List the environments of this machine, and of an account's region
///
/// AWS is asked when a region is named, by option, environment or AWS_REGION.
#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "this is help text")]
pub(super) struct List {
    /// Ask this region of AWS
    #[arg(long, env = "AWS_REGION", conflicts_with = "env")]
    region: Option<String>,
    /// Ask the region and the account of this environment: a name, or the path of a file
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let folders = Folders::new(|name| std::env::var_os(name).map(Into::into))?;
        let mut listed = on_machine(&folders)?;
        if let Some(clients) = self.clients().await? {
            listed.extend(in_region(&clients).await?);
        }
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &listed)?;
            writeln!(out)?;
            return Ok(());
        }
        print(out, &listed, OffsetDateTime::now_utc())
    }

    async fn clients(&self) -> anyhow::Result<Option<Clients>> {
        let clients = match (&self.env, &self.region) {
            (Some(name), _) => {
                let environment = Environment::load(name)?;
                if environment.is_local() {
                    return Ok(None);
                }
                Clients::aws(&environment).await?
            }
            (None, Some(region)) => Clients::region(region).await?,
            (None, None) => return Ok(None),
        };
        Ok(Some(clients))
    }
}

fn print(out: &mut impl Write, listed: &[Listed], now: OffsetDateTime) -> anyhow::Result<()> {
    if listed.is_empty() {
        writeln!(out, "no environment is there")?;
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
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

/// In the largest unit of which it has one.
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
    fn an_age_is_told_in_its_largest_unit() {
        let told = |minutes| age(time::Duration::minutes(minutes));
        assert_eq!(
            [told(-1), told(59), told(60), told(47 * 60), told(48 * 60)],
            ["0m", "59m", "1h", "1d", "2d"]
        );
    }
}
