//! Cancellation of a running statement.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_postgres::{CancelToken, NoTls};

/// Interval at which a cancel request is repeated: PostgreSQL drops one that arrives between two
/// commands.
const RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// Cancellation state of one statement.
#[derive(Default)]
pub(crate) struct Cancel {
    requested: AtomicBool,
    backend: Mutex<Option<CancelToken>>,
}

impl Cancel {
    /// Returns whether cancellation was requested.
    pub(crate) fn is_requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }

    /// Sets the backend that runs the statement; `None` when it no longer does.
    pub(crate) fn set_backend(&self, backend: Option<CancelToken>) {
        *self.backend.lock().unwrap_or_else(PoisonError::into_inner) = backend;
    }

    /// Requests cancellation, and repeats the request to the backend in the background until the
    /// statement has ended. Idempotent.
    pub(crate) fn request(self: &Arc<Self>) {
        self.requested.store(true, Ordering::SeqCst);
        let cancel = Arc::clone(self);
        tokio::spawn(async move {
            while let Some(backend) = cancel.backend() {
                if let Err(error) = backend.cancel_query(NoTls).await {
                    tracing::warn!(%error, "could not cancel the query of a backend");
                }
                tokio::time::sleep(RETRY_INTERVAL).await;
            }
        });
    }

    fn backend(&self) -> Option<CancelToken> {
        self.backend
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
