//! Function `query`: the read API of the shop.

use functions::aws::{Clients, StandardOutput, Tables};
use functions::query::{Query, Settings};
use functions::runtime;
use lambda_runtime::{run, service_fn};

fn main() -> std::process::ExitCode {
    runtime::main(async |environment| {
        let settings = Settings::read(&environment)?;
        let clients = Clients::new(&settings.aws);
        let query = Query {
            tables: Tables::new(&clients, settings.customer_table, settings.invoice_table),
            metrics: StandardOutput {
                function: settings.aws.function_name,
            },
        };
        run(service_fn(|event| query.handle(event))).await
    })
}
