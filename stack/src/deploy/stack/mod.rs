//! Brings one CloudFormation stack from any state to its desired state.
//!
//! `calls` and `mutations` call CloudFormation, at the rate that `throttle` allows. `status` decides what a
//! stack's status requires, `change_set` creates change sets, `plan` reads them (`change`, `difference`),
//! `watch` follows an operation (`resource_event`), and `apply` runs the steps in order.

mod apply;
mod call_failure;
mod calls;
mod change;
mod change_set;
mod desired;
mod difference;
mod mutations;
mod plan;
mod resource_event;
mod status;
mod throttle;
mod watch;

pub use apply::{Prepared, Repairs, StackOutcome};
pub(crate) use call_failure::{CallFailure, FailureKind};
pub use calls::{CloudFormation, outputs_of};
pub use change::{Action, Change};
pub use desired::DesiredStack;
pub use difference::Difference;
pub use plan::Plan;
pub(crate) use resource_event::ResourceEvent;
pub use throttle::Throttle;
