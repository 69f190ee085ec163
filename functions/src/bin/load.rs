//! Function `load`: staged CSV → the warehouse.

fn main() -> std::process::ExitCode {
    functions::serve::load()
}
