//! The `pipeline` stack, which runs code.

use std::collections::BTreeMap;

use cfn::resources::dynamodb::Table;
use cfn::resources::kinesis::Stream;
use cfn::resources::kms::Key;
use cfn::resources::lambda::Function;
use cfn::resources::s3::Bucket;
use cfn::{Arn, Handle, Name, Template};

use super::row::Row;
use super::{Names, STAGES, api, catalog, crossing};
use crate::environment::Environment;
use crate::function::{FunctionSpec, INGEST, QUERY};

/// Part of the platform that belongs to a function.
pub(super) struct Stage {
    pub(super) function: &'static FunctionSpec,
    /// Row of the dashboard. `None` if the function is not a stage of its own.
    pub(super) row: Option<&'static Row>,
    /// Adds the function and what invokes it.
    pub(super) add: fn(&mut Pipeline<'_>) -> Handle<Function>,
}

/// Builder of the stack, to which each stage adds its part, with values from the lake that several stages need.
pub(super) struct Pipeline<'a> {
    pub(super) environment: &'a Environment,
    pub(super) csv_version: u32,
    pub(super) names: Names,
    pub(super) template: Template,
    pub(super) assets_bucket: Name<Bucket>,
    pub(super) raw_bucket: Name<Bucket>,
    pub(super) staging_bucket: Name<Bucket>,
    pub(super) customer_table: Name<Table>,
    pub(super) invoice_table: Name<Table>,
    pub(super) stream_arn: Arn<Stream>,
    pub(super) data_key: Arn<Key>,
    pub(super) queue_key: Arn<Key>,
}

/// Returns the template of the stack that runs code: API, functions, roles and event source mappings.
pub(super) fn template(environment: &Environment, csv_version: u32) -> Template {
    let mut pipeline = Pipeline::with_parameters(environment, csv_version);
    let functions: BTreeMap<_, _> = STAGES
        .into_iter()
        .map(|stage| (stage.function, (stage.add)(&mut pipeline)))
        .collect();
    for (writer, handle) in &functions {
        for reader in writer.readers {
            pipeline.template.depend(handle, &functions[reader]);
        }
    }
    api::add(&mut pipeline, &functions[&INGEST], &functions[&QUERY]);
    catalog::pipeline(&mut pipeline);
    pipeline.template
}

impl<'a> Pipeline<'a> {
    fn with_parameters(environment: &'a Environment, csv_version: u32) -> Self {
        let template = Template::new("Riverhouse: the functions of an environment and its API");
        let mut template = template.tagged(environment.tags.clone());
        Self {
            environment,
            csv_version,
            names: Names::of(environment),
            assets_bucket: crossing::ASSETS_BUCKET.take(&mut template),
            raw_bucket: crossing::RAW_BUCKET.take(&mut template),
            staging_bucket: crossing::STAGING_BUCKET.take(&mut template),
            customer_table: crossing::CUSTOMER_TABLE.take(&mut template),
            invoice_table: crossing::INVOICE_TABLE.take(&mut template),
            stream_arn: crossing::STREAM_ARN.take(&mut template),
            data_key: crossing::DATA_KEY.take(&mut template),
            queue_key: crossing::QUEUE_KEY.take(&mut template),
            template,
        }
    }
}
