use cfn::{Policy, Scope, Val};

fn main() {
    let mut policy = Policy::new();
    policy.allow(&["s3:GetObject"], Val::<String>::from("*"));
    policy.allow(&["s3:GetObject"], Scope::wide("*".into()));
}
