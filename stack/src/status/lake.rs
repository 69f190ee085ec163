//! Lists the objects of the last two days only.

use std::collections::BTreeSet;

use ::warehouse::load::StagedFile;
use aws_sdk_s3::Client;
use cloudformation::CallFailure;
use time::OffsetDateTime;

use crate::object;

/// An object of today or yesterday.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Item {
    pub(super) key: String,
    pub(super) bytes: u64,
    pub(super) modified: Option<OffsetDateTime>,
}

/// Objects of today and yesterday below a prefix that is partitioned by day.
#[derive(Debug, Default)]
pub(super) struct Recent {
    pub(super) items: Vec<Item>,
}

impl Recent {
    pub(super) fn count(&self) -> u64 {
        self.items.len() as u64
    }

    pub(super) fn bytes(&self) -> u64 {
        self.items.iter().map(|item| item.bytes).sum()
    }

    pub(super) fn newest(&self) -> Option<OffsetDateTime> {
        self.items.iter().filter_map(|item| item.modified).max()
    }

    /// Returns the staged files that were written since `since` and are not among the `refused`.
    pub(super) fn since(
        &self,
        since: Option<OffsetDateTime>,
        refused: &BTreeSet<String>,
    ) -> Vec<&Item> {
        let is_new = |item: &&Item| {
            let is_later = since.is_none_or(|since| item.modified.is_some_and(|at| at >= since));
            is_later && StagedFile::at(&item.key).is_ok() && !refused.contains(&item.key)
        };
        self.items.iter().filter(is_new).collect()
    }

    /// Returns when the oldest of the newest `count` objects was written. Messages are received roughly in order, so
    /// these are the objects whose messages still wait.
    pub(super) fn oldest_of_newest(&self, count: u64) -> Option<OffsetDateTime> {
        let mut times: Vec<_> = self.items.iter().filter_map(|item| item.modified).collect();
        times.sort_unstable_by(|one, two| two.cmp(one));
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let position = count.min(times.len()).checked_sub(1)?;
        times.get(position).copied()
    }
}

/// Lists the objects of today and yesterday. The whole lake, which may hold years, is never listed.
pub(super) async fn recent(s3: &Client, bucket: &str, prefix: &str) -> Result<Recent, CallFailure> {
    let today = OffsetDateTime::now_utc().date();
    let mut found = Recent::default();
    for day in [today, today.previous_day().unwrap_or(today)] {
        let objects = object::list(s3, bucket, &format!("{prefix}dt={day}/"), usize::MAX).await?;
        found.items.extend(objects.into_iter().filter_map(|object| {
            Some(Item {
                bytes: object
                    .size()
                    .and_then(|size| u64::try_from(size).ok())
                    .unwrap_or(0),
                modified: object
                    .last_modified()
                    .and_then(|at| OffsetDateTime::from_unix_timestamp_nanos(at.as_nanos()).ok()),
                key: object.key?,
            })
        }));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn files_staged_since_the_last_load_may_wait_unless_they_were_refused() {
        let at = |second| {
            datetime!(2026-01-02 12:00 UTC)
                .replace_second(second)
                .unwrap()
        };
        let item = |name: &str, second| Item {
            key: format!("csv/v1/dt=2026-01-02/{name}"),
            bytes: 1,
            modified: Some(at(second)),
        };
        let recent = Recent {
            items: vec![
                item("a.csv.gz", 1),
                item("b.csv.gz", 9),
                item("c.csv.gz", 8),
                item("d.csv.gz", 7),
                item("notes.txt", 9),
            ],
        };
        let refused = ["csv/v1/dt=2026-01-02/d.csv.gz".to_owned()].into();
        let names = |since| {
            let found = recent.since(since, &refused).into_iter();
            found.map(|item| &item.key[21..22]).collect::<String>()
        };
        assert_eq!(names(Some(at(8))), "bc");
        assert_eq!(names(None), "abc");
        assert_eq!(names(Some(at(10))), "");
    }

    #[test]
    fn as_many_of_the_newest_objects_wait_as_there_are_messages() {
        let item = |second| Item {
            key: String::new(),
            bytes: 1,
            modified: Some(
                datetime!(2026-01-02 12:00 UTC)
                    .replace_second(second)
                    .unwrap(),
            ),
        };
        let recent = Recent {
            items: vec![item(3), item(1), item(2)],
        };
        assert_eq!(recent.oldest_of_newest(2), item(2).modified);
        assert_eq!(recent.oldest_of_newest(9), item(1).modified);
        assert_eq!(recent.oldest_of_newest(0), None);
    }
}
