"""Downloads the pinned pip wheel, for a Python that has neither pip nor ensurepip.

Usage: bootstrap.py FILE SHA256 FOLDER. Prints the path of the wheel. Idempotent. Fails if the hash differs.
"""

import configparser
import hashlib
import json
import os
import sys
import urllib.parse
import urllib.request


def index_url() -> str:
    """Returns the package index that pip would use: from the environment, or else from pip's configuration files.

    Source: https://pip.pypa.io/en/stable/topics/configuration/
    """
    if "PIP_INDEX_URL" in os.environ:
        return os.environ["PIP_INDEX_URL"]
    named = os.environ.get("PIP_CONFIG_FILE")
    shared = os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")
    own = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    files = [*(os.path.join(folder, "pip/pip.conf") for folder in shared), "/etc/pip.conf"]
    files += [os.path.expanduser("~/.pip/pip.conf"), os.path.join(own, "pip/pip.conf")]
    settings = configparser.RawConfigParser()
    # A later file takes precedence. The null device means: no configuration file.
    settings.read([] if named == os.devnull else [*filter(None, [named]), *files])
    default = settings.get("global", "index-url", fallback="https://pypi.org/simple")
    return settings.get("install", "index-url", fallback=default)


def main(name: str, sha256: str, folder: str) -> None:
    page = f"{index_url().rstrip('/')}/pip/"
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
