//! CloudWatch alarms and their SNS topic. The topic is in the `lake` stack, so subscriptions remain when another stack
//! is deleted and created again. The alarms are in the `monitoring` stack.
//!
//! An account has ten alarms for free; each further one costs $0.10 a month.

use std::collections::BTreeMap;

use cfn::resources::cloudwatch::{Alarm, Metric, Statistic};
use cfn::resources::sns::{EmailSubscription, Topic, TopicPolicy};
use cfn::{Handle, Val};

use super::lake::Lake;
use super::monitoring::Monitoring;
use super::{Names, crossing, service_alarms};
use crate::environment::Alarms;
use crate::function::{FUNCTIONS, FunctionSpec, LOAD, STORE};

pub(super) const FIVE_MINUTES: u32 = 300;
/// The longest time between two reconciliations, each of which counts the open loads.
const HOUR: u32 = 3_600;
/// The time between two checks of the data.
const DAY: u32 = 86_400;
/// Open loads are taken up again every quarter of an hour: one that is open for longer than this was tried more than
/// twice.
const OPEN_SECONDS: u32 = 2_700;
/// The file with an entry for each alarm. The anchor of an entry is the last part of the alarm's name.
const RUNBOOK: &str = "dashboards/RUNBOOK.md";

/// An alarm on a metric.
pub(super) struct AlarmSpec {
    /// Logical id. It is permanent: changing it replaces the alarm.
    pub(super) id: &'static str,
    /// Last part of the alarm's name.
    pub(super) what: String,
    pub(super) description: &'static str,
    pub(super) metric: Metric,
    pub(super) above: u32,
    pub(super) period_seconds: u32,
    pub(super) periods: u8,
}

/// Adds the topic of the alarms, unless the environment has no alarms.
pub(super) fn lake(lake: &mut Lake<'_>) {
    if lake.environment.alarms == Alarms::None {
        return;
    }
    let topic = Topic {
        name: lake.names.literal("alarms"),
        key: lake.queue_key.clone(),
    };
    let template = &mut lake.template;
    let topic = template.add("AlarmTopic", &topic);
    template.add("AlarmTopicPolicy", &TopicPolicy::of_alarms(&topic));
    if let Alarms::Email(email) = &lake.environment.alarms {
        let subscription = EmailSubscription {
            topic: topic.arn(),
            email: email.as_ref().to_owned(),
        };
        template.add("AlarmEmail", &subscription);
    }
    crossing::ALARM_TOPIC_ARN.give(template, &topic.arn());
}

/// Adds the alarms, unless the environment has none, and returns them in the order of the stages.
pub(super) fn monitoring(monitoring: &mut Monitoring<'_>) -> Vec<Handle<Alarm>> {
    if monitoring.environment.alarms == Alarms::None {
        return Vec::new();
    }
    let topic = crossing::ALARM_TOPIC_ARN.take(&mut monitoring.template);
    let alarms = specs(&monitoring.names).into_iter().map(|spec| {
        let alarm = Alarm {
            name: monitoring.names.literal(&spec.what),
            description: format!("{} Runbook: {RUNBOOK}#{}", spec.description, spec.what),
            metric: spec.metric,
            above: spec.above,
            period_seconds: spec.period_seconds,
            periods: spec.periods,
            topic: topic.clone(),
        };
        monitoring.template.add(spec.id, &alarm)
    });
    alarms.collect()
}

fn specs(names: &Names) -> Vec<AlarmSpec> {
    FUNCTIONS
        .into_iter()
        .flat_map(|function| of_function(names, function))
        .chain(service_alarms::of_services(names))
        .chain(of_loads(names))
        .collect()
}

fn of_function(names: &Names, function: &FunctionSpec) -> [AlarmSpec; 2] {
    let what = |metric: &str| format!("{function}-{}", metric.to_lowercase());
    let watch = |id, description, name, periods| AlarmSpec {
        id,
        what: what(name),
        description,
        metric: of_lambda(names, function, name, Statistic::Sum),
        above: 0,
        period_seconds: FIVE_MINUTES,
        periods,
    };
    [
        watch(
            function.ids.errors_alarm,
            "The function failed or timed out: see its log.",
            "Errors",
            1,
        ),
        watch(
            function.ids.throttles_alarm,
            "Invocations were throttled for 15 minutes: raise the reserved concurrency or the account's quota.",
            "Throttles",
            3,
        ),
    ]
}

/// Returns the alarm on rejects of `store`. `ingest` has validated every event, so a reject means that the two
/// disagree.
pub(super) fn of_store(names: &Names) -> AlarmSpec {
    AlarmSpec {
        id: "StoreRejects",
        what: "store-rejects".to_owned(),
        description: "Records of the stream were rejected and are in no table: `stack rejects --stage store` lists them.",
        metric: of_our_own(names, &STORE, "Rejected", Statistic::Sum),
        above: 0,
        period_seconds: FIVE_MINUTES,
        periods: 1,
    }
}

/// Returns the alarms on custom metrics of `load`.
fn of_loads(names: &Names) -> [AlarmSpec; 4] {
    let metric = |name, statistic| of_our_own(names, &LOAD, name, statistic);
    [
        AlarmSpec {
            id: "FilesSetAside",
            what: "files-set-aside".to_owned(),
            description: "The warehouse rejected a staged file, and its rows are missing: the log of load names it.",
            metric: metric("FilesSetAside", Statistic::Sum),
            above: 0,
            period_seconds: FIVE_MINUTES,
            periods: 1,
        },
        AlarmSpec {
            id: "RulesBroken",
            what: "rules-broken".to_owned(),
            description: "The data in the warehouse broke a rule last night: `stack check` shows the rows.",
            metric: metric("RulesBroken", Statistic::Maximum),
            above: 0,
            period_seconds: DAY,
            periods: 1,
        },
        AlarmSpec {
            id: "LoadFailures",
            what: "load-failures".to_owned(),
            description: "Staged files could not be loaded for 15 minutes: see the log of load.",
            metric: metric("Failures", Statistic::Sum),
            above: 0,
            period_seconds: FIVE_MINUTES,
            periods: 3,
        },
        AlarmSpec {
            id: "LoadOpen",
            what: "load-open".to_owned(),
            description: "A load has been open for more than 45 minutes, and the warehouse lacks its rows: see the log of load and the locks on the ledger.",
            metric: metric("OldestOpenLoadSeconds", Statistic::Maximum),
            above: OPEN_SECONDS,
            period_seconds: HOUR,
            periods: 1,
        },
    ]
}

/// Returns a custom metric that the function emits.
fn of_our_own(
    names: &Names,
    function: &FunctionSpec,
    name: &'static str,
    statistic: Statistic,
) -> Metric {
    let function = names.function(function);
    figure(
        functions::metrics::NAMESPACE,
        name,
        statistic,
        [("FunctionName", function.into())],
    )
}

pub(super) fn of_lambda(
    names: &Names,
    function: &FunctionSpec,
    name: &'static str,
    statistic: Statistic,
) -> Metric {
    let function = names.function(function);
    figure(
        "AWS/Lambda",
        name,
        statistic,
        [("FunctionName", function.into())],
    )
}

pub(super) fn figure<const N: usize>(
    namespace: &'static str,
    name: &'static str,
    statistic: Statistic,
    dimensions: [(&'static str, Val<String>); N],
) -> Metric {
    Metric {
        namespace,
        name,
        statistic,
        dimensions: BTreeMap::from(dimensions),
    }
}
