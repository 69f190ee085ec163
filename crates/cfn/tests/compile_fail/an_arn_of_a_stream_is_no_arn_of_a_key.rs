use cfn::resources::kinesis::Stream;
use cfn::resources::kms::{Alias, Key};
use cfn::{Arn, Name, Template};

fn main() {
    let stream: Arn<Stream> = Arn::literal("arn:aws:kinesis:eu-west-1:123456789012:stream/events");
    let key: Arn<Key> = Arn::literal("arn:aws:kms:eu-west-1:123456789012:key/1");
    Template::new("").add("Right", &Alias { name: Name::literal("alias/a"), key });
    Template::new("").add("Wrong", &Alias { name: Name::literal("alias/a"), key: stream });
}
