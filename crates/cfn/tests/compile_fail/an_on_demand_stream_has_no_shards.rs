use cfn::resources::kinesis::Capacity;

fn main() {
    let _ = Capacity::Provisioned { shards: 2 };
    let _ = Capacity::OnDemand { shards: 2 };
}
