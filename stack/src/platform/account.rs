//! Resources that an account needs once per region, whatever its environments.

use std::collections::BTreeMap;

use cfn::resources::apigateway::{Account, LoggingRole};
use cfn::{Name, Template, region, text};

use super::Names;
use super::stacks::{Stack, StackKind};
use crate::environment::APPLICATION;
use crate::environment::Environment;

/// Returns the stack with the IAM role by which API Gateway writes logs in the region of `environment`. API Gateway
/// has one such role for all APIs, so the stack belongs to no environment. It is created only where the role is
/// missing, and stays when environments are deleted. An environment needs it when [`Api::access_log`] is set.
///
/// [`Api::access_log`]: crate::environment::Api::access_log
#[must_use]
pub fn account_stack(environment: &Environment) -> Stack {
    let tags = BTreeMap::from([("application".to_owned(), APPLICATION.to_owned())]);
    let description =
        "Riverhouse: the role with which API Gateway writes logs, once per account and region";
    let mut template = Template::new(description).tagged(tags);
    let name = Name::from_text(text![APPLICATION, "-api-logs-", region()]);
    let role = template.add("ApiLoggingRole", &LoggingRole { name });
    let logging_role = role.arn();
    template.add("ApiAccount", &Account { logging_role });
    Stack {
        name: Names::of(environment).stack(StackKind::Account),
        kind: StackKind::Account,
        template,
    }
}
