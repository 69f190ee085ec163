//! The `stack query` command.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::{Map, Value};
use tokio::signal::unix::{Signal, SignalKind, signal};
use warehouse::{Answer, Cell, Outcome, Rows, StatementId};

use super::environment::EnvironmentOption;
use super::interrupt;
use super::json;
use crate::session::Session;

/// Run a SQL query on the warehouse
#[derive(Debug, Args)]
pub(super) struct Query {
    /// One statement in Redshift SQL
    #[arg(value_name = "SQL")]
    sql: String,
    #[command(flatten)]
    environment: EnvironmentOption,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Output format of the rows.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Table for people; NULL differs from an empty text
    Table,
    /// CSV (RFC 4180) with a header; NULL is an empty field
    Csv,
    /// Array of JSON objects; exact decimals are strings, so that no reader rounds them
    Json,
}

impl Query {
    /// Runs the statement and prints its rows. The first Ctrl-C or SIGTERM cancels the statement, the second ends the
    /// command at once. The exit code is 130 in both cases.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let session = Session::open(&self.environment).await?;
        let warehouse = session.warehouse();
        let (mut first, mut both) = (StopSignals::listen()?, StopSignals::listen()?);
        let second = async {
            both.next().await;
            both.next().await;
        };
        let answer = tokio::select! {
            answer = warehouse.query_until("stack query", &self.sql, first.next()) => answer?,
            () = second => return Ok(interrupt::exit_code()),
        };
        match answer {
            Answer::Rows(rows) => {
                self.print(&rows, out)?;
                Ok(ExitCode::SUCCESS)
            }
            Answer::Interrupted { id, outcome } => {
                writeln!(io::stderr(), "{}", interrupted(&id, &outcome))?;
                Ok(interrupt::exit_code())
            }
        }
    }

    fn print(&self, rows: &Rows, out: &mut impl Write) -> anyhow::Result<()> {
        match self.format {
            Format::Table => print_table(rows, out)?,
            Format::Csv => print_csv(rows, out)?,
            Format::Json => json::print(out, &objects(rows))?,
        }
        Ok(())
    }
}

/// The signals that ask a command to stop: Ctrl-C and SIGTERM.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// Installs the handlers. From then on neither signal ends the process by itself.
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Describes the outcome of the statement of an interrupted query.
fn interrupted(id: &StatementId, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Aborted => format!("cancelled statement {id}; it changed nothing"),
        Outcome::Finished(_) => {
            format!("statement {id} had finished before it could be cancelled")
        }
        Outcome::Failed(failure) => format!(
            "statement {id} had failed before it could be cancelled: {}",
            failure.message
        ),
        Outcome::Running | Outcome::Lost => format!(
            "sent a cancel request for statement {id}; its outcome is unknown\n  next: `aws redshift-data describe-statement --id {id}`"
        ),
    }
}

fn print_table(rows: &Rows, out: &mut impl Write) -> anyhow::Result<()> {
    if rows.columns.is_empty() {
        writeln!(out, "done; the statement returns no rows")?;
        return Ok(());
    }
    writeln!(out, "{}", table(rows))?;
    let ending = if rows.rows.len() == 1 { "" } else { "s" };
    writeln!(out, "({} row{ending})", rows.rows.len())?;
    Ok(())
}

/// Formats rows as a table: numbers are right-aligned, NULL is the word `NULL`.
pub(super) fn table(rows: &Rows) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(rows.columns.iter().map(|column| &column.name));
    for row in &rows.rows {
        table.add_row(row.iter().map(|cell| match cell {
            Cell::Null => "NULL".to_owned(),
            cell => cell.to_string(),
        }));
    }
    for (position, column) in rows.columns.iter().enumerate() {
        if let Some(shown) = table.column_mut(position).filter(|_| column.is_number()) {
            shown.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn print_csv(rows: &Rows, out: &mut impl Write) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    if !rows.columns.is_empty() {
        csv.write_record(rows.columns.iter().map(|column| &column.name))?;
    }
    for row in &rows.rows {
        csv.write_record(row.iter().map(Cell::to_string))?;
    }
    csv.flush()?;
    Ok(())
}

fn objects(rows: &Rows) -> Vec<Map<String, Value>> {
    let mut names: Vec<String> = Vec::new();
    for column in &rows.columns {
        // Two columns may have the same name; the keys of a JSON object must differ.
        let mut name = column.name.clone();
        let mut copy = 1;
        while names.contains(&name) {
            copy += 1;
            name = format!("{}_{copy}", column.name);
        }
        names.push(name);
    }
    let object = |row: &Vec<Cell>| names.iter().cloned().zip(row.iter().map(value)).collect();
    rows.rows.iter().map(object).collect()
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Boolean(truth) => (*truth).into(),
        Cell::Long(number) => (*number).into(),
        // JSON has no NaN, so it is written as a string.
        Cell::Double(number) if number.is_finite() => (*number).into(),
        Cell::Double(_) | Cell::Text(_) | Cell::Bytes(_) => cell.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use warehouse::RowColumn;

    use super::*;

    fn rows() -> Rows {
        let column = |(name, type_name): (&str, &str)| RowColumn {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
        };
        let columns = [
            ("country", "varchar"),
            ("count", "int8"),
            ("count", "numeric"),
        ];
        let text = |text: &str| Cell::Text(text.to_owned());
        Rows {
            columns: columns.map(column).to_vec(),
            rows: vec![
                vec![text("EIRE, \"S\""), Cell::Long(8_196), text("263276.8200")],
                vec![text(""), Cell::Long(-1), Cell::Null],
                vec![Cell::Null, Cell::Double(f64::NAN), Cell::Boolean(true)],
            ],
        }
    }

    fn printed(print: impl Fn(&mut Vec<u8>) -> anyhow::Result<()>) -> String {
        let mut out = Vec::new();
        print(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_tells_null_from_an_empty_text_and_has_numbers_on_the_right() {
        insta::assert_snapshot!(printed(|out| print_table(&rows(), out)), @r#"
        ┌───────────┬───────┬─────────────┐
        │ country   ┆ count ┆       count │
        ╞═══════════╪═══════╪═════════════╡
        │ EIRE, "S" ┆  8196 ┆ 263276.8200 │
        │           ┆    -1 ┆        NULL │
        │ NULL      ┆   NaN ┆        true │
        └───────────┴───────┴─────────────┘
        (3 rows)
        "#);
    }

    #[test]
    fn csv_quotes_and_leaves_null_empty() {
        insta::assert_snapshot!(printed(|out| print_csv(&rows(), out)), @r#"
        country,count,count
        "EIRE, ""S""",8196,263276.8200
        ,-1,
        ,NaN,true
        "#);
    }

    #[test]
    fn json_loses_no_column_and_no_digit() {
        let lines: Vec<_> = objects(&rows())
            .iter()
            .map(|row| serde_json::to_string(row).unwrap())
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        {"country":"EIRE, \"S\"","count":8196,"count_2":"263276.8200"}
        {"country":"","count":-1,"count_2":null}
        {"country":null,"count":"NaN","count_2":true}
        "#);
    }

    #[test]
    fn a_statement_without_rows_says_so() {
        let nothing = Rows::default();
        assert_eq!(
            printed(|out| print_table(&nothing, out)),
            "done; the statement returns no rows\n"
        );
        assert_eq!(printed(|out| print_csv(&nothing, out)), "");
        assert_eq!(objects(&nothing), []);
    }
}
