//! The warehouse as a provisioned Redshift cluster.

use cfn::Val;
use cfn::resources::redshift::{
    AuditLog, Cluster, ClusterParameterGroup, ClusterSubnetGroup, Nodes,
};

use super::warehouse::{ADMIN, STATEMENT_SECONDS, WarehouseNetwork, WarehouseStack};
use super::{access, audit, crossing};
use crate::environment::{ClusterAccess, Place};

/// Adds the cluster, its parameter group, its subnet group, and the analysts' access. Returns its host in its own
/// network.
pub(super) fn add(
    stack: &mut WarehouseStack<'_>,
    nodes: Nodes,
    place: &Place,
    access: &ClusterAccess,
) -> (WarehouseNetwork, Val<String>) {
    let network = stack.add_network(place);
    let subnets = ClusterSubnetGroup {
        description: "Riverhouse: the warehouse",
        subnets: network.subnets.to_vec(),
    };
    let subnets = stack.template.add("WarehouseSubnets", &subnets);
    let parameters = ClusterParameterGroup {
        description: "Riverhouse: TLS only, every statement in the audit log",
        statement_seconds: STATEMENT_SECONDS,
    };
    let parameters = stack.template.add("WarehouseParameters", &parameters);
    let audit = stack.names.bucket("audit");
    let cluster = Cluster {
        identifier: stack.names.literal("warehouse"),
        database: stack.database.clone(),
        admin: ADMIN,
        nodes,
        port: network.port,
        subnets: subnets.name(),
        groups: vec![network.groups.warehouse.clone()],
        parameters: parameters.name(),
        role: stack.copy_role.clone(),
        key: stack.key.clone(),
        audit_log: AuditLog {
            bucket: audit,
            prefix: audit::STATEMENTS,
        },
        reach: access::reach(stack.environment),
        profile: stack.environment.profile.for_data(),
    };
    let cluster = stack.template.add("WarehouseCluster", &cluster);
    if let Some(audit) = &stack.audit {
        stack.template.depend(&cluster, &audit.policy);
    }
    stack.wait_for_internet_route(&cluster, &network);
    let host = access::open(stack, &cluster, access, &network);
    let template = &mut stack.template;
    crossing::WAREHOUSE_CLUSTER.give(template, &cluster.identifier());
    crossing::WAREHOUSE_ADMIN_SECRET.give(template, &cluster.admin_secret());
    crossing::WAREHOUSE_HOST.give(template, &host);
    (network, cluster.host())
}
