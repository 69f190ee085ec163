//! The key `warehouse` as it is written.

use serde::Deserialize;
use serde_yaml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::environment) enum WarehouseKeys {
    Local,
    Cluster {
        node_type: Spanned<String>,
        nodes: Spanned<u8>,
        port: Spanned<u16>,
        network: Spanned<NetworkKeys>,
        access: Spanned<AccessKeys>,
    },
    Serverless {
        base_rpu: Spanned<u16>,
        port: Spanned<u16>,
        network: Spanned<NetworkKeys>,
        access: Spanned<AccessKeys>,
    },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::environment) enum NetworkKeys {
    Own {
        cidr: Spanned<String>,
    },
    Shared {
        vpc: Spanned<String>,
        subnets: Spanned<Vec<Spanned<String>>>,
        security_group: Option<Spanned<String>>,
    },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::environment) enum AccessKeys {
    Private,
    Endpoint {
        vpc: Spanned<String>,
        subnets: Spanned<Vec<Spanned<String>>>,
        cidrs: Spanned<Vec<Spanned<String>>>,
    },
    Public {
        cidrs: Spanned<Vec<Spanned<String>>>,
    },
}
