//! Function `ingest`: `POST /events` → the stream.

fn main() -> std::process::ExitCode {
    functions::serve::ingest()
}
