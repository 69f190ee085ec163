//! Client of the platform's own HTTP API. Signs its requests.

mod account;
mod answer;
mod auth;
mod client;
mod error;
mod shop;

pub(crate) use account::logging_role;
pub use answer::Answer;
pub use auth::{ApiKey, Auth};
pub use client::{Api, connector};
pub use error::ApiError;
pub use shop::{CustomerInvoices, Invoice, InvoiceLine, InvoiceSummary, ShopError};
