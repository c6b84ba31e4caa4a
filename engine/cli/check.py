"""`check`: say what shapes the blocks of a project have, and what does not fit."""

import argparse
import json
from pathlib import Path

from engine.cli.say import say
from engine.cli.shared import (
    Command,
    add_json,
    add_project,
    fitting_report,
    read_samples,
    require_local,
)
from engine.errors import DataError
from engine.files.project_file import open_project
from engine.model.project import Project
from engine.model.stack import Row, ShapeReport
from engine.text import words
from engine.training.samples import digest_of_data, what_changed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_project(parser)
    parser.add_argument(
        "--gradients",
        action="store_true",
        help="compare the gradients of all that learns with differences of the loss instead",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print a row per block; raise ProjectError after it if the stack does not fit."""
    path: Path = options.project
    project = open_project(path)
    if options.gradients:
        from engine.cli import gradients

        return gradients.run(project, path, as_json=options.json)
    report = project.check()
    if options.json:
        for position, row in enumerate(report.rows, 1):
            print(json.dumps(_as_json(position, row)))
    else:
        say("\n".join(_table(report)))
    fitting_report(project, path)
    if not options.json:
        say("All blocks fit.")
    if note := _of_data(project):
        say(note, aside=options.json)
    return 0


def _of_data(project: Project) -> str:
    """Say what became of the data that a project was saved with; empty if nothing did."""
    if not project.data_digest:
        return ""
    data = project.settings.dataset
    try:
        require_local(data)
        digest = digest_of_data(data, *read_samples(project))
    except DataError as error:
        return f"The data of the project is not to be had: {error}"
    return what_changed(data, project.data_digest, digest)


def _as_json(position: int, row: Row) -> dict[str, object]:
    return {
        "block": position,
        "kind": row.slot.block.kind,
        "title": row.slot.label,
        "input_shape": row.input_shape,
        "output_shape": row.output_shape,
        "parameters": row.parameters,
        "multiply_adds": row.multiply_adds,
        "problem": row.problem.text if row.problem else None,
    }


def _table(report: ShapeReport) -> list[str]:
    cells = [["", "block", "shape in", "shape out", "parameters"]]
    for position, row in enumerate(report.rows, 1):
        number = "–" if row.parameters is None else f"{row.parameters:,}"
        cells.append(
            [
                str(position),
                row.slot.label + ("  ← does not fit" if row.problem else ""),
                words.shape(row.input_shape),
                words.shape(row.output_shape),
                number,
            ]
        )
    cells.append(["", "total", "", "", f"{report.parameters:,}"])
    return words.table(cells, "><<<>")


COMMAND = Command(
    "show the shapes of a project's blocks, and what does not fit", add_arguments, run
)
