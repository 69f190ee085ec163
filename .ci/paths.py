"""Checks that what the documents name exists.

- Each relative link of each Markdown file.
- In CONTRIBUTING.md and ARCHITECTURE.md, each path from the root in backticks. A path with a part in capitals, such as
  `NAME.rs`, is a file to create: its folder must exist.
- In CONTRIBUTING.md, each name in parentheses after a file, such as `function.rs` (`FUNCTIONS`), is in that file.

Exit code 1 if something is missing.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
SPAN = re.compile(r"`([\w.-]+(?:/[\w.<>-]+)+/?|README\.md|ARCHITECTURE\.md)`(?:\s+\((`[^)]*)\))?")
# A file or folder that the reader creates, or that a run creates.
NEW = re.compile(r"(?!README|DIVERGENCES)[A-Z]{4,}(_\w+)?(\.|$)")
CREATED = {"target"}


def main() -> int:
    documents = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    missing = []
    for document in map(Path, documents.stdout.split()):
        text = (ROOT / document).read_text()
        missing += [f"{document}: {link}" for link in LINK.findall(text) if not (ROOT / document.parent / link).exists()]
    for document in ("CONTRIBUTING.md", "ARCHITECTURE.md"):
        for span, names in SPAN.findall((ROOT / document).read_text()):
            parts = Path(span).parts
            new = next((n for n, part in enumerate(parts) if n and NEW.match(part)), None)
            path = ROOT.joinpath(*parts[:new])
            if parts[0] in CREATED or not (ROOT / parts[0]).exists():
                continue
            if not path.exists():
                missing.append(f"{document}: {span}")
            elif names and path.is_file():
                code = path.read_text()
                missing += [f"{document}: {name} in {span}" for name in re.findall(r"`(\w+)`", names)
                            if not re.search(rf"\b{name}\b", code)]
    for line in missing:
        print(f"does not exist: {line}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
