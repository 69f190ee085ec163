//! The plans of a deploy: change sets are prepared, and the user consents to them.

use cloudformation::{DesiredStack, Plan, Prepared};
use futures_util::future::join_all;

use super::consent::{agree, refuse_losses};
use super::run::Run;
use super::{Consent, DeployError};

impl Run<'_> {
    /// Prepares the stacks in parallel. If one fails, or the user does not consent, all change sets are
    /// deleted.
    pub(super) async fn agreed_plans<'w>(
        &self,
        desired_stacks: &'w [DesiredStack<'w>],
    ) -> Result<Vec<(&'w DesiredStack<'w>, Prepared)>, DeployError> {
        let prepared = join_all(desired_stacks.iter().map(|desired| self.prepare(desired))).await;
        let (ready, failed): (Vec<_>, Vec<_>) = prepared.into_iter().partition(Result::is_ok);
        let ready: Vec<_> = desired_stacks
            .iter()
            .zip(ready.into_iter().flatten())
            .collect();
        let plans: Vec<_> = ready.iter().filter_map(|(_, it)| planned(it)).collect();
        let agreed = match failed.into_iter().find_map(Result::err) {
            Some(error) => Err(error),
            None => self.agree(desired_stacks, &plans),
        };
        if let Err(error) = agreed {
            for plan in plans {
                self.cloudformation.discard(plan).await?;
            }
            return Err(error);
        }
        Ok(ready)
    }

    fn agree(
        &self,
        desired_stacks: &[DesiredStack<'_>],
        plans: &[&Plan],
    ) -> Result<(), DeployError> {
        for plan in plans {
            let desired = desired_stacks
                .iter()
                .find(|desired| desired.stack == plan.stack);
            if let Some(desired) = desired {
                refuse_losses(plan, desired.template, &self.options.allow_replace)?;
            }
        }
        let consent = if self.environment.is_local() {
            Consent::Given
        } else {
            self.options.consent
        };
        let agreed = agree(plans, consent, self.agreed.get(), self.progress)?;
        self.agreed.set(agreed);
        Ok(())
    }

    async fn prepare(&self, desired: &DesiredStack<'_>) -> Result<Prepared, DeployError> {
        let step = self.progress.step(format!("plan of {}", desired.stack));
        let prepared = self
            .cloudformation
            .prepare(desired, &self.options.repairs, &step)
            .await?;
        match planned(&prepared) {
            Some(plan) => step.done(&plan.summary()),
            None => step.done("nothing to change"),
        }
        Ok(prepared)
    }
}

fn planned(prepared: &Prepared) -> Option<&Plan> {
    match prepared {
        Prepared::Planned(plan) => Some(plan),
        Prepared::Settled(_) => None,
    }
}
