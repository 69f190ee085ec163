//! Function `store`: the stream → the tables and the raw lake.

fn main() -> std::process::ExitCode {
    functions::serve::store()
}
