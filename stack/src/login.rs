//! The analysts' login. Its password is in Secrets Manager, and the warehouse holds the hash.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_types::SdkConfig;
use cloudformation::CallFailure;
use local::{LocalError, Machine};
use warehouse::login::{Login, TABLEAU, set_login};
use warehouse::{Warehouse, WarehouseError};

use crate::environment::APPLICATION;
use crate::environment::EnvironmentName;

/// Why the analysts' login cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The secret could not be read or created.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// The warehouse refused the login.
    #[error("the analysts' login cannot be set in the warehouse")]
    Warehouse(#[from] WarehouseError),
    /// The file with the password could not be written.
    #[error(transparent)]
    Local(#[from] LocalError),
}

/// Returns the name of the secret with the login: `riverhouse/{environment}/tableau`.
#[must_use]
pub fn secret_name(environment: &EnvironmentName) -> String {
    format!("{APPLICATION}/{environment}/{TABLEAU}")
}

/// Reads the login of an environment. `None` when the secret does not exist.
///
/// # Errors
///
/// When the secret cannot be read, or does not hold a user name and a password.
pub async fn read(
    sdk: &SdkConfig,
    environment: &EnvironmentName,
) -> Result<Option<Login>, CallFailure> {
    let name = secret_name(environment);
    let doing = format!("secretsmanager GetSecretValue of `{name}`");
    let found = Client::new(sdk)
        .get_secret_value()
        .secret_id(&name)
        .send()
        .await;
    let secret = match found {
        Ok(secret) => secret.secret_string.unwrap_or_default(),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(CallFailure::of(doing)(error)),
    };
    // The parser's message could quote the secret.
    serde_json::from_str(&secret).map(Some).map_err(|_| {
        CallFailure::new(
            doing,
            "content",
            "the secret has no user name and password".to_owned(),
        )
    })
}

/// Reads the login of a local environment, and creates it with a random password if it does not exist. On AWS the
/// warehouse stack creates it.
///
/// # Errors
///
/// When the secret can be neither read nor created.
pub async fn read_or_make(
    sdk: &SdkConfig,
    environment: &EnvironmentName,
) -> Result<Login, CallFailure> {
    if let Some(login) = read(sdk, environment).await? {
        return Ok(login);
    }
    let login = Login {
        username: TABLEAU.to_owned(),
        password: uuid::Uuid::new_v4().simple().to_string(),
    };
    let name = secret_name(environment);
    let secret = serde_json::json!({ "username": login.username, "password": login.password });
    Client::new(sdk)
        .create_secret()
        .name(&name)
        .secret_string(secret.to_string())
        .send()
        .await
        .map_err(CallFailure::of(format!(
            "secretsmanager CreateSecret `{name}`"
        )))?;
    Ok(login)
}

/// Sets the hash of the analysts' password in the warehouse. Locally it also writes the password to a file that only
/// its owner can read. Idempotent.
///
/// # Errors
///
/// When the secret, the warehouse or the file cannot be read or written.
pub async fn let_in(
    sdk: &SdkConfig,
    warehouse: &Warehouse,
    environment: &EnvironmentName,
    machine: Option<&Machine>,
) -> Result<(), LoginError> {
    let login = match machine {
        Some(_) => read_or_make(sdk, environment).await?,
        None => read(sdk, environment).await?.ok_or_else(|| {
            CallFailure::new(
                format!(
                    "secretsmanager GetSecretValue of `{}`",
                    secret_name(environment)
                ),
                "absent",
                "the secret does not exist, although the warehouse stack creates it: run `stack deploy`; if the error remains, look at the stack in the CloudFormation console"
                    .to_owned(),
            )
        })?,
    };
    set_login(warehouse, &login).await?;
    if let Some(machine) = machine {
        machine.keep_analyst_password(&login.password)?;
    }
    Ok(())
}
