//! Function `transform`: objects of the raw lake → CSV in the staging bucket.

fn main() -> std::process::ExitCode {
    functions::serve::transform()
}
