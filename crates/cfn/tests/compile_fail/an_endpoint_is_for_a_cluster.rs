use cfn::Name;
use cfn::resources::redshift::EndpointAccess;
use cfn::resources::redshift_serverless::Workgroup;

fn main() {
    let workgroup: Name<Workgroup> = Name::literal("shop");
    let _ = EndpointAccess {
        name: Name::literal("shop"),
        cluster: workgroup,
        subnets: Name::literal("subnets"),
        groups: vec![Name::literal("sg-0a1b2c3d")],
    };
}
