//! Everything that is open in an environment.

use cloudformation::CallFailure;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::dead_letters::{self, DeadLetter, dead_letters};
use super::{
    Reject, RejectObject, RejectsError, Resolution, Stage, acknowledge, locations, open_objects,
};
use crate::session::Session;

/// Maximum number of locations that are read concurrently.
const PREFETCH: usize = 4;

/// Open rejects and dead letters.
#[derive(Clone, Debug, Default)]
pub struct OpenRejects {
    /// Reject objects with open lines.
    pub objects: Vec<RejectObject>,
    /// Dead letters, invisible to others until they are put back.
    pub letters: Vec<DeadLetter>,
}

impl OpenRejects {
    /// Reads the open rejects of `stage`, or of all stages.
    ///
    /// # Errors
    ///
    /// When a bucket or a queue cannot be read.
    pub async fn of(session: &Session, stage: Option<Stage>) -> Result<Self, RejectsError> {
        let s3 = session.s3();
        let locations = locations(&session.outputs.buckets).into_iter();
        let locations: Vec<_> = locations
            .filter(|location| stage.is_none_or(|stage| stage == location.stage))
            .collect();
        let read = locations.iter().map(|location| open_objects(&s3, location));
        let read: Vec<_> = read.collect();
        let objects: Vec<_> = stream::iter(read).buffered(PREFETCH).try_collect().await?;
        let letters = match stage {
            Some(Stage::Ingest | Stage::Store) => Vec::new(),
            _ => dead_letters(session).await?,
        };
        let (wanted, others): (Vec<_>, Vec<_>) = letters
            .into_iter()
            .partition(|it| stage.is_none_or(|stage| stage == it.reject.stage));
        dead_letters::put_back(session, &others).await;
        Ok(Self {
            objects: objects.into_iter().flatten().collect(),
            letters: wanted,
        })
    }

    /// Keeps only the rejects that match `wanted`, and puts the other dead letters back.
    pub async fn retain(&mut self, session: &Session, wanted: impl Fn(&Reject) -> bool) {
        for object in &mut self.objects {
            object.open.retain(&wanted);
        }
        self.objects.retain(|object| !object.open.is_empty());
        let letters = std::mem::take(&mut self.letters).into_iter();
        let (letters, others): (Vec<_>, Vec<_>) = letters.partition(|it| wanted(&it.reject));
        dead_letters::put_back(session, &others).await;
        self.letters = letters;
    }

    /// Returns the rejects ordered by stage, then by time.
    #[must_use]
    pub fn rejects(&self) -> Vec<&Reject> {
        let lines = self.objects.iter().flat_map(|object| &object.open);
        let letters = self.letters.iter().map(|letter| &letter.reject);
        let mut rejects: Vec<_> = lines.chain(letters).collect();
        rejects.sort_by_key(|it| (it.stage, &it.at, &it.position));
        rejects
    }

    /// Acknowledges everything. A dead letter is stored with the acknowledged lines of the staging bucket, then
    /// deleted from its queue. Idempotent.
    ///
    /// # Errors
    ///
    /// When a bucket or a queue cannot be written.
    pub async fn acknowledge(&self, session: &Session) -> Result<(), CallFailure> {
        let s3 = session.s3();
        for object in &self.objects {
            acknowledge(&s3, object, &object.open, Resolution::Acknowledged).await?;
        }
        for letter in &self.letters {
            let object = of_letter(session, letter);
            acknowledge(&s3, &object, &object.open, Resolution::Acknowledged).await?;
            dead_letters::delete(session, letter).await?;
        }
        Ok(())
    }
}

/// Returns the dead letter as the only line of an object that does not exist, so that it is stored like other
/// acknowledged lines.
fn of_letter(session: &Session, letter: &DeadLetter) -> RejectObject {
    let reject = letter.reject.clone();
    RejectObject {
        bucket: session.outputs.buckets.staging.clone(),
        key: format!(
            "rejects/dead-letters/{}/{}.ndjson",
            reject.stage.word(),
            reject.id
        ),
        etag: "letter".to_owned(),
        ids: [reject.id.clone()].into(),
        open: vec![reject],
    }
}
