//! Reads objects ahead of the work on them.

use axum::body::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use super::files::SourceFile;
use crate::s3::{Object, ObjectStore, StoreError};

/// Objects that are open at a time, the one at work included.
const OPEN: usize = 4;
/// Objects up to this size are read whole as soon as they are open: many small files then come at
/// the speed of a few large ones.
const WHOLE: u64 = 4 * 1024 * 1024;
/// Pieces that wait for the worker; S3's are some 16 KB each.
const WAITING: usize = 64;

/// What the worker gets, file after file.
#[derive(Debug)]
pub(crate) enum FetchEvent {
    /// This file starts.
    Start(SourceFile),
    /// Some bytes of it.
    Bytes(Bytes),
    /// It is over, and had this many bytes.
    End(u64),
    /// It is not there, and need not be.
    Missing,
    /// It cannot be read, so the load fails.
    Failed(StoreError),
}

enum Opened {
    Whole(Bytes),
    Streaming(Object),
}

/// Sends the events of `files` in their order, until all are sent or nobody listens.
pub(crate) fn start(store: ObjectStore, files: Vec<SourceFile>) -> mpsc::Receiver<FetchEvent> {
    let (events, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut opening = stream::iter(files)
            .map(|file| {
                let store = store.clone();
                async move { (open(&store, &file).await, file) }
            })
            .buffered(OPEN);
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
    if object.length > WHOLE {
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
