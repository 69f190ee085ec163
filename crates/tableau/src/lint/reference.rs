//! Finds references in a text.

/// A reference to a field: `[source].[field]`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Reference<'a> {
    pub(super) source: &'a str,
    pub(super) field: &'a str,
}

/// All references in a shelf, an attribute or a label.
pub(super) fn references(text: &str) -> impl Iterator<Item = Reference<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (source, after) = name(rest)?;
            rest = after;
            let Some(inner) = after.strip_prefix('.').filter(|next| next.starts_with('[')) else {
                continue;
            };
            let (field, after) = name(inner)?;
            rest = after;
            return Some(Reference { source, field });
        }
    })
}

/// All names in brackets in a formula, such as `SUM([net_quantity])`.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (found, after) = name(rest)?;
        rest = after;
        Some(found)
    })
}

/// The first name in brackets, and what follows it.
fn name(text: &str) -> Option<(&str, &str)> {
    let (_, inner) = text.split_once('[')?;
    inner.split_once(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_of_a_shelf_is_found() {
        let found: Vec<_> = references("([a].[sum:x:qk] + [b].[avg:y:qk])").collect();
        let reference = |source, field| Reference { source, field };
        assert_eq!(
            found,
            [reference("a", "sum:x:qk"), reference("b", "avg:y:qk")]
        );
        assert_eq!(references("[level] only").count(), 0);
        assert_eq!(references("[open].[never").count(), 0);
    }

    #[test]
    fn every_name_of_a_formula_is_found() {
        assert!(names("SUM([a]) / SUM([b])").eq(["a", "b"]));
    }
}
