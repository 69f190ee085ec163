"""Draws charts with Vega-Lite. Reads `{charts: [{id, wide, narrow, picture}], pictures}` from standard input: three
specifications each, and the folder for PNG files or null. Prints `{drawn: {id: {wide, narrow}}, failed: {id: message}}`.
Makes no request."""

import json
import os
import re
import sys
import xml.etree.ElementTree as ET

# Charts show times as they are in the warehouse. Read when vl_convert starts.
os.environ["TZ"] = "UTC"
import vl_convert  # noqa: E402

# The locale writes pounds sterling where a format has `$`.
OPTIONS = {"vl_version": "6.4", "format_locale": "en-GB", "allowed_base_urls": []}
SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", SVG)
URL = re.compile(r"url\(#(.+?)\)")


def drawing(name: str, spec: dict) -> str:
    """Returns a chart as an SVG element. Its ids begin with `name`, because the page has many."""
    svg = vl_convert.vegalite_to_svg(spec, **OPTIONS)
    root = ET.fromstring(svg)
    for element in root.iter():
        for key, value in list(element.items()):
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif key in ("class", "role") or key.startswith("aria-"):
                del element.attrib[key]
            else:
                element.set(key, URL.sub(rf"url(#{name}-\1)", value))
    return ET.tostring(root, encoding="unicode")


given = json.load(sys.stdin)
drawn, failed = {}, {}
for chart in given["charts"]:
    name = chart["id"]
    try:
        drawn[name] = {form: drawing(f"{name}-{form}", chart[form]) for form in ("wide", "narrow")}
        if given["pictures"]:
            png = vl_convert.vegalite_to_png(chart["picture"], scale=2, **OPTIONS)
            with open(os.path.join(given["pictures"], f"{name}.png"), "wb") as file:
                file.write(png)
    except ValueError as error:
        # The other lines are the stack of the JavaScript.
        failed[name] = " ".join(line.strip() for line in str(error).splitlines()[:2])
json.dump({"drawn": drawn, "failed": failed}, sys.stdout)
