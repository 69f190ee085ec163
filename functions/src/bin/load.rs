//! Function `load`: staged CSV → the warehouse.

#![recursion_limit = "256"]

use functions::aws::{Bucket, Clients, LoadTable, StandardOutput, SystemClock, Warehouse};
use functions::load::{Load, Loader, Settings};
use functions::runtime;
use lambda_runtime::{run, service_fn};

fn main() -> std::process::ExitCode {
    runtime::main(async |environment| {
        let settings = Settings::read(&environment)?;
        let clients = Clients::new(&settings.aws);
        let load = Load(Loader {
            warehouse: Warehouse::new(&clients, settings.target, settings.database),
            load_table: LoadTable::new(&clients, settings.load_table),
            staging: Bucket::new(&clients, settings.staging_bucket.clone()),
            clock: SystemClock,
            metrics: StandardOutput {
                function: settings.aws.function_name,
            },
            bucket: settings.staging_bucket,
            copy_role_arn: settings.copy_role_arn,
        });
        run(service_fn(|event| load.handle(event))).await
    })
}
