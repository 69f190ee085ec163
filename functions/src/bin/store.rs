//! Function `store`: the stream → the tables and the raw lake.

use functions::aws::{Bucket, Clients, StandardOutput, SystemClock, Tables};
use functions::runtime;
use functions::store::{Settings, Store};
use lambda_runtime::{run, service_fn};

fn main() -> std::process::ExitCode {
    runtime::main(async |environment| {
        let settings = Settings::read(&environment)?;
        let clients = Clients::new(&settings.aws);
        let store = Store {
            tables: Tables::new(&clients, settings.customer_table, settings.invoice_table),
            bucket: Bucket::new(&clients, settings.raw_bucket),
            clock: SystemClock,
            metrics: StandardOutput {
                function: settings.aws.function_name,
            },
            failures: settings.batch_failures,
        };
        run(service_fn(|event| store.handle(event))).await
    })
}
