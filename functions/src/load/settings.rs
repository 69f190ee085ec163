//! Settings of `load`.

use warehouse::Target;

use crate::settings::{Aws, Environment, STAGING_BUCKET, SettingsError};

/// Name of the table with the loader's progress.
pub(super) const LOAD_TABLE: &str = "LOAD_TABLE";
/// Identifier of the warehouse, if it is a provisioned cluster.
pub(super) const WAREHOUSE_CLUSTER_IDENTIFIER: &str = "WAREHOUSE_CLUSTER_IDENTIFIER";
/// Name of the warehouse, if it is a serverless workgroup.
pub(super) const WAREHOUSE_WORKGROUP: &str = "WAREHOUSE_WORKGROUP";
/// Name of the database.
pub(super) const WAREHOUSE_DATABASE: &str = "WAREHOUSE_DATABASE";
/// ARN of the IAM role with which the warehouse reads the staging bucket.
pub(super) const COPY_ROLE_ARN: &str = "COPY_ROLE_ARN";

/// Settings of `load`.
#[derive(Debug)]
pub struct Settings {
    pub aws: Aws,
    /// The bucket of the staged CSV.
    pub staging_bucket: String,
    /// The table with the loader's progress.
    pub load_table: String,
    pub target: Target,
    pub database: String,
    /// The IAM role with which the warehouse reads the staging bucket.
    pub copy_role_arn: String,
}

impl Settings {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    ///
    /// Names the missing variable; the cluster's if neither cluster nor workgroup is set.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        let target = match environment.optional(WAREHOUSE_WORKGROUP) {
            Some(name) => Target::Workgroup { name },
            None => Target::Cluster {
                identifier: environment.required(WAREHOUSE_CLUSTER_IDENTIFIER)?,
            },
        };
        Ok(Self {
            aws: Aws::read(environment)?,
            staging_bucket: environment.required(STAGING_BUCKET)?,
            load_table: environment.required(LOAD_TABLE)?,
            target,
            database: environment.required(WAREHOUSE_DATABASE)?,
            copy_role_arn: environment.required(COPY_ROLE_ARN)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMON: [(&str, &str); 8] = [
        ("AWS_LAMBDA_FUNCTION_NAME", "riverhouse-dev-load"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "a-secret"),
        (STAGING_BUCKET, "staging"),
        (LOAD_TABLE, "riverhouse-dev-load"),
        (WAREHOUSE_DATABASE, "riverhouse"),
        (COPY_ROLE_ARN, "arn:aws:iam::000000000000:role/copy"),
    ];

    fn target(variable: &'static str) -> Result<Target, SettingsError> {
        let environment = COMMON.into_iter().chain([(variable, "one")]).collect();
        Settings::read(&environment).map(|settings| settings.target)
    }

    #[test]
    fn the_warehouse_is_a_cluster_or_a_workgroup() {
        let cluster = Target::Cluster {
            identifier: "one".to_owned(),
        };
        assert_eq!(target(WAREHOUSE_CLUSTER_IDENTIFIER), Ok(cluster));
        let workgroup = Target::Workgroup {
            name: "one".to_owned(),
        };
        assert_eq!(target(WAREHOUSE_WORKGROUP), Ok(workgroup));
        let missing = SettingsError::Missing(WAREHOUSE_CLUSTER_IDENTIFIER);
        assert_eq!(target("OTHER"), Err(missing));
    }
}
