//! Deploys fifty environments at the same time in an account that allows five calls per second.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::account::{Account, Transcript};
use crate::deploying::{Deploying, cloudformation};

/// The factor by which all times are shortened, also those of the account.
const SPEED: u32 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_environments_at_once_are_throttled_and_none_fails() {
    let account = Account::start(Transcript::default(), &json!({})).await;
    account.limit(5, Duration::from_secs(1) / SPEED);
    let unit = Duration::from_millis(100) / SPEED;
    let names: Vec<_> = (0..50).map(|number| format!("pr-{number}")).collect();
    let all: Vec<_> = names
        .iter()
        .map(|name| Deploying::named("lake", name))
        .collect();
    // Each has its own throttle, like fifty CI jobs.
    let each = all.iter().map(async |one| {
        let cloudformation = cloudformation(&account.url, unit);
        one.deploy(&cloudformation).await
    });
    let ended = join_all(each).await;
    for (one, ended) in all.iter().zip(&ended) {
        let name = one.stack.name.as_ref();
        assert_eq!(
            ended.as_ref().map(|it| it.as_str()).ok(),
            Some("created"),
            "{name}: {ended:?}"
        );
        assert_eq!(account.status(name).as_deref(), Some("CREATE_COMPLETE"));
    }
    assert!(account.content().throttled > 50, "nothing was throttled");
}
