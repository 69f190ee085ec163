//! Validates the key `warehouse`.

use std::fmt::Display;

use cfn::Name;
use cfn::resources::ec2::{ClientNetwork, Existing, SecurityGroup, Subnet, Vpc};
use cfn::resources::redshift::{NodeType, Nodes, Port};
use cfn::resources::redshift_serverless::BaseCapacity;
use serde_yaml::Spanned;

use super::super::file::{AccessKeys, NetworkKeys, WarehouseKeys};
use super::super::settings::{ClusterAccess, Network, Place, ServerlessAccess, Warehouse};
use super::{Checked, Reader};

/// A list as it is written.
type List = Spanned<Vec<Spanned<String>>>;

impl Reader<'_> {
    pub(super) fn warehouse(&self, written: &WarehouseKeys) -> Checked<Warehouse> {
        match written {
            WarehouseKeys::Local => Ok(Warehouse::Local),
            WarehouseKeys::Cluster {
                node_type,
                nodes,
                port,
                network,
                access,
            } => Ok(Warehouse::Cluster {
                nodes: self.nodes(node_type, nodes)?,
                place: self.place(CLUSTER, port, &network.value)?,
                access: self.cluster_access(&access.value)?,
            }),
            WarehouseKeys::Serverless {
                base_rpu,
                port,
                network,
                access,
            } => Ok(Warehouse::Serverless {
                capacity: self.number::<BaseCapacity>("warehouse.serverless.base_rpu", base_rpu)?,
                place: self.place(SERVERLESS, port, &network.value)?,
                access: self.serverless_access(access)?,
            }),
        }
    }

    fn nodes(&self, node_type: &Spanned<String>, count: &Spanned<u8>) -> Checked<Nodes> {
        let kind: NodeType = self.parse("warehouse.cluster.node_type", node_type)?;
        Nodes::new(kind, count.value).or_else(|error| {
            let problem = format!("is {}: {error}", count.value);
            self.refuse("warehouse.cluster.nodes", count, problem)
        })
    }

    fn place(&self, keys: PlaceKeys, port: &Spanned<u16>, network: &NetworkKeys) -> Checked<Place> {
        Ok(Place {
            port: self.number::<Port>(keys.port, port)?,
            network: match network {
                NetworkKeys::Own { cidr } => Network::Own {
                    cidr: self.parse(keys.cidr, cidr)?,
                },
                NetworkKeys::Shared {
                    vpc,
                    subnets,
                    security_group,
                } => {
                    let group = security_group.as_ref();
                    Network::Shared {
                        vpc: self.existing::<Vpc>(keys.vpc, vpc)?,
                        subnets: self.three_subnets(keys.subnets, subnets)?,
                        clients: group
                            .map(|group| self.existing::<SecurityGroup>(keys.security_group, group))
                            .transpose()?,
                    }
                }
            },
        })
    }

    fn three_subnets(&self, key: &'static str, written: &List) -> Checked<[Name<Subnet>; 3]> {
        let subnets = self.subnets(key, written)?;
        let count = subnets.len();
        subnets.try_into().or_else(|_| {
            let problem =
                format!("has {count} subnets: use three, in different availability zones");
            self.refuse(key, written, problem)
        })
    }

    fn cluster_access(&self, written: &AccessKeys) -> Checked<ClusterAccess> {
        Ok(match written {
            AccessKeys::Private => ClusterAccess::Private,
            AccessKeys::Public { cidrs } => ClusterAccess::Public {
                clients: self.clients("warehouse.cluster.access.public.cidrs", cidrs)?,
            },
            AccessKeys::Endpoint {
                vpc,
                subnets,
                cidrs,
            } => ClusterAccess::Endpoint {
                vpc: self.existing::<Vpc>("warehouse.cluster.access.endpoint.vpc", vpc)?,
                subnets: self.subnets("warehouse.cluster.access.endpoint.subnets", subnets)?,
                clients: self.clients("warehouse.cluster.access.endpoint.cidrs", cidrs)?,
            },
        })
    }

    fn serverless_access(&self, written: &Spanned<AccessKeys>) -> Checked<ServerlessAccess> {
        match &written.value {
            AccessKeys::Private => Ok(ServerlessAccess::Private),
            AccessKeys::Public { cidrs } => Ok(ServerlessAccess::Public {
                clients: self.clients("warehouse.serverless.access.public.cidrs", cidrs)?,
            }),
            AccessKeys::Endpoint { .. } => self.refuse(
                "warehouse.serverless.access",
                written,
                "is `endpoint`, which only a cluster supports: use `private` or `public`",
            ),
        }
    }

    fn clients(&self, key: &'static str, written: &List) -> Checked<Vec<ClientNetwork>> {
        self.all(key, written, |network| self.parse(key, network))
    }

    fn subnets(&self, key: &'static str, written: &List) -> Checked<Vec<Name<Subnet>>> {
        self.all(key, written, |id| self.existing::<Subnet>(key, id))
    }

    /// Reads each item of a list, which must not be empty or have an item twice.
    fn all<T: PartialEq>(
        &self,
        key: &'static str,
        written: &List,
        read: impl Fn(&Spanned<String>) -> Checked<T>,
    ) -> Checked<Vec<T>> {
        let mut found = Vec::new();
        for item in &written.value {
            let value = read(item)?;
            if found.contains(&value) {
                return self.refuse(
                    key,
                    item,
                    format!("contains `{}` twice: remove one", item.value),
                );
            }
            found.push(value);
        }
        if found.is_empty() {
            return self.refuse(key, written, "is empty: add at least one");
        }
        Ok(found)
    }

    fn existing<T: Existing>(
        &self,
        key: &'static str,
        written: &Spanned<String>,
    ) -> Checked<Name<T>> {
        T::existing(&written.value).or_else(|error| {
            let problem = format!("is `{}`: {error}", written.value);
            self.refuse(key, written, problem)
        })
    }

    fn number<T: TryFrom<u16, Error: Display>>(
        &self,
        key: &'static str,
        written: &Spanned<u16>,
    ) -> Checked<T> {
        T::try_from(written.value).or_else(|error| {
            let problem = format!("is {}: {error}", written.value);
            self.refuse(key, written, problem)
        })
    }
}

/// The keys of a [`Place`], which are the same below `cluster` and `serverless`.
#[derive(Clone, Copy)]
struct PlaceKeys {
    port: &'static str,
    cidr: &'static str,
    vpc: &'static str,
    subnets: &'static str,
    security_group: &'static str,
}

const CLUSTER: PlaceKeys = PlaceKeys {
    port: "warehouse.cluster.port",
    cidr: "warehouse.cluster.network.own.cidr",
    vpc: "warehouse.cluster.network.shared.vpc",
    subnets: "warehouse.cluster.network.shared.subnets",
    security_group: "warehouse.cluster.network.shared.security_group",
};

const SERVERLESS: PlaceKeys = PlaceKeys {
    port: "warehouse.serverless.port",
    cidr: "warehouse.serverless.network.own.cidr",
    vpc: "warehouse.serverless.network.shared.vpc",
    subnets: "warehouse.serverless.network.shared.subnets",
    security_group: "warehouse.serverless.network.shared.security_group",
};
