//! The shop's read API: the function `query` behind two `GET` routes.

use std::collections::BTreeMap;

use cfn::resources::dynamodb::Table;
use cfn::resources::kms::Encrypted;
use cfn::resources::lambda::Function;
use cfn::{Arn, Handle, Policy};

use super::function::Plan;
use super::pipeline::{Pipeline, Stage};
use crate::function::QUERY;

pub(super) const STAGE: Stage = Stage {
    function: &QUERY,
    row: None,
    add: function,
};

/// Adds the function `query`.
fn function(pipeline: &mut Pipeline<'_>) -> Handle<Function> {
    let mut rights = Policy::new();
    for table in [&pipeline.customer_table, &pipeline.invoice_table] {
        Encrypted::with(Arn::<Table>::of(table), pipeline.data_key.clone())
            .grant_query(&mut rights);
    }
    pipeline.add_function(Plan {
        spec: &QUERY,
        environment: BTreeMap::from([
            ("CUSTOMER_TABLE", pipeline.customer_table.text()),
            ("INVOICE_TABLE", pipeline.invoice_table.text()),
        ]),
        dead_letters: None,
        rights,
    })
}
