//! Glue's way to the warehouse, for jobs and crawlers that ask it.

use cfn::resources::glue::Connection;
use cfn::resources::secretsmanager::LoginSecret;
use cfn::{Handle, Val};

use super::warehouse::{Site, WarehouseStack};

/// A connection with the login that may read the analysts' views, and nothing else. `host` is the warehouse's in its
/// own network.
pub(super) fn add(
    stack: &mut WarehouseStack<'_>,
    site: &Site,
    host: Val<String>,
    login: &Handle<LoginSecret>,
) {
    let [first, ..] = &site.subnets;
    let connection = Connection {
        name: stack.names.literal("warehouse"),
        description: "Riverhouse: the warehouse, as its analysts see it",
        host,
        port: Val::literal(site.port.number().to_string()),
        database: stack.database.clone(),
        login: login.arn(),
        subnet: first.clone(),
        zone: site.zone.clone(),
        group: site.groups.glue.clone(),
    };
    stack.template.add("WarehouseConnection", &connection);
}
