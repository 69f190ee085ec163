//! Reads and writes S3 objects.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;

use super::{Clients, call_error};
use crate::ports::{CallError, GetObject, MAX_OBJECT_BYTES, Put, PutIfAbsent, PutObject};

/// Attempts of a put that conflicts with a concurrent put of the same key.
const CONFLICT_ATTEMPTS: u32 = 4;

/// Builds a client. With a custom endpoint it uses path-style addressing, because buckets have no host names there.
fn client(clients: &Clients) -> Client {
    let config = clients.config();
    let path_style = config.endpoint_url().is_some();
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(path_style);
    Client::from_conf(config.build())
}

/// A bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: String,
}

impl Bucket {
    #[must_use]
    pub fn new(clients: &Clients, name: String) -> Self {
        Self {
            client: client(clients),
            name,
        }
    }

    fn put(&self, key: &str, body: Vec<u8>) -> PutObjectFluentBuilder {
        let is_gzip = std::path::Path::new(key)
            .extension()
            .is_some_and(|end| end == "gz");
        let content = if is_gzip {
            "application/gzip"
        } else {
            "application/x-ndjson"
        };
        self.client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .content_type(content)
            .body(ByteStream::from(body))
    }
}

/// Returns the HTTP status, if there was a response.
fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error
        .raw_response()
        .map(|response| response.status().as_u16())
}

fn object(bucket: &str, key: &str) -> String {
    format!("object s3://{bucket}/{key}")
}

impl PutIfAbsent for Bucket {
    /// S3 returns 412 if the object exists and 409 if a concurrent put of it is in progress.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
    async fn put_if_absent(&self, key: &str, body: Vec<u8>) -> Result<Put, CallError> {
        let mut attempt = 1;
        loop {
            let sent = self.put(key, body.clone()).if_none_match("*").send().await;
            match sent {
                Ok(_) => return Ok(Put::Created),
                Err(error) if status(&error) == Some(412) => return Ok(Put::AlreadyThere),
                Err(error) if status(&error) == Some(409) && attempt < CONFLICT_ATTEMPTS => {
                    attempt += 1;
                }
                Err(error) => {
                    return Err(call_error(
                        "s3",
                        "PutObject",
                        object(&self.name, key),
                        &error,
                    ));
                }
            }
        }
    }
}

impl PutObject for Bucket {
    async fn put_object(&self, key: &str, body: Vec<u8>) -> Result<(), CallError> {
        let sent = self.put(key, body).send().await;
        sent.map(|_| ())
            .map_err(|error| call_error("s3", "PutObject", object(&self.name, key), &error))
    }
}

/// Objects of every bucket that the function's role may read.
#[derive(Clone, Debug)]
pub struct Objects(Client);

impl Objects {
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self(client(clients))
    }
}

impl GetObject for Objects {
    async fn get_object(&self, bucket: &str, key: &str) -> Result<Vec<u8>, CallError> {
        get(&self.0, bucket, key).await
    }
}

impl GetObject for Bucket {
    async fn get_object(&self, bucket: &str, key: &str) -> Result<Vec<u8>, CallError> {
        get(&self.client, bucket, key).await
    }
}

async fn get(client: &Client, bucket: &str, key: &str) -> Result<Vec<u8>, CallError> {
    let failed = |code: &str, message: String| CallError {
        service: "s3",
        action: "GetObject",
        resource: object(bucket, key),
        code: code.to_owned(),
        message,
    };
    let sent = client.get_object().bucket(bucket).key(key).send().await;
    let answer =
        sent.map_err(|error| call_error("s3", "GetObject", object(bucket, key), &error))?;
    let bytes = answer.content_length().unwrap_or_default().unsigned_abs();
    if bytes > MAX_OBJECT_BYTES {
        let message =
            format!("the object has {bytes} bytes, but the maximum is {MAX_OBJECT_BYTES}");
        return Err(failed("TooLarge", message));
    }
    let body = answer.body.collect().await;
    body.map(|bytes| bytes.into_bytes().into())
        .map_err(|error| failed("incomplete", error.to_string()))
}
