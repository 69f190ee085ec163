//! The `pipeline` stack, which runs code.

use cfn::resources::dynamodb::Table;
use cfn::resources::kinesis::Stream;
use cfn::resources::kms::Key;
use cfn::resources::s3::Bucket;
use cfn::{Arn, Name, Template};

use super::{Names, api, catalog, crossing, ingest, load, query, store, transform};
use crate::environment::Environment;

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
    let ingest = ingest::function(&mut pipeline);
    let query = query::function(&mut pipeline);
    api::add(&mut pipeline, &ingest, &query);
    let store = store::pipeline(&mut pipeline);
    let transform = transform::pipeline(&mut pipeline);
    catalog::pipeline(&mut pipeline);
    let load = load::pipeline(&mut pipeline);
    // CloudFormation updates a function after its dependencies. Readers are updated before writers, so that a new
    // format of an envelope, item, lake line or CSV file always has readers that understand it.
    for (writer, reader) in [
        (&ingest, &store),
        (&store, &query),
        (&store, &transform),
        (&transform, &load),
    ] {
        pipeline.template.depend(writer, reader);
    }
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
