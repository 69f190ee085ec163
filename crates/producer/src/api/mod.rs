//! A client of the platform's HTTP API. Signs its requests.

mod answer;
mod auth;
mod client;
mod error;
mod shop;

pub use answer::Answer;
pub use auth::{ApiKey, Auth};
pub use client::{Api, connector, get_signed};
pub use error::ApiError;
pub use shop::{CustomerInvoices, Invoice, InvoiceLine, InvoiceSummary, ShopError};
