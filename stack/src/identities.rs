//! Callers of the local Data API: the account root, and the roles of the environment's functions. Also reads the
//! secrets with which they log in to the warehouse.
//!
//! The emulator derives the session of a function from the ARNs of function and role. The same keys are derived here,
//! so the Data API can verify real signatures. The derivation is that of the pinned release of the emulator.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_sdk_secretsmanager::error::{DisplayErrorContext, ProvideErrorMetadata};
use local::Addresses;
use redshift_local::{
    Identities, Identity, Login, LoginError, LoginLookup, Lookup, Principal, Secret,
};
use sha2::{Digest, Sha256};

use crate::clients::Clients;

/// Minimum interval between two listings of the functions.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Knows the root credentials, and learns the sessions of functions when they first call.
#[derive(Debug)]
pub struct LocalIdentities {
    lambda: aws_sdk_lambda::Client,
    secrets: aws_sdk_secretsmanager::Client,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    sessions: HashMap<String, Identity>,
    listed: Option<Instant>,
}

impl LocalIdentities {
    /// Returns the identities of the environment at these addresses.
    #[must_use]
    pub fn new(addresses: &Addresses) -> Self {
        let clients = Clients::local(addresses);
        Self {
            lambda: aws_sdk_lambda::Client::new(clients.sdk()),
            secrets: aws_sdk_secretsmanager::Client::new(clients.sdk()),
            known: Mutex::default(),
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        // If a thread panicked while it held the lock, the map is still consistent.
        self.known
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Returns the credentials of a caller. `None` for root, whose credentials the clients here use already.
    fn credentials(&self, caller: &Principal) -> Option<Credentials> {
        let known = self.known();
        let (key, identity) = known
            .sessions
            .iter()
            .find(|(_, identity)| identity.principal == *caller)?;
        let token = identity.session_token.as_ref();
        Some(Credentials::new(
            key,
            identity.secret_access_key.expose(),
            token.map(|token| token.expose().to_owned()),
            None,
            "session",
        ))
    }

    /// Reads a secret as `caller`, so that the emulator decides whether the role may read it.
    async fn secret(&self, caller: &Principal, id: &str) -> Result<String, String> {
        let call = self.secrets.get_secret_value().secret_id(id);
        let mut config = aws_sdk_secretsmanager::config::Config::builder();
        if let Some(credentials) = self.credentials(caller) {
            config = config.credentials_provider(credentials);
        }
        let found = call.customize().config_override(config).send().await;
        let found = found.map_err(|error| match error.message() {
            Some(message) => message.to_owned(),
            None => DisplayErrorContext(error).to_string(),
        })?;
        Ok(found.secret_string.unwrap_or_default())
    }

    /// Lists the functions, at most once a second, and remembers the session of each.
    async fn learn(&self) {
        let recently = |known: &Known| known.listed.is_some_and(|at| at.elapsed() < TIMEOUT);
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

    fn login<'a>(&'a self, caller: &'a Principal, secret: &'a str) -> LoginLookup<'a> {
        Box::pin(async move {
            let text = self.secret(caller, secret).await;
            let text = text.map_err(|reason| LoginError::Refused {
                secret: secret.to_owned(),
                reason,
            })?;
            // The parser's message could quote the secret.
            let login: warehouse::login::Login =
                serde_json::from_str(&text).map_err(|_| LoginError::Content {
                    secret: secret.to_owned(),
                })?;
            Ok(Login {
                username: login.username,
                password: Secret::new(login.password),
            })
        })
    }
}

/// Returns the session that the emulator gives a function: access key id and identity.
fn session(function_arn: &str, role_arn: &str) -> (String, Identity) {
    let digest = sha256(&format!("{function_arn}:{role_arn}"));
    let role = role_arn.rsplit('/').next().unwrap_or(role_arn);
    let identity = Identity {
        secret_access_key: Secret::new(sha256(&format!("secret:{digest}"))),
        session_token: Some(Secret::new(sha256(&format!("token:{digest}")))),
        principal: Principal::Role(role.to_owned()),
    };
    (format!("ASIA{}", digest[..16].to_uppercase()), identity)
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
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
