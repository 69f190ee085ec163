//! One CloudFormation stack, from whatever state it is in to what is wanted of it.
//!
//! `calls` and `orders` ask CloudFormation, at the `pace` that the account answers. `settle` decides what a stack's status means,
//! `change_set` makes one, `plan` reads it (`change`, `difference`), `watch` follows an operation (`happening`),
//! `deploy` puts them in order.

mod calls;
mod change;
mod change_set;
mod deploy;
mod difference;
mod happening;
mod orders;
mod pace;
mod plan;
mod settle;
mod trouble;
mod watch;
mod wish;

pub use calls::{CloudFormation, outputs_of};
pub use change::{Action, Change};
pub use deploy::{Prepared, Repairs, StackOutcome};
pub use difference::Difference;
pub(crate) use happening::Happening;
pub use pace::Pace;
pub use plan::Plan;
pub(crate) use trouble::{Trouble, TroubleKind};
pub use wish::Wish;
