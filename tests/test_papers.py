"""The papers name only what there is: links, anchors, files, targets of make, commands.

Those of `docs/` are the manual, of which `test_manual.py` runs what it shows.
"""

import re

import pytest

from engine.cli.parser import COMMANDS, command_of
from engine.cli.shared import Group
from tests.paths import ROOT

PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("resources/*/ORIGIN.md")])
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in PAPERS}
ROOMS = ("engine", "gui", "tests", "benchmarks", "tools", "resources", "docs")
FILES = [f"/{path.relative_to(ROOT).as_posix()}" for r in ROOMS for path in (ROOT / r).rglob("*")]
FILES.append("/main.py")
OF_EXPORTS = {"model.py", "train.py"}  # what an export as a folder writes

pytestmark = pytest.mark.parametrize("paper", TEXTS)


def spans(text: str) -> list[str]:
    """Return what stands between single backticks, outside of fenced code."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_somewhere(paper: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", TEXTS[paper]):
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            target = (ROOT / paper).parent / path if path else ROOT / paper
            assert target.exists(), link
            assert not anchor or anchor in anchors(target.read_text("utf-8")), link


def test_files_exist(paper: str) -> None:
    for span in spans(TEXTS[paper]):
        for name in re.findall(r"(?<!…)\b(?:[\w.]+/)*\w+\.py\b", span):
            known = name in OF_EXPORTS or any(file.endswith(f"/{name}") for file in FILES)
            assert known, name
        if span.split("/")[0] in ROOMS and "/" in span:
            assert (ROOT / span).exists(), span


def test_targets_exist(paper: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`(?:[^`\n]* )?make ([\w-]+)", TEXTS[paper]):
        assert f"\n{target}: " in makefile, target


def test_commands_exist(paper: str) -> None:
    for words in (span.split() for span in spans(TEXTS[paper])):
        if len(words) < 2 or words[0] not in ("main.py", "layerscope"):
            continue
        command = command_of(words[1]) if words[1] in COMMANDS else None
        of_all = words[1].startswith("--") or words[1] == "COMMAND" or "." in words[1]
        assert command or of_all, words
        if isinstance(command, Group) and len(words) > 2:
            assert words[2] in command.commands, words
