"""`check --gradients`: compare backward with differences of the loss, on the project's own data."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.cli.progress_line import PassingLine
from engine.cli.say import say
from engine.cli.shared import (
    fitting_report,
    read_samples,
    require_images,
    require_local,
    with_images,
)
from engine.data import Dataset
from engine.errors import TrainingError
from engine.explain.check_result import ArrayCheck
from engine.explain.gradient_check import EPSILON, CheckProgress, check_gradients
from engine.model.project import Project
from engine.text import words

SAMPLES = 4  # of different classes, as far as there are so many


def run(project: Project, path: Path, *, as_json: bool) -> int:
    """Print a row for each array that learns; raise TrainingError after it if one is wrong."""
    settings, report = project.settings, fitting_report(project, path)
    require_local(settings.dataset)
    samples = read_samples(project)[0]
    if not project.weights:  # as training would
        project = with_images(project, samples.input_shape)
        report = fitting_report(project, path)
    require_images(project, path, samples.input_shape, "Choose data of this size.")
    chosen = _of_all_classes(samples)
    progress, found = PassingLine(), []
    try:
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
                print(json.dumps(_as_json(event)), flush=True)
    finally:
        progress.clear()
    if not as_json:
        kinds = {row.slot.block.kind for row in report.rows}
        say("\n".join(_in_words(found, len(chosen), kinds)))
    _require_right(found)
    return 0


def _of_all_classes(samples: Dataset) -> NDArray[np.int64]:
    """Choose a few samples: the first of each class in turn, then the second ones."""
    places = [np.flatnonzero(samples.labels == label) for label in range(len(samples.classes))]
    deepest = max(len(of_class) for of_class in places)
    order = [of_class[i] for i in range(deepest) for of_class in places if i < len(of_class)]
    return np.array(order[:SAMPLES])


def _as_json(found: ArrayCheck) -> dict[str, object]:
    return {
        "parameter": found.full_name,
        "max_relative_error": found.max_relative_error,
        "checked": len(found.numbers),
        "values": found.size,
        "left_out": found.left_out,
    }


def _in_words(found: Sequence[ArrayCheck], samples: int, kinds: set[str]) -> list[str]:
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
    if "dropout" in kinds:
        lines.append("Dropout left out the same values every time.")
    if "batch_norm" in kinds:
        lines.append("BatchNorm normalised by these samples, as in training.")
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


def _require_right(found: Sequence[ArrayCheck]) -> None:
    wrong = [each for each in found if not each.agrees]
    if wrong:
        last = wrong[-1]  # the mistake nearest to the loss; those before it follow from it
        raise TrainingError(
            f"{words.count(len(wrong), 'gradient')} of {len(found)} wrong. {last.full_name}: "
            f"{last.verdict} Look at the backward pass of this block, and of those after it."
        )
