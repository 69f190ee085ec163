//! Validates the reserved concurrency of functions.

use serde_yaml::Spanned;

use super::super::concurrency::Concurrency;
use super::super::file::{ConcurrencyKeys, StreamKeys};
use super::{Checked, Reader};
use crate::function::{FUNCTIONS, FunctionSpec};

/// AWS keeps 100 of an account's 1,000 for functions without a reservation.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
const MAX_RESERVED: u16 = 900;
/// The initial number of shards of an on-demand stream.
///
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html>
const FIRST_SHARDS: u16 = 4;

impl Reader<'_> {
    /// Reserves what the file says for a function, else the function's default. The reservation of a function with an event
    /// source mapping must cover the calls of the mapping.
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
                let problem = format!("is not a function; expected one of: {known}");
                return self.refuse(key(name), calls, problem);
            }
        }
        let calls = FUNCTIONS.map(|function| {
            let key = key(function.name);
            let allowed = function.calls.least(shards)..=MAX_RESERVED;
            let calls = match reserved.get(function.name) {
                Some(calls) => self.within(key, calls, &allowed)?,
                None if allowed.contains(&function.reserved) => function.reserved,
                None => {
                    let (default, least) = (function.reserved, allowed.start());
                    let problem = format!(
                        "is missing, and its default {default} is too low: use {least} or more"
                    );
                    return self.refuse(key, written, problem);
                }
            };
            Ok((function.name, calls))
        });
        let calls = calls.into_iter().collect::<Checked<_>>()?;
        Ok(Concurrency::Reserved(calls))
    }
}
