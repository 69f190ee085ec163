//! Who calls the local Data API: the account root, and the roles of the environment's functions.
//!
//! The emulator derives a function's session from the ARNs of function and role, so the same keys can be
//! derived here, and the Data API verifies real signatures. The derivation is that of the pinned release.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use local::Addresses;
use redshift::{Identities, Identity, Lookup, Principal, Secret};
use sha2::{Digest, Sha256};

use crate::clients::Clients;

/// How long after a fruitless look the functions are not listed again.
const PATIENCE: Duration = Duration::from_secs(1);

/// Knows root, and learns the functions' sessions as they call.
#[derive(Debug)]
pub struct LocalIdentities {
    lambda: aws_sdk_lambda::Client,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    sessions: HashMap<String, Identity>,
    listed: Option<Instant>,
}

impl LocalIdentities {
    /// Identities of the environment at these addresses.
    #[must_use]
    pub fn new(addresses: &Addresses) -> Self {
        let lambda = aws_sdk_lambda::Client::new(Clients::local(addresses).sdk());
        Self {
            lambda,
            known: Mutex::default(),
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        // A panic while the lock was held left a map that is whole all the same.
        self.known
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Lists the functions, at most once a second, and remembers a session for each.
    async fn learn(&self) {
        let recently = |known: &Known| known.listed.is_some_and(|at| at.elapsed() < PATIENCE);
        if recently(&self.known()) {
            return;
        }
        match self.lambda.list_functions().send().await {
            Ok(listed) => {
                let sessions = listed.functions().iter().filter_map(|function| {
                    Some(session(function.function_arn()?, function.role()?))
                });
                let sessions: Vec<_> = sessions.collect();
                let mut known = self.known();
                known.sessions.extend(sessions);
                known.listed = Some(Instant::now());
            }
            Err(error) => tracing::warn!(?error, "cannot list the functions that may call"),
        }
    }
}

impl Identities for LocalIdentities {
    fn look_up<'a>(&'a self, access_key_id: &'a str) -> Lookup<'a> {
        Box::pin(async move {
            if access_key_id == local::ACCESS_KEY_ID {
                return Some(Identity {
                    secret_access_key: Secret::new(local::SECRET_ACCESS_KEY),
                    session_token: None,
                    principal: Principal::Root,
                });
            }
            let remembered = |known: &Known| known.sessions.get(access_key_id).cloned();
            if let Some(identity) = remembered(&self.known()) {
                return Some(identity);
            }
            self.learn().await;
            remembered(&self.known())
        })
    }
}

/// The session that the emulator gives a function: access key id, and the identity behind it.
fn session(function_arn: &str, role_arn: &str) -> (String, Identity) {
    let digest = hex(&format!("{function_arn}:{role_arn}"));
    let role = role_arn.rsplit('/').next().unwrap_or(role_arn);
    let identity = Identity {
        secret_access_key: Secret::new(hex(&format!("secret:{digest}"))),
        session_token: Some(Secret::new(hex(&format!("token:{digest}")))),
        principal: Principal::Role(role.to_owned()),
    };
    (format!("ASIA{}", digest[..16].to_uppercase()), identity)
}

fn hex(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a `String` cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_one_session_and_another_role_has_another() {
        let function = "arn:aws:lambda:us-east-1:000000000000:function:riverhouse-local-load";
        let role = "arn:aws:iam::000000000000:role/riverhouse-local-load";
        let (key, identity) = session(function, role);
        assert!(key.starts_with("ASIA") && key.len() == 20);
        assert_eq!(
            identity.principal,
            Principal::Role("riverhouse-local-load".to_owned())
        );
        assert_ne!(
            session(function, "arn:aws:iam::000000000000:role/other").0,
            key
        );
    }
}
