//! The `stack migrate` command.

use std::io::Write;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use warehouse::migrations::{MigrationContext, migrate};

use super::environment::EnvironmentArgument;
use super::json::{self, JsonOption};
use crate::function::LOAD;
use crate::platform::Names;
use crate::session::Session;

/// Apply pending migrations to the warehouse
#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    environment: EnvironmentArgument,
    #[command(flatten)]
    json: JsonOption,
}

impl Migrate {
    /// Safe to run concurrently: each migration is applied once, and both runs succeed.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let session = Session::open(&self.environment).await?;
        let context = MigrationContext {
            database: session.outputs.warehouse.database.clone(),
            loader_role: Names::of(&session.environment).function(&LOAD),
        };
        let applied = migrate(&session.warehouse(), &context)
            .await
            .context("the migrations of the warehouse failed")?;
        let names: Vec<_> = applied
            .iter()
            .map(|migration| format!("{:04}_{}", migration.version, migration.name))
            .collect();
        if self.json.is_set() {
            return json::print(out, &json!({ "applied": names }));
        }
        for name in &names {
            writeln!(out, "applied {name}")?;
        }
        if names.is_empty() {
            writeln!(out, "up to date")?;
        }
        Ok(())
    }
}
