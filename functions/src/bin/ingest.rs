//! Function `ingest`: `POST /events` → the stream.

use functions::aws::{Bucket, Clients, StandardOutput, Stream, SystemClock};
use functions::ingest::{Ingest, Settings};
use functions::runtime;
use lambda_runtime::{run, service_fn};

fn main() -> std::process::ExitCode {
    runtime::main(async |environment| {
        let settings = Settings::read(&environment)?;
        let clients = Clients::new(&settings.aws);
        let ingest = Ingest {
            stream: Stream::new(&clients, settings.stream_name),
            bucket: Bucket::new(&clients, settings.raw_bucket),
            clock: SystemClock,
            metrics: StandardOutput {
                function: settings.aws.function_name,
            },
        };
        run(service_fn(|event| ingest.handle(event))).await
    })
}
