//! The page on which operators see every stage. It names everything and needs nothing, so that it stands with the alarms,
//! in the stack that stays.

use std::collections::BTreeMap;

use cfn::resources::cloudwatch::Dashboard;
use cfn::{Val, region};
use templates::cloudwatch;

use super::api::STAGE;
use super::function::FunctionName;
use super::lake::Lake;
use crate::environment::Warehouse;

/// The dashboard, on AWS: on this machine `stack status` says more, and nothing counts for `CloudWatch`.
pub(super) fn add(lake: &mut Lake<'_>) {
    let figures = match lake.environment.warehouse {
        Warehouse::Local => return,
        Warehouse::Cluster { .. } => cloudwatch::Warehouse::CLUSTER,
        Warehouse::Serverless { .. } => cloudwatch::Warehouse::SERVERLESS,
    };
    let body = body(lake, figures);
    let values = BTreeMap::from([
        ("region", region()),
        ("warehouse", lake.names.plain("warehouse").into()),
    ]);
    let dashboard = Dashboard {
        name: lake.names.literal("stages"),
        body: Val::filled(&body, &values),
    };
    lake.template.add("StagesDashboard", &dashboard);
}

#[expect(
    clippy::expect_used,
    reason = "the template and its struct are this program's, and a test renders both"
)]
fn body(lake: &Lake<'_>, warehouse: cloudwatch::Warehouse) -> String {
    let names = &lake.names;
    let function = |name| names.function(name);
    let page = cloudwatch::Dashboard {
        api: names.plain("api"),
        stage: STAGE,
        ingest: function(FunctionName::Ingest),
        store: function(FunctionName::Store),
        transform: function(FunctionName::Transform),
        load: function(FunctionName::Load),
        query: function(FunctionName::Query),
        stream: names.plain("events"),
        customer_table: names.plain("customer"),
        invoice_table: names.plain("invoice"),
        transform_queue: names.plain("transform"),
        load_queue: names.plain("load"),
        transform_dead_queue: names.plain("transform-dead"),
        load_dead_queue: names.plain("load-dead"),
        reconcile_dead_queue: names.plain("reconcile-dead"),
        warehouse,
    };
    page.render()
        .expect("the dashboard has every value that it names")
}
