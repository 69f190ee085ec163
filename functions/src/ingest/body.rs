//! The body of a request as text.

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::CONTENT_TYPE;

use crate::answer::Refused;

/// The most bytes of a body, decoded.
///
/// Lambda takes [6 MB] in a request, in which a body of 4 MiB has 5.6 MB as base64.
///
/// [6 MB]: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

const TAKEN: &str = "application/json or application/x-ndjson, in UTF-8";

/// How events stand in a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// One JSON value: an event or an array of events.
    Json,
    /// An event a line.
    Lines,
}

/// How the text of a body is encoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Charset {
    Utf8,
    /// What the web means by ISO-8859-1 too; the Kaggle file is written in it.
    ///
    /// Source: <https://encoding.spec.whatwg.org/#names-and-labels>
    Windows1252,
}

/// The body of a request.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Body {
    /// How events stand in it.
    pub(super) form: Form,
    /// It, without a byte order mark.
    pub(super) text: String,
}

/// Reads the body of `request` as its content type says.
pub(super) fn read(request: &ApiGatewayProxyRequest) -> Result<Body, Refused> {
    let content_type = request.headers.get(CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (form, charset) = understood(content_type)?;
    let body = request.body.as_deref().unwrap_or_default();
    let text = if request.is_base64_encoded {
        // Three bytes in four characters, of which up to two are padding.
        limited((body.len() / 4 * 3).saturating_sub(2))?;
        let bytes = BASE64_STANDARD.decode(body).map_err(|error| {
            Refused::new(
                400,
                "not_base64",
                format!("the body is marked as base64: {error}"),
            )
        })?;
        decoded(bytes, charset)?
    } else {
        already_read(body, charset)?.to_owned()
    };
    limited(text.len())?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    Ok(Body { form, text })
}

/// API Gateway has read these bytes as UTF-8 already: another charset is damaged by now, and so is what was not UTF-8,
/// of which [U+FFFD] is left. Lines come as bytes.
///
/// [U+FFFD]: char::REPLACEMENT_CHARACTER
fn already_read(body: &str, charset: Charset) -> Result<&str, Refused> {
    if charset != Charset::Utf8 && !body.is_ascii() {
        let detail =
            "JSON is taken in UTF-8 only: send UTF-8, or an event a line as application/x-ndjson";
        return Err(Refused::new(415, "unsupported_media_type", detail));
    }
    if body.contains(char::REPLACEMENT_CHARACTER) {
        let detail = "the body is not UTF-8: send UTF-8, or an event a line as application/x-ndjson with its charset";
        return Err(Refused::new(400, "not_utf8", detail));
    }
    Ok(body)
}

fn limited(bytes: usize) -> Result<(), Refused> {
    if bytes > MAX_BODY_BYTES {
        let detail = format!("the body has {bytes} bytes, at most {MAX_BODY_BYTES} are taken");
        return Err(Refused::new(413, "body_too_large", detail));
    }
    Ok(())
}

/// What `application/json; charset=utf-8` says.
fn understood(content_type: &str) -> Result<(Form, Charset), Refused> {
    let refused = || {
        let came = if content_type.is_empty() {
            "none"
        } else {
            content_type
        };
        let detail = format!("content type {came} is not taken: send {TAKEN}");
        Refused::new(415, "unsupported_media_type", detail)
    };
    let mut parts = content_type.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let form = match media.as_str() {
        "application/json" | "text/json" => Form::Json,
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Form::Lines,
        _ => return Err(refused()),
    };
    let charset = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map_or("utf-8", |(_, value)| value.trim().trim_matches('"'));
    let charset = match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" => Charset::Utf8,
        "windows-1252" | "cp1252" | "iso-8859-1" | "latin1" => Charset::Windows1252,
        _ => return Err(refused()),
    };
    Ok((form, charset))
}

fn decoded(bytes: Vec<u8>, charset: Charset) -> Result<String, Refused> {
    match charset {
        Charset::Windows1252 => Ok(bytes.into_iter().map(windows_1252).collect()),
        Charset::Utf8 => String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let detail = format!(
                "byte {at} is not UTF-8: send UTF-8, or name the charset windows-1252 in the content type"
            );
            Refused::new(400, "not_utf8", detail)
        }),
    }
}

/// The characters of bytes 0x80 to 0x9F; all others are Unicode's own.
///
/// Source: <https://encoding.spec.whatwg.org/index-windows-1252.txt>
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
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
                    text: "{}".to_owned()
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

    #[test]
    fn a_pound_sign_of_the_kaggle_file_is_read_only_when_the_charset_says_so() {
        let json = "application/json";
        assert_eq!(reason(json, b"\"\xa3\""), (400, "not_utf8"));
        for charset in ["iso-8859-1", "windows-1252"] {
            let body = read(&request(
                &format!("{json};charset={charset}"),
                b"\"\xa3 \x80 \x93\"",
            ));
            assert_eq!(body.unwrap().text, "\"£ € “\"");
        }
    }

    #[test]
    fn text_that_api_gateway_decoded_is_taken_unless_that_damaged_it() {
        let decoded = |content_type: &str, text: &str| {
            let mut request = request(content_type, b"");
            request.body = Some(text.to_owned());
            request.is_base64_encoded = false;
            read(&request).map_err(|refused| (refused.status, refused.reason))
        };
        let (utf8, latin) = ("application/json", "application/json; charset=iso-8859-1");
        assert_eq!(
            decoded(utf8, "\u{feff}{\"£\":1}").unwrap().text,
            "{\"£\":1}"
        );
        assert_eq!(decoded(latin, "{}").unwrap().text, "{}");
        assert_eq!(
            decoded(latin, "\"\u{fffd}\""),
            Err((415, "unsupported_media_type"))
        );
        assert_eq!(decoded(utf8, "\"\u{fffd}\""), Err((400, "not_utf8")));
    }

    #[test]
    fn a_body_over_the_limit_is_413_and_one_at_the_limit_is_not() {
        let most = vec![b' '; MAX_BODY_BYTES];
        assert!(read(&request("application/json", &most)).is_ok());
        let more = vec![b' '; MAX_BODY_BYTES + 1];
        assert_eq!(reason("application/json", &more), (413, "body_too_large"));
        let mut not_base64 = request("application/json", b"");
        not_base64.body = Some("@".to_owned());
        assert_eq!(read(&not_base64).unwrap_err().reason, "not_base64");
    }
}
