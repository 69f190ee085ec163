//! AWS Lambda.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_Lambda.html>

mod function;
mod mapping;

pub use function::{Architecture, Code, Function, Permission};
pub use mapping::{KinesisMapping, QueueMapping, Retries};
