//! Parsers of `COPY` and `UNLOAD`, which move rows between tables and S3.

pub(crate) mod copy;
mod copy_options;
pub(crate) mod unload;
mod unload_options;

pub(crate) use copy_options::iam_role;
