//! The smallest template: one stream and its ARN as an output.
//!
//! `cargo run -p cfn --example smallest > template.yaml`

#![expect(clippy::print_stdout, reason = "the template is the result")]

use cfn::resources::kinesis::{Capacity, RetentionHours, Stream};
use cfn::{Name, Profile, Template};

fn main() {
    let mut template = Template::new("one stream");
    let stream = Stream {
        name: Name::literal("events"),
        capacity: Capacity::OnDemand,
        retention: RetentionHours::DAY,
        profile: Profile::Ephemeral,
    };
    // "EventStream" is the logical id. The handle knows the stream's attributes, with their types.
    let stream = template.add("EventStream", &stream);
    template.output("StreamArn", "the stream of events", &stream.arn());
    print!("{}", template.to_yaml());
}
