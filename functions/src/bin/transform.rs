//! Function `transform`: objects of the raw lake → CSV in the staging bucket.

use functions::aws::{Bucket, Clients, Objects, StandardOutput};
use functions::runtime;
use functions::transform::{ROLL_BYTES, Settings, Transform};
use lambda_runtime::{run, service_fn};

fn main() -> std::process::ExitCode {
    runtime::main(async |environment| {
        let settings = Settings::read(&environment)?;
        let clients = Clients::new(&settings.aws);
        let transform = Transform {
            lake: Objects::new(&clients),
            staging: Bucket::new(&clients, settings.staging_bucket),
            metrics: StandardOutput {
                function: settings.aws.function_name,
            },
            roll_bytes: ROLL_BYTES,
            version: events::row::CSV_VERSION,
        };
        run(service_fn(|event| transform.handle(event))).await
    })
}
