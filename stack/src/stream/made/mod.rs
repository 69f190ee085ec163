//! Made rows with the traps of the real data, the same for the same seed.

mod calendar;
mod checksums;
mod invoice;
mod item;
mod rows;
mod shopper;
mod traps;

pub use checksums::Checksums;
pub use rows::Made;
