//! Decides whether the reserved concurrency makes sense.

use serde_yaml::Spanned;

use super::super::concurrency::Concurrency;
use super::super::file::{ConcurrencyKeys, StreamKeys};
use super::{Checked, Reader};
use crate::function::{FUNCTIONS, FunctionSpec};

/// An account keeps 100 of its 1,000 for functions without a number of their own.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
const MOST: u16 = 900;
/// An on-demand stream begins with so many shards.
///
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html>
const FIRST_SHARDS: u16 = 4;

impl Reader<'_> {
    /// Every function has a number, and one that a stream or queues call has at least as many calls as these make.
    pub(super) fn concurrency(
        &self,
        written: &Spanned<ConcurrencyKeys>,
        stream: &StreamKeys,
    ) -> Checked<Concurrency> {
        let ConcurrencyKeys::Reserved(reserved) = &written.value else {
            return Ok(Concurrency::Unreserved);
        };
        let shards = match stream {
            StreamKeys::OnDemand => FIRST_SHARDS,
            StreamKeys::Provisioned { shards } => shards.value,
        };
        let key = |name: &str| format!("concurrency.reserved.{name}");
        for (name, calls) in reserved {
            if FunctionSpec::named(name).is_none() {
                let known = FunctionSpec::names();
                let problem = format!("names no function; expected one of: {known}");
                return self.refuse(key(name), calls, problem);
            }
        }
        let calls = FUNCTIONS.map(|function| {
            let key = key(function.name);
            let Some(calls) = reserved.get(function.name) else {
                return self.refuse(key, written, "is missing; every function needs a number");
            };
            let allowed = function.calls.least(shards)..=MOST;
            Ok((function.name, self.within(key, calls, &allowed)?))
        });
        let calls = calls.into_iter().collect::<Checked<_>>()?;
        Ok(Concurrency::Reserved(calls))
    }
}
