use cfn::resources::kms::Encrypted;
use cfn::resources::s3::Bucket;
use cfn::{Arn, Policy};

fn main() {
    let bucket = Encrypted::by_service(Arn::<Bucket>::literal("arn:aws:s3:::raw"));
    let mut policy = Policy::new();
    bucket.grant_read("raw/", &mut policy);
    bucket.grant_consume(&mut policy);
}
