"""Draws `architecture.svg`: the stages in their stacks, and the crates.

`just picture` writes the file. With `--check`, the exit code is 1 if the file differs from the picture. The stages are
in the tables below; a function that is not in them has a box without arrows. The crates and their arrows are read from
the `Cargo.toml` files, so a new crate only needs `just picture`.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE = ROOT / "architecture.svg"

WIDTH = 980
BOX, GAP, ROW = 92, 30, 52
# Left edge of each column of stages. A column is a box and the gap to its right.
COLUMNS = [17 + n * (BOX + GAP) for n in range(8)]
HANDLERS, ANSWERS, OBJECTS, TABLES, PEOPLE = 92, 162, 264, 334, 420

# Stage: its first and last column.
STAGES = {"event": (0, 0), "ingest": (1, 2), "stream": (3, 3), "store": (4, 4), "transform": (5, 5), "load": (6, 6),
          "analyst": (7, 7)}
# Stack: what it is for, first and last column, top, height.
STACKS = {"pipeline": ("runs code; can be deleted and created again", 1, 6, 62, 162),
          "lake": ("keeps state", 1, 6, 233, 163),
          "warehouse": ("", 7, 7, 62, 334)}
# Box: kind, column, top, lines of text; for a large box also its number of columns and its height.
BOXES = {
    "shop": ("outside", 0, HANDLERS, ["shop", "signed HTTP"], 1, ANSWERS - HANDLERS + ROW),
    "api": ("code", 1, HANDLERS, ["API Gateway", "SigV4 or key"], 1, ANSWERS - HANDLERS + ROW),
    "ingest": ("code", 2, HANDLERS, ["λ ingest", "validates"]),
    "query": ("code", 2, ANSWERS, ["λ query", "invoices"]),
    "stream": ("data", 3, OBJECTS, ["Kinesis", "envelopes"]),
    "store": ("code", 4, HANDLERS, ["λ store", "tables and lake"]),
    "raw": ("data", 4, OBJECTS, ["S3 raw", "NDJSON"]),
    "tables": ("data", 4, TABLES, ["DynamoDB", "two tables"]),
    "transform": ("code", 5, HANDLERS, ["λ transform", "rows to CSV"]),
    "staging": ("data", 5, OBJECTS, ["S3 staging", "CSV"]),
    "watch": ("data", 5, TABLES, ["dead-letter queues", "topic of the alarms · keys"], 2, ROW),
    "load": ("code", 6, HANDLERS, ["λ load", "exactly once"]),
    "sales": ("data", 7, HANDLERS, ["Redshift", "retail.sales_line", "and ledgers"], 1, OBJECTS - HANDLERS + ROW),
    "views": ("data", 7, TABLES, ["analytics", "views"]),
    "analysts": ("outside", 7, PEOPLE, ["analysts", "psql, Tableau"]),
}
# Columns of the second row of the stack `pipeline` that have a place for a function without a box above.
FREE = (6, 3)
# Functions: those with a box above, and the others in the free places.
OTHERS = sorted({file.stem for file in (ROOT / "functions/src/bin").glob("*.rs")} - set(BOXES))
BOXES |= {name: ("code", column, ANSWERS, [f"λ {name}"]) for name, column in zip(OTHERS, FREE)}
# Arrow: a box and the place on it where the arrow starts, the same for its end, its way and its label. A place is two
# fractions of the width and of the height, from the upper left corner.
UP, LEFT, RIGHT, DOWN = (0.5, 0), (0, 0.5), (1, 0.5), (0.5, 1)
# Middle of the first row as a fraction of a box over two rows, and of one down to the objects.
HALF, FIRST = ROW / 2 / (ANSWERS - HANDLERS + ROW), ROW / 2 / (OBJECTS - HANDLERS + ROW)
ARROWS = [
    ("shop", (1, HALF), "api", (0, HALF)),
    ("api", (0, 1 - HALF), "shop", (1, 1 - HALF)),
    ("api", (1, HALF), "ingest", LEFT),
    ("query", LEFT, "api", (1, 1 - HALF)),
    ("ingest", RIGHT, "stream", (0.3, 0), "corner"),
    ("stream", (0.7, 0), "store", LEFT, "rise"),
    ("store", DOWN, "raw", UP),
    ("store", (0.15, 1), "tables", (0, 0.35), "around"),
    ("tables", (0, 0.7), "query", DOWN, "corner"),
    ("raw", RIGHT, "transform", LEFT, "step", "SQS"),
    ("transform", DOWN, "staging", UP),
    ("staging", RIGHT, "load", LEFT, "step", "SQS"),
    ("load", RIGHT, "sales", (0, FIRST)),
    ("staging", RIGHT, "sales", (0, 1 - FIRST), "straight", "COPY"),
    ("sales", DOWN, "views", UP),
    ("views", DOWN, "analysts", UP),
]
NOTES = ["Arrows show the direction of the data. λ is a Lambda function. λ load runs its statements through the Redshift Data API.",
         "On one machine, an emulator of AWS runs the stacks pipeline and lake. PostgreSQL behind our own Data API server",
         "replaces the stack warehouse. On AWS, the stack monitoring has the alarms and the dashboard."]

# What a crate is, in a few words.
CRATES = {
    "stack": "command line, platform",
    "functions": "Lambda functions",
    "local": "one machine as AWS",
    "redshift-local": "Data API server",
    "cfn": "templates as types",
    "cloudformation": "engine of one stack",
    "producer": "sends files to the API",
    "warehouse": "Data API client",
    "templates": "all SQL, dashboards, HTML",
    "report": "pages of the report",
    "events": "order line, envelope",
    "tableau": "data sources, workbook",
    "backoff": "waits between retries",
}
TOP = 528
CRATE, CRATE_GAP, CRATE_ROW = 152, 46, 62

STYLE = """
text { font: 13px system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif; fill: #1f2328; text-anchor: middle }
.small { font-size: 11px; fill: #57606a } .left { text-anchor: start } .name { font-weight: 600 }
.page { fill: #ffffff; stroke: #d0d7de } .stack { fill: #f3f5f8; stroke: #d0d7de }
.code { fill: #fff1e0; stroke: #d9822b } .data { fill: #e3f1ff; stroke: #3b82c4 } .outside { fill: #ffffff; stroke: #57606a; stroke-dasharray: 4 3 }
.crate { fill: #eaf6ec; stroke: #3f9150 } .chip { fill: #ffffff; stroke: #8c959f }
.stage { fill: #57606a } .onstage { fill: #ffffff; font-weight: 600 }
.arrow { fill: none; stroke: #57606a; stroke-width: 1.5; marker-end: url(#head) } .head { fill: #57606a }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .small { fill: #9da7b3 }
.page { fill: #0d1117; stroke: #30363d } .stack { fill: #161b22; stroke: #30363d }
.code { fill: #3a2a17; stroke: #d9822b } .data { fill: #14293d; stroke: #4a94d8 } .outside { fill: #0d1117; stroke: #9da7b3 }
.crate { fill: #15301c; stroke: #4fa863 } .chip { fill: #0d1117; stroke: #6e7681 }
.stage { fill: #9da7b3 } .onstage { fill: #0d1117 }
.arrow { stroke: #9da7b3 } .head { fill: #9da7b3 }
}
"""


def text(x: float, y: float, line: str, classes: str = "") -> str:
    line = line.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:g}" y="{y:g}"' + (f' class="{classes}"' if classes else "") + f">{line}</text>"


def rect(x: float, y: float, width: float, height: float, classes: str, radius: int = 6) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius}" class="{classes}"/>'


def box(x: float, y: float, width: float, height: float, kind: str, lines: list[str]) -> list[str]:
    first = y + height / 2 + 4 - (len(lines) - 1) * 8
    return [rect(x, y, width, height, kind),
            *(text(x + width / 2, first + n * 16, line, "small" if n else "name") for n, line in enumerate(lines))]


def arrow(points: list[tuple[float, float]]) -> str:
    steps = " L ".join(f"{x:g} {y:g}" for x, y in points)
    return f'<path d="M {steps}" class="arrow"/>'


def frame(name: str) -> tuple[float, float, float, float]:
    """Returns left, top, width and height of a box of the stages."""
    _, column, top, _, *large = BOXES[name]
    columns, height = large or (1, ROW)
    return COLUMNS[column], top, columns * (BOX + GAP) - GAP, height


def stage_arrow(start: str, leaves: tuple, end: str, enters: tuple, way: str = "straight", label: str = "") -> list[str]:
    (x, y, width, height), (x2, y2, width2, height2) = frame(start), frame(end)
    x, y = x + width * leaves[0], y + height * leaves[1]
    x2, y2 = x2 + width2 * enters[0], y2 + height2 * enters[1]
    middle = frame(end)[0] - GAP / 2
    points = {
        "straight": [],
        "corner": [(x2, y)],
        "rise": [(x, y2)],
        "step": [(middle, y), (middle, y2)],
        "around": [(x, y + 21), (middle, y + 21), (middle, y2)],
    }[way]
    drawn = [arrow([(x, y), *points, (x2, y2)])]
    if label:
        x, y = ((x + x2) / 2 + 15, y) if way == "straight" else (middle, (y + y2) / 2 + 11)
        half = 4 + 3.6 * len(label)
        drawn += [rect(x - half, y - 9, 2 * half, 18, "chip", 9), text(x, y + 4, label, "small")]
    return drawn


def stages() -> list[str]:
    drawn = []
    for number, (name, (first, last)) in enumerate(STAGES.items(), 1):
        width = COLUMNS[last] + BOX - COLUMNS[first]
        drawn += [rect(COLUMNS[first], 18, width, 24, "stage", 12),
                  text(COLUMNS[first] + width / 2, 34, f"{number} {name}", "onstage")]
    for name, (purpose, first, last, top, height) in STACKS.items():
        left = COLUMNS[first] - 9
        drawn += [rect(left, top, COLUMNS[last] + BOX + 9 - left, height, "stack", 8),
                  f'<text x="{left + 9}" y="{top + 19}" class="small left"><tspan class="name">{name}</tspan> {purpose}</text>']
    drawn += [part for one in ARROWS for part in stage_arrow(*one)]
    for name, (kind, _, _, lines, *_) in BOXES.items():
        drawn += box(*frame(name), kind, lines)
    drawn += [text(COLUMNS[0], PEOPLE + 10 + 18 * n, line, "small left") for n, line in enumerate(NOTES)]
    return drawn


def dependencies() -> dict[str, list[str]]:
    """Returns the crates of the workspace, each with the crates that it depends on, in the order of `CRATES`."""
    files = [ROOT / name / "Cargo.toml" for name in ("stack", "functions", "templates")]
    files += (ROOT / "crates").glob("*/Cargo.toml")
    order = list(CRATES)
    names = sorted(file.parent.name for file in files)
    names.sort(key=lambda name: order.index(name) if name in order else len(order))
    found = {}
    for file in files:
        section = file.read_text().partition("\n[dependencies]\n")[2].split("\n[")[0]
        used = re.findall(r"^([\w-]+)", section, re.MULTILINE)
        found[file.parent.name] = [name for name in names if name in used]
    return {name: found[name] for name in names}


def crates() -> tuple[list[str], float]:
    """Returns the drawing of the crates, and its lower edge.

    A crate's column is its longest distance from `stack`. A dependency that follows from two others is not drawn. The
    first of a crate's dependencies without a place stands in its row, so an arrow can run along the row.
    """
    uses = dependencies()

    def reached(name: str) -> set[str]:
        return {name}.union(*(reached(other) for other in uses[name]))

    direct = {name: [one for one in used if not any(one in reached(two) for two in used if two != one)]
              for name, used in uses.items()}
    column = dict.fromkeys(uses, 0)
    for _ in uses:
        for name, used in direct.items():
            for other in used:
                column[other] = max(column[other], column[name] + 1)
    row, rows = {}, 0

    def place(name: str, at: int) -> None:
        nonlocal rows
        row[name] = at
        for other in direct[name]:
            if other not in row:
                free = at if at not in (row[one] for one in row if column[one] > column[name]) else rows
                rows = max(rows, free + 1)
                place(other, free)

    for name in uses:
        if name not in row:
            rows += 1
            place(name, rows - 1)

    left = (WIDTH - (max(column.values()) + 1) * (CRATE + CRATE_GAP) + CRATE_GAP) // 2
    places = {name: (left + column[name] * (CRATE + CRATE_GAP), TOP + row[name] * CRATE_ROW) for name in uses}
    drawn = []
    for name, used in direct.items():
        x, y = places[name][0] + CRATE, places[name][1] + 23
        for other in used:
            x2, y2 = places[other][0], places[other][1] + 23
            # It runs along the row of its end if that is free, else along its own.
            between = [one for one in uses if column[name] < column[one] < column[other] and row[one] == row[other]]
            turn = x2 - 20 if between else x + 20
            drawn.append(arrow([(x, y), (turn, y), (turn, y2), (x2, y2)] if y != y2 else [(x, y), (x2, y2)]))
    for name, (x, y) in places.items():
        drawn += box(x, y, CRATE, 46, "crate", [name, CRATES.get(name, "")])
    return drawn, TOP + rows * CRATE_ROW


def picture() -> str:
    drawn, bottom = crates()
    if missing := set(OTHERS) - set(BOXES):
        sys.exit(f"no place is free for these functions, add a box in .ci/picture.py: {', '.join(sorted(missing))}")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom:g}" width="{WIDTH}" height="{bottom:g}" role="img">',
        "<title>Stages, stacks and crates of Riverhouse</title>",
        "<!-- Drawn by .ci/picture.py (`just picture`); do not edit. -->",
        f"<style>{STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'markerUnits="userSpaceOnUse" orient="auto"><path d="M 0 0 L 8 4 L 0 8 z" class="head"/></marker></defs>',
        rect(0.5, 0.5, WIDTH - 1, bottom - 1, "page", 10),
        *stages(),
        text(COLUMNS[0], TOP - 18, "Crates: each uses those at the end of its arrows", "small left name"),
        *drawn,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def main() -> int:
    drawn = picture()
    if "--check" not in sys.argv[1:]:
        FILE.write_text(drawn)
    elif FILE.read_text() != drawn:
        print("architecture.svg is not the picture that .ci/picture.py draws: run `just picture`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
