//! Reads the body of a request as text.

use std::io::Read as _;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::{AsHeaderName, CONTENT_ENCODING, CONTENT_TYPE};

use super::charset::{Charset, Text};
use crate::answer::Refused;

/// The largest body, in bytes, after base64 decoding and decompression: 4 MiB.
///
/// Lambda accepts [6 MB] in a request; a body of 4 MiB has 5.6 MB in base64.
///
/// [6 MB]: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

const SUPPORTED: &str = "application/json or application/x-ndjson, in UTF-8";

/// The first bytes of every gzip stream. No JSON text starts with them.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// How a body separates its events.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// One JSON value: an event or an array of events.
    Json,
    /// One event per line (NDJSON).
    Lines,
}

#[derive(Debug, Eq, PartialEq)]
pub(super) struct Body {
    pub(super) form: Form,
    /// The text without a byte order mark.
    pub(super) text: Text,
}

/// Reads the body of `request` according to its content type and content encoding. A byte that is not UTF-8
/// invalidates only the event that contains it, not the whole body.
pub(super) fn read(request: &ApiGatewayProxyRequest) -> Result<Body, Refused> {
    let (form, charset) = understood(header(&request.headers, CONTENT_TYPE))?;
    let is_gzip = is_gzip(header(&request.headers, CONTENT_ENCODING))?;
    let body = request.body.as_deref().unwrap_or_default();
    let text = if request.is_base64_encoded {
        let bytes = BASE64_STANDARD.decode(body).map_err(|error| {
            let detail = format!("the body is marked as base64: {error}");
            Refused::new(400, "not_base64", detail)
        })?;
        // API Gateway may decompress the body and keep the header.
        let bytes = if is_gzip && bytes.starts_with(&GZIP_MAGIC) {
            decompressed(&bytes)?
        } else {
            bytes
        };
        Text::decode(bytes, charset)
    } else {
        Text::from(already_decoded(body, charset)?.to_owned())
    };
    limited(text.as_str().len())?;
    Ok(Body { form, text })
}

fn header(headers: &HeaderMap, name: impl AsHeaderName) -> &str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

/// Checks a body that API Gateway has decoded as UTF-8. API Gateway passes our content types as bytes, so this happens
/// only for a spelling of the content type that it does not recognise. Text in another charset is damaged by then and
/// is refused, unless it is ASCII. U+FFFD is accepted, because it may be what the producer sent.
fn already_decoded(body: &str, charset: Charset) -> Result<&str, Refused> {
    if charset != Charset::Utf8 && !body.is_ascii() {
        let detail = "this content type is accepted only in UTF-8: send application/json or application/x-ndjson";
        return Err(Refused::new(415, "unsupported_media_type", detail));
    }
    Ok(body)
}

fn limited(bytes: usize) -> Result<(), Refused> {
    if bytes > MAX_BODY_BYTES {
        let detail = format!("the body has {bytes} bytes; at most {MAX_BODY_BYTES} are accepted");
        return Err(Refused::new(413, "body_too_large", detail));
    }
    Ok(())
}

/// Returns whether this content encoding is gzip.
fn is_gzip(encoding: &str) -> Result<bool, Refused> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(false),
        "gzip" | "x-gzip" => Ok(true),
        _ => {
            let detail = format!("content encoding {encoding} is not supported: send gzip or none");
            Err(Refused::new(415, "unsupported_encoding", detail))
        }
    }
}

/// Decompresses at most [`MAX_BODY_BYTES`], so that a small body cannot exhaust the memory.
fn decompressed(gzip: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    let mut reader = MultiGzDecoder::new(gzip).take(MAX_BODY_BYTES as u64 + 1);
    reader.read_to_end(&mut bytes).map_err(|error| {
        let detail = format!("the body is marked as gzip and cannot be decompressed: {error}");
        Refused::new(400, "not_gzip", detail)
    })?;
    if bytes.len() > MAX_BODY_BYTES {
        let detail =
            format!("the decompressed body has more than {MAX_BODY_BYTES} bytes, the maximum");
        return Err(Refused::new(413, "body_too_large", detail));
    }
    Ok(bytes)
}

