//! A Data API in memory, with scripted answers.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use crate::api::{ApiError, DataApi, Fault, Page, Status};
use crate::statement::{Description, StatementId, Submission};

/// Returns the scripted descriptions and pages in order, and records the requests.
#[derive(Default)]
pub(crate) struct ScriptedDataApi {
    pub(crate) descriptions: Mutex<VecDeque<Result<Description, Fault>>>,
    pub(crate) pages: Mutex<VecDeque<Page>>,
    /// The failures of the next submissions, in order.
    pub(crate) refusals: Mutex<VecDeque<Fault>>,
    pub(crate) submitted: Mutex<Vec<Submission>>,
    pub(crate) waits: Mutex<Vec<Duration>>,
    pub(crate) tokens: Mutex<Vec<Option<String>>>,
    pub(crate) cancelled: Mutex<Vec<StatementId>>,
}

impl ScriptedDataApi {
    pub(crate) fn describing(
        descriptions: impl IntoIterator<Item = Result<Description, Fault>>,
    ) -> Self {
        Self {
            descriptions: Mutex::new(descriptions.into_iter().collect()),
            ..Self::default()
        }
    }
}

pub(crate) fn error(fault: Fault) -> ApiError {
    ApiError {
        action: "Test",
        fault,
        code: "Code".into(),
        message: "scripted".into(),
    }
}

/// Returns a description of a single statement.
pub(crate) fn description(status: Status) -> Description {
    Description {
        status,
        error: None,
        has_result: false,
        taken_at: None,
        parts: Vec::new(),
    }
}

impl DataApi for &ScriptedDataApi {
    async fn submit(&self, submission: &Submission) -> Result<StatementId, ApiError> {
        self.submitted.lock().unwrap().push(submission.clone());
        match self.refusals.lock().unwrap().pop_front() {
            Some(fault) => Err(error(fault)),
            None => Ok(StatementId("s-1".into())),
        }
    }

    async fn describe(&self, _: &StatementId, wait: Duration) -> Result<Description, ApiError> {
        self.waits.lock().unwrap().push(wait);
        let scripted = self.descriptions.lock().unwrap().pop_front();
        scripted
            .unwrap_or_else(|| Ok(description(Status::Running)))
            .map_err(error)
    }

    async fn page(&self, _: &StatementId, next: Option<&str>) -> Result<Page, ApiError> {
        self.tokens.lock().unwrap().push(next.map(str::to_owned));
        self.pages
            .lock()
            .unwrap()
            .pop_front()
            .ok_or_else(|| error(Fault::NotFound))
    }

    async fn cancel(&self, id: &StatementId) -> Result<bool, ApiError> {
        self.cancelled.lock().unwrap().push(id.clone());
        Ok(true)
    }
}
