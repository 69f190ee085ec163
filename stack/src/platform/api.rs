//! The HTTP API: routes of API Gateway and the function behind each.

use std::collections::BTreeSet;

use super::pipeline::Pipeline;
use super::{suppression, waf};
use crate::environment::{Auth, Waf};
use cfn::resources::apigateway::{
    Access, ApiKey, Deployment, GatewayResponse, HttpMethod, Method, RequestValidator, RestApi,
    Route, Stage, UsagePlan, UsagePlanKey,
};
use cfn::resources::lambda::{Function, Permission};
use cfn::resources::logs::LogGroup;
use cfn::{Arn, Handle, Name, Template, region, text, url_suffix};

/// First part of every path. A breaking change of the API needs a new stage.
pub(super) const STAGE: &str = "v1";
/// Prefix of the execution log group, which API Gateway names `{prefix}{API id}/{stage}`.
pub(super) const EXECUTION_LOGS: &str = "API-Gateway-Execution-Logs_";

/// Content types of events. API Gateway passes bodies of these types unchanged as binary: one invalid byte then costs
/// one event only, and gzip and other charsets work. It reads other bodies as UTF-8 and replaces invalid bytes by
/// U+FFFD. Bodies have no model, because it would be checked against the base64 text.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>
const EVENTS: [&str; 5] = [
    "application/json",
    "application/jsonl",
    "application/ndjson",
    "application/x-ndjson",
    "text/json",
];

/// Responses that API Gateway generates itself, in the format of our own errors. Unknown paths are not among them:
/// the catch-all route passes them to `query`.
const REFUSALS: [(&str, &str, &str); 2] = [
    ("ClientErrors", "DEFAULT_4XX", REFUSAL),
    ("ServerErrors", "DEFAULT_5XX", REFUSAL),
];
const REFUSAL: &str =
    r#"{"reason":"$context.error.responseType","detail":$context.error.messageString}"#;
const NOT_SIGNED: &str = r#"{"reason":"not_signed","detail":"the request is not signed: sign it with AWS Signature Version 4 for execute-api"}"#;

/// One method of a path, and the function that it calls.
#[derive(Clone, Copy)]
struct Endpoint<'a> {
    /// Logical ids of the method and of the permission to invoke its function.
    ids: [&'static str; 2],
    method: HttpMethod,
    route: &'a Handle<Route>,
    /// Path with `*` in place of each parameter, as in an ARN.
    path: &'static str,
    path_parameters: &'static [&'static str],
    function: &'a Handle<Function>,
}

/// Builder of the API.
struct Api<'p, 'a> {
    pipeline: &'p mut Pipeline<'a>,
    rest: Handle<RestApi>,
    validator: Handle<RequestValidator>,
    /// Logical ids of what a deployment captures.
    parts: BTreeSet<String>,
}

/// Adds the API: `POST /events` calls `ingest`; `GET /invoices/{no}` and `GET /customers/{id}/invoices` call `query`.
/// `query` also answers unknown paths and methods with an error.
pub(super) fn add(
    pipeline: &mut Pipeline<'_>,
    ingest: &Handle<Function>,
    query: &Handle<Function>,
) {
    let mut api = Api::new(pipeline);
    let root = api.rest.root();
    let events = api.route("EventsPath", &root, "events");
    let invoices = api.route("InvoicesPath", &root, "invoices");
    let invoice = api.route("InvoicePath", &invoices.route_id(), "{no}");
    let customers = api.route("CustomersPath", &root, "customers");
    let customer = api.route("CustomerPath", &customers.route_id(), "{id}");
    let customer_invoices = api.route("CustomerInvoicesPath", &customer.route_id(), "invoices");
    api.endpoint(Endpoint {
        ids: ["PostEvents", "PostEventsPermission"],
        method: HttpMethod::Post,
        route: &events,
        path: "events",
        path_parameters: &[],
        function: ingest,
    });
    api.endpoint(Endpoint {
        ids: ["GetInvoice", "GetInvoicePermission"],
        method: HttpMethod::Get,
        route: &invoice,
        path: "invoices/*",
        path_parameters: &["no"],
        function: query,
    });
    api.endpoint(Endpoint {
        ids: ["GetCustomerInvoices", "GetCustomerInvoicesPermission"],
        method: HttpMethod::Get,
        route: &customer_invoices,
        path: "customers/*/invoices",
        path_parameters: &["id"],
        function: query,
    });
    api.elsewhere(query);
    api.refusals();
    api.publish();
}

impl<'p, 'a> Api<'p, 'a> {
    fn new(pipeline: &'p mut Pipeline<'a>) -> Self {
        let description = "Riverhouse: accepts events, returns invoices";
        let rest = pipeline.template.add(
            "Api",
            &RestApi {
                name: pipeline.names.literal("api"),
                description,
                binary_media_types: &EVENTS,
            },
        );
        let validator = RequestValidator {
            api: rest.api_id(),
            name: "body-and-parameters",
        };
        let validator = pipeline.template.add("RequestValidator", &validator);
        let parts = BTreeSet::from([rest.id().to_owned(), validator.id().to_owned()]);
        Self {
            pipeline,
            rest,
            validator,
            parts,
        }
    }

    #[track_caller]
    fn route(
        &mut self,
        id: &'static str,
        parent: &Name<Route>,
        part: &'static str,
    ) -> Handle<Route> {
        let route = Route {
            api: self.rest.api_id(),
            parent: parent.clone(),
            part,
        };
        let route = self.pipeline.template.add(id, &route);
        self.parts.insert(route.id().to_owned());
        route
    }

