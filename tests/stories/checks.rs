//! Checks of the data: `stack check`.

use serde_json::{Value, json};

use crate::environment::Environment;

/// Returns the exit code, the severity and the broken rules with their number of rows.
fn check(environment: &Environment, more: &[&str]) -> (Option<i32>, Value, Vec<(String, Value)>) {
    let mut arguments = vec!["check", environment.name, "--json"];
    arguments.extend(more);
    let output = environment.run(&arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{stderr}"));
    let rules = report["rules"].as_array().unwrap();
    let broken = rules.iter().filter(|rule| !rule["broken"].is_null());
    let broken = broken
        .map(|rule| {
            let name = rule["rule"].as_str().unwrap().to_owned();
            (name, rule["broken"]["rows"].clone())
        })
        .collect();
    (output.status.code(), report["severity"].clone(), broken)
}

fn broken(rules: &[(&str, i64)]) -> Vec<(String, Value)> {
    rules
        .iter()
        .map(|(name, rows)| ((*name).to_owned(), json!(rows)))
        .collect()
}

#[test]
fn checks_pass_on_streamed_data_and_name_each_broken_rule_with_a_query_of_its_rows() {
    let (environment, _kept) = Environment::own("local-check");
    environment.deploy();
    let name = environment.name;
    assert_eq!(
        check(&environment, &[]),
        (Some(3), json!("warn"), broken(&[("has_data", 1)])),
        "an empty warehouse is not wrong, but nobody knows how old its data is"
    );
    environment.stack(&["stream", "--synthetic", "400", "--env", name, "--wait"]);
    let kept = environment.stack(&["check", name, "--stages"]);
    assert!(kept.contains("24 of 24 rules are kept"), "{kept}");
    assert!(kept.contains("agrees"), "{kept}");

    environment.query("UPDATE retail.sales_line SET invoice_ts = DATEADD(day, 9, ingested_at) WHERE event_id = (SELECT MIN(event_id) FROM retail.sales_line)");
    let warned = (Some(3), json!("warn"), broken(&[("future_order", 1)]));
    assert_eq!(check(&environment, &[]), warned);

    environment.query("INSERT INTO retail.sales_line SELECT * FROM retail.sales_line WHERE event_id = (SELECT MAX(event_id) FROM retail.sales_line)");
    environment.query("UPDATE retail.sales_line SET kind = 'gift' WHERE event_id = (SELECT MIN(event_id) FROM retail.sales_line)");
    let rules = [
        ("accepted_kind", 1),
        ("duplicate_event", 1),
        ("kind_of_invoice", 1),
        ("loaded_lines", 1),
        ("future_order", 1),
    ];
    assert_eq!(
        check(&environment, &[]),
        (Some(1), json!("error"), broken(&rules))
    );
    let output = environment.run(&["check", name]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("19 of 24 rules are kept"), "{text}");
    let (_, sample) = text.split_once("error: duplicate_event").unwrap();
    let (_, sample) = sample.split_once("rows:").unwrap();
    let (sample, _) = sample.split_once("LIMIT 5").unwrap();
    assert_eq!(environment.query(&format!("{sample} LIMIT 5")).len(), 1);

    environment.query("ALTER TABLE analytics.top_items RENAME TO best_items");
    let output = environment.run(&["check", name]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("error: view_totals") && text.contains("its query failed"),
        "{text}"
    );
}
