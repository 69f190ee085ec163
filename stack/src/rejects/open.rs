//! Everything that is open in an environment.

use cloudformation::CallFailure;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::letters::{self, Letter, dead_letters};
use super::{How, Reject, RejectObject, RejectsError, Stage, acknowledge, open_objects, places};
use crate::session::Session;

/// Maximum number of places that are read concurrently.
const AHEAD: usize = 4;

/// Open rejects and dead letters.
#[derive(Clone, Debug, Default)]
pub struct Open {
    /// Reject objects with open lines.
    pub objects: Vec<RejectObject>,
    /// Dead letters, invisible to others until they are put back.
    pub letters: Vec<Letter>,
}

impl Open {
    /// Reads the open rejects of `stage`, or of all stages.
    ///
    /// # Errors
    ///
    /// When a bucket or a queue cannot be read.
    pub async fn of(session: &Session, stage: Option<Stage>) -> Result<Self, RejectsError> {
        let s3 = session.s3();
        let places = places(&session.outputs.buckets).into_iter();
        let places: Vec<_> = places
            .filter(|place| stage.is_none_or(|stage| stage == place.stage))
            .collect();
        let objects = stream::iter(&places).map(|place| open_objects(&s3, place));
        let objects: Vec<_> = objects.buffered(AHEAD).try_collect().await?;
        let letters = match stage {
            Some(Stage::Ingest | Stage::Store) => Vec::new(),
            _ => dead_letters(session).await?,
        };
        let (wanted, others): (Vec<_>, Vec<_>) = letters
            .into_iter()
            .partition(|it| stage.is_none_or(|stage| stage == it.reject.stage));
        letters::put_back(session, &others).await;
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
        letters::put_back(session, &others).await;
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
            acknowledge(&s3, object, &object.open, How::Acknowledged).await?;
        }
        for letter in &self.letters {
            let object = of_letter(session, letter);
            acknowledge(&s3, &object, &object.open, How::Acknowledged).await?;
            letters::delete(session, letter).await?;
        }
        Ok(())
    }
}

/// Returns the dead letter as the only line of an object that does not exist, so that it is stored like other
/// acknowledged lines.
fn of_letter(session: &Session, letter: &Letter) -> RejectObject {
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
