//! The warehouse as Redshift Serverless, which costs nothing while idle.

use cfn::resources::logs::LogGroup;
use cfn::resources::redshift_serverless::{AUDIT_LOGS, BaseCapacity, Namespace, Workgroup};
use cfn::{Name, Val};

use super::warehouse::{ADMIN, STATEMENT_SECONDS, WarehouseNetwork, WarehouseStack};
use super::{Names, access, crossing};
use crate::environment::Place;

/// Logical ids of the log groups, in the order of [`AUDIT_LOGS`]. They are permanent: changing one replaces the
/// resource.
const LOG_IDS: [&str; 3] = ["ConnectionLogs", "ActivityLogs", "UserLogs"];

/// Adds the namespace and the workgroup. Returns the warehouse's host in its own network.
pub(super) fn add(
    stack: &mut WarehouseStack<'_>,
    capacity: BaseCapacity,
    place: &Place,
) -> (WarehouseNetwork, Val<String>) {
    let network = stack.add_network(place);
    let secret = stack.add_login(
        "AdminSecret",
        ADMIN,
        "Riverhouse: the warehouse's administrator",
    );
    let namespace = Namespace {
        name: stack.names.literal("warehouse"),
        database: stack.database.clone(),
        admin: ADMIN,
        secret: secret.clone(),
        role: stack.copy_role.clone(),
        key: stack.key.clone(),
        profile: stack.environment.profile.for_data(),
    };
    let namespace = stack.template.add("WarehouseNamespace", &namespace);
    // Otherwise Redshift would create them unencrypted and without retention.
    for (id, log) in LOG_IDS.into_iter().zip(AUDIT_LOGS) {
        let group = LogGroup {
            name: Name::literal(log_group(&stack.names, log)),
            retention: stack.environment.log_retention,
            key: stack.key.clone(),
            profile: stack.environment.profile.for_data(),
        };
        let group = stack.template.add(id, &group);
        stack.template.depend(&namespace, &group);
    }
    let workgroup = Workgroup {
        name: stack.names.literal("warehouse"),
        namespace: namespace.name(),
        capacity,
        port: network.port,
        subnets: network.subnets.clone(),
        groups: vec![network.groups.warehouse.clone()],
        reach: access::reach(stack.environment),
        statement_seconds: STATEMENT_SECONDS,
    };
    let workgroup = stack.template.add("WarehouseWorkgroup", &workgroup);
    stack.wait_for_internet_route(&workgroup, &network);
    let template = &mut stack.template;
    crossing::WAREHOUSE_WORKGROUP.give(template, &workgroup.name());
    crossing::WAREHOUSE_WORKGROUP_ARN.give(template, &workgroup.arn());
    crossing::WAREHOUSE_ADMIN_SECRET.give(template, &secret.arn());
    crossing::WAREHOUSE_HOST.give(template, &workgroup.host());
    (network, workgroup.host())
}

/// Returns the log group of one of [`AUDIT_LOGS`], or with an empty `log` the prefix of all of them.
pub(super) fn log_group(names: &Names, log: &str) -> String {
    Namespace::log_group(&names.plain("warehouse"), log)
}
