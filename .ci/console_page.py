"""Opens the console of a running environment in headless Chromium, 1280 and 390 pixels wide, light and dark.

    console_page.py STACK ENV CACHE [PICTURES]

Checks that the seven stages and the newest events are shown, that an event that is sent from the page arrives in the
warehouse, that nothing is wider than the screen, that the browser's console has no message (the page's policy turns a
request to elsewhere into one), and that axe-core finds nothing serious. Exit code 1 otherwise. `CACHE` is a folder
where axe-core is kept; `PICTURES`, if given, is a folder for screenshots.
"""

import re
import signal
import subprocess
import sys
from pathlib import Path

from chromium import Browser, axe, page, verdict


def check(browser: Browser, program: str, pictures: Path | None) -> list[str]:
    """Returns what is wrong with the page."""
    wrong = []
    if not browser.wait("[data-part=events] table", "received"):
        wrong.append("the newest events are not shown")
    stages = browser.run("document.querySelectorAll('.stage h3').length")
    if stages != 7:
        wrong.append(f"{stages} stages are shown, not 7")
    browser.run("document.querySelector(\"form[action='/event'] button\").click()")
    if not browser.wait("#sent", "in the warehouse"):
        wrong.append("the event that the page sent is not in the warehouse")
    return wrong + browser.problems(program, pictures, "console")


def main() -> int:
    stack, environment, cache = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    pictures = Path(sys.argv[4]) if len(sys.argv) > 4 else None
    program = axe(cache)
    console = subprocess.Popen([stack, "console", environment], stdout=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://\S+", console.stdout.readline())
        if not address:
            sys.exit("the console did not start")
        with page(address[0]) as browser:
            wrong = check(browser, program, pictures)
    finally:
        console.send_signal(signal.SIGINT)
        console.wait()
    return verdict(wrong, "the console is shown at every width and in both schemes, and an event arrived from it")


if __name__ == "__main__":
    sys.exit(main())
