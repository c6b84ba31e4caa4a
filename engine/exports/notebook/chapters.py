"""Chapters: pieces of the notebook, written in Markdown with its code between fences."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[3] / "resources" / "notebook"
_CODE = re.compile(r"^```python( demo)?\n(.*?)^```\n?", re.DOTALL | re.MULTILINE)
_PLACE = re.compile(r"\{\{([a-z_ ]+)\}\}")

Values = Mapping[str, object]
Cell = dict[str, Any]


def read_chapter(name: str, values: Values) -> list[Cell]:
    """Return the cells of a chapter, with values in the places that it leaves for them.

    The text is cut into cells before, so that no value can begin one. Code that only shows
    something, and that the rest does without, has the tag `demo`.
    """
    text = (_FOLDER / f"{name}.md").read_text("utf-8")
    cells: list[Cell] = []
    end = 0
    for found in _CODE.finditer(text):
        cells.append(_cell("markdown", text[end : found.start()], values))
        tags = {"tags": ["demo"]} if found[1] else {}
        cells.append(_cell("code", found[2], values, tags))
        end = found.end()
    cells.append(_cell("markdown", text[end:], values))
    cells = [cell for cell in cells if cell["source"]]
    for number, cell in enumerate(cells, 1):
        cell["id"] = f"{name.replace('_', '-')}-{number}"
    return cells


def write_notebook(cells: Iterable[Cell], notes: Mapping[str, object]) -> bytes:
    """Encode cells in the notebook format 4.5, without outputs; `notes` join its metadata."""
    book = {
        "cells": list(cells),
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "layerscope": notes,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(book, indent=1) + "\n").encode()


def _cell(
    kind: str, text: str, values: Values, metadata: Mapping[str, object] | None = None
) -> Cell:
    filled = _PLACE.sub(lambda place: str(values[place[1]]), text).strip("\n")
    if kind == "markdown":  # where a place was left empty
        filled = re.sub(r"\n{3,}", "\n\n", re.sub(r" +$", "", filled, flags=re.MULTILINE))
    lines = filled.splitlines(keepends=True)
    cell: Cell = {"cell_type": kind, "id": "", "metadata": metadata or {}, "source": lines}
    return cell | {"execution_count": None, "outputs": []} if kind == "code" else cell
