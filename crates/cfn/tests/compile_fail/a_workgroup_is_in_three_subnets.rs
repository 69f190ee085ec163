use cfn::Name;
use cfn::resources::redshift::{Port, Reach};
use cfn::resources::redshift_serverless::{BaseCapacity, Workgroup};

fn main() {
    let _ = Workgroup {
        name: Name::literal("shop"),
        namespace: Name::literal("shop"),
        capacity: BaseCapacity::try_from(8).unwrap(),
        port: Port::try_from(5440).unwrap(),
        subnets: [Name::literal("subnet-0a1b2c3d"), Name::literal("subnet-0a1b2c3e")],
        groups: vec![],
        reach: Reach::Private,
        statement_seconds: 3600,
    };
}
