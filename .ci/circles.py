"""Finds circular dependencies between the top-level modules of a crate, and between folders at any depth.

Reads `use` declarations and paths. Exit code 1 if there is one. Files in the same folder may use each other, because
a recursive parser has to.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
CRATES = [*(ROOT / "crates").iterdir(), ROOT / "functions", ROOT / "stack", ROOT / "templates"]
TESTS = re.compile(r"(^|_|/)(tests?|property_tests)(\.rs$|/)")
PATH = re.compile(r"\b(crate|super(?:::super)*)::(\{|[A-Za-z_][\w:]*)")
USE = re.compile(r"\buse\s+((?:[^;\"]|\n)*?);")


def expand(tree: str) -> list[str]:
    """Returns the paths of a use tree: `a::b` and `a::c::d` for `a::{b, c::{d}}`."""
    tree = re.sub(r"\s+", " ", tree.strip())
    brace = tree.find("{")
    if brace < 0:
        return [tree.split(" as ")[0].strip()]
    prefix, inner, depth, part, paths = tree[:brace], tree[brace + 1 : tree.rfind("}")], 0, "", []
    for letter in inner + ",":
        if letter == "," and depth == 0:
            if part.strip():
                paths += [prefix + path for path in expand(part)]
            part = ""
            continue
        depth += {"{": 1, "}": -1}.get(letter, 0)
        part += letter
    return paths


def source(file: Path) -> str:
    """Returns the code of a file without comments and unit tests."""
    text = re.sub(r"//[^\n]*", "", file.read_text())
    return text.split("#[cfg(test)]\nmod ")[0]


def module_of(file: Path, src: Path) -> tuple[str, ...]:
    parts = file.relative_to(src).with_suffix("").parts
    return parts[:-1] if parts[-1] in ("mod", "lib", "main") else parts


def crate_edges(src: Path) -> dict[tuple[str, ...], set[tuple[str, ...]]]:
    files = {module_of(file, src): file for file in sorted(src.rglob("*.rs"))
             if not TESTS.search(str(file.relative_to(src))) and "bin" not in file.relative_to(src).parts[:-1]}
    texts = {module: source(file) for module, file in files.items()}
    modules = set(files) | {module[:n] for module in files for n in range(len(module))}
    # Re-exports: after `pub use child::Item`, `module::Item` is in `module::child`.
    handed = {}
    for module, text in texts.items():
        for path in (path for tree in USE.findall(text) for path in expand(tree)):
            parts = path.removeprefix("self::").split("::")
            if (*module, parts[0]) in modules and len(parts) > 1:
                handed[(*module, parts[-1])] = (*module, *parts[:-1])

    def resolve(path: tuple[str, ...]) -> tuple[str, ...]:
        for length in range(len(path), -1, -1):
            head = path[:length]
            for _ in range(4):
                if head in modules:
                    return head
                if head not in handed:
                    break
                head = handed[head]
        return ()

    edges = defaultdict(set)
    for module, text in texts.items():
        paths = [path for tree in USE.findall(text) for path in expand(tree)]
        paths += ["::".join(found) for found in PATH.findall(USE.sub("", text)) if found[1] != "{"]
        for path in paths:
            parts = path.split("::")
            if parts[0] == "crate":
                target = resolve(tuple(parts[1:]))
            elif parts[0] == "super":
                ups = next(n for n, part in enumerate([*parts, ""]) if part != "super")
                target = resolve((*module[: max(len(module) - ups, 0)], *parts[ups:]))
            else:
                continue
            edges[module].add(target)
    return edges


def circles(edges: dict) -> list[list[str]]:
    """Returns the circles among the children of each folder. A child depends on another if one of its files does."""
    found = []
    folders = {module[:n] for module in edges for n in range(len(module))}
    for folder in sorted(folders):
        depth = len(folder)
        graph = defaultdict(set)
        for module, targets in edges.items():
            for target in targets:
                if module[:depth] == target[:depth] == folder and len(module) > depth < len(target):
                    if module[depth] != target[depth]:
                        graph[module[depth]].add(target[depth])
        for part in components(graph):
            if depth == 0 or any((*folder, name) in folders for name in part):
                found.append(["::".join((*folder, name)) for name in part])
    return found


def components(graph: dict) -> list[list[str]]:
    """Returns the strongly connected components with more than one node."""
    def reach(start):
        seen, todo = set(), [start]
        while todo:
            for target in graph.get(todo.pop(), ()):
                if target not in seen:
                    seen.add(target)
                    todo.append(target)
        return seen

    reached = {node: reach(node) for node in list(graph)}
    parts = {frozenset(other for other in reached if other in reached[node] and node in reached[other])
             for node in reached if node in reached[node]}
    return sorted(sorted(part) for part in parts if len(part) > 1)


def main() -> int:
    found = {
        f"{crate.relative_to(ROOT)}: {', '.join(circle)}"
        for crate in CRATES
        if (crate / "src").is_dir()
        for circle in circles(crate_edges(crate / "src"))
    }
    for circle in sorted(found):
        print(f"modules use each other in a circle: {circle}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
