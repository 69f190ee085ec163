//! Function `query`: the read API of the shop.

fn main() -> std::process::ExitCode {
    functions::serve::query()
}
