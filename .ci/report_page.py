"""Opens a report in headless Chromium, 1280 and 390 pixels wide, light and dark.

    report_page.py REPORT.html CACHE

Checks that all charts are drawn, that nothing is wider than the screen, that the console has no message (the page
forbids itself every request, so a request is one), and that axe-core finds nothing serious. Exit code 1 otherwise.
"""

import base64
import hashlib
import html
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

AXE = "https://registry.npmjs.org/axe-core/-/axe-core-4.14.1.tgz"
AXE_SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
WIDTHS = [1280, 390]
SCHEMES = {"light": 1, "dark": 0}

# Runs in a page around the report, because a window of Chromium is at least 500 pixels wide.
LOOK = """
const look = async (width) => {
  const frame = document.createElement("iframe");
  frame.width = width; frame.height = 900; frame.srcdoc = REPORT;
  document.body.append(frame);
  await new Promise((done) => { frame.onload = done; });
  const page = frame.contentWindow, root = page.document.documentElement;
  const drawn = [...page.document.querySelectorAll("figure.chart")].filter((figure) =>
    [...figure.querySelectorAll("svg")].filter((svg) => svg.getBoundingClientRect().height > 40).length === 1);
  for (const table of page.document.querySelectorAll("details")) { table.open = true; }
  const found = await page.axe.run(page.document, { resultTypes: ["violations"] });
  const bad = found.violations.filter((one) => ["serious", "critical"].includes(one.impact));
  return {
    width, dark: page.matchMedia("(prefers-color-scheme: dark)").matches,
    charts: page.document.querySelectorAll("figure.chart").length, drawn: drawn.length,
    overflow: root.scrollWidth - root.clientWidth, rules: found.passes.length,
    violations: bad.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html).join(" ")}`),
  };
};
(async () => {
  const seen = [];
  try { for (const width of WIDTHS) { seen.push(await look(width)); } } catch (error) { console.error(error); }
  const result = document.createElement("pre");
  result.id = "result"; result.textContent = JSON.stringify(seen);
  document.body.replaceChildren(result);
})();
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


def literal(value: object) -> str:
    """Returns a value as JavaScript that does not end a script element."""
    return json.dumps(value).replace("<", "\\u003c")


def look(page: Path, scheme: int) -> tuple[list[dict], list[str]]:
    """Returns what was seen at each width, and the messages of the console."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--window-size=1400,1000",
             f"--blink-settings=preferredColorScheme={scheme}", "--enable-logging=stderr", "--virtual-time-budget=60000",
             "--dump-dom", page.as_uri()],
            capture_output=True, text=True, timeout=120, check=True)
    result = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.S)
    messages = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(html.unescape(result[1])) if result else [], messages


def main(report: Path, cache: Path) -> int:
    text = report.read_text()
    policy = "default-src 'none'; style-src 'unsafe-inline';"
    if policy not in text:
        print("the report does not forbid itself requests")
        return 1
    # The copy may run axe, and nothing else.
    text = text.replace(policy, policy + " script-src 'unsafe-inline';")
    text = text.replace("</body>", f"<script>{axe(cache)}</script></body>")
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "look.html"
        script = f"const WIDTHS = {WIDTHS}, REPORT = {literal(text)};{LOOK}"
        page.write_text(f'<!doctype html><meta charset="utf-8"><body><script>{script}</script></body>')
        for name, scheme in SCHEMES.items():
            seen, messages = look(page, scheme)
            problems += [f"{name}: console: {message}" for message in messages]
            if [one["width"] for one in seen] != WIDTHS:
                problems.append(f"{name}: the page was not seen at all widths")
            for one in seen:
                where = f"{name}, {one['width']} px"
                print(f"{where}: {one['drawn']} of {one['charts']} charts, {one['rules']} rules of axe-core passed")
                if one["dark"] != (name == "dark"):
                    problems.append(f"{where}: Chromium did not use the color scheme")
                if one["charts"] == 0 or one["drawn"] != one["charts"]:
                    problems.append(f"{where}: {one['charts'] - one['drawn']} charts are not drawn")
                if one["overflow"] > 0:
                    problems.append(f"{where}: {one['overflow']} px wider than the screen")
                problems += [f"{where}: {violation}" for violation in one["violations"]]
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
