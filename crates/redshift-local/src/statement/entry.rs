//! A statement, shared by the task that runs it and the requests that ask about it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::{Progress, Request, Status};
use crate::postgres::Cancel;

pub(crate) struct Entry {
    /// The request; it never changes.
    pub(crate) request: Request,
    pub(crate) cancel: Arc<Cancel>,
    progress: watch::Sender<Progress>,
}

impl Entry {
    /// Creates the entry of a statement.
    pub(crate) fn new(request: Request, progress: Progress) -> Self {
        let (progress, _) = watch::channel(progress);
        Self {
            request,
            cancel: Arc::default(),
            progress,
        }
    }

    /// Returns a copy of the progress.
    pub(crate) fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    pub(crate) fn status(&self) -> Status {
        self.progress.borrow().status
    }

    /// Changes the progress and notifies the requests that wait.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(change);
    }

    /// Waits until the statement has ended, at most `longest`.
    pub(crate) async fn settled(&self, longest: Duration) {
        let mut progress = self.progress.subscribe();
        let settled = progress.wait_for(|progress| progress.status.is_settled());
        let _ = tokio::time::timeout(longest, settled).await;
    }
}
