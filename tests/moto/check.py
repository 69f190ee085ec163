"""A second opinion on the templates: moto, which no one here wrote, creates what it knows of each stack.

    stack synth prod --out DIR --format json
    python tests/moto/check.py DIR

DIR holds the templates of one environment. A type that moto does not know is left out and listed; where another
resource refers to it, a text stands in its place. Exit code 1 when moto refuses a template or loses a resource.
"""

import io
import json
import os
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
from moto import mock_aws
from moto.cloudformation.parsing import get_model_map

KINDS = ["lake", "warehouse", "pipeline"]

# Known to moto, which does less with them than CloudFormation does.
BEYOND_MOTO: dict[str, str] = {}


def known(kind: str) -> bool:
    return kind in get_model_map() and kind not in BEYOND_MOTO


def with_stand_ins(value, gone: set[str]):
    """`value` with a text for each reference to a resource that is left out."""
    if isinstance(value, list):
        return [with_stand_ins(item, gone) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("Ref") in gone:
        return f"stand-in-{value['Ref']}"
    attribute = value.get("Fn::GetAtt")
    if attribute and attribute[0] in gone:
        return f"stand-in-{attribute[0]}"
    if isinstance(value.get("Fn::Sub"), str):
        text = value["Fn::Sub"]
        for name in sorted(gone):
            text = text.replace("${%s}" % name, f"stand-in-{name}")
            while (start := text.find("${%s." % name)) >= 0:
                text = text[:start] + f"stand-in-{name}" + text[text.index("}", start) + 1 :]
        return {"Fn::Sub": text}
    return {key: with_stand_ins(item, gone) for key, item in value.items()}


def reduced(template: dict) -> tuple[dict, list[str]]:
    """The part of `template` that moto knows, and the types that were left out."""
    gone = {name for name, it in template["Resources"].items() if not known(it["Type"])}
    left_out = sorted(template["Resources"][name]["Type"] for name in gone)
    kept = {name: it for name, it in template["Resources"].items() if name not in gone}
    for resource in kept.values():
        first = [name for name in resource.get("DependsOn", []) if name not in gone]
        resource.pop("DependsOn", None)
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
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(small),
        Parameters=parameters,
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise SystemExit(f"{name}: {stack['StackStatus']}")
    made = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    lost = set(small["Resources"]) - {it["LogicalResourceId"] for it in made}
    if lost:
        raise SystemExit(f"{name}: moto lost {', '.join(sorted(lost))}")
    print(f"{name}: {len(made)} of {len(template['Resources'])} resources created")
    for kind, count in sorted(Counter(left_out).items()):
        print(f"  left out: {count} {kind}")
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
