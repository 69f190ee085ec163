"""Fetches the pinned pip wheel, for a Python that has neither pip nor ensurepip.

usage: bootstrap.py FILE SHA256 FOLDER; prints the wheel's path. Fetching again is harmless.
"""

import hashlib
import json
import os
import sys
import urllib.parse
import urllib.request


def main(name: str, sha256: str, folder: str) -> None:
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
    page = f"{index}/pip/"
    asked = urllib.request.Request(page, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        files = json.load(answer)["files"]
    url = next((file["url"] for file in files if file["filename"] == name), None)
    if url is None:
        sys.exit(f"{page} has no {name}")
    with urllib.request.urlopen(urllib.parse.urljoin(page, url), timeout=60) as answer:
        wheel = answer.read()
    found = hashlib.sha256(wheel).hexdigest()
    if found != sha256:
        sys.exit(f"{name} has sha256 {found}, not the pinned {sha256}: refusing to run it")
    path = os.path.join(folder, name)
    with open(path + ".part", "wb") as file:
        file.write(wheel)
    os.replace(path + ".part", path)
    print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
