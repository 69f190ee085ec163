use cfn::Justified;

const NONE: Justified = Justified::because("");

fn main() {
    let _ = NONE.reason();
}
