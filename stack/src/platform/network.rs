//! The network of the warehouse: its own, without access to the internet, or an existing one.

use cfn::resources::ec2::{
    FlowLog, RouteTable, RouteTableAssociation, S3Gateway, Subnet, Vpc, VpcCidr,
};
use cfn::resources::s3::Bucket;
use cfn::{Arn, Handle};

use super::access::{self, InternetRoute};
use super::audit;
use super::warehouse::{WarehouseNetwork, WarehouseStack};
use crate::environment::{Network, Place};

/// Logical ids of the subnets and of their route table associations. They are permanent: changing one replaces the
/// resource.
const SUBNETS: [[&str; 2]; 3] = [
    ["FirstSubnet", "FirstSubnetRoutes"],
    ["SecondSubnet", "SecondSubnetRoutes"],
    ["ThirdSubnet", "ThirdSubnetRoutes"],
];

/// Finds or creates the network, and adds the security groups.
pub(super) fn add(stack: &mut WarehouseStack<'_>, place: &Place) -> WarehouseNetwork {
    match &place.network {
        Network::Own { cidr } => {
            let vpc = stack.template.add("Network", &Vpc { cidr: *cidr });
            let (subnets, internet_route) = add_subnets(stack, &vpc, *cidr);
            add_flow_log(stack, &vpc);
            WarehouseNetwork {
                zone: Some(subnets[0].zone()),
                subnets: subnets.map(|subnet| subnet.subnet_id()),
                groups: access::add_groups(stack, &vpc.vpc_id(), place.port, None),
                internet_route,
                port: place.port,
            }
        }
        Network::Shared {
            vpc,
            subnets,
            clients,
        } => WarehouseNetwork {
            zone: None,
            subnets: subnets.clone(),
            groups: access::add_groups(stack, vpc, place.port, clients.as_ref()),
            internet_route: None,
            port: place.port,
        },
    }
}

/// Adds three subnets in three zones with one route table. It routes to S3 only; a public warehouse adds a default
/// route.
fn add_subnets(
    stack: &mut WarehouseStack<'_>,
    vpc: &Handle<Vpc>,
    cidr: VpcCidr,
) -> ([Handle<Subnet>; 3], Option<InternetRoute>) {
    let table = RouteTable { vpc: vpc.vpc_id() };
    let table = stack.template.add("Routes", &table);
    let parts: Vec<_> = cidr.subnets().collect();
    let subnets = [0_u8, 1, 2].map(|zone| {
        let [subnet_id, routes_id] = SUBNETS[usize::from(zone)];
        let subnet = Subnet {
            vpc: vpc.vpc_id(),
            cidr: parts[usize::from(zone)],
            zone,
        };
        let subnet = stack.template.add(subnet_id, &subnet);
        let routes = RouteTableAssociation {
            subnet: subnet.subnet_id(),
            table: table.table_id(),
        };
        stack.template.add(routes_id, &routes);
        subnet
    });
    // A literal name, because the lake is created at the same time.
    let staging = Arn::<Bucket>::of(&stack.names.bucket("staging"));
    let gateway = S3Gateway {
        vpc: vpc.vpc_id(),
        tables: vec![table.table_id()],
        readable: vec![staging],
    };
    stack.template.add("StorageGateway", &gateway);
    let internet_route = access::add_internet_route(stack, vpc, &table);
    (subnets, internet_route)
}

fn add_flow_log(stack: &mut WarehouseStack<'_>, vpc: &Handle<Vpc>) {
    let Some(audit) = &stack.audit else { return };
    let flows = FlowLog {
        vpc: vpc.vpc_id(),
        bucket: Arn::<Bucket>::of(&audit.bucket.name()),
        prefix: audit::FLOWS,
    };
    let flows = stack.template.add("FlowLog", &flows);
    stack.template.depend(&flows, &audit.policy);
}
