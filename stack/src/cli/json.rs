//! Option `--json`, and the JSON document that it prints.

use std::io::Write;

use clap::Args;
use serde::Serialize;

/// Option `--json`.
///
/// A command whose JSON is not one document says so with `mut_arg("json", …)`.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct JsonOption {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl JsonOption {
    pub(super) const fn is_set(self) -> bool {
        self.json
    }
}

/// Prints `value` as one JSON document, indented.
pub(super) fn print(out: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)?;
    Ok(())
}
