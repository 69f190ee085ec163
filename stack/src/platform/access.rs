//! Network access to the warehouse: from its own network, through an endpoint in the analysts' network, or over the
//! internet.

use cfn::resources::ec2::{
    DefaultRoute, Egress, GatewayAttachment, GroupEgress, GroupIngress, Ingress, InternetGateway,
    Ports, RouteTable, SecurityGroup, Vpc,
};
use cfn::resources::redshift::{Cluster, ClusterSubnetGroup, EndpointAccess, Port, Reach};
use cfn::{Handle, Name, Val};

use super::suppression::{OUTBOUND_BY_CHOICE, PUBLIC_BY_CHOICE, PUBLIC_BY_CHOICE_TOO};
use super::warehouse::{WarehouseNetwork, WarehouseStack};
use crate::environment::{ClusterAccess, Environment};

/// Default route to the internet. It must exist before a public address can be assigned.
pub(super) type InternetRoute = Handle<DefaultRoute>;

/// Returns whether `environment` asks for a warehouse that is reachable from the internet.
pub(super) fn reach(environment: &Environment) -> Reach {
    match environment.warehouse.public_clients() {
        Some(_) => Reach::Public,
        None => Reach::Private,
    }
}

/// Security groups of the warehouse and of the Glue workers that connect to it.
pub(super) struct Groups {
    pub(super) warehouse: Name<SecurityGroup>,
    pub(super) glue: Name<SecurityGroup>,
}

/// Adds the security groups. They allow analysts and Glue to connect to the warehouse, and outbound HTTPS for S3.
pub(super) fn add_groups(
    stack: &mut WarehouseStack<'_>,
    vpc: &Name<Vpc>,
    port: Port,
    members: Option<&Name<SecurityGroup>>,
) -> Groups {
    let ports = Ports::one(port.number());
    let public = stack.environment.warehouse.public_clients();
    let ingress = public.unwrap_or_default().iter().map(|network| Ingress {
        from: *network,
        ports,
        description: "Analysts over the internet, with TLS",
    });
    let group = SecurityGroup {
        description: "Riverhouse: the warehouse",
        vpc: vpc.clone(),
        ingress: ingress.collect(),
        egress: Egress::Https,
    };
    let group = stack.template.add("WarehouseGroup", &group).group_id();
    if let Some(members) = members {
        let ingress = GroupIngress {
            group: group.clone(),
            from: members.clone(),
            ports,
            description: "Clients in the shared network",
        };
        stack.template.add("ClientsToWarehouse", &ingress);
    }
    let glue = add_glue_group(stack, vpc, &group, ports);
    Groups {
        warehouse: group,
        glue,
    }
}

/// Adds the security group of Glue's workers, which connect to each other and to the warehouse.
///
/// Source: <https://docs.aws.amazon.com/glue/latest/dg/setup-vpc-for-glue-access.html>
fn add_glue_group(
    stack: &mut WarehouseStack<'_>,
    vpc: &Name<Vpc>,
    warehouse: &Name<SecurityGroup>,
    ports: Ports,
) -> Name<SecurityGroup> {
    let group = SecurityGroup {
        description: "Riverhouse: Glue workers that connect to the warehouse",
        vpc: vpc.clone(),
        ingress: Vec::new(),
        egress: Egress::Https,
    };
    let template = &mut stack.template;
    let glue = template.add("GlueGroup", &group).group_id();
    let each_other = "Glue workers to each other";
    let to_warehouse = "Glue workers to the warehouse";
    let ingress = |group: &Name<SecurityGroup>, ports, description| GroupIngress {
        group: group.clone(),
        from: glue.clone(),
        ports,
        description,
    };
    let egress = |to: &Name<SecurityGroup>, ports, description| GroupEgress {
        group: glue.clone(),
        to: to.clone(),
        ports,
        description,
    };
    template.add("GlueFromGlue", &ingress(&glue, Ports::ALL, each_other));
    template.add("GlueToGlue", &egress(&glue, Ports::ALL, each_other));
    template.add(
        "WarehouseFromGlue",
        &ingress(warehouse, ports, to_warehouse),
    );
    template.add("GlueToWarehouse", &egress(warehouse, ports, to_warehouse));
    glue
}

/// Connects our own network to the internet if the environment asks for it.
pub(super) fn add_internet_route(
    stack: &mut WarehouseStack<'_>,
    vpc: &Handle<Vpc>,
    table: &Handle<RouteTable>,
) -> Option<InternetRoute> {
    stack.environment.warehouse.public_clients()?;
    let template = &mut stack.template;
    let gateway = template.add("InternetGateway", &InternetGateway);
    let attachment = GatewayAttachment {
        vpc: vpc.vpc_id(),
        gateway: gateway.gateway_id(),
    };
    let attachment = template.add("InternetGatewayAttachment", &attachment);
    let route = DefaultRoute {
        table: table.table_id(),
        gateway: gateway.gateway_id(),
    };
    let route = template.add("InternetRoute", &route);
    template.depend(&route, &attachment);
    template.suppress(&route, OUTBOUND_BY_CHOICE);
    Some(route)
}

/// Adds the access that the environment asks for, and returns the host that analysts connect to.
pub(super) fn open(
    stack: &mut WarehouseStack<'_>,
    cluster: &Handle<Cluster>,
    access: &ClusterAccess,
    network: &WarehouseNetwork,
) -> Val<String> {
    match access {
        ClusterAccess::Private => cluster.host(),
        ClusterAccess::Public { .. } => {
            stack.template.suppress(cluster, PUBLIC_BY_CHOICE);
            stack.template.suppress(cluster, PUBLIC_BY_CHOICE_TOO);
            cluster.host()
        }
        ClusterAccess::Endpoint {
            vpc,
            subnets,
            clients,
        } => {
            let ingress = clients.iter().map(|client| Ingress {
                from: *client,
                ports: Ports::one(network.port.number()),
                description: "Analysts in their own network",
            });
            let group = SecurityGroup {
                description: "Riverhouse: endpoint of the warehouse for analysts",
                vpc: vpc.clone(),
                ingress: ingress.collect(),
                egress: Egress::Nothing,
            };
            let group = stack.template.add("EndpointGroup", &group);
            let subnets = ClusterSubnetGroup {
                description: "Riverhouse: endpoint of the warehouse for analysts",
                subnets: subnets.clone(),
            };
            let subnets = stack.template.add("EndpointSubnets", &subnets);
            let endpoint = EndpointAccess {
                name: stack.names.short(),
                cluster: cluster.identifier(),
                subnets: subnets.name(),
                groups: vec![group.group_id()],
            };
            stack.template.add("Endpoint", &endpoint).host()
        }
    }
}
