use cfn::resources::redshift::Port;

fn main() {
    let _ = Port(5439);
}
