//! Tokens that name the next page.

use std::fmt::{self, Display};
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::error::ApiError;
use super::shape::List;
use super::validate;

/// A token for position `at` of what `of` names. A token of another list is refused.
pub(crate) fn token(of: &str, at: impl Display) -> String {
    URL_SAFE_NO_PAD.encode(format!("{at}:{of}"))
}

/// The position that `token` names; without one, none.
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

/// The position that `token` names; without one, the start.
pub(crate) fn position(of: &str, token: Option<&str>) -> Result<u64, ApiError> {
    named(of, token).map(Option::unwrap_or_default)
}

/// One page of `items` and the token of the next.
pub(crate) fn cut<T>(
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

/// Where something stands in a list of the latest first: when it came, and its id.
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

/// One page of `items`, of which the latest stands first, and the token of the next. What comes
/// while a client turns pages moves none of them. A token is good for one list and its filters.
pub(crate) fn cut_latest<T>(
    list: &str,
    mut items: Vec<T>,
    place: impl Fn(&T) -> ListPosition,
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
        items.retain(|item| place(item) < last);
    }
    let more = items.len() > most;
    items.truncate(most);
    let next = items.last().filter(|_| more);
    let next = next.map(|item| token(&of, place(item)));
    Ok((items, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_and_end() {
        let items: Vec<u32> = (0..5).collect();
        let (first, next) = cut("x", items.clone(), None, Some(2), 10).unwrap();
        let (second, next) = cut("x", items.clone(), next.as_deref(), Some(2), 10).unwrap();
        let (third, end) = cut("x", items.clone(), next.as_deref(), Some(2), 10).unwrap();
        assert_eq!([first, second, third].concat(), items);
        assert_eq!(end, None);
    }

    #[test]
    fn what_comes_while_pages_are_turned_moves_none_of_them() {
        let place = |n: &i64| ListPosition {
            created_ms: *n,
            id: "x".to_owned(),
        };
        let mut request = List {
            max_results: Some(2),
            ..List::default()
        };
        let (first, next) = cut_latest("a", vec![5, 4, 3], place, &request, 10).unwrap();
        request.next_token = next;
        let (second, end) = cut_latest("a", vec![7, 6, 5, 4, 3], place, &request, 10).unwrap();
        assert_eq!((first, second, end), (vec![5, 4], vec![3], None));
        assert!(cut_latest("b", vec![5, 4, 3], place, &request, 10).is_err());
        request.database = Some("d".to_owned());
        assert!(cut_latest("a", vec![5, 4, 3], place, &request, 10).is_err());
    }

    #[test]
    fn a_token_of_another_list_is_refused() {
        assert!(position("b", Some(&token("a", 1))).is_err());
        assert!(position("a", Some("garbage")).is_err());
        assert!(cut("a", vec![1], None, Some(11), 10).is_err());
    }
}