    /// Routes every other path, and every other method of the paths above, to `query`. API Gateway itself would
    /// answer that the request is not signed.
    #[track_caller]
    fn elsewhere(&mut self, query: &Handle<Function>) {
        let route = self.route("ElsewherePath", &self.rest.root(), "{proxy+}");
        self.endpoint(Endpoint {
            ids: ["AnyElsewhere", "AnyElsewherePermission"],
            method: HttpMethod::Any,
            route: &route,
            path: "*",
            path_parameters: &["proxy"],
            function: query,
        });
    }

    fn refusals(&mut self) {
        let is_signed = self.pipeline.environment.auth == Auth::Iam;
        let not_signed = ("NotSigned", "MISSING_AUTHENTICATION_TOKEN", NOT_SIGNED);
        let refusals = REFUSALS.into_iter();
        for (id, cause, body) in refusals.chain(is_signed.then_some(not_signed)) {
            let api = self.rest.api_id();
            let refusal = GatewayResponse { api, cause, body };
            let refusal = self.pipeline.template.add(id, &refusal);
            self.parts.insert(refusal.id().to_owned());
        }
    }

    #[track_caller]
    fn endpoint(&mut self, endpoint: Endpoint<'_>) {
        let access = match self.pipeline.environment.auth {
            Auth::Iam => Access::Iam,
            Auth::ApiKey => Access::ApiKey,
            Auth::None => Access::Open,
        };
        let method = self.pipeline.template.add(
            endpoint.ids[0],
            &Method {
                api: self.rest.api_id(),
                route: endpoint.route.route_id(),
                method: endpoint.method,
                access,
                path_parameters: endpoint.path_parameters,
                validator: self.validator.validator_id(),
                function: endpoint.function.arn(),
            },
        );
        self.parts.insert(method.id().to_owned());
        let stage = Arn::<Stage>::of(&self.rest.api_id(), STAGE);
        self.pipeline.template.add(
            endpoint.ids[1],
            &Permission {
                function: endpoint.function.arn(),
                principal: "apigateway.amazonaws.com",
                source: text![&stage, "/", endpoint.method.in_arn(), "/", endpoint.path],
            },
        );
    }

    fn publish(self) {
        let deployment = Deployment {
            api: self.rest.api_id(),
        };
        let deployment =
            self.pipeline
                .template
                .add_snapshot("ApiDeployment", &deployment, &self.parts);
        let logs = self
            .pipeline
            .environment
            .api
            .access_log
            .then(|| logs(self.pipeline, &self.rest));
        let stage = self.pipeline.template.add(
            "ApiStage",
            &Stage {
                api: self.rest.api_id(),
                deployment: deployment.deployment_id(),
                name: STAGE,
                throttle: self.pipeline.environment.api.throttle,
                traced: self.pipeline.environment.tracing,
                access_log: logs.as_ref().map(|logs| logs.access.arn()),
            },
        );
        let template = &mut self.pipeline.template;
        template.suppress(&stage, suppression::FRESH_ANSWERS);
        if let Some(logs) = logs {
            template.depend(&stage, &logs.execution);
        }
        if self.pipeline.environment.api.waf == Waf::Managed {
            waf::add(self.pipeline, &self.rest, &stage);
        }
        if self.pipeline.environment.auth == Auth::ApiKey {
            add_key(self.pipeline, &self.rest, &stage);
        }
        add_outputs(&mut self.pipeline.template, &self.rest, &stage);
    }
}

fn add_outputs(template: &mut Template, api: &Handle<RestApi>, stage: &Handle<Stage>) {
    template.output("ApiId", "Id of the API", &api.api_id());
    template.output("ApiStage", "First part of every path", &stage.name());
    let host = text![&api.api_id(), ".execute-api.", region(), ".", url_suffix()];
    template.output(
        "ApiUrl",
        "Base of the API on AWS",
        &text!["https://", &host, "/", &stage.name()],
    );
}

/// Log groups of access and execution logs. Without the second, API Gateway would create it unencrypted and without
/// retention.
struct Logs {
    access: Handle<LogGroup>,
    execution: Handle<LogGroup>,
}

fn logs(pipeline: &mut Pipeline<'_>, api: &Handle<RestApi>) -> Logs {
    let group = |name| LogGroup {
        name,
        retention: pipeline.environment.log_retention,
        key: pipeline.data_key.clone(),
        profile: pipeline.environment.profile.for_data(),
    };
    let access = group(Name::literal(pipeline.names.api_log_group()));
    let execution = text![EXECUTION_LOGS, &api.api_id(), "/", STAGE];
    let execution = group(Name::from_text(execution));
    Logs {
        access: pipeline.template.add("ApiLogs", &access),
        execution: pipeline.template.add("ApiExecutionLogs", &execution),
    }
}

fn add_key(pipeline: &mut Pipeline<'_>, api: &Handle<RestApi>, stage: &Handle<Stage>) {
    let key = pipeline.template.add(
        "ApiKey",
        &ApiKey {
            name: pipeline.names.literal("api"),
        },
    );
    let plan = UsagePlan {
        name: pipeline.names.literal("api"),
        api: api.api_id(),
        stage: stage.name(),
        throttle: pipeline.environment.api.throttle,
    };
    let plan = pipeline.template.add("UsagePlan", &plan);
    pipeline.template.add(
        "UsagePlanKey",
        &UsagePlanKey {
            key: key.key_id(),
            plan: plan.plan_id(),
        },
    );
    pipeline.template.output(
        "ApiKeyId",
        "Id of the API key, by which its value is shown",
        &key.key_id(),
    );
}
