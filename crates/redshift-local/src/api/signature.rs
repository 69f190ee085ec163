//! Verifies Signature Version 4 by computing the signature again.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use axum::http::request::Parts;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::error::ApiError;
use crate::{Identities, Identity};

/// Maximum difference between the clocks of client and server.
const SKEW: Duration = Duration::from_mins(15);
/// Name of the service in signatures.
const SERVICE: &str = "redshift-data";
const MISMATCH: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";

/// Content of the `Authorization` header.
#[derive(Debug, Eq, PartialEq)]
struct Claim<'h> {
    access_key_id: &'h str,
    date: &'h str,
    region: &'h str,
    service: &'h str,
    signed_headers: Vec<&'h str>,
    signature: &'h str,
}

/// Returns the identity that signed the request.
///
/// # Errors
///
/// Returns [`ApiError`] if the request is not signed, its signature or date is invalid, or its
/// access key is unknown.
pub(crate) async fn verify(
    parts: &Parts,
    body: &[u8],
    region: &str,
    identities: &dyn Identities,
    now: SystemTime,
) -> Result<Identity, ApiError> {
    let header = text(parts, "authorization").ok_or_else(ApiError::missing_token)?;
    let claim = Claim::read(header)?;
    let signing_time = signed_at(parts, &claim, now)?;
    if claim.service != SERVICE || claim.region != region {
        return Err(ApiError::invalid_signature(format!(
            "Credential should be scoped to a valid region and to service '{SERVICE}', \
             not '{}' in '{}'",
            claim.service, claim.region
        )));
    }
    let identity = identities.look_up(claim.access_key_id).await;
    let identity = identity.ok_or_else(ApiError::unrecognized_client)?;
    let token = text(parts, "x-amz-security-token");
    if identity.session_token.as_ref().map(crate::Secret::expose) != token {
        return Err(ApiError::unrecognized_client());
    }
    let expected = expected(parts, body, &claim, &identity, signing_time)?;
    // A constant-time comparison is not needed for digests on a loopback interface.
    if expected == claim.signature {
        Ok(identity)
    } else {
        Err(ApiError::invalid_signature(MISMATCH))
    }
}

impl<'h> Claim<'h> {
    fn read(header: &'h str) -> Result<Self, ApiError> {
        let broken = || {
            ApiError::incomplete_signature(
                "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' of \
                 AWS4-HMAC-SHA256",
            )
        };
        let fields = header.strip_prefix("AWS4-HMAC-SHA256").ok_or_else(broken)?;
        let field = |name: &str| {
            fields
                .split(',')
                .find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let credential = field("Credential").ok_or_else(broken)?;
        let mut scope = credential.rsplitn(5, '/');
        let (Some("aws4_request"), Some(service), Some(region), Some(date), Some(access_key_id)) = (
            scope.next(),
            scope.next(),
            scope.next(),
            scope.next(),
            scope.next(),
        ) else {
            return Err(broken());
        };
        let signed_headers = field("SignedHeaders")
            .ok_or_else(broken)?
            .split(';')
            .collect();
        let signature = field("Signature").ok_or_else(broken)?;
        Ok(Self {
            access_key_id,
            date,
            region,
            service,
            signed_headers,
            signature,
        })
    }
}

fn text<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    parts.headers.get(name)?.to_str().ok()
}

/// Returns when the request was signed. A time too far in the past or in the future is an error.
fn signed_at(parts: &Parts, claim: &Claim<'_>, now: SystemTime) -> Result<SystemTime, ApiError> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let text = text(parts, "x-amz-date").unwrap_or_default();
    let signing_time = PrimitiveDateTime::parse(text, format)
        .map_err(|_| ApiError::incomplete_signature("a valid X-Amz-Date header is required"))?;
    if !text.starts_with(claim.date) {
        return Err(ApiError::invalid_signature(
            "Date in Credential scope does not match X-Amz-Date",
        ));
    }
    let signing_time = SystemTime::from(signing_time.assume_utc());
    let shown = |at: SystemTime| OffsetDateTime::from(at).format(format).unwrap_or_default();
    if now > signing_time + SKEW {
        return Err(ApiError::invalid_signature(format!(
            "Signature expired: {text} is now earlier than {} ({} - 15 min.)",
            shown(now - SKEW),
            shown(now)
        )));
    }
    if signing_time > now + SKEW {
        return Err(ApiError::invalid_signature(format!(
            "Signature not yet current: {text} is still later than {} ({} + 15 min.)",
            shown(now + SKEW),
            shown(now)
        )));
    }
    Ok(signing_time)
}

/// Computes the signature with the secret key of the identity.
fn expected(
    parts: &Parts,
    body: &[u8],
    claim: &Claim<'_>,
    identity: &Identity,
    signing_time: SystemTime,
) -> Result<String, ApiError> {
    let credentials = credentials(claim, identity).into();
    let mut settings = SigningSettings::default();
    settings.excluded_headers = None;
    let params = v4::SigningParams::builder()
        .identity(&credentials)
        .region(claim.region)
        .name(SERVICE)
        .time(signing_time)
        .settings(settings)
        .build()
        .map_err(|_| ApiError::internal())?
        .into();
    let host = text(parts, "host").unwrap_or_default();
    let uri = format!("http://{host}{}", parts.uri);
    let headers = claim
        .signed_headers
        .iter()
        .filter_map(|name| Some((*name, text(parts, name)?)));
    let request = SignableRequest::new(
        parts.method.as_str(),
        uri,
        headers,
        SignableBody::Bytes(body),
    )
    .map_err(|_| ApiError::invalid_signature(MISMATCH))?;
    let signed = sign(request, &params).map_err(|_| ApiError::invalid_signature(MISMATCH))?;
    Ok(signed.signature().to_owned())
}

fn credentials(claim: &Claim<'_>, identity: &Identity) -> Credentials {
    let token = identity.session_token.as_ref();
    Credentials::new(
        claim.access_key_id,
        identity.secret_access_key.expose(),
        token.map(|token| token.expose().to_owned()),
        None,
        "request",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complete_header_is_read() {
        let claim = Claim::read(
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/redshift-data/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=ab12",
        )
        .unwrap();
        assert_eq!((claim.access_key_id, claim.region), ("AKID", "us-east-1"));
        assert_eq!(claim.signed_headers, ["host", "x-amz-date"]);
        assert_eq!(claim.signature, "ab12");
    }

    #[test]
    fn a_header_with_a_missing_part_is_incomplete() {
        for header in [
            "Basic abc",
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/redshift-data, SignedHeaders=host, Signature=a",
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/redshift-data/aws4_request, Signature=a",
        ] {
            assert!(Claim::read(header).is_err(), "{header}");
        }
    }
}
