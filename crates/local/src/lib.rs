//! One machine as an AWS account: the emulator MiniStack, PostgreSQL, and the Redshift Data API server in front of
//! it.
//!
//! [`Machine`] is the folder of an environment; it starts and stops its processes. [`supervise`] is the process
//! that keeps them running after the command line has returned. All servers listen on the loopback address. All
//! files are in the environment's folder, except the Python packages, which are in a cache that environments share.

mod analysts;
mod children;
mod data_api;
mod emulator;
mod error;
mod failure;
mod folders;
mod front;
mod health;
mod launch;
mod lock;
mod machine;
mod packages;
mod parts;
mod ports;
mod postgres;
mod process;
mod program;
mod removal;
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
