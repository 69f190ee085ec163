"""A page in headless Chromium, and axe-core, which checks whether people with disabilities can use it.

Chromium is controlled through a pipe (https://chromedevtools.github.io/devtools-protocol/), so no driver is needed.
"""

import base64
import contextlib
import hashlib
import io
import itertools
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

AXE = "https://registry.npmjs.org/axe-core/-/axe-core-4.14.1.tgz"
AXE_SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
WIDTHS = [1280, 390]
SCHEMES = ["light", "dark"]
MESSAGES = {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}

# Waits up to 60 s until an element's text matches.
WAIT = """
new Promise((done) => {
  const end = Date.now() + 60000;
  const look = () => {
    const text = document.querySelector(%s)?.innerText ?? "";
    if (%s.test(text) || Date.now() > end) done(text); else setTimeout(look, 100);
  };
  look();
})
"""

LOOK = """
axe.run(document, { resultTypes: ["violations"] }).then((found) => JSON.stringify({
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  violations: found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html).join(" ")}`),
}))
"""


def axe(cache: Path) -> str:
    """Returns the program, from the cache or from npm's registry."""
    file = cache / Path(AXE).name
    if not file.exists():
        with urllib.request.urlopen(AXE, timeout=60) as answer:
            file.write_bytes(answer.read())
    package = file.read_bytes()
    if base64.b64encode(hashlib.sha512(package).digest()).decode() != AXE_SHA512:
        file.unlink()
        sys.exit(f"{AXE} has another hash than the pinned one")
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        return archive.extractfile("package/axe.min.js").read().decode()


class Browser:
    """A page of headless Chromium."""

    def __init__(self, profile: str):
        (commands, self.write), (self.read, answers) = os.pipe(), os.pipe()

        def connect() -> None:
            # Copies first, because one of the pipes may be number 3 or 4 already.
            copies = os.dup(commands), os.dup(answers)
            os.dup2(copies[0], 3)
            os.dup2(copies[1], 4)

        options = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
        self.process = subprocess.Popen(
            ["chromium", *options, "--remote-debugging-pipe", "about:blank"],
            preexec_fn=connect, pass_fds=(3, 4), stderr=subprocess.DEVNULL,
        )
        os.close(commands), os.close(answers)
        self.numbers, self.rest, self.messages, self.session = itertools.count(1), b"", [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict:
        """Calls a method and returns its result. Keeps the messages of the console that arrive meanwhile."""
        number = next(self.numbers)
        command = {"id": number, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.write, json.dumps(command).encode() + b"\0")
        while True:
            while b"\0" not in self.rest:
                part = os.read(self.read, 1 << 16)
                if not part:
                    sys.exit("chromium ended")
                self.rest += part
            text, self.rest = self.rest.split(b"\0", 1)
            answer = json.loads(text)
            if answer.get("method") in MESSAGES:
                self.messages.append(json.dumps(answer["params"])[:400])
            if answer.get("id") == number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]

    def run(self, script: str) -> object:
        """Returns the value of a JavaScript expression, or of its promise."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return result["result"].get("value")

    def wait(self, element: str, pattern: str) -> bool:
        """Returns whether the text of the element matches within a minute."""
        text = self.run(WAIT % (json.dumps(element), f"/{pattern}/"))
        return re.search(pattern, str(text)) is not None

    def show(self, width: int, scheme: str) -> None:
        """Sets the width of the screen and the colors."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, file: Path) -> None:
        """Writes the whole page as PNG."""
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]))

    def problems(self, program: str, pictures: Path | None, name: str) -> list[str]:
        """Returns what is wrong at each width of a screen and in both color schemes, and the messages of the console.

        `program` is axe-core. Pictures are written to the folder `pictures`, if any.
        """
        self.run(f"{program}; 0")
        wrong = []
        for scheme, width in itertools.product(SCHEMES, WIDTHS):
            self.show(width, scheme)
            seen = json.loads(self.run(LOOK))
            where = f"{width} pixels, {scheme}: "
            if seen["overflow"] > 0:
                wrong.append(f"{where}the page is {seen['overflow']} pixels wider than the screen")
            wrong += [where + violation for violation in seen["violations"]]
            if pictures:
                self.picture(pictures / f"{name}-{width}-{scheme}.png")
        return wrong + [f"message of the browser's console: {message}" for message in self.messages]


@contextlib.contextmanager
def page(url: str) -> Iterator[Browser]:
    """Opens a page, and ends Chromium afterwards."""
    # Parts of Chromium may still write when it has ended.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            browser.call("Page.navigate", url=url)
            browser.run("new Promise((done) => { if (document.readyState === 'complete') done(); else onload = done; })")
            yield browser
        finally:
            browser.process.terminate()
            browser.process.wait()


def verdict(wrong: list[str], good: str) -> int:
    """Prints what is wrong, or else `good`, and returns the exit code."""
    print("\n".join(wrong or [good]))
    return 1 if wrong else 0
