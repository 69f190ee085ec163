//! AWS Secrets Manager.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html>

use serde_json::{Value, json};

use super::kms::Key;
use crate::{Arn, Handle, Name, Profile, Removal, Resource, Val, text};

/// Characters that Redshift does not accept in a password.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html>
const NOT_IN_PASSWORDS: &str = "\"'@/\\ ";
/// Redshift accepts up to 64.
const PASSWORD_LENGTH: u8 = 48;

/// A login with a generated password, as JSON with `username` and `password`. Nobody has seen the password.
#[derive(Clone, Debug)]
pub struct LoginSecret {
    /// May have parts separated by slashes.
    pub name: Name<LoginSecret>,
    pub description: &'static str,
    pub username: &'static str,
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
    /// Returns the ARN. It ends with six characters that AWS generates.
    #[must_use]
    pub fn arn(&self) -> Arn<LoginSecret> {
        self.reference()
    }

    /// Returns a dynamic reference to the password, which CloudFormation resolves when it needs it: the password
    /// appears in no template, event or output.
    pub(crate) fn password(&self) -> Val<String> {
        text![
            "{{resolve:secretsmanager:",
            &self.arn(),
            ":SecretString:password}}"
        ]
    }
}
