use cfn::resources::redshift::{AuditLog, Cluster, NodeType, Nodes, Port, Reach};
use cfn::{Arn, Name};

fn main() {
    let _ = Cluster {
        identifier: Name::literal("shop"),
        database: Name::literal("shop"),
        admin: "keeper",
        nodes: Nodes::new(NodeType::Ra3Large, 2).unwrap(),
        port: Port::try_from(5440).unwrap(),
        subnets: Name::literal("subnets"),
        groups: vec![],
        parameters: Name::literal("parameters"),
        role: Arn::literal("arn:aws:iam::123456789012:role/copy"),
        key: Arn::literal("arn:aws:kms:eu-west-1:123456789012:key/1"),
        audit_log: AuditLog { bucket: Name::literal("audit"), prefix: "audit/" },
        reach: Reach::Private,
    };
}
