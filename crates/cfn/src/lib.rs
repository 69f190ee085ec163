//! CloudFormation templates as Rust types.
//!
//! A [`Template`] holds [`Resource`]s under literal, permanent logical ids. Adding one returns a [`Handle`],
//! whose attributes are typed [`Val`]ues: an [`Arn<Stream>`](Arn) is not accepted where an `Arn<Key>` is
//! required. A stateful resource requires a [`Profile`], from which its removal policies are derived. Grants
//! are defined in the file of the resource that they open. They name exact actions on exact resources, and a
//! `*` requires a [`Justified`] reason.
//!
//! The modules at this level know no AWS service; [`resources`] has one file for each.
//!
//! ```
//! use cfn::resources::kinesis::{Capacity, RetentionHours, Stream};
//! use cfn::{Name, Profile, Template};
//!
//! let mut template = Template::new("one stream");
//! let stream = template.add("EventStream", &Stream {
//!     name: Name::literal("events"),
//!     capacity: Capacity::OnDemand,
//!     retention: RetentionHours::DAY,
//!     profile: Profile::Ephemeral,
//! });
//! template.output("StreamArn", "the stream of events", &stream.arn());
//! assert!(template.to_yaml().contains("AWS::Kinesis::Stream"));
//! ```

mod create_only;
mod document;
mod handle;
mod justified;
mod policy;
mod pseudo;
mod removal;
mod render;
mod resource;
pub mod resources;
mod suppression;
mod template;
mod val;

pub use create_only::create_only;
pub use document::{Conditions, Principal, ResourcePolicy};
pub use handle::Handle;
pub use justified::{Justified, Scope, Wildcards};
pub use policy::Policy;
pub use pseudo::{account_id, partition, region, url_suffix};
pub use removal::{Profile, Removal};
pub use resource::Resource;
pub use suppression::{Suppression, Tool};
pub use template::{Stateful, Template};
pub use val::{Arn, ArnOf, Name, NameOf, Url, UrlOf, Val};
