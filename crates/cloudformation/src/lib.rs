//! Brings one CloudFormation stack from any state to its desired state, or deletes it.
//!
//! [`CloudFormation`] calls the service (`calls`, `mutations`) at the rate that `throttle` allows. `status` decides
//! what a stack's status requires, `change_set` creates change sets, `plan` reads them (`change`, `difference`),
//! `watch` follows an operation (`resource_event`), `repair` cleans up after earlier operations, and `apply` runs the
//! steps in order. `deletion` deletes a stack.
//! `explain`, `failure` and `error` turn what went wrong into a cause and a next step; an [`Observer`] receives the
//! progress.

mod apply;
mod call_failure;
mod calls;
mod change;
mod change_set;
mod deletion;
mod desired;
mod difference;
mod error;
mod explain;
mod failure;
mod mutations;
mod observer;
mod plan;
mod repair;
mod resource_event;
mod status;
mod throttle;
mod watch;

pub use apply::Prepared;
pub use call_failure::{CallFailure, FailureKind};
pub use calls::{CloudFormation, outputs_of};
pub use change::{Action, Change};
pub use deletion::{Deletion, DeletionFailure, delete, describe, end_protection};
pub use desired::DesiredStack;
pub use difference::Difference;
pub use error::{Refusal, StackError};
pub use failure::{Failure, locate};
pub use observer::Observer;
pub use plan::Plan;
pub use repair::Repairs;
pub use resource_event::ResourceEvent;
pub use status::StackOutcome;
pub use throttle::Throttle;
