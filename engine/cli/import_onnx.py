"""`import` of an ONNX file: it becomes a new project."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.progress_line import PassingLine
from engine.cli.say import say
from engine.cli.shared import require_new_project
from engine.files.project_file import save_project
from engine.text import words

if TYPE_CHECKING:
    from engine.imports.onnx.imported_network import ImportedNetwork
    from engine.imports.onnx.table import NodeRow
    from engine.proof.verdict import Verdict


def import_onnx(options: argparse.Namespace) -> None:
    """Write a project with the network of a file, compare the two, and print what was taken."""
    from engine.imports.onnx.imported_network import read_network
    from engine.imports.onnx.proof import prove_import, why_unproved
    from engine.imports.onnx.table import RefusedNetworkError

    path: Path = options.project
    require_new_project(path, overwrite=options.overwrite)
    try:
        imported = read_network(options.file)
    except RefusedNetworkError as refusal:
        _print_rows(refusal.rows, as_json=options.json)
        raise
    line = PassingLine()
    try:
        verdicts = prove_import(
            options.file, imported, lambda fraction: line.show(f"comparing: {fraction:.0%}")
        )
    finally:
        line.clear()
    save_project(imported.project, path)
    if unproved := why_unproved(verdicts):
        say(unproved, aside=True)
    _print_rows(imported.rows, as_json=options.json)
    if options.json:
        print(json.dumps(_outcome(imported, verdicts)))
    else:
        say("\n".join((*imported.notes, *(verdict.text for verdict in verdicts))))
        say(f"Wrote {path}, with {words.count(len(imported.project.stack), 'block')}.")


def _print_rows(rows: "Sequence[NodeRow]", *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            print(json.dumps(_as_json(row)))
    elif rows:
        cells = [("", "node", "operator", "", "")]
        cells += [
            (str(row.number or ""), row.name[:40], row.op[:30], row.fate, row.text) for row in rows
        ]
        say("\n".join(words.table(cells, "><<<<")))


def _as_json(row: "NodeRow") -> dict[str, object]:
    return {
        "node": row.number or None,
        "name": row.name,
        "operator": row.op,
        "outcome": row.fate,
        "block": row.block or None,
        "note": row.text,
    }


def _outcome(imported: "ImportedNetwork", verdicts: "Sequence[Verdict]") -> dict[str, object]:
    held = [verdict for verdict in verdicts if verdict.holds]
    return {
        "blocks": len(imported.project.stack),
        "notes": imported.notes,
        "verified": held[-1].way if held else None,
        "samples": held[-1].samples if held else 0,
        "agree": held[-1].agree if held else 0,
        "max_difference": held[-1].largest if held else None,
    }
