use cfn::resources::lambda::Code;
use cfn::resources::sqs::Queue;
use cfn::Url;

fn main() {
    let url: Url<Queue> = Url::literal("https://sqs.eu-west-1.amazonaws.com/123456789012/load");
    let _ = Code { bucket: url, key: "functions/load.zip".into() };
}
