//! Puts the functions' zips into the assets bucket; what is there already is not sent again.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::primitives::ByteStream;
use futures_util::future::try_join_all;

use super::DeployError;
use super::asset::{Asset, Packing};
use crate::platform::FunctionName;

/// Where the zips are, and how many were sent.
#[derive(Debug)]
pub(super) struct Uploaded {
    /// The value of each function's parameter [`FunctionName::code_key`].
    pub(super) keys: BTreeMap<String, String>,
    /// How many were not there yet.
    pub(super) count: usize,
}

/// Sends every zip that the bucket does not have, all at once. Doing it again sends nothing.
pub(super) async fn upload(
    s3: &Client,
    bucket: &str,
    binaries: &BTreeMap<FunctionName, PathBuf>,
    packing: Packing,
) -> Result<Uploaded, DeployError> {
    let sent = binaries.iter().map(|(function, binary)| async move {
        let asset = Asset::read(*function, binary, packing)?;
        let sent = !is_there(s3, bucket, &asset.key).await?;
        if sent {
            send(s3, bucket, &asset).await?;
        }
        Ok::<_, DeployError>((function.code_key().to_owned(), asset.key, sent))
    });
    let sent = try_join_all(sent).await?;
    Ok(Uploaded {
        count: sent.iter().filter(|(.., sent)| *sent).count(),
        keys: sent.into_iter().map(|(name, key, _)| (name, key)).collect(),
    })
}

async fn send(s3: &Client, bucket: &str, asset: &Asset) -> Result<(), DeployError> {
    let key = &asset.key;
    s3.put_object()
        .bucket(bucket)
        .key(key)
        .body(ByteStream::from(asset.zip()?))
        .send()
        .await
        .map(drop)
        .map_err(DeployError::call(format!(
            "s3 PutObject s3://{bucket}/{key}"
        )))
}

async fn is_there(s3: &Client, bucket: &str, key: &str) -> Result<bool, DeployError> {
    match s3.head_object().bucket(bucket).key(key).send().await {
        Ok(_) => Ok(true),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(HeadObjectError::is_not_found) =>
        {
            Ok(false)
        }
        Err(error) => Err(DeployError::call(format!(
            "s3 HeadObject s3://{bucket}/{key}"
        ))(error)),
    }
}
