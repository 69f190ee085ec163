//! Amazon `EventBridge` Scheduler.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-scheduler-schedule.html>

use serde_json::{Value, json};

use super::iam::Role;
use super::kms::Key;
use super::lambda::Function;
use super::sqs::Queue;
use crate::{Arn, Name, Removal, Resource};

/// An asynchronous call of a function on a schedule. A failed call is retried twice, at most until the next call is
/// due.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// At most 64 characters.
    pub name: Name<Schedule>,
    pub description: &'static str,
    pub when: When,
    pub function: Arn<Function>,
    /// The event that the function receives.
    pub input: Value,
    /// The role that calls: it needs permission to invoke the function, to send to `dead_letters` and to
    /// decrypt with `key`.
    pub role: Arn<Role>,
    /// Receives the calls that failed finally.
    pub dead_letters: Arn<Queue>,
    /// Encrypts the schedule.
    pub key: Arn<Key>,
}

/// When a schedule calls.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// First after this time, then at this rate.
    Every(Minutes),
    /// At 3 o'clock UTC.
    EveryNight,
}

impl When {
    fn expression(self) -> String {
        match self {
            Self::Every(Minutes(1)) => "rate(1 minute)".to_owned(),
            Self::Every(Minutes(minutes)) => format!("rate({minutes} minutes)"),
            Self::EveryNight => "cron(0 3 * * ? *)".to_owned(),
        }
    }

    /// The time between two calls, in seconds. The service accepts 60 to 86,400 as the maximum age of a call.
    fn seconds(self) -> u32 {
        match self {
            Self::Every(Minutes(minutes)) => u32::from(minutes) * 60,
            Self::EveryNight => 86_400,
        }
    }
}

/// A number of minutes, at least one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Minutes(u16);

impl Minutes {
    /// One minute, the shortest interval.
    pub const ONE: Self = Self(1);
    /// 15 minutes.
    pub const QUARTER: Self = Self(15);
    pub const HOUR: Self = Self(60);
}

impl Resource for Schedule {
    const TYPE: &'static str = "AWS::Scheduler::Schedule";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({
            "Name": self.name,
            "Description": self.description,
            "ScheduleExpression": self.when.expression(),
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "KmsKeyArn": self.key,
            "Target": {
                "Arn": self.function,
                "RoleArn": self.role,
                "Input": self.input.to_string(),
                "DeadLetterConfig": {"Arn": self.dead_letters},
                "RetryPolicy": {
                    "MaximumRetryAttempts": 2,
                    "MaximumEventAgeInSeconds": self.when.seconds(),
                },
            },
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target_and_expression(when: When) -> (Value, Value) {
        let schedule = Schedule {
            name: Name::literal("finish"),
            description: "for tests",
            when,
            function: Arn::literal("arn:f"),
            input: json!({"reconcile": true}),
            role: Arn::literal("arn:r"),
            dead_letters: Arn::literal("arn:q"),
            key: Arn::literal("arn:k"),
        };
        let mut properties = schedule.properties();
        (
            properties["Target"].take(),
            properties["ScheduleExpression"].take(),
        )
    }

    #[test]
    fn one_minute_is_singular() {
        let expression = |minutes| target_and_expression(When::Every(minutes)).1;
        assert_eq!(expression(Minutes::ONE), "rate(1 minute)");
        assert_eq!(expression(Minutes::QUARTER), "rate(15 minutes)");
    }

    #[test]
    fn a_call_is_retried_until_the_next_is_due_and_its_input_is_text() {
        let (target, _) = target_and_expression(When::Every(Minutes::HOUR));
        assert_eq!(target["RetryPolicy"]["MaximumEventAgeInSeconds"], 3_600);
        assert_eq!(target["Input"], r#"{"reconcile":true}"#);
    }
}
