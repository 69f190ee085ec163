use cfn::resources::iam::Role;
use cfn::{Name, Template};

fn main() {
    let role = Role { name: Name::literal("r"), description: "", trusted: &["lambda.amazonaws.com"] };
    let mut template = Template::new("");
    template.add("Role", &role);
    for number in 0..3 {
        template.add(&format!("Role{number}"), &role);
    }
}
