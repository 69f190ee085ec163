use cfn::Name;
use cfn::resources::kinesis::{Capacity, RetentionHours, Stream};

fn main() {
    let _ = Stream { name: Name::literal("events"), capacity: Capacity::OnDemand, retention: RetentionHours::DAY };
}
