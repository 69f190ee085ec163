//! Decides which requests the console answers: those of the browser that opened the address with the token.
//!
//! Other programs of this machine do not know the token, and pages of other origins are refused by `Origin` and
//! `Sec-Fetch-Site`. A page whose host name was changed to this machine's address (DNS rebinding) sends its own name in
//! `Host`. `POST` needs a header that a form of another page cannot send.

use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, Method, header};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Header that a `POST` must carry, with any value.
pub(super) const HEADER: &str = "x-riverhouse-console";

/// Bytes of randomness in a token.
const TOKEN_BYTES: usize = 32;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the request names another host")]
    Host,
    #[error("the request comes from a page of another origin")]
    Origin,
    #[error(
        "this browser has not opened the address that `stack console` printed, which works once"
    )]
    Cookie,
    #[error("the request lacks the header `{HEADER}`")]
    Header,
}

/// Secrets of one run of the console.
#[derive(Debug)]
pub(super) struct Guard {
    port: u16,
    /// The token in the printed address; `None` once it was used.
    token: Mutex<Option<String>>,
    session: String,
}

impl Guard {
    /// Creates a guard with new secrets for a server on `port` of the loopback interface.
    pub(super) fn new(port: u16) -> Self {
        Self {
            port,
            token: Mutex::new(Some(random())),
            session: random(),
        }
    }

    /// Returns the token, unless it was used.
    pub(super) fn token(&self) -> Option<String> {
        self.lock().clone()
    }

    /// Exchanges the token for the value of `Set-Cookie`. A token works once.
    pub(super) fn redeem(&self, token: &str) -> Option<String> {
        let mut kept = self.lock();
        let is_right = kept.as_ref().is_some_and(|kept| is_same(kept, token));
        if !is_right {
            return None;
        }
        *kept = None;
        Some(format!(
            "{}={}; HttpOnly; SameSite=Strict; Path=/",
            self.cookie_name(),
            self.session
        ))
    }

    /// Checks where a request comes from, without its cookie.
    pub(super) fn check_source(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or(""));
        let host = text(header::HOST).unwrap_or_default();
        let hosts = [
            format!("127.0.0.1:{}", self.port),
            format!("localhost:{}", self.port),
        ];
        if !hosts.iter().any(|known| known == host) {
            return Err(Refusal::Host);
        }
        let is_other = |origin| origin != format!("http://{host}");
        if text(header::ORIGIN).is_some_and(is_other) {
            return Err(Refusal::Origin);
        }
        let site = headers.get("sec-fetch-site");
        match site.map(|value| value.to_str().unwrap_or_default()) {
            None | Some("none" | "same-origin") => Ok(()),
            Some(_) => Err(Refusal::Origin),
        }
    }

    /// Checks a request to anything except the address with the token.
    pub(super) fn check(&self, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
        self.check_source(headers)?;
        let cookies = headers.get_all(header::COOKIE).iter();
        let mut cookies = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let name = self.cookie_name();
        if !cookies.any(|(key, value)| key == name && is_same(value, &self.session)) {
            return Err(Refusal::Cookie);
        }
        if method != Method::GET && method != Method::HEAD && !headers.contains_key(HEADER) {
            return Err(Refusal::Header);
        }
        Ok(())
    }

    /// Browsers share cookies between the ports of a host, so the name contains the port.
    fn cookie_name(&self) -> String {
        format!("riverhouse-console-{}", self.port)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn random() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; TOKEN_BYTES]>())
}

/// Compares hashes, so that the time tells nothing about the secret.
fn is_same(one: &str, other: &str) -> bool {
    Sha256::digest(one) == Sha256::digest(other)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (
                header::HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            )
        };
        pairs.iter().map(pair).collect()
    }

    /// A guard on port 7000 with the cookie of the browser that opened it.
    fn opened() -> (Guard, String) {
        let guard = Guard::new(7000);
        let token = guard.token().unwrap();
        let cookie = guard.redeem(&token).unwrap();
        let pair = cookie.split(';').next().unwrap().to_owned();
        (guard, pair)
    }

    #[test]
    fn a_token_works_once_and_no_other_token_does() {
        let guard = Guard::new(7000);
        let token = guard.token().unwrap();
        assert_eq!(token.len(), 43);
        assert_eq!(guard.redeem("wrong"), None);
        let cookie = guard.redeem(&token).unwrap();
        assert!(cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"));
        assert!(!cookie.contains(&token));
        assert_eq!(guard.redeem(&token), None);
        assert_ne!(Guard::new(7000).token(), Some(token));
    }

    #[test]
    fn the_browser_that_opened_the_console_is_answered() {
        let (guard, cookie) = opened();
        let get = |pairs: &[(&'static str, &str)]| guard.check(&Method::GET, &headers(pairs));
        for host in ["127.0.0.1:7000", "localhost:7000"] {
            assert_eq!(get(&[("host", host), ("cookie", &cookie)]), Ok(()));
        }
        let among = format!("a=b; {cookie}; c=d");
        let origin = ("origin", "http://127.0.0.1:7000");
        let pairs = [("host", "127.0.0.1:7000"), ("cookie", &among), origin];
        assert_eq!(get(&pairs), Ok(()));
        let site = ("sec-fetch-site", "same-origin");
        assert_eq!(get(&[pairs[0], pairs[1], site]), Ok(()));
    }

    #[test]
    fn another_host_origin_or_cookie_is_refused() {
        let (guard, cookie) = opened();
        let host = ("host", "127.0.0.1:7000");
        let cookie = ("cookie", cookie.as_str());
        let get = |pairs: &[(&'static str, &str)]| guard.check(&Method::GET, &headers(pairs));
        for other in [
            "evil.example",
            "127.0.0.1:7001",
            "127.0.0.1",
            "evil.example:7000",
        ] {
            assert_eq!(
                get(&[("host", other), cookie]),
                Err(Refusal::Host),
                "{other}"
            );
        }
        assert_eq!(get(&[cookie]), Err(Refusal::Host));
        for other in [
            "http://evil.example",
            "null",
            "https://127.0.0.1:7000",
            "http://localhost:7000",
        ] {
            let refused = get(&[host, cookie, ("origin", other)]);
            assert_eq!(refused, Err(Refusal::Origin), "{other}");
        }
        for site in ["cross-site", "same-site"] {
            let refused = get(&[host, cookie, ("sec-fetch-site", site)]);
            assert_eq!(refused, Err(Refusal::Origin), "{site}");
        }
        assert_eq!(get(&[host]), Err(Refusal::Cookie));
        let (_, other) = opened();
        assert_eq!(get(&[host, ("cookie", &other)]), Err(Refusal::Cookie));
    }

    #[test]
    fn a_post_needs_the_header_that_a_form_cannot_send() {
        let (guard, cookie) = opened();
        let mut seen = headers(&[("host", "127.0.0.1:7000"), ("cookie", &cookie)]);
        assert_eq!(guard.check(&Method::POST, &seen), Err(Refusal::Header));
        seen.insert(HEADER, HeaderValue::from_static("1"));
        assert_eq!(guard.check(&Method::POST, &seen), Ok(()));
    }
}
