//! The wish that a statement stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_postgres::{CancelToken, NoTls};

/// How long to wait for an effect before asking a backend again: it forgets a wish that reaches it
/// between two commands.
const RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// Shared by a statement and those who may stop it.
#[derive(Default)]
pub(crate) struct Cancel {
    requested: AtomicBool,
    backend: Mutex<Option<CancelToken>>,
}

impl Cancel {
    /// Whether someone requested.
    pub(crate) fn is_requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }

    /// Names the backend that works for the statement, or none any more.
    pub(crate) fn watch(&self, backend: Option<CancelToken>) {
        *self.backend.lock().unwrap_or_else(PoisonError::into_inner) = backend;
    }

    /// Asks, and stops what the backend does until the statement has let go of it. A second time
    /// does no harm.
    pub(crate) fn request(self: &Arc<Self>) {
        self.requested.store(true, Ordering::SeqCst);
        let cancel = Arc::clone(self);
        tokio::spawn(async move {
            while let Some(backend) = cancel.backend() {
                if let Err(error) = backend.cancel_query(NoTls).await {
                    tracing::warn!(%error, "the backend could not be requested to stop");
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
