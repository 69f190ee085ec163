//! How patient an environment is.

use serde::Deserialize;

/// How patient an environment is with its functions.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// A load may take its time; what fails comes back after an hour and a half.
    Production,
    /// What fails comes back within seconds. Only the local emulator takes a queue whose messages
    /// come back sooner than a function must end.
    Local,
}

/// The times that follow from a pace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timing {
    /// After how many seconds a function on a stream or queue is stopped.
    pub function_seconds: u16,
    /// After how many seconds a message that was not acknowledged comes back.
    pub visibility_seconds: u16,
    /// After how many receipts a message is given up.
    pub receipts: u16,
    /// How often a failing batch of the stream is tried again.
    pub stream_retries: u16,
    /// The age in seconds at which a record of the stream is given up.
    pub stream_max_age_seconds: u32,
}

impl Pace {
    /// Six times the function's timeout and the longest window is what AWS asks a queue's visibility timeout to be:
    /// 5,700 seconds.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
    #[must_use]
    pub const fn timing(self) -> Timing {
        match self {
            Self::Production => Timing {
                function_seconds: 900,
                visibility_seconds: 5_700,
                receipts: 5,
                stream_retries: 100,
                stream_max_age_seconds: 24 * 60 * 60,
            },
            Self::Local => Timing {
                function_seconds: 60,
                visibility_seconds: 20,
                receipts: 20,
                stream_retries: 100,
                stream_max_age_seconds: 24 * 60 * 60,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_aws_a_message_stays_hidden_for_six_runs_and_the_longest_window() {
        let timing = Pace::Production.timing();
        assert_eq!(timing.visibility_seconds, 6 * timing.function_seconds + 300);
    }
}
