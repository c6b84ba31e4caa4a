"""`import`: take what other programs wrote: weights into a project, a network as a new one."""

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.import_onnx import import_onnx
from engine.cli.say import say
from engine.cli.shared import Command, add_json, fitting_report, require_new_project
from engine.errors import ProjectError
from engine.files.project_file import open_project, save_project
from engine.text import words

if TYPE_CHECKING:
    from engine.imports.kinds import Kind
    from engine.imports.weights_match import MatchRow


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
    from engine.imports.kinds import kind_of

    _IMPORTERS[kind_of(options.file)](options)
    return 0


def _import_weights(options: argparse.Namespace) -> None:
    """Put what fits of a file into a project, and print a table of what does and what does not."""
    from engine.imports.weights_match import match_weights, require_any

    project = open_project(options.project)
    report = fitting_report(project, options.project)
    if project.weights and not options.overwrite:
        raise ProjectError(
            f"{options.project} holds trained weights already. Give --overwrite to replace them."
        )
    match = match_weights(options.file, report)
    if options.json:
        for row in match.rows:
            print(json.dumps(_as_json(row)))
    else:
        say("\n".join(_in_words(match.rows)))
    require_any(match)
    save_project(match.applied(project), options.project)
    if not options.json:
        say(f"{match.text} They are in {options.project}.")


def _import_run(options: argparse.Namespace) -> None:
    """Write a new project with the last weights of a run."""
    from engine.runs import open_run

    require_new_project(options.project, overwrite=options.overwrite)
    project = open_run(options.file if os.path.isdir(options.file) else options.file.parent)
    save_project(project, options.project)
    if options.json:
        print(json.dumps({"run": str(options.file), "epochs": project.trained_epochs}))
    else:
        epochs = words.count(project.position, "epoch")
        say(f"Wrote {options.project}, with the weights of {options.file} after {epochs}.")


def _as_json(row: "MatchRow") -> dict[str, object]:
    return {
        "block": row.number or None,
        "title": row.title,
        "arrays": row.group,
        "taken": row.is_taken,
        "note": row.note,
    }


def _in_words(rows: "tuple[MatchRow, ...]") -> list[str]:
    cells = [("", "block", "in the file", "")]
    for row in rows:
        outcome = "taken" if row.is_taken else "not taken"
        cells.append(
            (
                str(row.number or ""),
                row.title or "–",
                row.group or "–",
                f"{outcome}: {row.note}" if row.note else outcome,
            )
        )
    return words.table(cells, "><<<")


_IMPORTERS: "dict[Kind, Callable[[argparse.Namespace], None]]" = {
    "weights": _import_weights,
    "onnx": import_onnx,
    "run": _import_run,
}

COMMAND = Command("take weights or a network of other programs", add_arguments, run)
