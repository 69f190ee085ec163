//! The `monitoring` stack: the alarms and the dashboard. They refer to the resources of the other stacks by name.

use cfn::Template;

use super::{Names, alarm, dashboard};
use crate::environment::Environment;

/// Builder of the stack.
pub(super) struct Monitoring<'a> {
    pub(super) environment: &'a Environment,
    pub(super) names: Names,
    pub(super) template: Template,
}

/// Returns the template of the stack. `None` locally, where `stack status` replaces it.
pub(super) fn template(environment: &Environment) -> Option<Template> {
    if environment.is_local() {
        return None;
    }
    let description = "Riverhouse: the alarms and the dashboard of an environment";
    let mut monitoring = Monitoring {
        environment,
        names: Names::of(environment),
        template: Template::new(description).tagged(environment.tags.clone()),
    };
    let alarms = alarm::monitoring(&mut monitoring);
    dashboard::add(&mut monitoring, &alarms);
    Some(monitoring.template)
}
