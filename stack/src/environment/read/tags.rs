//! Validates tags.

use std::collections::BTreeMap;

use serde_yaml::Spanned;

use super::{Checked, Reader};

/// Tags that are set automatically.
const OWN_TAGS: [&str; 2] = ["application", "environment"];

impl Reader<'_> {
    pub(super) fn tags(
        &self,
        name: &str,
        written: &BTreeMap<String, Spanned<String>>,
    ) -> Checked<BTreeMap<String, String>> {
        let mut tags = BTreeMap::from([
            (
                OWN_TAGS[0].to_owned(),
                crate::environment::APPLICATION.to_owned(),
            ),
            (OWN_TAGS[1].to_owned(), name.to_owned()),
        ]);
        for (key, value) in written {
            if OWN_TAGS.contains(&key.as_str()) {
                return self.refuse(
                    "tags",
                    value,
                    format!("sets `{key}`, which is set automatically: remove it"),
                );
            }
            if key.is_empty()
                || key.len() > 128
                || key.starts_with("aws:")
                || value.value.len() > 256
            {
                let problem = format!(
                    "has `{key}`: a key has 1 to 128 characters and does not start with `aws:`, a value has at most 256"
                );
                return self.refuse("tags", value, problem);
            }
            tags.insert(key.clone(), value.value.clone());
        }
        Ok(tags)
    }
}
