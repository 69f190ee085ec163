"""Opens a report in headless Chromium, 1280 and 390 pixels wide, light and dark.

    report_page.py REPORT.html CACHE [PICTURES]

Checks that the page forbids itself every request, that all charts are drawn, that nothing is wider than the screen, that
the browser's console has no message (a forbidden request is one), and that axe-core finds nothing serious, the tables
behind the charts included. Exit code 1 otherwise. `CACHE` is a folder where axe-core is kept; `PICTURES`, if given, is a
folder for screenshots.
"""

import sys
from pathlib import Path

from chromium import WIDTHS, Browser, axe, page, verdict

POLICY = "default-src 'none'; style-src 'unsafe-inline';"
# The number of charts without exactly one visible picture.
MISSING = """
[...document.querySelectorAll("figure.chart")].filter((figure) =>
  [...figure.querySelectorAll("svg")].filter((svg) => svg.getBoundingClientRect().height > 40).length !== 1).length
"""


def check(browser: Browser, program: str, pictures: Path | None) -> list[str]:
    """Returns what is wrong with the page."""
    wrong = []
    charts = browser.run("document.querySelectorAll('figure.chart').length")
    if not charts:
        wrong.append("the page has no chart")
    for width in WIDTHS:
        browser.show(width, "light")
        missing = browser.run(MISSING)
        if missing:
            wrong.append(f"{width} pixels: {missing} of {charts} charts are not drawn")
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    return wrong + browser.problems(program, pictures, "report")


def main() -> int:
    report, cache = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    pictures = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    wrong = [] if POLICY in report.read_text() else ["the report does not forbid itself requests"]
    with page(report.as_uri()) as browser:
        wrong += check(browser, axe(cache), pictures)
    return verdict(wrong, "the report is shown at every width and in both schemes, with all charts")


if __name__ == "__main__":
    sys.exit(main())
