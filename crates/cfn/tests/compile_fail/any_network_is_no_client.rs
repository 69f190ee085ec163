use cfn::resources::ec2::{Cidr, Ingress, Ports};

fn main() {
    let everyone: Cidr = "0.0.0.0/0".parse().unwrap();
    let _ = Ingress { from: everyone, ports: Ports::one(5440), description: "" };
}
