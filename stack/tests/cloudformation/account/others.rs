//! Simulates the other services that a deploy uses, each with the minimum that is realistic.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use templates::sql::migration::MIGRATIONS;
use warehouse::migrations::checksum;

use super::{Answer, Content, Request, existing, remains, xml};

/// The secret that the warehouse stack creates for the analysts.
const LOGIN: &str = r#"{"username": "tableau", "password": "Scripted-Horse-1"}"#;

/// The state of the other services.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Others {
    /// The objects in S3, by path, with their sizes.
    pub(crate) objects: BTreeMap<String, usize>,
    /// The applied migrations, as the names of their statements.
    pub(crate) migrations: BTreeSet<String>,
    /// The invoices that the API accepted, with the number of requests for each since then.
    pub(crate) invoices: BTreeMap<String, usize>,
}

/// Answers one call.
pub(crate) fn answer(content: &mut Content, request: &Request) -> Answer {
    if let Some(answer) = existing::answer(content, request) {
        return answer;
    }
    let others = &mut content.others;
    match request.service.as_str() {
        "sts" => (200, "text/xml", identity()),
        "s3" => others.s3(request),
        "lambda" => of_json(&json!({"State": "Active", "LastUpdateStatus": "Successful"})),
        "redshift-data" => others.data_api(request),
        "secretsmanager" => of_json(&json!({"SecretString": LOGIN})),
        // The account has no role for logs yet.
        "apigateway" => of_json(&json!({})),
        "execute-api" => others.api(request),
        _ => remains::answer(request),
    }
}

fn of_json(value: &Value) -> Answer {
    (200, "application/x-amz-json-1.1", value.to_string())
}

fn identity() -> String {
    let result = xml::text("Arn", "arn:aws:iam::123456789012:user/deployer")
        + &xml::text("UserId", "AIDASCRIPTED")
        + &xml::text("Account", "123456789012");
    xml::answer("GetCallerIdentity", &result)
}

impl Others {
    fn s3(&mut self, request: &Request) -> Answer {
        let known = self.objects.contains_key(&request.path);
        match request.method.as_str() {
            "PUT" => {
                let size = request.body.len();
                self.objects.insert(request.path.clone(), size);
                (200, "text/plain", String::new())
            }
            "HEAD" if known => (200, "text/plain", String::new()),
            "GET" | "POST" => remains::bucket(&mut self.objects, request),
            _ => (404, "text/plain", String::new()),
        }
    }

    /// Statements finish immediately. A migration is identified by the name of its statement and applied only once.
    fn data_api(&mut self, request: &Request) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        match request.action().as_str() {
            "ExecuteStatement" => of_json(&json!({"Id": "asked"})),
            "BatchExecuteStatement" => {
                let name = body["StatementName"].as_str().unwrap_or_default();
                let fresh = self.migrations.insert(name.to_owned()) || name == "migration/begin";
                of_json(&json!({"Id": if fresh { "done" } else { "refused" }}))
            }
            "DescribeStatement" => of_json(&match body["Id"].as_str() {
                Some("refused") => json!({"Status": "FAILED", "Error": "it was applied"}),
                Some("asked") => json!({"Status": "FINISHED", "HasResultSet": true}),
                _ => json!({"Status": "FINISHED", "HasResultSet": false}),
            }),
            _ => of_json(&self.ledger()),
        }
    }

    fn ledger(&self) -> Value {
        let known = MIGRATIONS.iter().filter(|migration| {
            let name = format!("migration/{:04}_{}", migration.version, migration.name);
            self.migrations.contains(&name)
        });
        let rows: Vec<_> = known
            .map(|it| {
                json!([{"longValue": it.version}, {"stringValue": it.name}, {"stringValue": checksum(it).unwrap()}])
            })
            .collect();
        let columns = ["version", "name", "checksum"].map(|name| json!({"name": name}));
        json!({"Records": rows, "ColumnMetadata": columns, "TotalNumRows": rows.len()})
    }

    /// An invoice is found from the second request on.
    fn api(&mut self, request: &Request) -> Answer {
        if request.method == "POST" {
            let event: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let invoice = event["InvoiceNo"].as_str().unwrap_or_default();
            self.invoices.entry(invoice.to_owned()).or_default();
            let taken = json!({"accepted": 1, "rejected": []});
            return (202, "application/json", taken.to_string());
        }
        let invoice = request.path.rsplit('/').next().unwrap_or_default();
        let asked = self.invoices.get_mut(invoice);
        let there = asked.is_some_and(|asked| {
            *asked += 1;
            *asked > 1
        });
        let status = if there { 200 } else { 404 };
        (status, "application/json", "{}".to_owned())
    }
}
