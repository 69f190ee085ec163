//! Reads and writes objects by their `s3://` URLs.

use std::path::Path;

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    BehaviorVersion, Builder, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    SharedCredentialsProvider,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use thiserror::Error;

use crate::S3Settings;

/// Bucket and key of an object.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Location {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

/// An open object.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) body: ByteStream,
    /// Size in bytes.
    pub(crate) length: u64,
}

/// An object in a listing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Listed {
    pub(crate) location: Location,
    pub(crate) length: u64,
}

/// An error of S3 in Redshift's format. `Display` includes the URL of the object.
#[derive(Clone, Debug, Error)]
#[error("S3ServiceException:{message},Status {status},Error {code},{url}")]
pub(crate) struct StoreError {
    /// Whether the object does not exist.
    pub(crate) is_missing: bool,
    code: String,
    message: String,
    status: u16,
    url: String,
}

/// A client for S3.
#[derive(Clone, Debug)]
pub(crate) struct ObjectStore {
    client: Client,
}

impl Location {
    /// Parses `s3://bucket/key`. The key may be empty, for a prefix.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let (bucket, key) = url.strip_prefix("s3://")?.split_once('/')?;
        (!bucket.is_empty()).then(|| Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }

    /// Returns the `s3://` URL.
    pub(crate) fn url(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }
}

impl ObjectStore {
    /// Returns a client for `settings`. It reads neither environment variables nor files.
    pub(crate) fn new(settings: &S3Settings, region: &str) -> Self {
        let credentials = Credentials::new(
            &settings.access_key_id,
            settings.secret_access_key.expose(),
            None,
            None,
            "settings",
        );
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let mut config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .force_path_style(true);
        config.set_endpoint_url(settings.endpoint_url.clone());
        Self {
            client: Client::from_conf(config.build()),
        }
    }

    /// Opens an object for reading.
    pub(crate) async fn read(&self, location: &Location) -> Result<Object, StoreError> {
        let found = self
            .client
            .get_object()
            .bucket(&location.bucket)
            .key(&location.key)
            .send()
            .await
            .map_err(|error| StoreError::new(&error, location))?;
        let length = found.content_length().unwrap_or_default();
        Ok(Object {
            length: length.try_into().unwrap_or_default(),
            body: found.body,
        })
    }

    /// Reads a whole object into memory; use it for small ones only.
    pub(crate) async fn read_all(&self, location: &Location) -> Result<Vec<u8>, StoreError> {
        let object = self.read(location).await?;
        match object.body.collect().await {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(error) => Err(StoreError::broken(&error, location)),
        }
    }

    /// Lists every object whose key starts with that of `prefix`, sorted by key.
    pub(crate) async fn list(&self, prefix: &Location) -> Result<Vec<Listed>, StoreError> {
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&prefix.bucket)
            .prefix(&prefix.key)
            .into_paginator()
            .send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| StoreError::new(&error, prefix))?;
            found.extend(page.contents().iter().filter_map(|object| {
                let key = object.key()?.to_owned();
                let length = object
                    .size()
                    .unwrap_or_default()
                    .try_into()
                    .unwrap_or_default();
                Some(Listed {
                    location: Location {
                        bucket: prefix.bucket.clone(),
                        key,
                    },
                    length,
                })
            }));
        }
        Ok(found)
    }

    /// Uploads the file at `path` as one object. Replaces an existing object.
    pub(crate) async fn write_file(
        &self,
        location: &Location,
        path: &Path,
    ) -> Result<(), StoreError> {
        let body = ByteStream::from_path(path)
            .await
            .map_err(|error| StoreError::broken(&error, location))?;
        self.write(location, body).await
    }

    /// Uploads an object. Replaces an existing one.
    pub(crate) async fn write(
        &self,
        location: &Location,
        body: ByteStream,
    ) -> Result<(), StoreError> {
        self.client
            .put_object()
            .bucket(&location.bucket)
            .key(&location.key)
            .body(body)
            .send()
            .await
            .map(drop)
            .map_err(|error| StoreError::new(&error, location))
    }
}

impl StoreError {
    fn new<E>(error: &SdkError<E>, location: &Location) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let Some(service) = error.as_service_error() else {
            return Self::broken(&aws_sdk_s3::error::DisplayErrorContext(error), location);
        };
        let status = error
            .raw_response()
            .map_or(0, |response| response.status().as_u16());
        let code = service.code().unwrap_or("Unknown").to_owned();
        Self {
            is_missing: status == 404,
            message: service.message().unwrap_or("no message").to_owned(),
            code,
            status,
            url: location.url(),
        }
    }

    /// Returns the error for a failed connection or an interrupted body.
    pub(crate) fn broken(error: &dyn std::fmt::Display, location: &Location) -> Self {
        Self {
            is_missing: false,
            code: "ConnectionFailure".to_owned(),
            message: error.to_string(),
            status: 0,
            url: location.url(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_bucket_and_a_key() {
        let location = Location::parse("s3://bucket/a/b=c.gz").unwrap();
        assert_eq!(
            (location.bucket.as_str(), location.key.as_str()),
            ("bucket", "a/b=c.gz")
        );
        assert_eq!(location.url(), "s3://bucket/a/b=c.gz");
        assert!(Location::parse("https://bucket/key").is_none());
        assert!(Location::parse("s3:///key").is_none());
    }
}
