//! Reads objects from S3 ahead of their conversion.

use axum::body::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use super::files::SourceFile;
use crate::s3::{Object, ObjectStore, StoreError};

/// Maximum number of open objects, including the one that is being converted.
const MAX_OPEN: usize = 4;
/// Objects up to this size are read completely when they are opened, so that many small files load
/// as fast as a few large ones.
const WHOLE_OBJECT_BYTES: u64 = 4 * 1024 * 1024;
/// Maximum number of events that wait for the worker. S3 sends chunks of about 16 KB.
const QUEUE_LENGTH: usize = 64;

/// Events of each file, in order, which the worker receives.
#[derive(Debug)]
pub(crate) enum FetchEvent {
    /// The file starts.
    Start(SourceFile),
    Bytes(Bytes),
    /// The file has ended; its size in bytes.
    End(u64),
    /// The file does not exist and is not mandatory.
    Missing,
    /// The file cannot be read, so the load fails.
    Failed(StoreError),
}

enum Opened {
    Whole(Bytes),
    Streaming(Object),
}

/// Sends the events of `files` in their order, until all are sent or the receiver is closed.
pub(crate) fn start(store: ObjectStore, files: Vec<SourceFile>) -> mpsc::Receiver<FetchEvent> {
    let (events, receiver) = mpsc::channel(QUEUE_LENGTH);
    tokio::spawn(async move {
        let mut opening = stream::iter(files)
            .map(|file| {
                let store = store.clone();
                async move { (open(&store, &file).await, file) }
            })
            .buffered(MAX_OPEN);
        while let Some((opened, file)) = opening.next().await {
            if forward(opened, file, &events).await.is_err() {
                return;
            }
        }
    });
    receiver
}

async fn open(store: &ObjectStore, file: &SourceFile) -> Result<Opened, StoreError> {
    let object = store.read(&file.location).await?;
    if object.length > WHOLE_OBJECT_BYTES {
        return Ok(Opened::Streaming(object));
    }
    match object.body.collect().await {
        Ok(bytes) => Ok(Opened::Whole(bytes.into_bytes())),
        Err(error) => Err(StoreError::broken(&error, &file.location)),
    }
}

type Sent = Result<(), mpsc::error::SendError<FetchEvent>>;

async fn forward(
    opened: Result<Opened, StoreError>,
    file: SourceFile,
    events: &mpsc::Sender<FetchEvent>,
) -> Sent {
    let location = file.location.clone();
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) if error.is_missing && !file.mandatory => {
            return events.send(FetchEvent::Missing).await;
        }
        Err(error) => return events.send(FetchEvent::Failed(error)).await,
    };
    events.send(FetchEvent::Start(file)).await?;
    let mut length = 0;
    match opened {
        Opened::Whole(bytes) => {
            length = bytes.len() as u64;
            events.send(FetchEvent::Bytes(bytes)).await?;
        }
        Opened::Streaming(mut object) => {
            while let Some(bytes) = object.body.next().await {
                match bytes {
                    Ok(bytes) => {
                        length += bytes.len() as u64;
                        events.send(FetchEvent::Bytes(bytes)).await?;
                    }
                    Err(error) => {
                        let error = StoreError::broken(&error, &location);
                        return events.send(FetchEvent::Failed(error)).await;
                    }
                }
            }
        }
    }
    events.send(FetchEvent::End(length)).await
}
