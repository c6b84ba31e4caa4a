"""Count code lines, files and functions by room, and fail above the limits in `pyproject.toml`.

A code line holds a token; comments, blank lines and docstrings do not count. Each change (±) is
against the commit before: HEAD, or its parent where nothing differs from HEAD.
"""

import argparse
import ast
import io
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = {
    "product": ("main.py", "engine", "gui", "layerscope"),
    "tests": ("tests",),
    "tools": ("benchmarks", "tools"),  # without a limit, but code that moves there is seen
}
FOLDERS = [folder for folders in PARTS.values() for folder in folders]
NO_CODE = ["COMMENT", "NL", "NEWLINE", "INDENT", "DEDENT", "ENDMARKER"]
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef

Size = tuple[int, ...]  # code lines, files, functions
NOTHING: Size = (0, 0, 0)


def total(sizes: Iterable[Size]) -> Size:
    """Return the sum of sizes."""
    return tuple(map(sum, zip(NOTHING, *sizes, strict=True)))


def measure(text: str) -> Size:
    """Return the size of one module."""
    docstrings, functions = set(), 0
    for node in ast.walk(ast.parse(text)):
        functions += isinstance(node, FUNCTIONS)
        if isinstance(node, ast.Module | ast.ClassDef | FUNCTIONS) and ast.get_docstring(node):
            docstrings.add((node.body[0].lineno, node.body[0].col_offset))
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if tokenize.tok_name[token.type] not in NO_CODE and token.start not in docstrings:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines), 1, functions


def room_of(path: str) -> str:
    """Return the room of a file: `engine/runs`, `tests/gui/panels`, `gui/*.py` for `gui/app.py`."""
    folders = path.split("/")[:-1]
    if len(folders) == 1:
        return f"{folders[0]}/*.py"
    return "/".join(folders[: 3 if folders[:1] == ["tests"] else 2]) or path


def git(*arguments: str) -> str:
    """Return what git prints."""
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()


def changes(now: dict[str, Size]) -> dict[str, Size]:
    """Return by how much each file has grown since the commit before."""
    base = "HEAD" if git("status", "--porcelain", "--", *FOLDERS) else "HEAD~1"
    differing = git("diff", "--name-only", "--no-renames", base, "--", *FOLDERS).splitlines()
    before = set(git("ls-tree", "-r", "--name-only", base, "--", *FOLDERS).splitlines())
    grown = {}
    for path in {path for path in differing if path.endswith(".py")} | (now.keys() - before):
        old = measure(git("show", f"{base}:{path}")) if path in before else NOTHING
        grown[path] = total([now.get(path, NOTHING), tuple(-number for number in old)])
    return grown


def main() -> int:
    """Print the table, and return 1 if a part is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="code lines of the product, at most")
    parser.add_argument("--totals", action="store_true", help="print the sums alone")
    options = parser.parse_args()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    limits: dict[str, int] = settings["tool"]["layerscope"]["size"]
    if options.limit is not None:
        limits["product"] = options.limit
    files = [ROOT / "main.py", *(file for each in FOLDERS for file in (ROOT / each).rglob("*.py"))]
    now = {file.relative_to(ROOT).as_posix(): measure(file.read_text("utf-8")) for file in files}
    try:
        grown = changes(now)
    except (OSError, subprocess.CalledProcessError):  # no git, or no commit before
        grown = {}
    above = []
    print(f"{'':32}{'lines':>8}{'±':>7}{'files':>7}{'±':>5}{'functions':>11}{'±':>6}")
    for part, folders in PARTS.items():
        inside = [path for path in now.keys() | grown.keys() if path.split("/")[0] in folders]
        rooms = set() if options.totals else {room_of(path) for path in inside}
        for room in [*sorted(rooms), part]:
            paths = [path for path in inside if room in (part, room_of(path))]
            size = total(now.get(path, NOTHING) for path in paths)
            signs = [f"{n:+}" if n else "" for n in total(grown.get(p, NOTHING) for p in paths)]
            print(f"{room:32}{size[0]:8,}{signs[0]:>7}{size[1]:7,}", end="")
            print(f"{signs[1]:>5}{size[2]:11,}{signs[2]:>6}")
        if part in limits and size[0] > limits[part]:
            above.append(f"{part}: {size[0]:,} code lines are more than {limits[part]:,}.")
    for each in above:
        print(each, "Delete some, or raise the limit in pyproject.toml in a commit of its own.")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
