//! Logging: JSON lines on standard output, which Lambda forwards to `CloudWatch`.

use tracing::level_filters::LevelFilter;

/// Starts logging at `level`; the default, also for an unknown level, is `info`.
///
/// Each line has `timestamp`, `level`, `message`, further fields and, under `span`, the `requestId`.
pub fn start(level: Option<&str>) {
    let level = level
        .and_then(|word| word.parse::<LevelFilter>().ok())
        .unwrap_or(LevelFilter::INFO);
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(level)
        .init();
}

/// Joins an error and its causes into one line without repetitions.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the file cannot be staged")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_chain_has_each_cause_once() {
        let error = Outer(std::io::Error::other("it breaks off"));
        assert_eq!(chain(&error), "the file cannot be staged: it breaks off");
    }
}
