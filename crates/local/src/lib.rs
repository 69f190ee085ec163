//! One machine as an AWS account: an emulator, a PostgreSQL and the Redshift Data API in front of it.
//!
//! [`Machine`] is an environment's folder and the way to start and stop what runs in it; [`supervise`]
//! is the process that keeps it running after the command line has returned. Everything listens on
//! loopback and keeps its files in the environment's folder; only Python packages are shared, in a cache.

mod analysts;
mod data_api;
mod emulator;
mod error;
mod failure;
mod folders;
mod front;
mod health;
mod keep;
mod launch;
mod lock;
mod machine;
mod packages;
mod ports;
mod postgres;
mod process;
mod program;
mod shared;
mod state;
mod supervisor;

pub use emulator::{ACCESS_KEY_ID, ACCOUNT, REGION, SECRET_ACCESS_KEY};
pub use error::LocalError;
pub use folders::{Folders, Machine};
pub use health::Health;
pub use machine::{Addresses, Data, Started};
pub use packages::{
    Packages, check_python, ensure as ensure_packages, ensure_of as ensure_packages_of,
};
pub use postgres::{ADMIN, ANALYST, DATABASE, PgInstall, find as find_postgres};
pub use process::ProcessId;
pub use state::{Failure, Part};
pub use supervisor::supervise;
