"""Validates the templates of a folder with AWS's validator. Exit code 1 for any warning or error, or no template."""

import sys
from pathlib import Path

from cloudformation_validate import CompositeEngine, Severity

# Severities that do not fail.
REMARKS = {Severity.INFO, Severity.DEBUG}


def main(folder: str) -> int:
    engine = CompositeEngine()
    templates = sorted(Path(folder).glob("*.yaml"))
    found = 0
    for template in templates:
        for finding in engine.validate_template(template).diagnostics:
            if finding.severity not in REMARKS:
                found += 1
                print(f"{template.name}: {finding.severity.name} {finding.rule_id}: {finding.message}")
    print(f"cloudformation-validate: {len(templates)} templates, {found} findings")
    return 1 if found or not templates else 0


sys.exit(main(sys.argv[1]))
