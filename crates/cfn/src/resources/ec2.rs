//! Amazon Elastic Compute Cloud: the network.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_EC2.html>

mod cidr;
mod existing;
mod flow_log;
mod gateway;
mod security_group;
mod vpc;

pub use cidr::{CidrError, ClientNetwork, ClientNetworkError, VpcCidr, VpcCidrError};
pub use existing::{Existing, ExistingError};
pub use flow_log::FlowLog;
pub use gateway::{
    DefaultRoute, GatewayAttachment, InternetGateway, RouteTable, RouteTableAssociation, S3Gateway,
};
pub use security_group::{Egress, GroupEgress, GroupIngress, Ingress, Ports, SecurityGroup};
pub use vpc::{Subnet, Vpc};
