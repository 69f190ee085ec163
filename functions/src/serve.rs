//! The process of each function: it builds its parts, polls Lambda for events, and logs why it cannot start.
//!
//! The entry points are here and not in `bin/*.rs`, because none of them is generic: the runtime and the SDK are compiled
//! once for this library instead of once for each binary.

use std::process::ExitCode;

use lambda_runtime::{Error, run, service_fn};

use crate::aws::{
    Bucket, Clients, LoadTable, Objects, StandardOutput, Stream, SystemClock, Tables, Warehouse,
};
use crate::ingest::Ingest;
use crate::load::{Load, Loader};
use crate::query::Query;
use crate::settings::{Environment, LOG_LEVEL, SettingsError};
use crate::store::Store;
use crate::transform::{ROLL_BYTES, Transform};
use crate::{ingest, load, logs, query, store, transform};

/// Reads the settings of a function to validate its environment variables.
pub type Validate = fn(&Environment) -> Result<(), SettingsError>;

/// Every function, by the name of its binary.
pub const SETTINGS: [(&str, Validate); 5] = [
    ("ingest", |it| ingest::Settings::read(it).map(drop)),
    ("store", |it| store::Settings::read(it).map(drop)),
    ("transform", |it| transform::Settings::read(it).map(drop)),
    ("load", |it| load::Settings::read(it).map(drop)),
    ("query", |it| query::Settings::read(it).map(drop)),
];

/// Function `ingest`: `POST /events` → the stream.
#[must_use]
pub fn ingest() -> ExitCode {
    serve(async |environment| {
        let settings = ingest::Settings::read(&environment)?;
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

/// Function `store`: the stream → the tables and the raw lake.
#[must_use]
pub fn store() -> ExitCode {
    serve(async |environment| {
        let settings = store::Settings::read(&environment)?;
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

/// Function `transform`: objects of the raw lake → CSV in the staging bucket.
#[must_use]
pub fn transform() -> ExitCode {
    serve(async |environment| {
        let settings = transform::Settings::read(&environment)?;
        let clients = Clients::new(&settings.aws);
        let transform = Transform {
            lake: Objects::new(&clients),
            staging: Bucket::new(&clients, settings.staging_bucket),
            clock: SystemClock,
            metrics: StandardOutput {
                function: settings.aws.function_name,
            },
            roll_bytes: ROLL_BYTES,
            version: events::row::CSV_VERSION,
        };
        run(service_fn(|event| transform.handle(event))).await
    })
}

/// Function `load`: staged CSV → the warehouse.
#[must_use]
pub fn load() -> ExitCode {
    serve(async |environment| {
        let settings = load::Settings::read(&environment)?;
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

/// Function `query`: the read API of the shop.
#[must_use]
pub fn query() -> ExitCode {
    serve(async |environment| {
        let settings = query::Settings::read(&environment)?;
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

/// Runs `function` with the process's environment. One thread is enough, because a function handles one event at a time.
///
/// Returns only if `function` fails, and logs the cause as an error.
fn serve(function: impl AsyncFnOnce(Environment) -> Result<(), Error>) -> ExitCode {
    let environment = Environment::of_process();
    logs::start(environment.optional(LOG_LEVEL).as_deref());
    let done = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::from)
        .and_then(|runtime| runtime.block_on(function(environment)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(
                cause = logs::chain(error.as_ref()),
                "the function cannot run"
            );
            ExitCode::FAILURE
        }
    }
}
