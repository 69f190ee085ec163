//! One statement, shared by those who run it and those who ask for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::{Progress, Request, Status};
use crate::postgres::Cancel;

/// A statement.
pub(crate) struct Entry {
    /// What was asked for.
    pub(crate) request: Request,
    /// How to stop it.
    pub(crate) cancel: Arc<Cancel>,
    progress: watch::Sender<Progress>,
}

impl Entry {
    /// A statement as far as `progress` says.
    pub(crate) fn new(request: Request, progress: Progress) -> Self {
        let (progress, _) = watch::channel(progress);
        Self {
            request,
            cancel: Arc::default(),
            progress,
        }
    }

    /// How far it is.
    pub(crate) fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Where it is in its life.
    pub(crate) fn status(&self) -> Status {
        self.progress.borrow().status
    }

    /// Changes how far it is and tells those who wait.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(change);
    }

    /// Waits until it is settled, but no longer than `longest`.
    pub(crate) async fn settled(&self, longest: Duration) {
        let mut progress = self.progress.subscribe();
        let settled = progress.wait_for(|progress| progress.status.is_settled());
        let _ = tokio::time::timeout(longest, settled).await;
    }
}
