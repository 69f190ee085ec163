"""Writes crates/cfn/src/create_only.rs from the CloudFormation registry's schemas, which cfn-lint carries. --check: compares."""

import json
import subprocess
import sys
from pathlib import Path

import cfnlint

TYPES = """
AWS::ApiGateway::Account AWS::DynamoDB::Table AWS::EC2::VPC AWS::Glue::Database AWS::Glue::Table AWS::IAM::Role
AWS::KMS::Key AWS::Kinesis::Stream AWS::Logs::LogGroup AWS::Redshift::Cluster AWS::RedshiftServerless::Namespace
AWS::RedshiftServerless::Workgroup AWS::S3::Bucket AWS::SQS::Queue AWS::SecretsManager::Secret
""".split()
FILE = Path(__file__).parent.parent / "crates/cfn/src/create_only.rs"
HEAD = """//! Which properties of a type cannot change without another resource in its place.
//!
//! Made by `just lock-types` from the schemas of the CloudFormation registry; do not edit. Those that are create-only
//! under conditions are here too: a refusal too many is better than a table too few.

/// The types that may hold data, each with its create-only properties as paths below `Properties`.
const CREATE_ONLY: &[(&str, &[&str])] = &[
"""
TAIL = """];

/// The create-only properties of a type that may hold data; `None` when the type is not known here.
#[must_use]
pub fn create_only(kind: &str) -> Option<&'static [&'static str]> {
    CREATE_ONLY
        .iter()
        .find(|(known, _)| *known == kind)
        .map(|(_, properties)| *properties)
}
"""


def properties(schemas: Path, kind: str) -> list[str]:
    name = json.loads((schemas / "providers/us-east-1.json").read_text())[kind]
    schema = json.loads((schemas / f"resources/{name}.json").read_text())
    assert schema["typeName"] == kind
    found = schema.get("createOnlyProperties", []) + schema.get("conditionalCreateOnlyProperties", [])
    return sorted({path.removeprefix("/properties/") for path in found})


def entry(kind: str, paths: list[str]) -> str:
    return f'    ("{kind}", &[{", ".join(json.dumps(path) for path in paths)}]),'


def formatted(text: str) -> str:
    done = subprocess.run(["rustfmt", "--edition", "2024"], input=text, capture_output=True, text=True, check=True)
    return done.stdout


def main() -> int:
    schemas = Path(cfnlint.__file__).parent / "data/schemas"
    text = formatted(HEAD + "\n".join(entry(kind, properties(schemas, kind)) for kind in sorted(TYPES)) + "\n" + TAIL)
    if "--check" not in sys.argv:
        FILE.write_text(text)
        return 0
    if FILE.read_text() == text:
        return 0
    print(f"{FILE} is not what the registry's schemas say: run `just lock-types`", file=sys.stderr)
    return 1


sys.exit(main())
