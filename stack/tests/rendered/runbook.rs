//! Compares the alarms in the templates with the runbook.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking, as a test does"
)]

use std::collections::BTreeMap;

use stack::environment::Environment;
use stack::platform::StackKind;

use crate::reading::{environments, rendered, resources};

const RUNBOOK: &str = include_str!("../../../dashboards/RUNBOOK.md");

/// Returns the description of each alarm by the last part of its name.
fn alarms(environment: &Environment) -> BTreeMap<String, String> {
    if environment.is_local() {
        return BTreeMap::new();
    }
    let template = rendered(environment, StackKind::Monitoring);
    let prefix = format!("riverhouse-{}-", environment.name);
    resources(&template)
        .filter(|(_, it)| it["Type"] == "AWS::CloudWatch::Alarm")
        .map(|(_, it)| {
            let text = |key: &str| it["Properties"][key].as_str().unwrap();
            let what = text("AlarmName").strip_prefix(&prefix).unwrap();
            (what.to_owned(), text("AlarmDescription").to_owned())
        })
        .collect()
}

/// Returns the text of each entry by its heading, which is also its anchor.
fn entries() -> BTreeMap<&'static str, &'static str> {
    let entries = RUNBOOK.split("\n### ").skip(1);
    entries
        .map(|entry| entry.split_once('\n').unwrap())
        .collect()
}

#[test]
fn every_alarm_has_an_entry_in_the_runbook_and_every_entry_an_alarm() {
    let mut named = BTreeMap::new();
    for environment in environments() {
        named.extend(alarms(&environment));
    }
    assert_eq!(
        named.keys().map(String::as_str).collect::<Vec<_>>(),
        entries().into_keys().collect::<Vec<_>>()
    );
    for (what, description) in named {
        let link = format!(" Runbook: dashboards/RUNBOOK.md#{what}");
        assert!(description.ends_with(&link), "{what}: {description}");
    }
}

#[test]
fn every_entry_says_what_the_alarm_means_and_has_a_command() {
    for (what, entry) in entries() {
        let (meaning, commands) = entry.trim().split_once("```sh\n").unwrap();
        assert!(meaning.trim().len() > 40, "{what}: {meaning}");
        assert!(commands.starts_with("stack "), "{what}: {commands}");
    }
}

#[test]
fn every_link_of_the_runbook_leads_to_an_entry() {
    let links = RUNBOOK.split("](#").skip(1);
    let links: Vec<_> = links.map(|rest| rest.split_once(')').unwrap().0).collect();
    assert!(links.len() > 10, "{links:?}");
    for link in links {
        assert!(entries().contains_key(link), "{link}");
    }
}
