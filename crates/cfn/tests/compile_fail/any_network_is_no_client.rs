use cfn::resources::ec2::{Ingress, Ports};
use ipnet::Ipv4Net;

fn main() {
    let everyone: Ipv4Net = "0.0.0.0/0".parse().unwrap();
    let _ = Ingress { from: everyone, ports: Ports::one(5440), description: "" };
}
