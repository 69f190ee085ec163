//! Runs a query in the warehouse of an environment, through the Redshift Data API.
//!
//! ```sh
//! eval "$(stack outputs --env)"
//! cargo run -p warehouse --example query -- riverhouse-local 'SELECT count(*) FROM retail.sales_line'
//! ```
//!
//! The first argument is the cluster identifier in `stack outputs`. Region, endpoint and credentials are read from the
//! environment variables, as the aws CLI does.

#![expect(clippy::print_stdout, reason = "the rows are the result")]

use anyhow::Context as _;
use aws_config::BehaviorVersion;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use warehouse::{Authority, Cell, Target, Warehouse};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let identifier = arguments.next().context("usage: query CLUSTER SQL")?;
    let sql = arguments.next().context("usage: query CLUSTER SQL")?;
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .load()
        .await;
    // A serverless warehouse is a `Target::Workgroup`.
    let target = Target::Cluster { identifier };
    let warehouse = Warehouse::new(&config, target, "riverhouse".to_owned(), Authority::Iam);
    let rows = warehouse.query("example", &sql).await?;
    for row in &rows.rows {
        let cells: Vec<_> = row.iter().map(Cell::to_string).collect();
        println!("{}", cells.join("\t"));
    }
    Ok(())
}
