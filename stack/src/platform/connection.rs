//! The Glue connection to the warehouse, for jobs and crawlers.

use cfn::resources::glue::Connection;
use cfn::resources::secretsmanager::LoginSecret;
use cfn::{Handle, Val};

use super::warehouse::{WarehouseNetwork, WarehouseStack};

/// Adds a connection with the login that can only read the analysts' views. `host` is the warehouse's host in its own
/// network.
pub(super) fn add(
    stack: &mut WarehouseStack<'_>,
    network: &WarehouseNetwork,
    host: Val<String>,
    login: &Handle<LoginSecret>,
) {
    let [first, ..] = &network.subnets;
    let connection = Connection {
        name: stack.names.literal("warehouse"),
        description: "Riverhouse: the warehouse, with the analysts' login",
        host,
        port: Val::literal(network.port.number().to_string()),
        database: stack.database.clone(),
        login: login.arn(),
        subnet: first.clone(),
        zone: network.zone.clone(),
        group: network.groups.glue.clone(),
    };
    stack.template.add("WarehouseConnection", &connection);
}
