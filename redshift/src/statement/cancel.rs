//! The wish that a statement stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio_postgres::{CancelToken, NoTls};

/// Shared by a statement and those who may stop it.
#[derive(Default)]
pub(crate) struct Cancel {
    asked: AtomicBool,
    backend: Mutex<Option<CancelToken>>,
}

impl Cancel {
    /// Whether someone asked.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Names the backend that works for the statement, or none any more.
    pub(crate) fn watch(&self, backend: Option<CancelToken>) {
        *self.backend.lock().unwrap_or_else(PoisonError::into_inner) = backend;
    }

    /// Asks, and stops what the backend is doing right now. A second time does no harm.
    pub(crate) async fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        let backend = self
            .backend
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(backend) = backend
            && let Err(error) = backend.cancel_query(NoTls).await
        {
            tracing::warn!(%error, "the backend could not be asked to stop");
        }
    }
}
