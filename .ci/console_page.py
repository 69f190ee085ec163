"""Opens the console of a running environment in headless Chromium, 1280 and 390 pixels wide, light and dark.

    console_page.py STACK ENV CACHE [PICTURES]

Checks that the seven stages and the newest events are shown, that an event that is sent from the page arrives in the
warehouse, that nothing is wider than the screen, that the browser's console has no message (the page's policy turns a
request to elsewhere into one), and that axe-core finds nothing serious. Exit code 1 otherwise. `CACHE` is a folder
where axe-core is kept; `PICTURES`, if given, is a folder for screenshots.

Chromium is controlled through a pipe (https://chromedevtools.github.io/devtools-protocol/), so no driver is needed.
"""

import base64
import hashlib
import io
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
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

CHECK = """
axe.run(document, { resultTypes: ["violations"] }).then((found) => JSON.stringify({
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  stages: [...document.querySelectorAll(".stage h3")].map((title) => title.innerText.replace(/\\s+/g, " ").trim()),
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


def check(browser: Browser, program: str, pictures: Path | None) -> list[str]:
    """Returns what is wrong with the page."""
    wrong = []
    if not browser.wait("[data-part=events] table", "received"):
        wrong.append("the newest events are not shown")
    browser.run("document.querySelector(\"form[action='/event'] button\").click()")
    if not browser.wait("#sent", "in the warehouse"):
        wrong.append("the event that the page sent is not in the warehouse")
    browser.run(f"{program}; 0")
    for scheme, width in itertools.product(SCHEMES, WIDTHS):
        browser.show(width, scheme)
        seen = json.loads(browser.run(CHECK))
        where = f"{width} pixels, {scheme}: "
        if len(seen["stages"]) != 7:
            wrong.append(f"{where}the stages are {seen['stages']}")
        if seen["overflow"] > 0:
            wrong.append(f"{where}the page is {seen['overflow']} pixels wider than the screen")
        wrong += [where + violation for violation in seen["violations"]]
        if pictures:
            picture = browser.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
            (pictures / f"console-{width}-{scheme}.png").write_bytes(base64.b64decode(picture))
    return wrong + [f"message of the browser's console: {message}" for message in browser.messages]


def main() -> int:
    stack, environment, cache = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    pictures = Path(sys.argv[4]) if len(sys.argv) > 4 else None
    program = axe(cache)
    console = subprocess.Popen([stack, "console", environment], stdout=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://\S+", console.stdout.readline())
        if not address:
            sys.exit("the console did not start")
        with tempfile.TemporaryDirectory() as profile:
            browser = Browser(profile)
            try:
                browser.show(WIDTHS[0], SCHEMES[0])
                browser.call("Page.navigate", url=address[0])
                wrong = check(browser, program, pictures)
            finally:
                browser.process.terminate()
                browser.process.wait()
    finally:
        console.send_signal(signal.SIGINT)
        console.wait()
    for line in wrong:
        print(line)
    if not wrong:
        print("the console is shown at every width and in both schemes, and an event arrived from it")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
