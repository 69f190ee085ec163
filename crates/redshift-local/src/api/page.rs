//! Pages of lists, and the tokens that name the next page.

use std::fmt::{self, Display};
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::error::ApiError;
use super::shape::List;
use super::validate;

/// Returns a token for position `at` of the list `of`.
pub(crate) fn token(of: &str, at: impl Display) -> String {
    URL_SAFE_NO_PAD.encode(format!("{at}:{of}"))
}

/// Returns the position in `token`, or `None` without a token. A token of another list is refused.
fn named<T: FromStr>(of: &str, token: Option<&str>) -> Result<Option<T>, ApiError> {
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        return Ok(None);
    };
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (at, named) = text.split_once(':')?;
        if named == of { at.parse().ok() } else { None }
    };
    let at = read()
        .ok_or_else(|| ApiError::validation("The NextToken is not valid for this request"))?;
    Ok(Some(at))
}

/// Returns the position in `token`, or 0 without a token. A token of another list is refused.
pub(crate) fn position(of: &str, token: Option<&str>) -> Result<u64, ApiError> {
    named(of, token).map(Option::unwrap_or_default)
}

/// Returns one page of `items` and the token of the next page.
pub(crate) fn paginate<T>(
    of: &str,
    items: Vec<T>,
    token_in: Option<&str>,
    most: Option<i64>,
    usual: usize,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let most = validate::page_size(most, usual)?;
    let at = usize::try_from(position(of, token_in)?).unwrap_or(usize::MAX);
    let total = items.len();
    let page: Vec<T> = items.into_iter().skip(at).take(most).collect();
    let end = at.saturating_add(page.len());
    let next = (end < total && !page.is_empty()).then(|| token(of, end));
    Ok((page, next))
}

/// Position in a list that is sorted by time and id.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct ListPosition {
    pub(crate) created_ms: i64,
    pub(crate) id: String,
}

impl Display for ListPosition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.created_ms, self.id)
    }
}

impl FromStr for ListPosition {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (created_ms, id) = text.split_once('.').ok_or(())?;
        Ok(Self {
            created_ms: created_ms.parse().map_err(|_| ())?,
            id: id.to_owned(),
        })
    }
}

/// Returns one page of `items`, which are sorted from the latest to the earliest, and the token of
/// the next page. Items that are added later do not shift the following pages. A token is valid
/// only for the same list and filters.
pub(crate) fn paginate_latest<T>(
    list: &str,
    mut items: Vec<T>,
    position: impl Fn(&T) -> ListPosition,
    request: &List,
    usual: usize,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let most = validate::page_size(request.max_results, usual)?;
    let filter = List {
        next_token: None,
        max_results: None,
        ..request.clone()
    };
    let of = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{list} {filter:?}")));
    if let Some(last) = named::<ListPosition>(&of, request.next_token.as_deref())? {
        items.retain(|item| position(item) < last);
    }
    let more = items.len() > most;
    items.truncate(most);
    let next = items.last().filter(|_| more);
    let next = next.map(|item| token(&of, position(item)));
    Ok((items, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_up_to_the_last() {
        let items: Vec<u32> = (0..5).collect();
        let (first, next) = paginate("x", items.clone(), None, Some(2), 10).unwrap();
        let (second, next) = paginate("x", items.clone(), next.as_deref(), Some(2), 10).unwrap();
        let (third, end) = paginate("x", items.clone(), next.as_deref(), Some(2), 10).unwrap();
        assert_eq!([first, second, third].concat(), items);
        assert_eq!(end, None);
    }

    #[test]
    fn items_added_between_requests_do_not_shift_pages() {
        let position = |n: &i64| ListPosition {
            created_ms: *n,
            id: "x".to_owned(),
        };
        let mut request = List {
            max_results: Some(2),
            ..List::default()
        };
        let (first, next) = paginate_latest("a", vec![5, 4, 3], position, &request, 10).unwrap();
        request.next_token = next;
        let (second, end) =
            paginate_latest("a", vec![7, 6, 5, 4, 3], position, &request, 10).unwrap();
        assert_eq!((first, second, end), (vec![5, 4], vec![3], None));
        assert!(paginate_latest("b", vec![5, 4, 3], position, &request, 10).is_err());
        request.database = Some("d".to_owned());
        assert!(paginate_latest("a", vec![5, 4, 3], position, &request, 10).is_err());
    }

    #[test]
    fn a_token_of_another_list_is_refused() {
        assert!(position("b", Some(&token("a", 1))).is_err());
        assert!(position("a", Some("garbage")).is_err());
        assert!(paginate("a", vec![1], None, Some(11), 10).is_err());
    }
}
