//! Uploads the functions' zips to the assets bucket. Existing ones are not uploaded again.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::primitives::ByteStream;
use cloudformation::CallFailure;
use futures_util::future::try_join_all;

use super::DeployError;
use super::asset::{Asset, Packing};
use crate::function::FunctionSpec;

/// The result of an upload.
#[derive(Debug)]
pub(super) struct Uploaded {
    /// The value of each function's parameter `code_key`.
    pub(super) keys: BTreeMap<String, String>,
    /// The number of zips that were uploaded.
    pub(super) count: usize,
}

/// Uploads, in parallel, every zip that the bucket does not have. Idempotent.
pub(super) async fn upload(
    s3: &Client,
    bucket: &str,
    binaries: &BTreeMap<&'static FunctionSpec, PathBuf>,
    packing: Packing,
) -> Result<Uploaded, DeployError> {
    let sent = binaries.iter().map(|(function, binary)| async move {
        let asset = Asset::read(function, binary, packing)?;
        let sent = !is_there(s3, bucket, &asset.key).await?;
        if sent {
            send(s3, bucket, &asset).await?;
        }
        Ok::<_, DeployError>((function.ids.code_key.to_owned(), asset.key, sent))
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
        .map_err(CallFailure::of(format!("s3 PutObject s3://{bucket}/{key}")))?;
    Ok(())
}

pub(super) async fn is_there(s3: &Client, bucket: &str, key: &str) -> Result<bool, CallFailure> {
    match s3.head_object().bucket(bucket).key(key).send().await {
        Ok(_) => Ok(true),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(HeadObjectError::is_not_found) =>
        {
            Ok(false)
        }
        Err(error) => Err(CallFailure::of(format!(
            "s3 HeadObject s3://{bucket}/{key}"
        ))(error)),
    }
}

#[cfg(test)]
mod tests {
    use crate::function::{FUNCTIONS, LOAD};
    use std::collections::BTreeSet;
    use std::sync::{Arc, Mutex};

    use aws_credential_types::Credentials;
    use aws_sdk_s3::config::{BehaviorVersion, Region};
    use axum::Router;
    use axum::extract::State;
    use axum::http::{Method, StatusCode, Uri};

    use super::*;

    type Bucket = Arc<Mutex<BTreeSet<String>>>;

    /// Records the keys of uploaded objects.
    async fn serve(State(bucket): State<Bucket>, method: Method, uri: Uri) -> StatusCode {
        let mut keys = bucket.lock().unwrap();
        let known = keys.contains(uri.path());
        match method {
            Method::PUT if keys.insert(uri.path().to_owned()) => StatusCode::OK,
            Method::HEAD if known => StatusCode::OK,
            Method::HEAD => StatusCode::NOT_FOUND,
            _ => StatusCode::CONFLICT,
        }
    }

    async fn client() -> Client {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(serve).with_state(Bucket::default());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .endpoint_url(url)
            .force_path_style(true)
            .http_client(crate::clients::http());
        Client::from_conf(config.build())
    }

    #[tokio::test]
    async fn only_changed_zips_are_uploaded() {
        let folder = tempfile::tempdir().unwrap();
        let binaries: BTreeMap<_, _> = FUNCTIONS
            .into_iter()
            .map(|function| {
                let path = folder.path().join(function.name);
                std::fs::write(&path, function.name).unwrap();
                (function, path)
            })
            .collect();
        let s3 = client().await;
        let send = async || {
            upload(&s3, "assets", &binaries, Packing::Small)
                .await
                .unwrap()
        };
        let first = send().await;
        let all = FUNCTIONS.len();
        assert_eq!((first.count, first.keys.len()), (all, all));
        let again = send().await;
        assert_eq!((again.count, &again.keys), (0, &first.keys));
        std::fs::write(&binaries[&&LOAD], "another").unwrap();
        let changed = send().await;
        assert_eq!(changed.count, 1);
        let name = LOAD.ids.code_key;
        assert_ne!(changed.keys[name], first.keys[name]);
    }
}
