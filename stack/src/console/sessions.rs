//! Opens the environment for the actions of the page.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::session::{Session, SessionError};

/// How long an open environment is reused. A deploy in between may change its addresses.
const MAX_AGE: Duration = Duration::from_secs(30);

/// The environment, opened when it is needed.
#[derive(Debug)]
pub(super) struct Sessions {
    pub(super) name: String,
    open: Mutex<Option<(Instant, Arc<Session>)>>,
}

impl Sessions {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            open: Mutex::new(None),
        }
    }

    /// Returns the environment, opened at most 30 seconds ago.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, for example because it is stopped. The next call tries again.
    pub(super) async fn get(&self) -> Result<Arc<Session>, SessionError> {
        let mut open = self.open.lock().await;
        match open.as_ref() {
            Some((since, session)) if since.elapsed() < MAX_AGE => Ok(session.clone()),
            _ => {
                *open = None;
                let session = Arc::new(Session::open(&self.name).await?);
                *open = Some((Instant::now(), session.clone()));
                Ok(session)
            }
        }
    }
}
