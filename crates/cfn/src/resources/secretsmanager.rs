//! AWS Secrets Manager.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html>

use serde_json::{Value, json};

use super::kms::Key;
use crate::{Arn, Handle, Name, Profile, Removal, Resource, Val, text};

/// What Redshift does not take in a password.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html>
const NOT_IN_PASSWORDS: &str = "\"'@/\\ ";
/// Redshift takes up to 64.
const PASSWORD_LENGTH: u8 = 48;

/// A name and a password that AWS made up and nobody has seen: JSON with `username` and `password`.
#[derive(Clone, Debug)]
pub struct LoginSecret {
    /// Its name, which may have parts with slashes between them.
    pub name: Name<LoginSecret>,
    /// Whose login it is.
    pub description: &'static str,
    /// Who logs in.
    pub username: &'static str,
    /// What it is encrypted with.
    pub key: Arn<Key>,
    /// Whether it outlives its stack.
    pub profile: Profile,
}

impl Resource for LoginSecret {
    const TYPE: &'static str = "AWS::SecretsManager::Secret";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({
            "Name": self.name,
            "Description": self.description,
            "KmsKeyId": self.key,
            "GenerateSecretString": {
                "SecretStringTemplate": json!({"username": self.username}).to_string(),
                "GenerateStringKey": "password",
                "PasswordLength": PASSWORD_LENGTH,
                "ExcludeCharacters": NOT_IN_PASSWORDS,
                "RequireEachIncludedType": true,
            },
        })
    }

    fn removal(&self) -> Removal {
        self.profile.into()
    }
}

impl Handle<LoginSecret> {
    /// Its ARN, which ends with six characters that AWS made up.
    #[must_use]
    pub fn arn(&self) -> Arn<LoginSecret> {
        self.reference()
    }

    /// The password, fetched by CloudFormation when it needs it: it stands in no template, event or output.
    pub(crate) fn password(&self) -> Val<String> {
        text![
            "{{resolve:secretsmanager:",
            &self.arn(),
            ":SecretString:password}}"
        ]
    }
}
