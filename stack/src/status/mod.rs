//! Health of every stage of an environment: counts, backlog, lag, rejects, errors and problems. Never scans a table.
//! `process`, `resource` and `stage` judge and are pure; the other files read.

mod describe;
mod inspection;
mod lake;
mod latency;
mod logs;
mod open_loads;
mod problem;
mod process;
mod progress;
mod rate;
mod report;
mod resource;
mod services;
mod stacks;
mod stage;
mod stream;
mod unstaged;
mod waiting;
mod warehouse;

pub use inspection::Inspection;
pub(crate) use inspection::causes;
pub use latency::Latency;
pub use problem::{Problem, ProblemKind, Unknown};
pub use rate::{Meter, Newest};
pub use report::{LastError, LastLoad, Stage, StageName, Status};

use local::Health;
use time::OffsetDateTime;

use self::problem::Answer;
use self::services::output;
use self::stacks::Stacks;
use crate::load::QuarantinedFile;

/// Reads everything concurrently, each part with a time limit. What does not answer is reported as unknown.
pub async fn gather(inspection: &Inspection) -> Status {
    let (mut processes, emulator, stacks) = tokio::join!(
        health(inspection),
        caller(inspection),
        stacks::read(inspection)
    );
    let warehouse = inspection.warehouse(&stacks.outputs);
    let Stacks {
        outputs,
        resources,
        mut problems,
    } = stacks;
    let table = output(&outputs, "LoadTableName");
    let (warehouse_responses, resources, services, unstaged) = tokio::join!(
        warehouse::ask(&warehouse, inspection.limit),
        described(inspection, resources),
        services::read(inspection, &outputs),
        unstaged::ask(inspection, &outputs),
    );
    add_signed_calls(&mut processes, &emulator, &warehouse_responses);
    problems.splice(0..0, process::judge(&processes, &inspection.name));
    let (resources, mut unknown) = resources;
    problems.extend(resources);
    let now = OffsetDateTime::now_utc();
    let quarantined = quarantine(&warehouse, services.quarantined.clone()).await;
    let (open, left) = tokio::join!(
        open_loads::ask(inspection, &warehouse_responses.ledger, &table),
        services.in_no_load(&warehouse, &warehouse_responses.ledger)
    );
    let open = open.and_then(|open| Ok(open.or_older(left?)));
    let observations = services.observations(inspection, &warehouse_responses, open);
    let (shown, more, not_known) = stage::judge(&observations, now, &inspection.name);
    problems.extend(more);
    problems.extend(unstaged);
    unknown.extend(not_known);
    Status {
        environment: inspection.environment.name.to_string(),
        target: if inspection.machine.is_some() {
            "local".to_owned()
        } else {
            "aws".to_owned()
        },
        at: now,
        healthy: problems.is_empty() && unknown.is_empty(),
        problems,
        unknown,
        processes,
        stages: shown,
        last_load: warehouse_responses.ledger.last_load(),
        event_to_warehouse: warehouse_responses.ledger.latency(),
        quarantined,
        newest: services.newest(&outputs),
    }
}

/// Adds to the health of each process whether it answered a signed call.
fn add_signed_calls(
    processes: &mut [Health],
    emulator: &Answer<()>,
    warehouse: &warehouse::Responses,
) {
    for process in processes {
        match process.process {
            "emulator" => process::signed(process, emulator),
            "data api" => process::signed(process, &warehouse.data_api),
            "warehouse" => process::signed(process, &warehouse.select),
            _ => {}
        }
    }
}

/// Returns the resources of the stacks that are missing, disabled, changed or failed, and those whose state is unknown.
pub async fn resources(inspection: &Inspection) -> (Vec<Problem>, Vec<Unknown>) {
    let stacks = stacks::read(inspection).await;
    let (problems, unknown) = described(inspection, stacks.resources).await;
    ([stacks.problems, problems].concat(), unknown)
}

/// Returns the processes of a local environment; on AWS, the warehouse and its Data API.
async fn health(inspection: &Inspection) -> Vec<Health> {
    if let Some(machine) = &inspection.machine {
        return machine.health().await;
    }
    ["warehouse", "data api"]
        .map(|process| Health {
            process,
            pid: None,
            healthy: true,
            detail: None,
            since: None,
        })
        .into()
}

/// Makes a signed call: STS `GetCallerIdentity`.
async fn caller(inspection: &Inspection) -> Answer<()> {
    let sts = aws_sdk_sts::Client::new(inspection.clients.sdk());
    let call = sts.get_caller_identity().send();
    inspection.ask(call).await.map(drop)
}

/// Returns the problems of the resources, and the resources whose state is unknown.
async fn described(
    inspection: &Inspection,
    resources: Answer<Vec<resource::Resource>>,
) -> (Vec<Problem>, Vec<Unknown>) {
    match resources {
        Ok(resources) => {
            let described = describe::all(inspection, resources).await;
            resource::judge(&described, &inspection.name)
        }
        Err(reason) => {
            let unknown = Unknown {
                stage: "deploy".to_owned(),
                what: "resources of the stacks".to_owned(),
                reason,
            };
            (Vec::new(), vec![unknown])
        }
    }
}

/// Returns the files that the ledger does not contain, or all files when the ledger cannot be read.
async fn quarantine(
    warehouse: &Answer<::warehouse::Warehouse>,
    files: Answer<Vec<QuarantinedFile>>,
) -> Vec<QuarantinedFile> {
    match (warehouse, files.unwrap_or_default()) {
        (Ok(warehouse), files) => warehouse::without_loaded(warehouse, files).await,
        (Err(_), files) => files,
    }
}
