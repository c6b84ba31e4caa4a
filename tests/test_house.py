"""The shape of the code: few loose modules, and one name for one thing."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Files that stand on their own: the native twin has the names of the plain one, and what is
# exported runs without the program.
APART = ("engine/compute/native/", "engine/exports/pytorch/scripts/")


def modules() -> list[Path]:
    return [path for room in ("gui", "engine") for path in (ROOT / room).rglob("*.py")]


@pytest.mark.parametrize(("room", "most"), [("gui", 4), ("engine", 7)])
def test_few_modules_lie_outside_of_a_room(room: str, most: int) -> None:
    loose = [path.name for path in (ROOT / room).glob("*.py") if path.name != "__init__.py"]
    assert 0 < len(loose) <= most


def test_no_class_has_the_name_of_another() -> None:
    """A reader who searches for a class finds one, not two that mean different things."""
    places = defaultdict(list)
    for path in modules():
        place = path.relative_to(ROOT).as_posix()
        if place.startswith(APART):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(place)
    assert len(places) > 100
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
