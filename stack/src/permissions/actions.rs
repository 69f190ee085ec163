//! What CloudFormation calls for each resource type, with the rights of whoever deploys.

use std::collections::{BTreeMap, BTreeSet};

use super::scope::Scope;

/// Made by `actions.py` from AWS's registry schemas.
const TABLE: &str = include_str!("actions.txt");

/// The actions for each type that the table knows. Those of services that no template of ours uses are left out: a schema
/// lists what any property could take.
pub(super) fn by_type() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let kind = words.next()?;
            Some((kind, words.filter(|action| is_ours(action)).collect()))
        })
        .collect()
}

fn is_ours(action: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else {
        return false;
    };
    // Our policies are for roles.
    let for_people = service == "iam" && (name.contains("User") || name.contains("Group"));
    Scope::knows(service) && !for_people
}
