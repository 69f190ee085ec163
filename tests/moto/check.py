"""A second opinion on the templates: moto, which no one here wrote, creates what it knows of each stack.

    stack synth prod --out DIR --format json
    pip install -r tests/moto/requirements.txt
    python tests/moto/check.py DIR

DIR holds the templates of one environment whose network is its own: moto has none to share. A type that moto does not
know is left out and listed; where another resource refers to it, a text stands in its place. Exit code 1 when moto
refuses a template or loses a resource.
"""

import io
import json
import os
import re
import sys
import zipfile
from collections import Counter
from pathlib import Path

for name, value in {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
}.items():
    os.environ[name] = value

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.cloudformation.parsing import get_model_map

KINDS = ["lake", "warehouse", "pipeline", "monitoring"]

# Properties that moto does not accept, by resource type, with the reason why moto is wrong.
MISREAD = {
    "AWS::KMS::Key": {"Tags": "moto asks for `TagKey`, CloudFormation for `Key`"},
}
# Resource types that moto does not create, with the reason why moto is wrong.
MISTAKEN = {
    "AWS::EC2::FlowLog": "moto takes a prefix in the bucket for a part of the bucket's name",
}

# Attributes that moto does not return, by resource type.
LACKING = {
    "AWS::EC2::Subnet": ["AvailabilityZone"],
    "AWS::Redshift::Cluster": ["MasterPasswordSecretArn"],
}


def known(kind: str) -> bool:
    return kind in get_model_map() and kind not in MISTAKEN


def stand_in(target: str) -> str:
    """Returns a placeholder for `Name` or `Name.Attribute`; an ARN if the attribute is one."""
    name = target.split(".")[0]
    return f"arn:aws:stand-in:eu-west-1:123456789012:{name}" if target.endswith("Arn") else f"stand-in-{name}"


def with_stand_ins(value, gone: set[str]):
    """Returns `value` with a placeholder for each reference that moto cannot resolve."""

    def lost(target: str) -> bool:
        return target in gone or target.split(".")[0] in gone

    def replaced(reference: re.Match) -> str:
        return stand_in(reference[1]) if lost(reference[1]) else reference[0]

    if isinstance(value, list):
        return [with_stand_ins(item, gone) for item in value]
    if not isinstance(value, dict):
        return value
    target = value.get("Ref") or ".".join(value.get("Fn::GetAtt", []))
    if target and lost(target):
        return stand_in(target)
    if isinstance(value.get("Fn::Sub"), str):
        return {"Fn::Sub": re.sub(r"\$\{(\w+[.\w]*)\}", replaced, value["Fn::Sub"])}
    return {key: with_stand_ins(item, gone) for key, item in value.items()}


def reduced(template: dict) -> tuple[dict, list[str]]:
    """Returns the part of `template` that moto supports, and the resource types that were left out."""
    resources = template["Resources"]
    gone = {name for name, it in resources.items() if not known(it["Type"])}
    left_out = sorted(resources[name]["Type"] for name in gone)
    kept = {name: it for name, it in resources.items() if name not in gone}
    for name, resource in kept.items():
        gone |= {f"{name}.{attribute}" for attribute in LACKING.get(resource["Type"], [])}
        for misread in MISREAD.get(resource["Type"], {}):
            resource["Properties"].pop(misread, None)
        first = [name for name in resource.pop("DependsOn", []) if name in kept]
        if first:
            resource["DependsOn"] = first
    return with_stand_ins(template | {"Resources": kept}, gone), left_out


def an_empty_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("bootstrap", "#!/bin/sh\n")
    return buffer.getvalue()


def create(cloudformation, name: str, template: dict, values: dict[str, str]) -> dict[str, str]:
    """Creates the stack and returns its outputs."""
    small, left_out = reduced(template)
    parameters = [
        {"ParameterKey": key, "ParameterValue": values.get(key, "functions/stand-in.zip")}
        for key in template.get("Parameters", {})
    ]
    try:
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=json.dumps(small),
            Parameters=parameters,
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
    except ClientError as error:
        raise SystemExit(f"{name}: {error}") from error
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise SystemExit(f"{name}: {stack['StackStatus']}")
    made = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    lost = set(small["Resources"]) - {it["LogicalResourceId"] for it in made}
    if lost:
        raise SystemExit(f"{name}: moto lost {', '.join(sorted(lost))}")
    print(f"{name}: {len(made)} of {len(template['Resources'])} resources created")
    for kind, count in sorted(Counter(left_out).items()):
        print(f"  left out: {count} {kind} ({MISTAKEN.get(kind, 'unknown to moto')})")
    return {it["OutputKey"]: it["OutputValue"] for it in stack.get("Outputs", [])}


@mock_aws
def main(folder: Path) -> None:
    cloudformation = boto3.client("cloudformation")
    values: dict[str, str] = {}
    found = 0
    for kind in KINDS:
        for file in sorted(folder.glob(f"*-{kind}.json")):
            values |= create(cloudformation, file.stem, json.loads(file.read_text()), values)
            found += 1
            if kind == "lake":
                boto3.client("s3").put_object(
                    Bucket=values["AssetsBucketName"],
                    Key="functions/stand-in.zip",
                    Body=an_empty_zip(),
                )
    if not found:
        raise SystemExit(f"{folder} has no templates: run `stack synth ENV --out {folder} --format json` first")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