/// Reads a content type such as `application/json; charset=utf-8`.
fn understood(content_type: &str) -> Result<(Form, Charset), Refused> {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    let form = match media.to_ascii_lowercase().as_str() {
        "application/json" | "text/json" => Some(Form::Json),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Form::Lines),
        _ => None,
    };
    form.zip(Charset::named(content_type)).ok_or_else(|| {
        let came = match content_type {
            "" => "none",
            named => named,
        };
        let detail = format!("content type {came} is not supported: send {SUPPORTED}");
        Refused::new(415, "unsupported_media_type", detail)
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn request(content_type: &str, body: &[u8]) -> ApiGatewayProxyRequest {
        let mut request = ApiGatewayProxyRequest::default();
        if !content_type.is_empty() {
            let value = HeaderValue::from_str(content_type).unwrap();
            request.headers.insert(CONTENT_TYPE, value);
        }
        request.body = Some(BASE64_STANDARD.encode(body));
        request.is_base64_encoded = true;
        request
    }

    fn reason(content_type: &str, body: &[u8]) -> (i64, &'static str) {
        let refused = read(&request(content_type, body)).unwrap_err();
        (refused.status, refused.reason)
    }

    #[test]
    fn content_types_that_mean_json_or_lines_are_taken() {
        for (content_type, form) in [
            ("application/json", Form::Json),
            ("Application/JSON; Charset=\"UTF-8\"", Form::Json),
            ("text/json;charset=us-ascii", Form::Json),
            ("application/x-ndjson", Form::Lines),
            ("application/jsonl; profile=x", Form::Lines),
        ] {
            let body = read(&request(content_type, b"{}")).unwrap();
            assert_eq!(
                body,
                Body {
                    form,
                    text: Text::from("{}".to_owned())
                },
                "{content_type}"
            );
        }
    }

    #[test]
    fn other_content_types_and_charsets_are_415() {
        for content_type in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/json; charset=utf-16",
        ] {
            let answer = reason(content_type, b"{}");
            assert_eq!(answer, (415, "unsupported_media_type"), "{content_type}");
        }
    }

    fn compressed(content_encoding: &'static str, body: &[u8]) -> ApiGatewayProxyRequest {
        let mut request = request("application/json", body);
        let encoding = HeaderValue::from_static(content_encoding);
        request.headers.insert(CONTENT_ENCODING, encoding);
        request
    }

    fn refusal(request: &ApiGatewayProxyRequest) -> (i64, &'static str) {
        let refused = read(request).unwrap_err();
        (refused.status, refused.reason)
    }

    #[test]
    fn a_pound_sign_of_the_kaggle_file_is_read_only_when_the_charset_says_so() {
        let json = "application/json";
        let damaged = read(&request(json, b"\"\xa3\"")).unwrap().text;
        assert!(damaged.damaged(damaged.as_str()).is_some());
        for charset in ["iso-8859-1", "windows-1252"] {
            let content_type = format!("{json};charset={charset}");
            let body = read(&request(&content_type, b"\"\xa3 \x80 \x93\"")).unwrap();
            assert_eq!(body.text.as_str(), "\"£ € “\"");
        }
    }

    #[test]
    fn text_that_api_gateway_decoded_is_taken_unless_its_charset_is_another() {
        let decoded = |content_type: &str, text: &str| {
            let mut request = request(content_type, b"");
            request.body = Some(text.to_owned());
            request.is_base64_encoded = false;
            read(&request)
                .map(|body| body.text.as_str().to_owned())
                .map_err(|refused| (refused.status, refused.reason))
        };
        let (utf8, latin) = ("application/json", "application/json; charset=iso-8859-1");
        let marked = decoded(utf8, "\u{feff}{\"£\":1}");
        assert_eq!(marked.as_deref(), Ok("{\"£\":1}"));
        assert_eq!(decoded(latin, "{}").as_deref(), Ok("{}"));
        let unsupported = Err((415, "unsupported_media_type"));
        assert_eq!(decoded(latin, "\"\u{fffd}\""), unsupported);
        let replaced = decoded(utf8, "\"\u{fffd}\"");
        assert_eq!(replaced.as_deref(), Ok("\"\u{fffd}\""));
    }

    #[test]
    fn gzip_is_decompressed_and_a_body_that_api_gateway_decompressed_is_taken_as_it_is() {
        let gzip = crate::gzip::compress(b"{\"a\":1}");
        for body in [gzip.as_slice(), b"{\"a\":1}"] {
            for encoding in ["gzip", "X-GZIP"] {
                let body = read(&compressed(encoding, body)).unwrap();
                assert_eq!(body.text.as_str(), "{\"a\":1}");
            }
        }
        assert!(read(&compressed("identity", b"{}")).is_ok());
        let half = &gzip[..gzip.len() / 2];
        assert_eq!(refusal(&compressed("gzip", half)), (400, "not_gzip"));
        for encoding in ["br", "deflate", "gzip, gzip"] {
            let answer = refusal(&compressed(encoding, &gzip));
            assert_eq!(answer, (415, "unsupported_encoding"), "{encoding}");
        }
    }

    #[test]
    fn a_small_body_that_becomes_a_large_one_is_413() {
        let most = crate::gzip::compress(&vec![b' '; MAX_BODY_BYTES]);
        assert!(read(&compressed("gzip", &most)).is_ok());
        let more = crate::gzip::compress(&vec![b' '; MAX_BODY_BYTES + 1]);
        assert!(more.len() < MAX_BODY_BYTES);
        let answer = refusal(&compressed("gzip", &more));
        assert_eq!(answer, (413, "body_too_large"));
    }

    #[test]
    fn a_body_over_the_limit_is_413_and_one_at_the_limit_is_not() {
        assert_eq!(MAX_BODY_BYTES, 4_194_304);
        let most = vec![b' '; MAX_BODY_BYTES];
        assert!(read(&request("application/json", &most)).is_ok());
        let more = vec![b' '; MAX_BODY_BYTES + 1];
        assert_eq!(reason("application/json", &more), (413, "body_too_large"));
        let mut not_base64 = request("application/json", b"");
        not_base64.body = Some("@".to_owned());
        assert_eq!(read(&not_base64).unwrap_err().reason, "not_base64");
    }
}
