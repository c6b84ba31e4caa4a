"""`check`: the shapes of a project's blocks and what does not fit, or its gradients."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.cli.output import PassingLine, print_object, print_rows, say
from engine.cli.shared import (
    Command,
    add_json,
    add_project,
    fitting_report,
    read_samples,
    require_images,
    require_local,
    with_images,
)
from engine.errors import TrainingError
from engine.explain.gradient_check import EPSILON, ArrayCheck, CheckProgress, check_gradients
from engine.files.project_file import open_project
from engine.model.project import Project
from engine.model.stack import ShapeReport
from engine.text import words

SAMPLES = 4  # of a gradient check, of different classes, as far as there are so many


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
        return _check_gradients(project, path, as_json=options.json)
    report = project.check()
    rows = [
        {
            "block": position,
            "kind": row.slot.block.kind,
            "title": row.slot.label,
            "input_shape": row.input_shape,
            "output_shape": row.output_shape,
            "parameters": row.parameters,
            "multiply_adds": row.multiply_adds,
            "problem": row.problem.text if row.problem else None,
        }
        for position, row in enumerate(report.rows, 1)
    ]
    print_rows(rows, options.json, lambda: _table(report))
    fitting_report(project, path)
    if not options.json:
        say("All blocks fit.")
    return 0


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


def _check_gradients(project: Project, path: Path, *, as_json: bool) -> int:
    """Print a row for each array that learns; raise TrainingError after it if one is wrong."""
    settings, report = project.settings, fitting_report(project, path)
    require_local(settings.dataset)
    samples = read_samples(project)[0]
    if not project.weights:  # as training would
        project = with_images(project, samples.input_shape)
        report = fitting_report(project, path)
    require_images(project, path, samples.input_shape, "Choose data of this size.")
    chosen = samples.of_each_class(SAMPLES)
    found = []
    with PassingLine() as progress:
        for event in check_gradients(
            report,
            project.weights,
            settings,
            samples.batch_inputs(chosen, np.float64),
            samples.labels[chosen].tolist(),
            with_inputs=False,
        ):
            if isinstance(event, CheckProgress):
                share = event.done / max(event.total, 1)
                progress.show(f"checking {event.name}: {share:.0%} of {event.total:,} values")
                continue
            found.append(event)
            if as_json:
                progress.clear()
                print_object(
                    {
                        "parameter": event.full_name,
                        "max_relative_error": event.max_relative_error,
                        "checked": len(event.numbers),
                        "values": event.size,
                        "left_out": event.left_out,
                    }
                )
    if not as_json:
        say("\n".join(_in_words(found, len(chosen))))
    wrong = [each for each in found if not each.agrees]
    if wrong:
        last = wrong[-1]  # the mistake nearest to the loss; those before it follow from it
        raise TrainingError(
            f"{words.count(len(wrong), 'gradient')} of {len(found)} wrong. {last.full_name}: "
            f"{last.verdict} Look at the backward pass of this block, and of those after it."
        )
    return 0


def _in_words(found: Sequence[ArrayCheck], samples: int) -> list[str]:
    if not found:
        return ["Nothing learns in this network, so there is no gradient to check."]
    cells = [["parameter", "block", "values checked", "largest relative error", ""]]
    for each in found:
        cells.append(
            [
                each.full_name,
                each.slot.label,
                each.counted,
                f"{each.max_relative_error:.1e}",
                _verdict(each),
            ]
        )
    lines = [
        *words.table(cells, "<<>><"),
        "",
        "Compared with (E(w + ε) − E(w − ε)) / 2ε in float64, "
        f"ε = {EPSILON:g}, for the mean loss of {words.count(samples, 'sample')}; right is a "
        f"relative error of at most {ArrayCheck.TOLERANCE:g}.",
    ]
    if any(each.kinks.any() for each in found):
        lines.append(
            "At a kink of ReLU or MaxPool the loss has another slope on either side; there, the "
            "side that backward takes was compared."
        )
    if all(each.agrees for each in found):
        lines.append("All gradients are right.")
    return lines


def _verdict(found: ArrayCheck) -> str:
    if not found.agrees:
        return "WRONG"
    if not found.kinks.any():
        return "right"
    left = f", {found.left_out:,} left out" if found.left_out else ""
    return f"right, {found.kinks.sum():,} at a kink{left}"


COMMAND = Command(
    "show the shapes of a project's blocks, and what does not fit", add_arguments, run
)
