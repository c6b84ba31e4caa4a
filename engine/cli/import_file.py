"""`import`: take weights into a project, or a network or a run as a new one."""

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.cli.output import PassingLine, print_rows, say
from engine.cli.shared import Command, add_json, fitting_report, require_new_project
from engine.errors import ProjectError
from engine.files.project_file import open_project, save_project
from engine.imports.kinds import Kind, kind_of
from engine.imports.onnx.imported_network import read_network
from engine.imports.onnx.proof import prove_import, why_unproved
from engine.imports.onnx.table import NodeRow, RefusedNetworkError
from engine.imports.weights_match import MatchRow, match_weights, require_any
from engine.runs import open_run
from engine.text import words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="weights (.safetensors or .npz), with the names that exports of Layerscope give them, "
        "or those of PyTorch; a network (.onnx); or the folder of a run, such as train.py of an "
        "export writes",
    )
    parser.add_argument(
        "project",
        metavar="PROJECT",
        type=Path,
        help="the .layerscope file that takes the weights, or a new one for a network or a run",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="also in place of weights that are trained, or of a project that is there",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Import the file, and say what was taken."""
    _IMPORTERS[kind_of(options.file)](options)
    return 0


def _import_weights(options: argparse.Namespace) -> None:
    """Put what fits of a file into a project, and print a table of what does and what does not."""
    project = open_project(options.project)
    report = fitting_report(project, options.project)
    if project.weights and not options.overwrite:
        raise ProjectError(
            f"{options.project} holds trained weights already. Give --overwrite to replace them."
        )
    match = match_weights(options.file, report)
    rows = [
        {
            "block": row.number or None,
            "title": row.title,
            "arrays": row.group,
            "taken": row.is_taken,
            "note": row.note,
        }
        for row in match.rows
    ]
    print_rows(rows, options.json, lambda: _match_table(match.rows))
    require_any(match)
    save_project(match.applied(project), options.project)
    if not options.json:
        say(f"{match.text} They are in {options.project}.")


def _match_table(rows: Sequence[MatchRow]) -> list[str]:
    cells = [["", "block", "in the file", ""]]
    for row in rows:
        outcome = "taken" if row.is_taken else "not taken"
        note = f"{outcome}: {row.note}" if row.note else outcome
        cells.append([str(row.number or ""), row.title or "–", row.group or "–", note])
    return words.table(cells, "><<<")


def _import_network(options: argparse.Namespace) -> None:
    """Write a project with the network of a file, compare the two, and print what was taken."""
    path: Path = options.project
    require_new_project(path, overwrite=options.overwrite)
    try:
        imported = read_network(options.file)
    except RefusedNetworkError as refusal:
        _print_nodes(refusal.rows, as_json=options.json)
        raise
    with PassingLine() as line:
        verdicts = prove_import(
            options.file, imported, lambda fraction: line.show(f"comparing: {fraction:.0%}")
        )
    save_project(imported.project, path)
    if unproved := why_unproved(verdicts):
        say(unproved, aside=True)
    _print_nodes(imported.rows, as_json=options.json)
    held = [verdict for verdict in verdicts if verdict.holds]
    blocks = len(imported.project.stack)
    row = {
        "blocks": blocks,
        "notes": imported.notes,
        "verified": held[-1].way if held else None,
        "samples": held[-1].samples if held else 0,
        "agree": held[-1].agree if held else 0,
        "max_difference": held[-1].largest if held else None,
    }
    texts = *imported.notes, *(verdict.text for verdict in verdicts)
    wrote = f"Wrote {path}, with {words.count(blocks, 'block')}."
    print_rows([row], options.json, lambda: [*texts, wrote])


def _print_nodes(nodes: Sequence[NodeRow], *, as_json: bool) -> None:
    rows = [
        {
            "node": node.number or None,
            "name": node.name,
            "operator": node.op,
            "outcome": node.outcome,
            "block": node.block or None,
            "note": node.text,
        }
        for node in nodes
    ]
    cells = [["", "node", "operator", "", ""]]
    cells += [
        [str(node.number or ""), node.name[:40], node.op[:30], node.outcome, node.text]
        for node in nodes
    ]
    if nodes:
        print_rows(rows, as_json, lambda: words.table(cells, "><<<<"))


def _import_run(options: argparse.Namespace) -> None:
    """Write a new project with the last weights of a run."""
    require_new_project(options.project, overwrite=options.overwrite)
    project = open_run(options.file if os.path.isdir(options.file) else options.file.parent)
    save_project(project, options.project)
    epochs = words.count(project.position, "epoch")
    wrote = f"Wrote {options.project}, with the weights of {options.file} after {epochs}."
    row = {"run": str(options.file), "epochs": project.trained_epochs}
    print_rows([row], options.json, lambda: [wrote])


_IMPORTERS: dict[Kind, Callable[[argparse.Namespace], None]] = {
    "weights": _import_weights,
    "onnx": _import_network,
    "run": _import_run,
}

COMMAND = Command("take weights or a network of other programs", add_arguments, run)
