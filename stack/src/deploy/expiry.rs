//! The expiry of an environment on AWS: a tag of its stacks with the time after which anybody may destroy it.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::DeployError;
use crate::environment::{Environment, Profile, Ttl};

/// Returns the value of the tag, in RFC 3339 or `never`; `None` if the environment does not expire.
///
/// If a time to live is requested, the environment expires that long after `now`. Otherwise it keeps the
/// `deployed` expiry, so that deploying again changes nothing; a new environment uses the time to live in its
/// file.
pub(super) fn expiry(
    environment: &Environment,
    asked: Option<Ttl>,
    deployed: Option<String>,
    now: OffsetDateTime,
) -> Result<Option<String>, DeployError> {
    let Profile::Ephemeral { ttl } = environment.profile else {
        return refuse(environment, asked, "production");
    };
    if environment.is_local() {
        return refuse(environment, asked, "on this machine");
    }
    match (asked, deployed) {
        (None, Some(deployed)) => Ok(Some(deployed)),
        // Stored as `never`; without a tag, the next deploy would use the time to live in the file.
        (Some(Ttl::Never), _) => Ok(Some(Ttl::Never.to_string())),
        (asked, _) => Ok(match asked.unwrap_or(ttl) {
            Ttl::Never => None,
            Ttl::After(time) => (now + time).format(&Rfc3339).ok(),
        }),
    }
}

fn refuse(
    environment: &Environment,
    asked: Option<Ttl>,
    why: &'static str,
) -> Result<Option<String>, DeployError> {
    asked.map_or(Ok(None), |_asked| {
        Err(DeployError::NoTtl {
            environment: environment.name.to_string(),
            why,
        })
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn of(
        name: &str,
        asked: Option<&str>,
        deployed: Option<&str>,
    ) -> Result<Option<String>, String> {
        let environment = Environment::load(name).unwrap();
        let asked = asked.map(|text| text.parse().unwrap());
        let now = datetime!(2026-01-01 12:00 UTC);
        expiry(&environment, asked, deployed.map(str::to_owned), now)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_environment_keeps_its_expiry_until_another_is_requested() {
        let text = |value: &str| Ok(Some(value.to_owned()));
        assert_eq!(of("ci", None, None), text("2026-01-01T16:00:00Z"));
        assert_eq!(
            of("ci", None, Some("2026-01-01T13:00:00Z")),
            text("2026-01-01T13:00:00Z")
        );
        assert_eq!(
            of("ci", Some("1h"), Some("2026-01-01T16:00:00Z")),
            text("2026-01-01T13:00:00Z")
        );
        assert_eq!(
            of("ci", Some("never"), Some("2026-01-01T16:00:00Z")),
            text("never")
        );
        assert_eq!(of("ci", None, Some("never")), text("never"));
    }

    #[test]
    fn production_and_local_environments_do_not_expire() {
        for name in ["prod", "local"] {
            assert_eq!(of(name, None, None), Ok(None));
            assert!(of(name, Some("4h"), None).unwrap_err().contains(name));
        }
    }
}
