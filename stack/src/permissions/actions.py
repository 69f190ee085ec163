"""Writes actions.txt: what CloudFormation calls for each resource type that our templates may hold.

    pip install cfn-lint==1.58.0 && python stack/src/permissions/actions.py > stack/src/permissions/actions.txt

Source: the handlers of AWS's own CloudFormation registry schemas, as cfn-lint ships them.
A new resource type is a new line of TYPES.
"""

import json
import pathlib

import cfnlint

TYPES = """
ApiGateway: Account ApiKey Deployment GatewayResponse Method RequestValidator Resource RestApi Stage UsagePlan UsagePlanKey
CloudWatch: Alarm CompositeAlarm Dashboard
DynamoDB: Table
EC2: FlowLog InternetGateway Route RouteTable SecurityGroup SecurityGroupEgress SecurityGroupIngress Subnet
EC2: SubnetRouteTableAssociation VPC VPCEndpoint VPCGatewayAttachment
Glue: Classifier Connection Crawler Database Job SecurityConfiguration Table Trigger
IAM: ManagedPolicy Role
KMS: Alias Key
Kinesis: Stream
Lambda: EventSourceMapping Function Permission
Logs: LogGroup MetricFilter
Redshift: Cluster ClusterParameterGroup ClusterSubnetGroup EndpointAccess
RedshiftServerless: Namespace Workgroup
S3: Bucket BucketPolicy
SNS: Subscription Topic TopicPolicy
SQS: Queue QueuePolicy
Scheduler: Schedule
SecretsManager: Secret
WAFv2: WebACL WebACLAssociation
"""

# Types that CloudFormation serves without a handler in the registry, with the calls of their user guides.
UNHANDLED = {
    "AWS::Glue::Classifier": "CreateClassifier DeleteClassifier GetClassifier UpdateClassifier",
    "AWS::Glue::Connection": "CreateConnection DeleteConnection GetConnection UpdateConnection",
    "AWS::Glue::SecurityConfiguration": "CreateSecurityConfiguration DeleteSecurityConfiguration GetSecurityConfiguration",
    "AWS::Glue::Table": "CreateTable DeleteTable GetTable UpdateTable",
}

# Types that may stand in front of services that we have not.
SERVICES = {"AWS::WAFv2::WebACLAssociation": ("apigateway:", "wafv2:")}

VERBS = ("create", "read", "update", "delete")
schemas = pathlib.Path(cfnlint.__file__).parent / "data" / "schemas"
files = json.loads((schemas / "providers" / "eu-west-1.json").read_text())

print("# Made by actions.py from the registry schemas of cfn-lint; do not edit. A type, then what it takes to")
print("# create, read, update and delete one.")
for line in TYPES.strip().splitlines():
    service, names = line.split(":")
    for name in names.split():
        kind = f"AWS::{service}::{name}"
        handlers = json.loads((schemas / "resources" / f"{files[kind]}.json").read_text()).get("handlers", {})
        actions = {action for verb in VERBS for action in handlers.get(verb, {}).get("permissions", [])}
        if not actions:
            actions = {f"{service.lower()}:{action}" for action in UNHANDLED[kind].split()}
        actions = {action for action in actions if action.startswith(SERVICES.get(kind, ""))}
        print(kind, *sorted(actions, key=str.lower))
