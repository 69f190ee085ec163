//! Synthetic rows with the edge cases of the real data. The same seed gives the same rows.

mod calendar;
mod checksums;
mod invoice;
mod item;
mod rows;
mod shopper;
mod traps;

pub use checksums::Checksums;
pub(crate) use rows::SyntheticRows;
