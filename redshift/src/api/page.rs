//! Tokens that name the next page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::ApiError;

/// A token for position `at` of what `of` names. A token of another list is refused.
pub(crate) fn token(of: &str, at: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{at}:{of}"))
}

/// The position that `token` names; without one, the start.
pub(crate) fn position(of: &str, token: Option<&str>) -> Result<u64, ApiError> {
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        return Ok(0);
    };
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (at, named) = text.split_once(':')?;
        if named == of { at.parse().ok() } else { None }
    };
    read().ok_or_else(|| ApiError::validation("The NextToken is not valid for this request"))
}

/// One page of `items` and the token of the next. `most` of 0 or none means `usual`.
pub(crate) fn cut<T>(
    of: &str,
    items: Vec<T>,
    token_in: Option<&str>,
    most: Option<usize>,
    usual: usize,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let most = most.filter(|most| *most > 0).unwrap_or(usual);
    if most > usual {
        return Err(super::validate::broken(
            &most.to_string(),
            "maxResults",
            &format!("Member must have value less than or equal to {usual}"),
        ));
    }
    let at = usize::try_from(position(of, token_in)?).unwrap_or(usize::MAX);
    let total = items.len();
    let page: Vec<T> = items.into_iter().skip(at).take(most).collect();
    let end = at.saturating_add(page.len());
    let next = (end < total && !page.is_empty()).then(|| token(of, end as u64));
    Ok((page, next))
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
    fn a_token_of_another_list_is_refused() {
        assert!(position("b", Some(&token("a", 1))).is_err());
        assert!(position("a", Some("garbage")).is_err());
        assert!(cut("a", vec![1], None, Some(11), 10).is_err());
    }
}
