//! Timeouts and retries of an environment's functions.

use serde::Deserialize;

/// The timeouts and retries of an environment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Long timeouts; a failed message returns to its queue after 95 minutes.
    Production,
    /// Failed messages return within seconds. Only the local emulator accepts a visibility timeout that is
    /// shorter than the timeout of the function.
    Local,
}

/// The timeouts and limits of a [`Pace`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timing {
    /// The timeout of a function on a stream or queue.
    pub function_seconds: u16,
    /// The visibility timeout of a message.
    pub visibility_seconds: u16,
    /// The number of receives after which a message goes to the dead-letter queue.
    pub receipts: u16,
}

impl Pace {
    /// AWS recommends a visibility timeout of six times the function's timeout plus the batching window: at
    /// most 5,700 seconds.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
    #[must_use]
    pub const fn timing(self) -> Timing {
        match self {
            Self::Production => Timing {
                function_seconds: 900,
                visibility_seconds: 5_700,
                receipts: 5,
            },
            Self::Local => Timing {
                function_seconds: 60,
                visibility_seconds: 20,
                receipts: 20,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_aws_the_visibility_timeout_is_six_function_timeouts_and_the_longest_window() {
        let timing = Pace::Production.timing();
        assert_eq!(timing.visibility_seconds, 6 * timing.function_seconds + 300);
    }
}
