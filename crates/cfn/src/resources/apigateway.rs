//! Amazon API Gateway, REST APIs.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_ApiGateway.html>

mod account;
mod api;
mod method;
mod plan;
mod stage;

pub use account::{Account, LoggingRole};
pub use api::{GatewayResponse, RequestValidator, RestApi, Route};
pub use method::{Access, HttpMethod, Method};
pub use plan::{ApiKey, UsagePlan, UsagePlanKey};
pub use stage::{Deployment, Stage, Throttle};
